import { Context } from '@temporalio/activity';
import { isGrpcServiceError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Activities } from '.';
import { observeNow, RESIZE_SERVER, type SEARCH_ATTRIBUTES } from '../workflows/messages';

/** How often they are counted, ms: a namespace allows ten lists a second (measured: docs of Temporal's visibility). */
const COUNT_EVERY = 10_000;
/** Signals on their way at once. */
const PARALLEL = 20;

const WATCH_SERVER: keyof Activities = 'watchServer';
/** PendingActivityState of the API: waits for a worker, or for its next attempt. */
const SCHEDULED = 1;
/** gRPC status codes of a server before 1.28, and of one that does not allow it: UNIMPLEMENTED, PERMISSION_DENIED. */
const NOT_OFFERED: readonly number[] = [12, 7];

const CLOUD: keyof typeof SEARCH_ATTRIBUTES = 'ResizeCloud';

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
    const conditions = [
      `WorkflowType = '${RESIZE_SERVER}'`,
      "ExecutionStatus = 'Running'",
      equals('TaskQueue', taskQueue),
    ];
    if (cloud !== undefined) conditions.push(equals(CLOUD, cloud));
    this.#query = conditions.join(' AND ');
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

/**
 * Reports a change to a run: it has to observe its server now. Its watching activity waits for the next attempt: to begin that at once is no event
 * in the history, where a signal and what follows from it are fifteen (measured).
 * @returns false when it has to be reported again: an attempt that has begun may have read the server before its change
 */
async function isReported(workflowId: string): Promise<boolean> {
  const { workflow } = Context.current().client;
  try {
    const { status, raw } = await workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return true;
    const pending = raw.pendingActivities ?? [];
    const isWatching = ({ activityType }: (typeof pending)[number]) => activityType?.name === WATCH_SERVER;
    // Any other activity observes for itself, and a run without one waits for a timer.
    if (!pending.every(isWatching)) return true;
    const [watching] = pending;
    if (watching !== undefined) return Number(watching.state) === SCHEDULED && (await attemptNow(workflowId));
    await workflow.getHandle(workflowId).signal(observeNow);
    return true;
  } catch (error) {
    return error instanceof WorkflowNotFoundError;
  }
}

async function attemptNow(workflowId: string): Promise<boolean> {
  const { workflow, workflowService, options } = Context.current().client;
  const { namespace, identity } = options;
  try {
    const execution = { workflowId };
    await workflowService.resetActivity({ namespace, identity, execution, type: WATCH_SERVER });
  } catch (error) {
    if (!isGrpcServiceError(error) || !NOT_OFFERED.includes(error.code)) throw error;
    await workflow.getHandle(workflowId).signal(observeNow);
  }
  return true;
}

/** A condition in the SQL of visibility. */
const equals = (attribute: string, value: string) => `${attribute} = '${value.replaceAll("'", "''")}'`;
