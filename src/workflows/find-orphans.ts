/** Which servers wait in VERIFY_RESIZE and no running resize owns them? Started by people or a schedule. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { checkOrphans } from '../resize/request';
import { readInput, unwrapped } from './inspect-server';
import { cloudTaskQueue, type Orphan, type OrphansInput } from './messages';

/** @throws ApplicationFailure of type {@link InspectFailure} when nothing can be learnt */
export async function findOrphans(input: OrphansInput): Promise<{ orphans: Orphan[] }> {
  const { cloud } = readInput(() => checkOrphans(input));
  const activities = proxyActivities<Activities>({
    taskQueue: cloudTaskQueue(workflowInfo().taskQueue, cloud),
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '5s',
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 3 },
    summary: `list the servers of ${cloud} in VERIFY_RESIZE`,
  });
  return { orphans: await unwrapped(() => activities.findOrphans()) };
}
