/** When the watcher of a cloud ends and when it goes on, on a real Temporal server, with a stand-in for its activity. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { WatchServersInput, WatchServersResult } from '../../src/activities/activity-answers';
import { TASK_QUEUE, watcherTaskQueue, watcherWanted } from '../../src/workflows/messages';
import { until } from '../nova/wait';
import { ownNamespace } from '../shared';
import { workflowBundle } from './workflow-worker';

const input: WatchServersInput = { cloud: 'lab', project: 'p1', taskQueue: TASK_QUEUE, attributes: true };
const progress = { mode: 'changes', watermark: '2026-03-01T12:00:00.000Z' } as const;

let client: Client;
let native: NativeConnection;
let ended: Promise<unknown>;
let workers: Worker[];
/** What the activity was asked with, and how to end it. */
const asked: { input: WatchServersInput; end: (result: WatchServersResult) => void }[] = [];

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { address, namespace } = await ownNamespace();
  client = new Client({ connection: await Connection.connect({ address }), namespace });
  native = await NativeConnection.connect({ address });
  const watchServers = (given: WatchServersInput) =>
    new Promise<WatchServersResult>((end) => asked.push({ input: given, end }));
  const common = { connection: native, namespace };
  workers = [
    await Worker.create({ ...common, taskQueue: TASK_QUEUE, workflowBundle }),
    await Worker.create({ ...common, taskQueue: watcherTaskQueue(TASK_QUEUE, 'lab'), activities: { watchServers } }),
  ];
  ended = Promise.all(workers.map((worker) => worker.run()));
});
afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await ended;
  await native.close();
  await client.connection.close();
});

const start = () =>
  client.workflow.start('watchCloud', { taskQueue: TASK_QUEUE, workflowId: `watch-${randomUUID()}`, args: [input] });
/** The next call of the activity. */
const call = (count: number) => until('the activity', () => Promise.resolve(asked[count]));

it('it ends when no resize is open', async () => {
  const count = asked.length;
  const watcher = await start();
  (await call(count)).end({ end: 'idle', progress });
  expect(await watcher.result()).toBeUndefined();
});

it('it goes on where it was, when a resize asked for it just before', async () => {
  const count = asked.length;
  const watcher = await start();
  const first = await call(count);
  await watcher.signal(watcherWanted);
  first.end({ end: 'idle', progress });
  const second = await call(count + 1);
  expect(second.input).toEqual({ ...input, progress });
  second.end({ end: 'idle', progress });
  expect(await watcher.result()).toBeUndefined();
});

it('it continues as new when its activity has worked for an hour, and knows where it was', async () => {
  const count = asked.length;
  const watcher = await start();
  (await call(count)).end({ end: 'renew', progress });
  const second = await call(count + 1);
  expect(second.input).toEqual({ ...input, progress });
  const { runId } = await client.workflow.getHandle(watcher.workflowId).describe();
  expect(runId).not.toBe(watcher.firstExecutionRunId);
  second.end({ end: 'idle', progress });
  expect(await watcher.result()).toBeUndefined();
});
