/** SIGINT, SIGTERM and SIGHUP end a worker in order, whatever it is doing. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { findTemporal, startTemporal } from '../../scripts/temporal-cli.js';
import { root, start, type Running } from '../scripts/processes';
import { startStandIn, STATUS, type StandIn } from './stand-in-temporal';
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

test.each<[string, ...NodeJS.Signals[]]>([
  ['SIGTERM', 'SIGTERM'],
  ['SIGINT', 'SIGINT'],
  ['SIGHUP', 'SIGHUP'],
  ['SIGINT twice, as npm and the terminal send it', 'SIGINT', 'SIGINT'],
])('%s, while it waits for a server', async (_, ...signals) => {
  const worker = workers.start({ TEMPORAL_ADDRESS: '127.0.0.1:9' });
  await worker.says(/waiting for a Temporal server/);
  expect(await stop(worker, ...signals)).toMatchObject(inOrder);
});

test('while it waits for a server that never answers', async () => {
  temporal.answer(() => 'never');
  const worker = workers.start({ TEMPORAL_ADDRESS: temporal.address });
  await worker.says(/waiting for a Temporal server/);
  expect(await stop(worker, 'SIGTERM')).toMatchObject(inOrder);
});

test('while it waits for its namespace', async () => {
  temporal.answer((call) => (call === 'DescribeNamespace' ? STATUS.notFound : undefined));
  const worker = workers.start({ TEMPORAL_ADDRESS: temporal.address });
  await worker.says(/waiting for namespace/);
  expect(await stop(worker, 'SIGTERM')).toMatchObject(inOrder);
});

test('a namespace that is created meanwhile is served; then a stop ends the worker', async () => {
  const server = await startTemporal();
  const env = { TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'shop' };
  const worker = workers.start(env);
  await worker.says(/waiting for namespace 'shop'/);
  const create = ['operator', 'namespace', 'create', '--namespace', 'shop', '--address', server.address];
  execFileSync(await findTemporal(), create, { stdio: 'ignore' });
  await worker.says(/worker ready: clouds prod; .* namespace shop/);
  expect(await stop(worker, 'SIGTERM')).toMatchObject(inOrder);
  await server.stop();
});

test('a ready worker whose Temporal server is gone', async () => {
  const server = await startTemporal();
  const worker = workers.start({ TEMPORAL_ADDRESS: server.address });
  await worker.says(/worker ready/);
  await server.kill();
  expect(await stop(worker, 'SIGTERM')).toMatchObject(inOrder);
});

test('a signal that comes soon after the first is a copy of it; a later one ends the process at once', async () => {
  const module = JSON.stringify(path.join(root, 'dist/worker/stop-request'));
  const code = `
    require(${module}).stopRequest().addEventListener('abort', () => console.log('asked'));
    process.on('SIGHUP', () => console.log('copy'));
    setInterval(() => {}, 1000); console.log('ready');`;
  const listener = start(process.execPath, ['-e', code]);
  await listener.says(/ready/);
  listener.child.kill('SIGTERM');
  await listener.says(/asked/);
  listener.child.kill('SIGHUP');
  await listener.says(/copy/);
  const again = setInterval(() => listener.child.kill('SIGTERM'), 100);
  expect(await listener.ended).toMatchObject({ code: 143 });
  clearInterval(again);
});
