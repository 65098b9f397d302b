/** Who polls the task queues of a cloud, and how far behind they are. */
import type { WorkflowService } from '@temporalio/client';
import { cloudTaskQueue } from '../workflows/messages';
import { ResizeError } from './resize-error';
import type { TemporalLink } from './temporal-link';

type QueueType = Parameters<WorkflowService['describeTaskQueue']>[0]['taskQueueType'] & number;

/** The numbers of TaskQueueType in the API. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum's package is not a dependency of ours
const TYPE = { workflow: 1 as QueueType, activity: 2 as QueueType };

/** A task waits either for a worker of the workflows, or for one of the cloud. */
export type QueueKind = keyof typeof TYPE;

/** What Temporal says of a task queue. */
export interface QueueState {
  name: string;
  /** When a worker last began a poll, ms of Temporal's clock. Absent when none is listed. */
  lastPoll?: number;
  /** Tasks that wait, about; absent where the server does not tell. */
  backlog?: number;
  /** How long the oldest of them has waited, ms. */
  oldest?: number;
  /** Tasks a second that workers took from it, over the last 30 s; absent where the server does not tell. */
  dispatchRate?: number;
}

/** Temporal lists a worker for about five minutes after its last poll. */
export async function describeQueue(link: TemporalLink, kind: QueueKind, cloud: string): Promise<QueueState> {
  const name = kind === 'workflow' ? link.taskQueue : cloudTaskQueue(link.taskQueue, cloud);
  const { pollers, stats } = await link.call('ask who polls the task queue', link.timing.call, () =>
    link.client.workflowService.describeTaskQueue({
      namespace: link.namespace,
      taskQueue: { name },
      taskQueueType: TYPE[kind],
      reportStats: true,
    }),
  );
  return {
    name,
    ...(pollers.length > 0 && {
      lastPoll: Math.max(...pollers.map(({ lastAccessTime }) => milliseconds(lastAccessTime))),
    }),
    ...(stats && {
      backlog: Number(stats.approximateBacklogCount ?? 0),
      oldest: milliseconds(stats.approximateBacklogAge),
      dispatchRate: stats.tasksDispatchRate ?? 0,
    }),
  };
}

/**
 * Has no worker polled it since then? Temporal lists who polled the first partition of a queue. A busy worker may poll
 * only the others for a while; the rate counts the tasks of all of them.
 * @param since ms of Temporal's clock
 */
export function isDeserted({ lastPoll = -1, dispatchRate = 0 }: QueueState, since = 0): boolean {
  return lastPoll < since && dispatchRate === 0;
}

/** Until when the workers of a cloud count as listed, by the clock of this process. */
const listed = new WeakMap<TemporalLink, Map<string, number>>();

/**
 * Asks once for many questions in a row: that a worker went away meanwhile is found out by whoever waits for it.
 * @throws ResizeError NoWorker when no worker is listed for one of the cloud's queues
 */
export async function checkServed(link: TemporalLink, cloud: string): Promise<void> {
  const until = listed.get(link) ?? new Map<string, number>();
  listed.set(link, until);
  if (Date.now() < (until.get(cloud) ?? 0)) return;
  for (const kind of ['workflow', 'activity'] as const) {
    const queue = await describeQueue(link, kind, cloud);
    if (isDeserted(queue)) throw noWorker(cloud, `no worker polls ${queue.name}`);
  }
  until.set(cloud, Date.now() + link.timing.pickUp);
}

/** @param seen what Temporal says of the queue */
export function noWorker(cloud: string, seen: string): ResizeError {
  return new ResizeError(
    'NoWorker',
    `no worker serves cloud '${cloud}' (misspelt, or its worker is down): ${seen}; start a worker that has this profile`,
    { cloud },
  );
}

/** A google.protobuf.Timestamp or Duration in ms; 0 for none. */
export function milliseconds(
  time: { seconds?: { toString: () => string } | null; nanos?: number | null } | null | undefined,
): number {
  return Number(time?.seconds?.toString() ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
}
