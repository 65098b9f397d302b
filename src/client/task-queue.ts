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
    }),
  };
}

/** @throws ResizeError NoWorker when no worker is listed for one of the cloud's queues */
export async function checkServed(link: TemporalLink, cloud: string): Promise<void> {
  for (const kind of ['workflow', 'activity'] as const) {
    const { name, lastPoll } = await describeQueue(link, kind, cloud);
    if (lastPoll === undefined) throw noWorker(cloud, `no worker polls ${name}`);
  }
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
