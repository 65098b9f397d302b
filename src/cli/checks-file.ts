/** The file of `start --checks`: YAML, or JSON, which is YAML too. */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { ResizeError } from '../client/resize-error';
import { checkChecks, type ChecksInput } from '../resize/checks';
import { InvalidRequest } from '../resize/invalid-request';

/** A checks file is short; a larger file is another one. */
const LARGEST = 256 * 1024;

/** Keys with durations. In a file a number without a unit is meant as seconds, and would be taken as milliseconds. */
const DURATIONS = ['initialDelay', 'interval', 'timeout', 'grace', 'proofWithin', 'watchEvery', 'for'];

/**
 * Reads and checks the file.
 * @throws ResizeError InvalidRequest: file, line, key, and what is wrong
 */
export function readChecksFile(file: string): ChecksInput {
  const lines = new LineCounter();
  const document = parseDocument(textOf(file), { lineCounter: lines });
  const refused = (offset: number | undefined, what: string) => {
    const line = offset === undefined ? '' : `:${lines.linePos(offset).line}`;
    return new ResizeError('InvalidRequest', `${file}${line}: ${what}`);
  };
  const [error] = document.errors;
  if (error !== undefined) {
    throw refused(error.pos[0], `is no YAML: ${error.message.split(' at line ')[0]?.split('\n')[0] ?? error.code}`);
  }
  const bare = durationWithoutUnit(document);
  if (bare !== undefined)
    throw refused(bare.offset, `${bare.key}: ${bare.value} has no unit; write for example "${bare.value}s"`);
  const given = plain(document);
  if (given === undefined) throw refused(0, 'its aliases lead nowhere, or to more than a file of checks holds');
  try {
    checkChecks(given);
    return given as ChecksInput;
  } catch (failure) {
    if (!(failure instanceof InvalidRequest)) throw failure;
    throw refused(offsetOf(document, failure.path ?? []), failure.message);
  }
}

/** @returns undefined where an alias has no anchor, or aliases of aliases grow without end */
function plain(document: Document): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (error instanceof Error && error.name === 'ReferenceError') return undefined;
    throw error;
  }
}

function textOf(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length <= LARGEST) return text;
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';
    throw new ResizeError('InvalidRequest', `${file}: cannot be read (${code})`);
  }
  throw new ResizeError('InvalidRequest', `${file}: is larger than ${LARGEST / 1024} KiB; it is no file of checks`);
}

function durationWithoutUnit(
  document: Document,
): { key: string; value: number; offset: number | undefined } | undefined {
  let found: { key: string; value: number; offset: number | undefined } | undefined;
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !DURATIONS.includes(String(key.value))) return undefined;
      if (!isScalar(value) || typeof value.value !== 'number' || value.value === 0) return undefined;
      found = { key: String(key.value), value: value.value, offset: key.range?.[0] };
      return visit.BREAK;
    },
  });
  return found;
}

/** Where it stands in the file: the key, else what it would be in. */
function offsetOf(document: Document, path: readonly (string | number)[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const last = path[length - 1];
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === last) : undefined;
    const node: unknown = isScalar(pair?.key) ? pair.key : document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node) return (node.range as number[] | null)?.[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
