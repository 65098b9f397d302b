/** `audit verify`: is a file of the audit log as the worker wrote it? */
import { readFileSync } from 'node:fs';
import { ResizeError } from '../client/resize-error';
import { verify } from '../audit/chain';
import { EXIT } from './exit-codes';
import type { Invocation } from './invocation';
import { codeOf } from '../resize/error-code';

/** @returns the exit code: 1 when a line is not as it was written */
export function auditVerifyCommand(invocation: Invocation, file: string, options: { head?: string }): number {
  const { head } = options;
  if (head !== undefined && !/^[0-9a-f]{64}$/i.test(head)) {
    throw new ResizeError(
      'Usage',
      '--head: is no SHA-256; give the 64 hexadecimal digits that "audit verify" printed before',
    );
  }
  const found = verify(bytesOf(file), head);
  invocation.data({ file, ...found }, () =>
    found.whole
      ? [`${file}: whole, ${found.lines} lines`, `head: ${found.head}`]
      : [`${file}: line ${found.bad} ${found.why}`],
  );
  if (found.whole && head === undefined) {
    invocation.note(
      'without --head nobody can tell whether the last line was changed, or lines after it are missing: keep the head elsewhere, and give it the next time',
    );
  }
  return found.whole ? EXIT.ok : EXIT.error;
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ResizeError('InvalidRequest', `${file}: cannot be read (${codeOf(error)})`);
  }
}
