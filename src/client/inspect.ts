/** Short questions to a cloud, each a workflow of seconds, because only workers reach clouds. */
import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  TimeoutFailure,
  WorkflowFailedError,
  type WorkflowHandle,
  type WorkflowService,
} from '@temporalio/client';
import type { Outcome } from '../resize/outcome';
import { workflowIdOf } from '../resize/request';
import {
  cloudTaskQueue,
  FIND_ORPHANS,
  INSPECT_SERVER,
  type InspectInput,
  type Inspection,
  type Orphan,
  type OrphansInput,
} from '../workflows/messages';
import { isResizeErrorCode, ResizeError } from './resize-error';
import { describeRun } from './run-chain';
import { recordedStatus } from './run-status';
import { textOf, type TemporalLink } from './temporal-link';

/** How long an inspection may take in all, ms; Temporal ends it then. */
const INSPECTION_WITHIN = 30_000;

type QueueType = Parameters<WorkflowService['describeTaskQueue']>[0]['taskQueueType'] & number;

/** Numbers of the API: TaskQueueType, PendingWorkflowTaskState, PendingActivityState. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum's package is not a dependency of ours
const QUEUE = { workflow: 1 as QueueType, activity: 2 as QueueType };
const STARTED = 2;

/** A question to a cloud, and how it is told of. */
interface Question<Input extends { cloud: string }> {
  workflow: string;
  id: string;
  input: Input;
  summary: string;
  /** What it is called in messages. */
  name: string;
}

/**
 * Looks at the server and the flavor, and touches nothing.
 * @throws ResizeError NoWorker, NotFound, AmbiguousName, NotAuthenticated, UnknownCloud, CloudUnreachable,
 *   InvalidRequest, NoTemporal
 */
export function inspect(link: TemporalLink, input: InspectInput): Promise<Inspection> {
  return ask<InspectInput, Inspection>(link, {
    workflow: INSPECT_SERVER,
    id: `inspect-${randomUUID()}`,
    input,
    summary: `look at ${input.server} (${input.cloud}) for a resize to ${input.flavor}`,
    name: `inspection of ${input.server}`,
  });
}

/** An orphan, with what its last run recorded of itself. */
export interface FoundOrphan extends Orphan {
  /** `outcome` is absent when the run was ended by force, or Temporal no longer keeps it. */
  lastRun?: NonNullable<Orphan['lastRun']> & { outcome?: Outcome };
}

/**
 * Finds the servers of a cloud that wait in VERIFY_RESIZE while no running resize holds their gate.
 * @throws ResizeError NoWorker, NotAuthenticated, UnknownCloud, CloudUnreachable, NoTemporal
 */
export async function orphans(link: TemporalLink, input: OrphansInput): Promise<FoundOrphan[]> {
  const found = await ask<OrphansInput, { orphans: Orphan[] }>(link, {
    workflow: FIND_ORPHANS,
    id: `orphans-${input.cloud}-${randomUUID()}`,
    input,
    summary: `find servers in VERIFY_RESIZE without a resize (${input.cloud})`,
    name: 'search for orphans',
  });
  const told: FoundOrphan[] = [];
  for (const orphan of found.orphans) told.push(await withOutcome(link, orphan));
  return told;
}

/** "failed" is how Temporal closed the run; what became of the resize is in its memo. */
async function withOutcome(link: TemporalLink, orphan: Orphan): Promise<FoundOrphan> {
  const { id, lastRun } = orphan;
  if (lastRun === undefined) return orphan;
  // It tells more, and is not needed: an orphan is told of without it.
  const run = await describeRun(link, workflowIdOf(id), lastRun.runId).catch(() => undefined);
  const outcome = run === undefined ? undefined : recordedStatus(run).outcome;
  return outcome === undefined ? orphan : { ...orphan, lastRun: { ...lastRun, outcome } };
}

/** @throws ResizeError NoWorker when nobody serves the cloud */
export async function checkServed(link: TemporalLink, cloud: string): Promise<void> {
  const queues = [
    { name: link.taskQueue, type: QUEUE.workflow },
    { name: cloudTaskQueue(link.taskQueue, cloud), type: QUEUE.activity },
  ];
  for (const queue of queues) {
    if (!(await isServed(link, queue.name, queue.type))) throw noWorker(cloud, `nobody polls ${queue.name}`);
  }
}

async function ask<Input extends { cloud: string }, Answer>(
  link: TemporalLink,
  question: Question<Input>,
): Promise<Answer> {
  const { input } = question;
  await checkServed(link, input.cloud);
  type Workflow = (input: Input) => Promise<Answer>;
  const handle = await link.call('start an inspection', link.timing.call, () =>
    link.client.workflow.start<Workflow>(question.workflow, {
      workflowId: question.id,
      taskQueue: link.taskQueue,
      workflowExecutionTimeout: INSPECTION_WITHIN,
      retry: { maximumAttempts: 1 },
      args: [input] as unknown as Parameters<Workflow>,
      staticSummary: question.summary,
    }),
  );
  const result = (within: number) => link.call('wait for the inspection', within, () => handle.result());
  try {
    return await result(link.timing.pickUp).catch(async (error: unknown) => {
      if (!isNoAnswer(error)) throw error;
      // A poller is listed for minutes after its worker died.
      if (!(await isTakenUp(link, handle))) {
        await link.call('end the inspection', link.timing.call, () => handle.terminate('no worker took it up'));
        throw noWorker(input.cloud, 'one was there, and does not take up work now');
      }
      return await result(INSPECTION_WITHIN);
    });
  } catch (error) {
    throw meaningOf(error, input.cloud, question.name);
  }
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
async function isTakenUp(link: TemporalLink, handle: Pick<WorkflowHandle, 'describe'>): Promise<boolean> {
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
function meaningOf(error: unknown, cloud: string, name: string): unknown {
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
        `cloud '${cloud}' could not be read within ${INSPECTION_WITHIN / 1000} s: check the cloud and its worker, then ask again`,
        { cloud },
        { cause: error },
      );
    }
  }
  return new ResizeError(
    'Unexpected',
    `the ${name} failed: ${textOf(error.cause ?? error)}; see the worker's log`,
    undefined,
    { cause: error },
  );
}
