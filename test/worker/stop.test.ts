/** SIGINT, SIGTERM and SIGHUP end a worker in order, whatever it is doing. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { startTemporal } from '../../scripts/temporal-cli.js';
import { reachTemporal } from '../../src/worker/reach-temporal';
import { root, start, type Running } from '../scripts/processes';
import { ownNamespace } from '../shared';
import { startStandIn, STATUS, type Rule, type StandIn } from './stand-in-temporal';
import { workerProcesses } from './worker-process';

const workers = workerProcesses();
let temporal: StandIn;
beforeEach(async () => {
  temporal = await startStandIn();
});
afterEach(() => temporal.stop());
afterAll(workers.end);

const inOrder = { code: 0, signal: null };

const stop = (worker: Running, ...signals: NodeJS.Signals[]) => {
  for (const signal of signals) worker.child.kill(signal);
  return worker.ended;
};

test('while it waits for a server', async () => {
  const worker = workers.start({ TEMPORAL_ADDRESS: '127.0.0.1:9' });
  await worker.says(/waiting for a Temporal server/);
  expect(await stop(worker, 'SIGTERM')).toMatchObject(inOrder);
});

test.each<[string, RegExp, Rule]>([
  ['a server that never answers', /waiting for a Temporal server/, () => 'never'],
  ['its namespace', /waiting for namespace/, (call) => (call === 'DescribeNamespace' ? STATUS.notFound : undefined)],
])('while it waits for %s', async (_, what, rule) => {
  temporal.answer(rule);
  const stopped = new AbortController();
  const said: string[] = [];
  const say = (text: string) => {
    said.push(text);
    stopped.abort();
  };
  const patience = { within: 30_000, stop: stopped.signal, say };
  expect(await reachTemporal({ address: temporal.address }, 'default', patience)).toBeUndefined();
  expect(said).toEqual([expect.stringMatching(what)]);
});

test('a namespace that is created meanwhile is served; then a stop ends the worker', async () => {
  const namespace = `shop-${randomUUID()}`;
  const { address } = await ownNamespace();
  const worker = workers.start({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
  await worker.says(/waiting for namespace 'shop-/);
  await ownNamespace(false, namespace);
  await worker.says(/worker ready: clouds prod; .* namespace shop-/);
  expect(await stop(worker, 'SIGINT')).toMatchObject(inOrder);
});

test('a ready worker whose Temporal server is gone', async () => {
  const server = await startTemporal();
  const worker = workers.start({ TEMPORAL_ADDRESS: server.address });
  await worker.says(/worker ready/);
  await server.kill();
  expect(await stop(worker, 'SIGHUP')).toMatchObject(inOrder);
});

test.each<[string, ...NodeJS.Signals[]]>([
  ['SIGTERM', 'SIGTERM'],
  ['SIGINT', 'SIGINT'],
  ['SIGHUP', 'SIGHUP'],
  ['SIGINT twice, as npm and the terminal send it', 'SIGINT', 'SIGINT'],
])('%s is one request to stop', async (_, ...signals) => {
  // It ends when it has nothing to do any more, a moment after it was asked.
  const program = listener(`
    const working = setInterval(() => {}, 1000);
    stop.addEventListener('abort', () => setTimeout(() => clearInterval(working), 200));`);
  await program.says(/ready/);
  for (const signal of signals) program.child.kill(signal);
  expect(await program.ended).toMatchObject({ ...inOrder, stdout: 'ready\nasked\n' });
});

test('a signal that comes soon after the first is a copy of it; a later one ends the process at once', async () => {
  const program = listener("process.on('SIGHUP', () => console.log('copy')); setInterval(() => {}, 1000);");
  await program.says(/ready/);
  program.child.kill('SIGTERM');
  await program.says(/asked/);
  program.child.kill('SIGHUP');
  await program.says(/copy/);
  const again = setInterval(() => program.child.kill('SIGTERM'), 100);
  expect(await program.ended).toMatchObject({ code: 143 });
  clearInterval(again);
});

/** A program that is asked to stop as a worker is, and does this besides. */
function listener(more: string): Running {
  const module = JSON.stringify(path.join(root, 'dist/worker/stop-request'));
  const code = `
    const stop = require(${module}).stopRequest();
    stop.addEventListener('abort', () => console.log('asked'));
    ${more}
    console.log('ready');`;
  return start(process.execPath, ['-e', code]);
}
