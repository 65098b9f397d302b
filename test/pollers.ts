import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const { TaskQueueType } = temporal.api.enums.v1;
const TYPES = {
  workflows: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  activities: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
} as const;

/** Does Temporal know of a worker that polls this task queue? It does a moment after the worker says that it is ready. */
export async function isPolled(client: Client, name: string, kind: keyof typeof TYPES): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name },
    taskQueueType: TYPES[kind],
  });
  return pollers.length > 0;
}
