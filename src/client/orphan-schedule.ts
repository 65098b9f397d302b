/** Looking for orphans every so often, by a schedule of Temporal's. */
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { FIND_ORPHANS, type OrphansInput } from '../workflows/messages';
import type { TemporalLink } from './temporal-link';

/**
 * Sets the schedule of a cloud, or changes the one that is there.
 * @param every ms
 * @returns the schedule's id
 */
export async function scheduleOrphans(link: TemporalLink, input: OrphansInput, every: number): Promise<string> {
  const scheduleId = `orphans-${input.cloud}`;
  const { schedule } = link.client;
  const action = {
    type: 'startWorkflow' as const,
    workflowType: FIND_ORPHANS,
    workflowId: scheduleId,
    taskQueue: link.taskQueue,
    args: [input],
    workflowExecutionTimeout: '15 minutes' as const,
  };
  const spec = { intervals: [{ every }] };
  await link.call('set the schedule', link.timing.call, async () => {
    try {
      await schedule.create({ scheduleId, action, spec, policies: { overlap: ScheduleOverlapPolicy.SKIP } });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await schedule.getHandle(scheduleId).update((before) => ({ ...before, action, spec }));
    }
  });
  return scheduleId;
}
