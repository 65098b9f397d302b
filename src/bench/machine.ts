/** What a result was measured on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Machine } from './result';
import { findTemporal } from './stack';

export const root = path.join(__dirname, '..', '..');

/** The 1-minute load average, which tells whether the machine had other work. */
export const load = (): number => Math.round((os.loadavg()[0] ?? 0) * 100) / 100;

export async function describeMachine(loadBefore: number): Promise<Machine> {
  const cores = os.cpus();
  const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    load: [loadBefore, load()],
    os: `${os.type()} ${os.release()}`,
    node: process.version,
    temporal: execFileSync(await findTemporal(), ['--version'], { encoding: 'utf8' }).trim(),
    sdk: dependencies['@temporalio/worker'] ?? 'unknown',
  };
}

/** The commit that was measured, and whether files differ from it. */
export function describeCommit(): { commit: string; changed: boolean } {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return { commit: git('rev-parse', '--short', 'HEAD'), changed: git('status', '--porcelain') !== '' };
  } catch {
    return { commit: 'unknown', changed: true };
  }
}
