/** The audit log of one worker process: one file, appended to, never rewritten. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import type { AuditRecord } from '../resize/audit';
import { hashOf, linesIn, NO_LINE, read, type AuditLine, type Linked, type Repair } from './chain';
import { lockFile } from './file-lock';
import { codeOf } from '../resize/error-code';

/** The folder cannot be used: one sentence says why. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
}

/** Where a line was written. The history of the run keeps it: whoever cuts the file cannot change that. */
export interface Written {
  file: string;
  line: number;
  /** SHA-256 of that line. */
  hash: string;
}

/** So many workers of one machine may share a folder. */
const MOST_FILES = 100;
/** How much of a file is read when it is opened: a retry comes soon after what it repeats. */
const TAIL = 8 * 1024 * 1024;

export class AuditLog {
  /** The last line. */
  #line = 0;
  #hash = NO_LINE;
  /** The last sequence number of each resize in this file. */
  #written = new Map<string, number>();
  /** Something may be half-written. */
  #isTorn = false;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
    private readonly unlock: () => void,
  ) {}

  /**
   * Opens the first file of this machine that no other process has, and closes what a crash has left in it.
   * @throws AuditError
   */
  static async open(folder: string): Promise<AuditLog> {
    try {
      if (!(await stat(folder)).isDirectory()) throw new AuditError(`${folder} is no folder`);
      const host = hostname().replaceAll(/[^\w.-]/g, '_');
      for (let n = 1; n <= MOST_FILES; n++) {
        const file = path.join(folder, `audit-${host}${n === 1 ? '' : `-${n}`}.jsonl`);
        const unlock = lockFile(file);
        if (unlock === undefined) continue;
        const log = new AuditLog(file, await open(file, 'a+', 0o600), unlock);
        await log.#recover();
        return log;
      }
    } catch (error) {
      if (error instanceof AuditError) throw error;
      throw new AuditError(
        `${folder} cannot be used (${codeOf(error)}): it must be a folder that this worker may write to`,
      );
    }
    throw new AuditError(`${folder} has ${MOST_FILES} files of this machine that other processes hold`);
  }

  /**
   * Appends what is not in the file yet: a retry writes no second line.
   * @returns the last line of these
   */
  write(records: readonly AuditRecord[]): Promise<Written> {
    const written = this.#queue.then(() => this.#append(records));
    this.#queue = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.handle.close();
    this.unlock();
  }

  async #append(records: readonly AuditRecord[]): Promise<Written> {
    if (this.#isTorn) await this.#recover();
    const fresh = records.filter(({ run, sequence }) => sequence > (this.#written.get(run) ?? 0));
    await this.#put(fresh);
    for (const { run, sequence } of fresh) this.#written.set(run, sequence);
    return { file: path.basename(this.file), line: this.#line, hash: this.#hash };
  }

  /** @param before what ends a line that is half-written */
  async #put(records: readonly (AuditRecord | Repair)[], before = ''): Promise<void> {
    if (records.length === 0) return;
    let line = this.#line;
    let hash = this.#hash;
    const lines = records.map((record) => {
      const linked: AuditLine = { ...record, line: ++line, previous: hash };
      const text = JSON.stringify(linked);
      hash = hashOf(Buffer.from(text));
      return `${text}\n`;
    });
    this.#isTorn = true;
    await this.handle.appendFile(before + lines.join(''));
    await this.handle.datasync();
    this.#isTorn = false;
    this.#line = line;
    this.#hash = hash;
  }

  /** Finds the end of the chain, and closes lines that are not whole. */
  async #recover(): Promise<void> {
    const { lines, rest } = await this.#tail();
    this.#written = new Map();
    const known = lines.map(read);
    for (const one of known) if (one !== undefined) this.#note(one);
    const whole = known.findLastIndex((one) => one !== undefined);
    const torn = [...lines.slice(whole + 1), ...(rest.length > 0 ? [rest] : [])];
    this.#line = (known[whole]?.line ?? 0) + torn.length;
    const last = torn.at(-1) ?? lines[whole];
    this.#hash = last === undefined ? NO_LINE : hashOf(last);
    this.#isTorn = false;
    if (torn.length === 0) return;
    const lastRead = rest.length > 0 ? read(rest) : undefined;
    // All of it was written but its line end.
    if (lastRead !== undefined) this.#note(lastRead);
    const repair: Repair = { kind: 'repair', at: new Date().toISOString(), torn: torn.map(hashOf) };
    await this.#put([repair], rest.length > 0 ? '\n' : '');
  }

  #note(line: Linked & Record<string, unknown>): void {
    const { run, sequence } = line;
    if (typeof run === 'string' && typeof sequence === 'number') this.#written.set(run, sequence);
  }

  async #tail(): Promise<{ lines: Buffer[]; rest: Buffer }> {
    const { size } = await this.handle.stat();
    const start = Math.max(size - TAIL, 0);
    const bytes = Buffer.alloc(size - start);
    await this.handle.read(bytes, 0, bytes.length, start);
    const found = linesIn(bytes);
    // The first one may be a part of a line.
    return start === 0 ? found : { lines: found.lines.slice(1), rest: found.rest };
  }
}
