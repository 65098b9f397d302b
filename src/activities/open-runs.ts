import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import { observeNow, RESIZE_SERVER, type SEARCH_ATTRIBUTES } from '../workflows/messages';

/** How often they are counted, ms: a namespace allows ten lists a second (measured: docs of Temporal's visibility). */
const COUNT_EVERY = 10_000;
/** Signals on their way at once. */
const PARALLEL = 20;

const CLOUD: keyof typeof SEARCH_ATTRIBUTES = 'ResizeCloud';

/** The open resizes of one cloud: how many there are, and which of them have to observe their server now. */
export class OpenRuns {
  readonly #query: string;
  readonly #untold = new Set<string>();
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
  async toTellAll(): Promise<boolean> {
    try {
      for await (const { workflowId } of Context.current().client.workflow.list({ query: this.#query })) {
        this.toTell(workflowId);
      }
      return true;
    } catch {
      return false;
    }
  }

  toTell(workflowId: string): void {
    this.#untold.add(workflowId);
  }

  /** A message that does not arrive is kept for the next call. Most servers have no run: that is no failure. */
  async tell(): Promise<void> {
    const { workflow } = Context.current().client;
    const queue = this.#untold.values();
    const one = async () => {
      for (const workflowId of queue) {
        try {
          await workflow.getHandle(workflowId).signal(observeNow);
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) continue;
        }
        this.#untold.delete(workflowId);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, one));
  }
}

/** A condition in the SQL of visibility. */
const equals = (attribute: string, value: string) => `${attribute} = '${value.replaceAll("'", "''")}'`;
