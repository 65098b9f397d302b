/** Workflows that do nothing, to compare a resize with. */
import { proxyActivities } from '@temporalio/workflow';

/** The task queues of their worker. */
export const NULL_QUEUE = 'bench';
export const NULL_ACTIVITIES_QUEUE = 'bench-activities';

const { nothing } = proxyActivities<{ nothing: () => Promise<void> }>({
  taskQueue: 'bench-activities',
  startToCloseTimeout: '10s',
});

/** Ends at once. */
export function nullWorkflow(): Promise<void> {
  return Promise.resolve();
}

/** Runs so many activities, one after the other. */
export async function nullActivities(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await nothing();
}
