/** Looking at a server before anything is started: a short workflow, because only workers reach clouds. */
import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  TimeoutFailure,
  WorkflowFailedError,
  type WorkflowHandle,
  type WorkflowService,
} from '@temporalio/client';
import {
  cloudTaskQueue,
  INSPECT_SERVER,
  type InspectInput,
  type Inspection,
  type InspectServer,
} from '../workflows/messages';
import { isResizeErrorCode, ResizeError } from './resize-error';
import { textOf, type TemporalLink } from './temporal-link';

/** How long an inspection may take in all, ms; Temporal ends it then. */
const INSPECTION_WITHIN = 30_000;

type QueueType = Parameters<WorkflowService['describeTaskQueue']>[0]['taskQueueType'] & number;

/** Numbers of the API: TaskQueueType, PendingWorkflowTaskState, PendingActivityState. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum's package is not a dependency of ours
const QUEUE = { workflow: 1 as QueueType, activity: 2 as QueueType };
const STARTED = 2;

/**
 * Looks at the server and the flavor, and touches nothing.
 * @throws ResizeError NoWorker, NotFound, AmbiguousName, NotAuthenticated, UnknownCloud, CloudUnreachable,
 *   InvalidRequest, NoTemporal
 */
export async function inspect(link: TemporalLink, input: InspectInput): Promise<Inspection> {
  const queues = [
    { name: link.taskQueue, type: QUEUE.workflow },
    { name: cloudTaskQueue(link.taskQueue, input.cloud), type: QUEUE.activity },
  ];
  for (const queue of queues) {
    if (!(await isServed(link, queue.name, queue.type))) throw noWorker(input.cloud, `nobody polls ${queue.name}`);
  }
  const handle = await link.call('start an inspection', link.timing.call, () =>
    link.client.workflow.start<InspectServer>(INSPECT_SERVER, {
      workflowId: `inspect-${randomUUID()}`,
      taskQueue: link.taskQueue,
      workflowExecutionTimeout: INSPECTION_WITHIN,
      retry: { maximumAttempts: 1 },
      args: [input],
      staticSummary: `look at ${input.server} (${input.cloud}) for a resize to ${input.flavor}`,
    }),
  );
  try {
    return await result(link, handle, link.timing.pickUp).catch(async (error: unknown) => {
      if (!isNoAnswer(error)) throw error;
      // A poller is listed for minutes after its worker died.
      if (!(await isTakenUp(link, handle))) {
        await link.call('end the inspection', link.timing.call, () => handle.terminate('no worker took it up'));
        throw noWorker(input.cloud, 'one was there, and does not take up work now');
      }
      return await result(link, handle, INSPECTION_WITHIN);
    });
  } catch (error) {
    throw meaningOf(error, input);
  }
}

function result(link: TemporalLink, handle: WorkflowHandle<InspectServer>, within: number): Promise<Inspection> {
  return link.call('wait for the inspection', within, () => handle.result());
}

function isNoAnswer(error: unknown): boolean {
  return error instanceof ResizeError && error.code === 'NoTemporal';
}

async function isServed(link: TemporalLink, name: string, taskQueueType: QueueType): Promise<boolean> {
  const { pollers } = await link.call('look for a worker', link.timing.call, () =>
    link.client.workflowService.describeTaskQueue({ namespace: link.namespace, taskQueue: { name }, taskQueueType }),
  );
  return pollers.length > 0;
}

/** Has a worker got hold of the workflow task, and of the activity? */
async function isTakenUp(link: TemporalLink, handle: WorkflowHandle<InspectServer>): Promise<boolean> {
  const { raw } = await link.call('look at the inspection', link.timing.call, () => handle.describe());
  const task = raw.pendingWorkflowTask;
  if (task && Number(task.state) !== STARTED) return false;
  // One that waits for its next attempt has been with a worker.
  return (raw.pendingActivities ?? []).every(
    (activity) => Number(activity.state) === STARTED || Number(activity.attempt) > 1,
  );
}

function noWorker(cloud: string, seen: string): ResizeError {
  return new ResizeError(
    'NoWorker',
    `no worker serves cloud '${cloud}' (misspelt, or its worker is down): ${seen}; start a worker that has this profile`,
    { cloud },
  );
}

/** What the end of an inspection means. */
function meaningOf(error: unknown, input: InspectInput): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && isResizeErrorCode(cause.type)) {
      const details: unknown = cause.details?.[0];
      return new ResizeError(
        cause.type,
        cause.message,
        typeof details === 'object' && details !== null ? { ...details } : undefined,
        { cause: error },
      );
    }
    if (cause instanceof TimeoutFailure) {
      return new ResizeError(
        'CloudUnreachable',
        `cloud '${input.cloud}' could not be read within ${INSPECTION_WITHIN / 1000} s: check the cloud and its worker, then ask again`,
        { cloud: input.cloud },
        { cause: error },
      );
    }
  }
  return new ResizeError(
    'Unexpected',
    `the inspection of ${input.server} failed: ${textOf(error.cause ?? error)}; see the worker's log`,
    undefined,
    { cause: error },
  );
}
