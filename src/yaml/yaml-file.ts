/** A file that people write, in YAML, or in JSON, which is YAML too. What is wrong with it is told with its place. */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { InvalidRequest } from '../resize/invalid-request';
import { codeOf } from '../resize/error-code';

/** Such files are short; a larger one is another file. */
const LARGEST = 256 * 1024;

/** A file that cannot be used: one sentence with file, line, key, and what is wrong. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
}

/** What is expected in a file. */
interface Expected<T> {
  /** "a file of checks" */
  kind: string;
  /** Keys with durations. In a file a number without a unit is meant as seconds, and would be taken as milliseconds. */
  durations: readonly string[];
  /** It may hold secrets: nothing in it is quoted. */
  holdsSecrets?: boolean;
  /** @throws InvalidRequest with its path */
  check: (given: unknown) => T;
}

/**
 * Reads and checks a file.
 * @throws FileFault
 */
export function readYamlFile<T>(
  file: string,
  { kind, durations, holdsSecrets = false, check }: Expected<T>,
): { value: T; text: string } {
  const text = textOf(file, kind);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fault = (offset: number | undefined, what: string) => {
    const line = offset === undefined ? '' : `:${lines.linePos(offset).line}`;
    return new FileFault(`${file}${line}: ${what}`);
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const why = holdsSecrets ? error.code : (error.message.split(' at line ')[0]?.split('\n')[0] ?? error.code);
    throw fault(error.pos[0], `is no YAML: ${why}`);
  }
  const bare = durationWithoutUnit(document, durations);
  if (bare !== undefined)
    throw fault(bare.offset, `${bare.key}: ${bare.value} has no unit; write for example "${bare.value}s"`);
  const given = plain(document);
  if (given === undefined) throw fault(0, `its aliases lead nowhere, or to more than ${kind} holds`);
  try {
    return { value: check(given), text };
  } catch (failure) {
    if (!(failure instanceof InvalidRequest)) throw failure;
    throw fault(offsetOf(document, failure.path ?? []), failure.message);
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

function textOf(file: string, kind: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length <= LARGEST) return text;
  } catch (error) {
    throw new FileFault(`${file}: cannot be read (${codeOf(error)})`);
  }
  throw new FileFault(`${file}: is larger than ${LARGEST / 1024} KiB; it is no ${kind.replace(/^an? /, '')}`);
}

function durationWithoutUnit(
  document: Document,
  durations: readonly string[],
): { key: string; value: number; offset: number | undefined } | undefined {
  let found: { key: string; value: number; offset: number | undefined } | undefined;
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !durations.includes(String(key.value))) return undefined;
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
