/**
 * A worker that cannot work says why in one sentence, and ends. A process takes most of a second of CPU, so one of a kind
 * is started as such; the others are the same function in the process of the tests.
 */
import { once } from 'node:events';
import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { reachTemporal } from '../../src/worker/reach-temporal';
import { runWorker } from '../../src/worker/run-worker';
import { root } from '../scripts/processes';
import { ownNamespace } from '../shared';
import { startStandIn, STATUS } from './stand-in-temporal';
import { bad, good, workerProcesses } from './worker-process';

const workers = workerProcesses();
afterAll(workers.end);

const said = async (worker: ReturnType<typeof workers.start>) => {
  const { code, stdout, stderr } = await worker.ended;
  return { code, said: stdout + stderr };
};
const ends = (sentence: RegExp) => ({ code: 1, said: expect.stringMatching(sentence) as unknown });

/** What is said, and the sentence of the error that ends it, as lines. */
async function saidBy(start: (say: (message: string) => void) => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const end = await start((message) => void lines.push(message)).catch((reason: unknown) => reason);
  if (!(end instanceof Error)) throw new Error(`it did not fail, and said: ${lines.join('; ')}`);
  return [...lines, end.message, ''].join('\n');
}
const never = new AbortController().signal;
/** What a worker says while it looks for Temporal. */
const saidReaching = (address: string, { namespace = 'default', within = 30_000 } = {}) =>
  saidBy((say) => reachTemporal({ address }, namespace, { within, stop: never, say }));

describe('before it looks for Temporal', () => {
  test('without a cloud', async () => {
    expect(await said(workers.start({}, {}))).toEqual(ends(/^no cloud to serve: put a clouds\.yaml here, .*\n$/));
  });

  test.each([
    ['with a bad setting', { DURABLE_RESIZE_MODE: 'dry' }, { prod: good }, /^DURABLE_RESIZE_MODE must be .*\n$/],
    [
      'with an empty Temporal config file',
      { TEMPORAL_CONFIG_FILE: '/dev/null' },
      { prod: good },
      /^the Temporal config file \/dev\/null has no table \[profile\.default\]: .*\n$/,
    ],
    [
      'with a wrong file of notifications',
      { DURABLE_RESIZE_NOTIFY: '/dev/null' },
      { prod: good },
      /^DURABLE_RESIZE_NOTIFY: \/dev\/null:1: the file: must be a mapping\n$/,
    ],
    ['with a URL as address', { TEMPORAL_ADDRESS: 'http://t:7233' }, { prod: good }, /^TEMPORAL_ADDRESS must be .*\n$/],
    [
      'with no profile that can be used',
      {},
      { prod: bad },
      /^cloud prod is not served: .*clouds-\d+\.yaml.*pasword.*\nno profile can be used; fix one of those named above\n$/,
    ],
    [
      'with a bad profile that it was told to serve',
      { DURABLE_RESIZE_CLOUDS: 'test,prod' },
      { prod: bad, test: good },
      /^.*clouds-\d+\.yaml.*pasword.*\n$/,
    ],
    [
      'with a profile whose policy it does not have',
      {},
      { prod: { ...good, durable_resize: { policy: 'strict' } } },
      /^cloud prod is not served: .*durable_resize\.policy: policy strict: this worker has no such policy; it has none.*\nno profile can be used/,
    ],
  ])('%s', async (_, env, clouds, sentence) => {
    expect(await saidBy((say) => runWorker(workers.environment(env, clouds), say, never))).toMatch(sentence);
  });

  test('where another program has the address of the metrics', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const at = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    expect(await said(workers.start({ DURABLE_RESIZE_METRICS_ADDRESS: at }))).toEqual(
      ends(/^DURABLE_RESIZE_METRICS_ADDRESS: cannot serve metrics at [\d.:]+: .*in use.*\n$/),
    );
    other.close();
  });
});

describe('when the time for Temporal is up', () => {
  const within = 2_500;

  test('and nobody listens', async () => {
    const env = { DURABLE_RESIZE_START_TIMEOUT: `${within}ms`, TEMPORAL_ADDRESS: '127.0.0.1:9' };
    expect(await said(workers.start(env))).toEqual(
      ends(/^waiting for a Temporal server at 127\.0\.0\.1:9\nno Temporal server answers at 127\.0\.0\.1:9 \(.*\n$/),
    );
  });

  test('and the server takes connections without a word', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket));
    await once(mute.listen(0, '127.0.0.1'), 'listening');
    const address = `127.0.0.1:${(mute.address() as AddressInfo).port}`;
    expect(await saidReaching(address, { within })).toMatch(
      /^waiting for a Temporal server at .*\nno Temporal server answers at .*\n$/,
    );
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  test('and there is no such namespace', async () => {
    const { address } = await ownNamespace();
    expect(await saidReaching(address, { namespace: 'shop', within })).toMatch(
      /^waiting for namespace 'shop' at .*\nTemporal at .* has no namespace 'shop'; create it with ".*--namespace shop", or set TEMPORAL_NAMESPACE\n$/,
    );
  });
});

describe('when Temporal refuses', () => {
  const denied = /^Temporal at [\d.:]+ does not let this worker into namespace 'default' \(.*as told.*\n$/;

  test.each<[string, string, number]>([
    ['the connection', 'GetSystemInfo', STATUS.permissionDenied],
    ['the credentials', 'GetSystemInfo', STATUS.unauthenticated],
    ['the namespace', 'DescribeNamespace', STATUS.permissionDenied],
  ])('%s, it does not wait', async (_, call, status) => {
    const temporal = await startStandIn();
    temporal.answer((made) => (made === call ? status : undefined));
    expect(await saidReaching(temporal.address)).toMatch(denied);
    await temporal.stop();
  });

  test('its workers, when the namespace was there a moment ago', async () => {
    const temporal = await startStandIn();
    let described = 0;
    // The first question is whether the namespace is there; the others are the SDK's, for each worker.
    temporal.answer((call) => (call === 'DescribeNamespace' && ++described > 1 ? STATUS.permissionDenied : undefined));
    expect(await said(workers.start({ TEMPORAL_ADDRESS: temporal.address }, { prod: good, test: good }))).toEqual(
      ends(/\nthe worker failed: .*as told[^\n]*\n$/),
    );
    await temporal.stop();
  });
});

test('with a broken workflow bundle', async () => {
  const dist = path.join(workers.folder, 'dist');
  cpSync(path.join(root, 'dist'), dist, { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(workers.folder, 'node_modules'));
  writeFileSync(path.join(dist, 'workflow-bundle.js'), 'not { JavaScript');
  const temporal = await startStandIn();
  expect(await said(workers.start({ TEMPORAL_ADDRESS: temporal.address }, { prod: good }, dist))).toEqual(
    ends(/\nthe worker failed: .*\n$/),
  );
  await temporal.stop();
});
