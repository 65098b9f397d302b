/** The lines of an audit log: each holds the hash of the one before, so that what is changed, missing or moved is seen. */
import { createHash } from 'node:crypto';
import type { AuditRecord } from '../resize/audit';

/** What the first line has as the hash of the one before. */
export const NO_LINE = '0'.repeat(64);

/** Added to what is recorded when it is written. */
export interface Linked {
  /** Its number in the file, from 1. */
  line: number;
  /** SHA-256 of the bytes of the line before, without its line end; hex. */
  previous: string;
}

/** Closes lines that a crash has left half-written. */
export interface Repair {
  kind: 'repair';
  at: string;
  /** SHA-256 of each of them. */
  torn: string[];
}

export type AuditLine = (AuditRecord | Repair) & Linked;

export const hashOf = (line: Uint8Array): string => createHash('sha256').update(line).digest('hex');

/** The lines of a file; what stands behind the last line end is torn. */
export function linesIn(bytes: Buffer): { lines: Buffer[]; rest: Buffer } {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return { lines, rest: bytes.subarray(start) };
}

/** @returns undefined where a crash, or somebody, has left no line of an audit log */
export function read(line: Uint8Array): (Linked & Record<string, unknown>) | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(line).toString('utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { line: number, previous } = value as Partial<Linked>;
    return typeof number === 'number' && typeof previous === 'string'
      ? (value as Linked & Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** A file as it should be, or the first line that is not. */
export type Verified = { lines: number; head: string } & ({ whole: true } | { whole: false; bad: number; why: string });

/**
 * Follows the chain from the first line to the last.
 * @param head the hash that the last line had, from elsewhere: without it nobody can tell whether the end is missing
 */
export function verify(bytes: Buffer, head?: string): Verified {
  const { lines, rest } = linesIn(bytes);
  const last = lines.at(-1);
  const facts = { lines: lines.length, head: last === undefined ? NO_LINE : hashOf(last) };
  const bad = (number: number, why: string): Verified => ({ ...facts, whole: false, bad: number, why });
  for (let index = 0; index < lines.length; index++) {
    const why = whyBroken(lines, index);
    if (why !== undefined) return bad(why.bad, why.why);
  }
  if (rest.length > 0) {
    return bad(
      lines.length + 1,
      'is not whole: a crash, or somebody, cut it; the worker that opens the file next closes it',
    );
  }
  if (head !== undefined && head.toLowerCase() !== facts.head) {
    return lines.some((line) => hashOf(line) === head.toLowerCase())
      ? bad(lines.length, 'is not the last line that was expected: the file has more lines than that')
      : bad(lines.length, 'is not the last line that was expected: it was changed, or lines after it are missing');
  }
  return { ...facts, whole: true };
}

interface Broken {
  bad: number;
  why: string;
}

function whyBroken(lines: readonly Buffer[], index: number): Broken | undefined {
  const number = index + 1;
  const here = lines[index];
  const line = here && read(here);
  if (line === undefined)
    return isClosed(lines, index) ? undefined : { bad: number, why: 'is no line of an audit log' };
  if (line.line !== number) return misplaced(lines, number, line.line);
  const before = lines[index - 1];
  if (line.previous === (before === undefined ? NO_LINE : hashOf(before))) return undefined;
  if (before === undefined) return { bad: 1, why: 'is not the first line: lines before it are missing' };
  // The line after a changed one is as it was, and so is its link to the next.
  const next = lines[index + 1];
  const isLinked = next === undefined || read(next)?.previous === hashOf(lines[index] ?? before);
  return { bad: isLinked ? index : number, why: 'was changed after it was written' };
}

/** Lines that a crash has left are named by the repair record after them. */
function isClosed(lines: readonly Buffer[], index: number): boolean {
  const end = lines.findIndex((line, n) => n > index && read(line) !== undefined);
  const repair = lines[end] && read(lines[end]);
  if (repair?.['kind'] !== 'repair' || !Array.isArray(repair['torn'])) return false;
  const torn = repair['torn'] as readonly unknown[];
  const first = end - torn.length;
  return first <= index && lines.slice(first, end).every((line, n) => hashOf(line) === torn[n]);
}

function misplaced(lines: readonly Buffer[], number: number, found: number): Broken {
  const elsewhere = lines.findIndex((line, n) => n !== number - 1 && read(line)?.line === number);
  if (elsewhere < 0) return { bad: number, why: `is missing: line ${found} stands in its place` };
  return {
    bad: number,
    why: `is not in its place: line ${found} stands there, and line ${number} stands as line ${elsewhere + 1}`,
  };
}
