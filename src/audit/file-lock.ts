/**
 * An exclusive lock on a file among the processes of a machine. Node has no flock(2), and proper-lockfile, the library for it, has had
 * no release since 2021. A lock is a file that is made with O_EXCL and says which process has it; a process that is gone
 * has none. Who takes over from it makes the lock of the next number, so that of two that try only one succeeds.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

/** Who has a lock. */
interface Owner {
  host: string;
  pid: number;
  /** When that process began, as the system says it: a number of a process is used again. */
  began?: string;
}

/** @returns a function that gives the lock back, or undefined where another process has it */
export function lockFile(file: string): (() => void) | undefined {
  const newest = locksOf(file).at(-1);
  if (newest !== undefined && isHeld(newest.path)) return undefined;
  const number = (newest?.number ?? 0) + 1;
  const own = `${file}.lock.${number}`;
  try {
    writeFileSync(own, JSON.stringify(self()), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
  // Somebody was quicker by more than one take-over.
  if (locksOf(file).at(-1)?.number !== number) {
    rmSync(own, { force: true });
    return undefined;
  }
  for (const older of locksOf(file)) if (older.number < number) rmSync(older.path, { force: true });
  return () => writeFileSync(own, 'released');
}

function locksOf(file: string): { path: string; number: number }[] {
  const prefix = `${path.basename(file)}.lock.`;
  const folder = path.dirname(file);
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => ({ path: path.join(folder, name), number: Number(name.slice(prefix.length)) }))
    .sort((one, other) => one.number - other.number);
}

/** What cannot be read may be held: then another file is written. */
function isHeld(lock: string): boolean {
  let text: string;
  try {
    text = readFileSync(lock, 'utf8');
  } catch {
    return true;
  }
  if (text === 'released') return false;
  try {
    const { host, pid, began } = JSON.parse(text) as Owner;
    return host !== hostname() || isAlive(pid, began);
  } catch {
    return true;
  }
}

function isAlive(pid: number, began: string | undefined): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  const now = beganAt(pid);
  // In containers each worker has the number 1.
  return began === undefined || now === undefined || began === now;
}

function self(): Owner {
  const began = beganAt(process.pid);
  return { host: hostname(), pid: process.pid, ...(began !== undefined && { began }) };
}

/** Where the system has /proc: the boot, and the clock ticks from it to the start of the process (field 22 of proc_pid_stat(5)). */
function beganAt(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may hold spaces.
    return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

const codeOf = (error: unknown) =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
