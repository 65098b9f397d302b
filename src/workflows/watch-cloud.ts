/** One watcher for all servers of a project: runs of resizes are told of changes, instead of each asking for itself. */
import { continueAsNew, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { WatchServersInput } from '../activities/activity-answers';
import { watcherTaskQueue, watcherWanted } from './messages';

/** Ends when no resize is open. A worker that a run asks starts it again. */
export async function watchCloud(input: WatchServersInput): Promise<void> {
  let wanted = false;
  setHandler(watcherWanted, () => void (wanted = true), {
    description: 'A resize is open: do not end for now. No payload.',
  });
  const { watchServers } = proxyActivities<Activities>({
    taskQueue: watcherTaskQueue(input.taskQueue, input.cloud),
    // No list takes a day; a worker that hangs is noticed by its silence.
    startToCloseTimeout: '1 day',
    heartbeatTimeout: '10s',
    retry: { initialInterval: '1s', backoffCoefficient: 1 },
    summary: `watch the servers of ${input.cloud}`,
  });
  const isWanted = () => wanted;
  for (;;) {
    wanted = false;
    const { end, progress } = await watchServers(input);
    const next = { ...input, progress };
    if (end === 'renew') await continueAsNew<typeof watchCloud>(next);
    if (!isWanted()) return;
    input = next;
  }
}
