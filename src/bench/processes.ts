/** The processes of a benchmark: how they are started, what they use, and that none outlives it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Child {
  pid: number;
  output: () => string;
  stdout: () => string;
  isAlive: () => boolean;
  /** Sends the signal and waits for the end. */
  end: (signal: NodeJS.Signals) => Promise<void>;
}

const running = new Set<ChildProcess>();
const folders: string[] = [];
// However this process ends, short of kill -9.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder for files of the processes; it is gone when this process ends. */
export function ownFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'durable-resize-bench-'));
  folders.push(folder);
  return folder;
}

/** Settings of the person's own must not change what is measured. */
function withoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TEMPORAL|OS|DURABLE_RESIZE)_/.test(name)),
  );
}

/**
 * Starts a program of this project and waits for a line of its output.
 * @param file the compiled program
 * @param ready what it says when it is ready
 */
export async function startProgram(
  file: string,
  args: readonly string[],
  { ready, env = {}, cwd }: { ready: string; env?: NodeJS.ProcessEnv; cwd: string },
): Promise<Child> {
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { ...withoutSettings(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const said = { out: '', all: '' };
  child.stdout.on('data', (text: Buffer) => {
    said.out += text.toString();
    said.all = (said.all + text.toString()).slice(-100_000);
  });
  child.stderr.on('data', (text: Buffer) => (said.all = (said.all + text.toString()).slice(-100_000)));
  const gone = once(child, 'exit').then(() => running.delete(child));
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const within = Date.now() + 120_000;
  while (!said.all.includes(ready)) {
    if (!isAlive() || Date.now() > within) {
      child.kill('SIGKILL');
      throw new Error(`${file} did not start: ${said.all.trim().slice(-500)}`);
    }
    await sleep(20);
  }
  return {
    pid: child.pid ?? 0,
    output: () => said.all,
    stdout: () => said.out,
    isAlive,
    async end(signal) {
      if (isAlive()) child.kill(signal);
      await gone;
    },
  };
}

/** Linux counts CPU time in hundredths of a second for every program (proc(5), "sysconf(_SC_CLK_TCK)"). */
const TICK = 10;

/** Milliseconds of CPU that a process has used, in user and kernel mode; undefined where the system does not tell. */
export function cpuOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  } catch {
    return undefined;
  }
}

/** Megabytes of memory that a process has; undefined where the system does not tell. */
export function memoryOf(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
