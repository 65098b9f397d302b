/** People are told of a run that continues as new in the middle of it. On a real Temporal server, with stand-ins for the activities. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '../../src/activities';
import type { NotifyInput } from '../../src/activities/activity-answers';
import type { ResizeStatus } from '../../src/resize/outcome';
import { cloudTaskQueue, TASK_QUEUE } from '../../src/workflows/messages';
import { until } from '../nova/wait';
import { shows } from '../resize/looks';
import { found, MINUTE } from '../resize/played';
import { IN_PROCESS, ownNamespace } from '../shared';
import { workflowBundle } from './workflow-worker';

it('what a run was sending when it continued as new is sent again with the same id, and told once', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { address, namespace } = await ownNamespace();
  const client = new Client({ connection: await Connection.connect({ address }), namespace });
  const connection = await NativeConnection.connect({ address });

  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const told: NotifyInput[] = [];
  let watches = 0;
  const window = shows('VERIFY_RESIZE resized - f2', 'resize ours success');
  const notify = { events: ['question' as const], remindAfter: 0.5, lastCall: MINUTE };
  const activities: Partial<Activities> = {
    prepareResize: () => Promise.resolve({ ...found, notify }),
    requestResize: () => Promise.resolve({ answer: 'accepted', requestId: 'req-ours-resize' }),
    observeServer: () => Promise.resolve(window),
    watchServer: async () => {
      if (watches++ > 0) await released;
      return window;
    },
    notify: async (input) => {
      told.push(input);
      if (told.length === 1) await released;
    },
  };
  const workers = await Promise.all([
    Worker.create({ connection, namespace, taskQueue: TASK_QUEUE, workflowBundle, ...IN_PROCESS }),
    Worker.create({ connection, namespace, taskQueue: cloudTaskQueue(TASK_QUEUE, 'lab'), activities }),
  ]);
  const running = workers.map((worker) => worker.run());

  const server = randomUUID();
  const handle = await client.workflow.start('resizeServer', {
    taskQueue: TASK_QUEUE,
    workflowId: `resize-${server}`,
    args: [{ cloud: 'lab', server, flavor: 'f2', requestedBy: 'ana' }],
  });
  const first = handle.firstExecutionRunId;
  const now = client.workflow.getHandle(handle.workflowId);
  await until('the question', () => Promise.resolve(told.length === 1 ? true : undefined));
  await until('the run to continue as new', async () => {
    // Long enough a history, and something to do.
    await Promise.all(Array.from({ length: 40 }, () => now.signal('approve', {})));
    await now.signal('observeNow');
    return (await now.describe()).runId === first ? undefined : true;
  });
  const status = await until('the question to be sent', async () => {
    const seen = await now.query<ResizeStatus>('status');
    return seen.notices?.[0]?.sentAt === undefined ? undefined : seen;
  });
  expect(status.runId).not.toBe(first);
  expect(status.notices).toMatchObject([{ id: `${first}-question-1`, event: 'question' }]);
  expect(told.map(({ notice }) => notice.id)).toEqual([`${first}-question-1`, `${first}-question-1`]);

  await now.terminate();
  release();
  for (const worker of workers) worker.shutdown();
  await Promise.all(running);
  await connection.close();
  await client.connection.close();
});
