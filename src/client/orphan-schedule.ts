/** Looking for orphans every so often, by a Temporal schedule. */
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { FIND_ORPHANS, type OrphansInput } from '../workflows/messages';
import type { DurationInput } from '../resize/request';
import { durationOf } from './duration';
import { given, ORPHANS_END } from './inspect';
import { checkServed } from './task-queue';
import type { TemporalLink } from './temporal-link';

/**
 * Sets the schedule of a cloud, or changes the one that is there.
 * @throws ResizeError InvalidRequest, NoWorker, NoTemporal
 * @returns the schedule's id
 */
export async function scheduleOrphans(
  link: TemporalLink,
  asked: OrphansInput,
  interval: DurationInput,
): Promise<string> {
  const input = given<OrphansInput>(asked, ['cloud']);
  const every = durationOf(interval, 'every');
  await checkServed(link, input.cloud);
  const scheduleId = `orphans-${input.cloud}`;
  const { schedule } = link.client;
  const action = {
    type: 'startWorkflow' as const,
    workflowType: FIND_ORPHANS,
    workflowId: scheduleId,
    taskQueue: link.taskQueue,
    args: [input],
    workflowExecutionTimeout: ORPHANS_END,
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
