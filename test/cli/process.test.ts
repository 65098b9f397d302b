/** The command line as a process: what really goes to stdout and stderr, signals, closed pipes, exit codes. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ResizeClient } from '../../src/client/resize-client';
import { request, startWorld, until, type World } from '../client/stand-in';

const DIST = join(__dirname, '..', '..', 'dist');
const STARTER = join(DIST, 'starter.js');
const QUEUE = 'process';

let world: World;
let resizes: ResizeClient;

beforeAll(async () => {
  if (!existsSync(STARTER)) throw new Error(`${STARTER} is not there: build first (npm run build, or npm test)`);
  world = await startWorld();
  resizes = await world.connect(QUEUE);
  await world.workers(QUEUE);
});
afterAll(() => world.stop());

interface Running {
  child: ChildProcessWithoutNullStreams;
  out: string;
  err: string;
  ended: Promise<number | null>;
}

function start(args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [STARTER, ...args], {
    env: {
      PATH: process.env['PATH'],
      ...world.env,
      DURABLE_RESIZE_TASK_QUEUE: QUEUE,
      DURABLE_RESIZE_USER: 'bob',
      ...env,
    },
  });
  const running: Running = {
    child,
    out: '',
    err: '',
    ended: new Promise((resolve) => child.on('close', (code) => resolve(code))),
  };
  child.stdout.on('data', (data: Buffer) => (running.out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (running.err += data.toString()));
  return running;
}

it('starts, decides and waits, with data on stdout and the rest on stderr', async () => {
  const { server } = request('decide');
  const started = start(['start', server, 'm1.large', '--cloud', 'prod', '--reason', 'decide', '-f', 'json']);
  expect(await started.ended).toBe(0);
  expect(JSON.parse(started.out)).toMatchObject({ server: { id: server }, requestedBy: 'bob' });
  expect(started.err).toContain('to approve:');

  const approved = start(['approve', server, '--by', 'eve']);
  expect(await approved.ended).toBe(0);
  const waited = start(['wait', server, '-f', 'json']);
  expect(await waited.ended).toBe(0);
  expect(JSON.parse(waited.out)).toMatchObject({ outcome: 'confirmed', decisions: [{ by: 'eve' }] });
});

it('leaves the resize running on Ctrl-C, says how to come back, and exits with 130', async () => {
  const run = await resizes.start(request('decide'));
  const waiting = start(['wait', run.server]);
  await until(() => waiting.err.includes('please decide'));
  waiting.child.kill('SIGINT');
  expect(await waiting.ended).toBe(130);
  expect(waiting.out).toBe('');
  expect(waiting.err).toContain(`the resize goes on. To come back: durable-resize wait ${run.server}`);
  expect(await run.recorded()).toMatchObject({ execution: 'running' });
});

it('is quiet when the reader of its output goes away', async () => {
  const listing = start(['list', '-f', 'json']);
  listing.child.stdout.destroy();
  expect(await listing.ended).toBe(0);
  expect(listing.err).toBe('');
});

it('ends within seconds, with one sentence, when there is no Temporal server', async () => {
  const before = Date.now();
  const failed = start(['status', 'web-07'], { TEMPORAL_ADDRESS: '127.0.0.1:9' });
  expect(await failed.ended).toBe(1);
  expect(Date.now() - before).toBeLessThan(10_000);
  expect(failed.err).toBe(
    'durable-resize: no Temporal server answers at 127.0.0.1:9: start it, or set TEMPORAL_ADDRESS to where it is\n',
  );
});

it('does not ask where nobody can answer', async () => {
  const run = await resizes.start(request('decide'));
  const rejected = start(['reject', run.server]);
  expect(await rejected.ended).toBe(0);
  expect(await run.wait()).toMatchObject({ outcome: 'reverted', decisions: [{ by: 'bob' }] });
});
