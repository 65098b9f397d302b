import type { WorkflowExecutionDescription } from '@temporalio/client';
import { present } from '../resize/present';
import { pendingActivities } from '../temporal/pending-activities';
import { watcherProgress, watcherState } from '../temporal/watcher-progress';
import { CHANGES_REPORTED, watcherIdOf } from '../workflows/messages';
import { recordedStatus } from './run-status';
import type { TemporalLink } from './temporal-link';

/**
 * Does a run hear of changes of its server? It does where its last observation counted on the watcher of the cloud, and
 * the watcher is at work now: one that went away since would not tell it.
 * @returns undefined where it is not known, or does not matter: while nothing is watched, and after the end
 */
export async function isWatched(
  link: TemporalLink,
  described: WorkflowExecutionDescription,
): Promise<boolean | undefined> {
  const watch = pendingActivities(described).findLast(
    ({ type, state }) => type === 'watchServer' && state !== 'CANCEL_REQUESTED',
  );
  const said = watch?.raw.lastFailure?.message;
  if (!said) return undefined;
  if (!said.endsWith(CHANGES_REPORTED)) return false;
  const { cloud, project, region } = recordedStatus(described);
  if (project === undefined) return undefined;
  const watcher = watcherIdOf(described.taskQueue, cloud, { project, ...present({ region }) });
  try {
    const progress = await link.call('ask whether the cloud is watched', link.timing.call, () =>
      watcherProgress(link.client, watcher),
    );
    return progress !== 'not-there' && watcherState(progress) === 'watching';
  } catch {
    return undefined;
  }
}
