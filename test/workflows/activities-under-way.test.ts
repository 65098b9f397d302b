/**
 * What people say while an activity is on its way. A request that no worker has begun can be taken back; one that has
 * begun is awaited; an observation holds nothing up. On a real Temporal server, with stand-ins for the activities.
 */
import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '../../src/activities';
import { milliseconds } from '../../src/client/task-queue';
import type { ResizeStatus } from '../../src/resize/outcome';
import { cloudTaskQueue, TASK_QUEUE } from '../../src/workflows/messages';
import { until } from '../nova/wait';
import { shows } from '../resize/looks';
import { found } from '../resize/played';
import { IN_PROCESS, ownNamespace } from '../shared';
import { workflowBundle } from './workflow-worker';

let client: Client;
let native: NativeConnection;
let namespace: string;
const stops: (() => Promise<void>)[] = [];

const running = (worker: Worker) => {
  const done = worker.run();
  return async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await done;
  };
};
/** A worker of the cloud. */
async function cloudWorker(activities: Partial<Activities>): Promise<() => Promise<void>> {
  const taskQueue = cloudTaskQueue(TASK_QUEUE, 'lab');
  const stop = running(await Worker.create({ connection: native, namespace, taskQueue, activities }));
  stops.push(stop);
  return stop;
}

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const own = await ownNamespace();
  namespace = own.namespace;
  client = new Client({ connection: await Connection.connect({ address: own.address }), namespace });
  native = await NativeConnection.connect({ address: own.address });
  stops.push(
    running(
      await Worker.create({ connection: native, namespace, taskQueue: TASK_QUEUE, workflowBundle, ...IN_PROCESS }),
    ),
  );
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await native.close();
  await client.connection.close();
});

const resize = (server = randomUUID()) =>
  client.workflow.start('resizeServer', {
    taskQueue: TASK_QUEUE,
    workflowId: `resize-${server}`,
    args: [{ cloud: 'lab', server, flavor: 'f2', requestedBy: 'ana' }],
  });
const pendingActivity = async (handle: WorkflowHandle) => {
  const { raw } = await handle.describe();
  return raw.pendingActivities?.[0]?.activityType?.name ?? undefined;
};

it('a resize that was cancelled while no worker had taken it up is not sent when one is back', async () => {
  // The only worker learns what was, and is gone before it could send.
  let prepared = 0;
  const stop = await cloudWorker({
    prepareResize: () => {
      prepared++;
      return new Promise((resolve) => setImmediate(resolve, found));
    },
  });
  const handle = await resize();
  await until('the preparation', () => Promise.resolve(prepared > 0 ? true : undefined));
  await stop();
  await until('the resize to be scheduled', async () =>
    (await pendingActivity(handle)) === 'requestResize' ? true : undefined,
  );

  await handle.cancel();
  await expect(handle.result()).rejects.toThrow(/cancelled/i);
  const memo = (await handle.describe()).memo?.['status'] as ResizeStatus;
  expect(memo).toMatchObject({ outcome: 'cancelled', cause: 'cancelled', message: /nothing was changed/ });

  let sent = 0;
  const requestResize = () => {
    sent++;
    return Promise.resolve({ answer: 'accepted' as const, requestId: 'req-1' });
  };
  // What waits in the queue is taken up in order: when a later resize has been sent, the cancelled one never will be.
  const back = await cloudWorker({ prepareResize: () => Promise.resolve(found), requestResize });
  const later = await resize();
  await until('a later resize to be sent', () => Promise.resolve(sent > 0 ? true : undefined));
  expect(sent).toBe(1);
  await later.terminate();
  await back();
});

it('a resize that was rejected after a worker had begun it is awaited, and reverted', async () => {
  const calls: string[] = [];
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const log = ['resize ours success'];
  const stop = await cloudWorker({
    prepareResize: () => Promise.resolve(found),
    async requestResize() {
      calls.push('resize');
      await released;
      return { answer: 'accepted', requestId: 'req-ours-resize' };
    },
    revertResize: () => {
      calls.push('revert');
      log.unshift('revertResize ours success');
      return Promise.resolve({ answer: 'accepted', requestId: 'req-ours-revertResize' });
    },
    watchServer: () =>
      Promise.resolve(shows(log.length > 1 ? 'ACTIVE active - f1' : 'VERIFY_RESIZE resized - f2', ...log)),
  });
  const handle = await resize();
  await until('the request to be under way', () => Promise.resolve(calls.length > 0 ? true : undefined));
  await handle.signal('reject', { by: 'bob' });
  await until('the reject to be recorded', async () => {
    const { decisions } = await handle.query<ResizeStatus>('status');
    return decisions.length > 0 ? true : undefined;
  });
  release();
  expect(await handle.result()).toMatchObject({ outcome: 'reverted', cause: 'rejected' });
  expect(calls).toEqual(['resize', 'revert']);
  await stop();
});

it('a decision is not held up by an observation, and an observation of before it changes nothing after it', async () => {
  const calls: string[] = [];
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let asked = false;
  let observations = 0;
  const stop = await cloudWorker({
    prepareResize: () => Promise.resolve({ ...found, searchAttributes: ['ResizePhase', 'ResizeDecisionDeadline'] }),
    requestResize: () => Promise.resolve({ answer: 'accepted', requestId: 'req-ours-resize' }),
    confirmResize: () => {
      calls.push('confirm');
      return Promise.resolve({ answer: 'accepted', requestId: 'req-ours-confirmResize' });
    },
    async watchServer({ effect }) {
      if (effect === 'resize') return shows('VERIFY_RESIZE resized - f2', 'resize ours success');
      if (effect === 'confirm') {
        return shows('ACTIVE active - f2', 'confirmResize ours success', 'resize ours success');
      }
      if (!asked) throw ApplicationFailure.create({ message: 'nothing new', nextRetryDelay: '1 hour' });
      observations++;
      // It is on its way while the decision is made; it would end the run as changed from outside.
      await released;
      return shows('ACTIVE active - f1', 'revertResize eve success', 'resize ours success');
    },
  });
  const handle = await resize();
  await until('the window', async () =>
    (await handle.query<ResizeStatus>('status')).phase === 'awaiting-decision' ? true : undefined,
  );
  const attribute = async (name: string) => {
    const all = (await handle.describe()).typedSearchAttributes.getAll();
    return all.find(({ key }) => key.name === name)?.value;
  };
  expect(await attribute('ResizeDecisionDeadline')).toBeDefined();
  await until('the watching', async () => ((await pendingActivity(handle)) === 'watchServer' ? true : undefined));
  asked = true;
  await handle.signal('observeNow');
  await until('the observation', () => Promise.resolve(observations === 1 ? true : undefined));
  await handle.signal('approve', { by: 'bob' });
  await until('the confirm', () => Promise.resolve(calls.length > 0 ? true : undefined));
  release();
  expect(await handle.result()).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
  // Lists show a deadline only while it counts.
  expect(await attribute('ResizePhase')).toBe('closed');
  expect(await attribute('ResizeDecisionDeadline')).toBeUndefined();
  await stop();
});

it('an inspection has time at the worker, and none is counted while it waits for a worker that is busy', async () => {
  const input = { cloud: 'lab', server: 'web-07', flavor: 'm1.large' };
  const options = { workflowId: 'inspect-1', taskQueue: TASK_QUEUE, args: [input] };
  const handle = await client.workflow.start('inspectServer', options);
  const scheduled = await until('the inspection to be scheduled', async () => {
    const { events } = await handle.fetchHistory();
    const found = events?.find((event) => event.activityTaskScheduledEventAttributes);
    return found?.activityTaskScheduledEventAttributes ?? undefined;
  });
  await handle.terminate();
  expect(milliseconds(scheduled.startToCloseTimeout)).toBe(25_000);
  expect(milliseconds(scheduled.scheduleToStartTimeout)).toBe(0);
  expect(milliseconds(scheduled.scheduleToCloseTimeout)).toBe(0);
});
