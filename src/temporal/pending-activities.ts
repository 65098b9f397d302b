/** Activities of a run that have not ended, as DescribeWorkflowExecution shows them. */
import { decodePendingActivityState, type WorkflowExecutionDescription } from '@temporalio/client';

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** An activity that has not ended. */
export interface PendingActivity {
  /** Its name on the wire. */
  type: string;
  /**
   * `SCHEDULED`: it waits for a worker, or for its next attempt. `STARTED`: a worker has it; one that is lost loses this
   * state with its heartbeat time-out.
   */
  state: ReturnType<typeof decodePendingActivityState>;
  /** The rest, as Temporal shows it. */
  raw: Pending;
}

export function pendingActivities({ raw }: Pick<WorkflowExecutionDescription, 'raw'>): PendingActivity[] {
  return (raw.pendingActivities ?? []).map((activity) => ({
    type: activity.activityType?.name ?? '',
    state: decodePendingActivityState(activity.state),
    raw: activity,
  }));
}
