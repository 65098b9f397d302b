/** Which servers wait in VERIFY_RESIZE while no running resize holds their gate? Started by people or a schedule. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { unwrapped } from './cloud';
import { cloudTaskQueue, type Orphan, type OrphansInput } from './messages';

/** @throws ApplicationFailure of type {@link InspectFailure} when nothing can be learnt */
export async function findOrphans(input: OrphansInput): Promise<{ orphans: Orphan[] }> {
  const activities = proxyActivities<Activities>({
    taskQueue: cloudTaskQueue(workflowInfo().taskQueue, input.cloud),
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '5s',
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 3 },
    summary: `list the servers of ${input.cloud} in VERIFY_RESIZE`,
  });
  return { orphans: await unwrapped(() => activities.findOrphans()) };
}
