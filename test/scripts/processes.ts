import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const root = path.resolve(__dirname, '../..');

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export class Running {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  private readonly waiting = new Set<() => void>();

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (data: Buffer) => {
      this.stdout += data.toString();
      for (const look of this.waiting) look();
    });
    child.stderr?.on('data', (data: Buffer) => {
      this.stderr += data.toString();
      for (const look of this.waiting) look();
    });
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Resolves with the match as soon as the program has written it; rejects when it ends without. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const found = new Promise<RegExpExecArray>((resolve) => {
      const look = () => {
        const match = pattern.exec(this.stdout + this.stderr);
        if (match) {
          this.waiting.delete(look);
          resolve(match);
        }
      };
      this.waiting.add(look);
      look();
    });
    const ended = this.ended.then(({ code, signal }) => {
      throw new Error(`ended (${code ?? signal ?? ''}) without ${pattern.source}: ${this.stdout}${this.stderr}`);
    });
    return await Promise.race([found, ended]);
  }
}

export function start(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  return new Running(spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }));
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'durable-resize-test-')));
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function writeProgram(file: string, script: string): string {
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}
