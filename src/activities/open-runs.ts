import { Context } from '@temporalio/activity';
import { isGrpcServiceError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Activities } from '.';
import { pendingActivities, type PendingActivity } from '../temporal/pending-activities';
import { equals, resizesQuery, RUNNING } from '../temporal/resizes-query';
import { observeNow } from '../workflows/messages';

/** How often they are counted, ms: a namespace allows ten lists a second (measured: docs of Temporal's visibility). */
const COUNT_EVERY = 10_000;
/** Signals on their way at once. */
const PARALLEL = 20;

const WATCH_SERVER: keyof Activities = 'watchServer';
/** The other activities of a run that read its server when they begin. */
const READERS: readonly string[] = [
  'prepareResize',
  'observeServer',
  'requestResize',
  'confirmResize',
  'revertResize',
  'stopServer',
  'startServer',
] satisfies (keyof Activities)[];
/** gRPC status codes of a server before 1.28, and of one that does not allow it: UNIMPLEMENTED, PERMISSION_DENIED. */
const NOT_OFFERED: readonly number[] = [12, 7];

/** The open resizes of one cloud: how many there are, and which of them have to observe their server now. */
export class OpenRuns {
  readonly #query: string;
  readonly #unreported = new Set<string>();
  #countedAt = 0;
  #lastSeen = Date.now();
  #number: number | undefined;

  /**
   * @param taskQueue of the runs
   * @param cloud the cloud of the runs, where the namespace has the search attribute; else all of the task queue count
   */
  constructor(taskQueue: string, cloud: string | undefined) {
    const ofCloud = cloud === undefined ? [] : [equals('ResizeCloud', cloud)];
    this.#query = resizesQuery(RUNNING, equals('TaskQueue', taskQueue), ...ofCloud);
  }

  /** How many were open when they were last counted; undefined before. */
  get number(): number | undefined {
    return this.#number;
  }

  /** For how long there has been none, ms. */
  get noneFor(): number {
    return Date.now() - this.#lastSeen;
  }

  async count(): Promise<void> {
    if (Date.now() - this.#countedAt < COUNT_EVERY) return;
    this.#countedAt = Date.now();
    try {
      this.#number = (await Context.current().client.workflow.count(this.#query)).count;
    } catch {
      // While it is not known, there may be some.
      this.#number = undefined;
    }
    if (this.#number !== 0) this.#lastSeen = Date.now();
  }

  /** All of them have to observe their servers. @returns false when they could not be listed */
  async toReportAll(): Promise<boolean> {
    try {
      for await (const { workflowId } of Context.current().client.workflow.list({ query: this.#query })) {
        this.toReport(workflowId);
      }
      return true;
    } catch {
      return false;
    }
  }

  toReport(workflowId: string): void {
    this.#unreported.add(workflowId);
  }

  /** What cannot be done now is kept for the next call. Most servers have no run: that is no failure. */
  async report(): Promise<void> {
    const queue = this.#unreported.values();
    const one = async () => {
      for (const workflowId of queue) if (await isReported(workflowId)) this.#unreported.delete(workflowId);
    };
    await Promise.all(Array.from({ length: PARALLEL }, one));
  }
}

/** Reports a change to a run: it has to observe its server now. @returns false when it has to be reported again */
async function isReported(workflowId: string): Promise<boolean> {
  const handle = Context.current().client.workflow.getHandle(workflowId);
  try {
    const described = await handle.describe();
    if (described.status.name !== 'RUNNING') return true;
    switch (reportTo(pendingActivities(described))) {
      case 'attempt-now':
        await attemptNow(workflowId);
        return true;
      case 'signal':
        await handle.signal(observeNow);
        return true;
      case 'later':
        return false;
      case 'nothing':
        return true;
    }
  } catch (error) {
    return error instanceof WorkflowNotFoundError;
  }
}

/**
 * How a run hears that its server has changed. What has begun may have read the server before the change: then the run
 * hears of it later. That ends with the activity, which has a time-out.
 */
function reportTo(pending: readonly PendingActivity[]): 'attempt-now' | 'signal' | 'later' | 'nothing' {
  // One that is cancelled has no say any more.
  const counting = pending.filter(({ state }) => state !== 'CANCEL_REQUESTED');
  const reading = counting.filter(({ type }) => READERS.includes(type));
  const watching = counting.filter(({ type }) => type === WATCH_SERVER);
  if ([...reading, ...watching].some(({ state }) => state === 'STARTED')) return 'later';
  // It reads the server when it begins.
  if (reading.length > 0) return 'nothing';
  // It waits for a timer, or for an activity that does not look at the server.
  if (watching.length === 0) return 'signal';
  // No event in the history, where a signal and what follows from it are fifteen (measured). Whoever has paused a watch
  // wants it to wait.
  return watching.some(({ state }) => state === 'SCHEDULED') ? 'attempt-now' : 'nothing';
}

async function attemptNow(workflowId: string): Promise<void> {
  const { workflow, workflowService, options } = Context.current().client;
  const { namespace, identity } = options;
  try {
    const execution = { workflowId };
    await workflowService.resetActivity({ namespace, identity, execution, type: WATCH_SERVER });
  } catch (error) {
    if (!isGrpcServiceError(error) || !NOT_OFFERED.includes(error.code)) throw error;
    await workflow.getHandle(workflowId).signal(observeNow);
  }
}
