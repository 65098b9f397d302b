/** Questions to a cloud, each a short workflow, because only workers reach clouds. */
import {
  ApplicationFailure,
  TimeoutFailure,
  WorkflowFailedError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { pendingActivities } from '../temporal/pending-activities';
import { isResizeErrorCode, ResizeError } from './resize-error';
import {
  checkServed,
  describeQueue,
  isDeserted,
  milliseconds,
  noWorker,
  type QueueKind,
  type QueueState,
} from './task-queue';
import { isGone, textOf, type TemporalLink } from './temporal-link';

/** A question to a cloud. */
export interface Question<Input extends { cloud: string }> {
  workflow: string;
  id: string;
  input: Input;
  summary: string;
  /** What it is called in messages: `inspection of web-07`. */
  name: string;
  /** When Temporal ends the workflow, ms. Longer than any client waits: it is for what a client left behind. */
  endsWithin: number;
}

/** Called with one sentence on what a question waits for: after 10 s, then every 30 s. */
export type OnWaiting = (message: string) => void;

/** So many checks of the queue for one message to the caller. */
const CHECKS_PER_MESSAGE = 3;

/** PendingWorkflowTaskState of the API: it waits for a worker. */
const SCHEDULED = 1;

/**
 * Asks, and waits for the answer: while a worker works on it, and while it waits in a queue that workers poll.
 * @returns the answer as it came over the wire, unchecked
 * @throws ResizeError NoWorker; Busy; NoTemporal; what the question failed with
 */
export async function ask<Input extends { cloud: string }>(
  link: TemporalLink,
  question: Question<Input>,
  onWaiting?: OnWaiting,
): Promise<unknown> {
  const { input, name } = question;
  await checkServed(link, input.cloud);
  const askedAt = Date.now();
  const handle = await link.call(`start the ${name}`, link.timing.call, () =>
    link.client.workflow.start(question.workflow, {
      workflowId: question.id,
      taskQueue: link.taskQueue,
      workflowExecutionTimeout: question.endsWithin,
      retry: { maximumAttempts: 1 },
      // A person waits for it: it goes before the tasks of resizes that are under way. 3 is the default.
      priority: { priorityKey: 1 },
      args: [input],
      staticSummary: question.summary,
    }),
  );
  const watch = new QueueWatch(link, handle, question, askedAt);
  for (let checks = 1; ; checks++) {
    try {
      return await link.wait(`wait for the ${name}`, link.timing.pickUp, () => handle.result() as Promise<unknown>);
    } catch (error) {
      if (!isNoAnswer(error)) throw meaningOf(error, question);
    }
    const waitsFor = await watch.check();
    if (checks % CHECKS_PER_MESSAGE === 1) onWaiting?.(`the ${name} has no answer yet: ${waitsFor}`);
  }
}

function isNoAnswer(error: unknown): boolean {
  return error instanceof ResizeError && error.code === 'NoTemporal';
}

/** Finds out what a question waits for, and gives up when that is no use. */
class QueueWatch {
  /** Since when it waits in a queue, by the clock of this process. */
  private queuedSince: number | undefined;

  constructor(
    private readonly link: TemporalLink,
    private readonly handle: WorkflowHandle,
    private readonly question: Question<{ cloud: string }>,
    private readonly askedAt: number,
  ) {
    this.queuedSince = askedAt;
  }

  /**
   * @returns what it waits for
   * @throws ResizeError NoWorker when no worker has polled for so long that none can be there; Busy
   */
  async check(): Promise<string> {
    const { cloud } = this.question.input;
    const described = await this.link.call('find out what it waits for', this.link.timing.call, () =>
      this.handle.describe(),
    );
    // Temporal's clock, by the start that both clocks know: theirs may differ from ours by minutes.
    const now = described.startTime.getTime() + Date.now() - this.askedAt;
    const kind = queueOf(described, now);
    if (kind === undefined) {
      this.queuedSince = undefined;
      return progressOf(described);
    }
    this.queuedSince ??= Date.now();
    const queue = await describeQueue(this.link, kind, cloud);
    const seen = seenText(queue, now);
    if (isDeserted(queue, now - this.link.timing.workerGone)) {
      if (await this.end(`no worker polls ${queue.name}`)) throw noWorker(cloud, seen);
    }
    const waited = Date.now() - this.queuedSince;
    if (waited >= this.link.timing.busy) {
      if (await this.end(`not taken up within ${seconds(waited)}`)) throw busy(this.question, waited, seen, queue);
    }
    return `it has waited in ${queue.name} for ${seconds(waited)}; ${seen}`;
  }

  /**
   * Withdraws the question: what nobody waits for must not add to the load.
   * @returns false when it has ended by itself meanwhile
   */
  private async end(reason: string): Promise<boolean> {
    try {
      await this.link.call('withdraw the question', this.link.timing.call, () => this.handle.terminate(reason));
      return true;
    } catch (error) {
      if (!isGone(error)) throw error;
      return false;
    }
  }
}

/** The queue that it waits in; undefined while a worker has it, or while the next attempt is not due. */
function queueOf(described: WorkflowExecutionDescription, now: number): QueueKind | undefined {
  const { pendingWorkflowTask } = described.raw;
  if (pendingWorkflowTask) return Number(pendingWorkflowTask.state) === SCHEDULED ? 'workflow' : undefined;
  const waits = pendingActivities(described).some(
    ({ state, raw }) => state === 'SCHEDULED' && milliseconds(raw.scheduledTime) <= now,
  );
  return waits ? 'activity' : undefined;
}

function progressOf(described: WorkflowExecutionDescription): string {
  const [activity] = pendingActivities(described);
  const failed = activity?.raw.lastFailure?.message;
  return failed ? `attempt ${String(activity.raw.attempt)}, after: ${failed}` : 'a worker has taken it up';
}

/** `a worker polled it 3 s ago; about 412 tasks wait in it, the oldest for 95 s`. */
function seenText({ name, lastPoll, backlog, oldest, dispatchRate = 0 }: QueueState, now: number): string {
  if (lastPoll === undefined) return dispatchRate > 0 ? `workers take tasks from ${name}` : `no worker polls ${name}`;
  const polled = `a worker last polled ${name} ${seconds(now - lastPoll)} ago`;
  if (backlog === undefined || backlog <= 1) return polled;
  return `${polled}; about ${backlog} tasks wait in it, the oldest for ${seconds(oldest ?? 0)}`;
}

const seconds = (ms: number) => `${Math.max(0, Math.round(ms / 1000))} s`;

function busy(
  { input, name }: Question<{ cloud: string }>,
  waited: number,
  seen: string,
  queue: QueueState,
): ResizeError {
  return new ResizeError(
    'Busy',
    `the workers of cloud '${input.cloud}' are busy: none took up the ${name} within ${seconds(waited)}; ${seen}; ` +
      'nothing was started. Ask again later, or add workers',
    { cloud: input.cloud, queue: queue.name, ...(queue.backlog !== undefined && { backlog: queue.backlog }) },
  );
}

/** What the end of a question means. */
function meaningOf(error: unknown, { input, name, endsWithin }: Question<{ cloud: string }>): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const { cloud } = input;
  const failure = (code: 'Busy' | 'CloudUnreachable' | 'NoWorker' | 'Unexpected', message: string) =>
    new ResizeError(code, message, { cloud }, { cause: error });
  if (error.cause instanceof TimeoutFailure) {
    return failure(
      'Busy',
      `the ${name} had no end within ${seconds(endsWithin)}: its workers are busy; ask again later`,
    );
  }
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure && isResizeErrorCode(cause.type)) {
      const details: unknown = cause.details?.[0];
      const more = typeof details === 'object' && details !== null ? { ...details } : undefined;
      return new ResizeError(cause.type, cause.message, more, { cause: error });
    }
    if (cause instanceof TimeoutFailure && cause.timeoutType === 'HEARTBEAT') {
      return failure(
        'NoWorker',
        `the worker of cloud '${cloud}' went away during the ${name}: see that it is up, then ask again`,
      );
    }
    if (cause instanceof TimeoutFailure) {
      return failure(
        'CloudUnreachable',
        `cloud '${cloud}' did not answer in time (${name}): check the cloud and the way from its worker, then ask again`,
      );
    }
  }
  return failure('Unexpected', `the ${name} failed: ${textOf(error.cause ?? error)}; see the worker's log`);
}
