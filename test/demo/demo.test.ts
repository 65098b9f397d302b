import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { until } from '../nova/wait';

const root = path.join(__dirname, '..', '..');

/** The demo as it runs without a terminal, up to the moment that its resizes are under way. */
async function startDemo(): Promise<{ child: ChildProcess; output: () => string }> {
  const child = spawn(process.execPath, [path.join(root, 'dist', 'demo', 'index.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEMO_MARK: String(process.pid) },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  await until('the resizes to be under way', () => Promise.resolve(output.includes('resizing:') ? true : undefined), {
    seen: () => output,
  });
  return { child, output: () => output };
}

/** Processes that the demo of this test started: they inherit its environment. */
function left(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`DEMO_MARK=${process.pid}`);
    } catch {
      return false;
    }
  });
}

const nothingLeft = () =>
  until('all processes to be gone', () => Promise.resolve(left().length === 0 ? true : undefined));

// The whole of it is `npm run demo`, which CI runs and judges by its exit code.
it('a demo that is interrupted says so by its exit code and leaves nothing running', async () => {
  const { child } = await startDemo();
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
  await nothingLeft();
});

it('a demo that is killed -9 leaves nothing running', async () => {
  const { child } = await startDemo();
  child.kill('SIGKILL');
  await once(child, 'exit');
  await nothingLeft();
});
