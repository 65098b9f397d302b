import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { STORIES, type Story } from '../../src/demo/stories';
import { until } from '../nova/wait';
import { temporaryFolder } from '../scripts/processes';

const root = path.join(__dirname, '..', '..');
const temporary = temporaryFolder();
afterAll(temporary.remove);

interface Demo {
  child: ChildProcess;
  output: () => string;
}

/** The demo as it runs without a terminal. */
function startDemo(script: string[] = [path.join(root, 'dist', 'demo', 'index.js')]): Demo {
  const child = spawn(process.execPath, script, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DEMO_MARK: String(process.pid),
      TMPDIR: temporary.folder,
      // What the caller's own settings say is about other servers.
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      TEMPORAL_NAMESPACE: 'elsewhere',
      DURABLE_RESIZE_MODE: 'observe',
      DURABLE_RESIZE_TASK_QUEUE: 'elsewhere',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  return { child, output: () => output };
}

/** The same with these stories. */
const startDemoOf = (stories: readonly Story[]): Demo =>
  startDemo([
    '-e',
    `require('./dist/demo/run-demo').runDemo(${JSON.stringify(stories)}, process.stdout).then(process.exit)`,
  ]);

const untilUnderWay = ({ output }: Demo) =>
  until(
    'the resizes to be under way',
    () => Promise.resolve(/resizing .*web-08/.test(output()) ? true : undefined),
    // The build machine may be busy with other tests.
    { seen: output, within: 40_000 },
  );

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

async function nothingLeft(): Promise<void> {
  await until('all processes to be gone', () => Promise.resolve(left().length === 0 ? true : undefined));
  // Node's loader and Temporal may have files of their own there.
  expect(readdirSync(temporary.folder).filter((name) => name.startsWith('durable-resize-demo-'))).toEqual([]);
}

// The whole of it is `npm run demo`, which CI runs and judges by its exit code.
it('a demo that is interrupted says so by its exit code and leaves nothing', async () => {
  const demo = startDemo();
  await untilUnderWay(demo);
  demo.child.kill('SIGINT');
  expect(await once(demo.child, 'exit')).toEqual([130, null]);
  await nothingLeft();
});

it('a demo that is killed -9 leaves nothing', async () => {
  const demo = startDemo();
  await untilUnderWay(demo);
  demo.child.kill('SIGKILL');
  await once(demo.child, 'exit');
  await nothingLeft();
});

const noCapacity = STORIES.filter(({ title }) => title === 'no capacity');

it('a resize that ends as expected: exit 0, and a row that was read from cloud and run', async () => {
  const { child, output } = startDemoOf(noCapacity);
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(output()).toMatch(/^batch-03 +m1\.small +m1\.small +rolled-back-by-cloud +cloud +\d+ +\d+$/m);
  expect(output()).toContain('All ended as expected');
  await nothingLeft();
});

it('a server whose check fails after the resize is reverted by itself, and the figure is shown', async () => {
  const { child, output } = startDemoOf(STORIES.filter(({ title }) => title === 'unhealthy'));
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(output()).toMatch(/^api-04 +m1\.small +m1\.small +reverted +check +\d+ +\d+$/m);
  expect(output()).toMatch(
    /^api-04: check web \(http\) failed after the resize: 503 in \d+ ms, status 503 instead of 200; before it: pass$/m,
  );
  await nothingLeft();
});

it('a resize that does not end as expected: it says which and what, exit 1', async () => {
  const told = noCapacity.map((story) => ({ ...story, ends: { outcome: 'confirmed', flavor: 'huge' } as const }));
  const { child, output } = startDemoOf(told);
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(output().match(/UNEXPECTED RESULT: .*/g)).toEqual([
    'UNEXPECTED RESULT: batch-03 (no capacity): its outcome is rolled-back-by-cloud, not confirmed',
    'UNEXPECTED RESULT: batch-03 (no capacity): its flavor after is m1.small, not huge',
    'UNEXPECTED RESULT: batch-03 (no capacity): the number of confirms asked for is 0, not 1',
  ]);
  await nothingLeft();
});

it('an unknown argument is refused', async () => {
  const { child, output } = startDemo([path.join(root, 'dist', 'demo', 'index.js'), '--fast']);
  expect(await once(child, 'exit')).toEqual([2, null]);
  expect(output()).toContain("Unknown option '--fast'");
});
