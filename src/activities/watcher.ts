import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { Cloud } from '../cloud';
import { present } from '../resize/present';
import { pendingActivities } from '../temporal/pending-activities';
import { WATCH_CLOUD, watcherIdOf, watcherWanted, type WatchCloud } from '../workflows/messages';
import type { WatchProgress } from './activity-answers';

/** What is known of the watcher counts for so long, ms: all runs of a worker share one question. */
const KNOWN_FOR = 100;
/** A list that succeeded longer ago than this shows nothing of now, ms. */
const FRESH = 15_000;

/** `starting`: it may see changes in a moment; `off`: the cloud does not let it. */
export type WatcherState = 'watching' | 'starting' | 'off';

/** The watcher of a cloud, as the runs of this worker see it. */
export class Watcher {
  readonly #cloud: Cloud;
  readonly #taskQueue: string;
  readonly #attributes: () => readonly string[];
  #known: { at: number; state: Promise<WatcherState> } | undefined;

  /**
   * @param taskQueue of the workflows
   * @param attributes the search attributes that the namespace has
   */
  constructor(cloud: Cloud, taskQueue: string, attributes: () => readonly string[]) {
    this.#cloud = cloud;
    this.#taskQueue = taskQueue;
    this.#attributes = attributes;
  }

  /** Does it see changes now? Where it is not there, it is started. It never throws. */
  state(): Promise<WatcherState> {
    const now = Date.now();
    if (this.#known === undefined || now - this.#known.at >= KNOWN_FOR) {
      this.#known = { at: now, state: this.#ask().catch(() => 'off') };
    }
    return this.#known.state;
  }

  async #ask(): Promise<WatcherState> {
    const { workflow } = Context.current().client;
    const place = await this.#cloud.identity();
    const workflowId = watcherIdOf(this.#taskQueue, this.#cloud.name, place);
    const progress = await progressOf(workflow.getHandle(workflowId).describe());
    // With this message it does not end: it may be about to, when it has counted no open resize.
    if (progress === 'not-there' || progress?.openRuns === 0) {
      await workflow.signalWithStart<WatchCloud>(WATCH_CLOUD, {
        workflowId,
        taskQueue: this.#taskQueue,
        args: [
          {
            cloud: this.#cloud.name,
            ...present({ project: place.project, region: place.region }),
            taskQueue: this.#taskQueue,
            attributes: this.#attributes().includes('ResizeCloud'),
          },
        ],
        signal: watcherWanted,
        staticSummary: `one list for all resizes of ${this.#cloud.name}`,
      });
    }
    if (progress === 'not-there' || progress === undefined) return 'starting';
    if (progress.mode === 'off') return 'off';
    return progress.listedAgo !== undefined && progress.listedAgo < FRESH ? 'watching' : 'starting';
  }
}

/** What a watcher that is at work said last. */
async function progressOf(
  described: Promise<WorkflowExecutionDescription>,
): Promise<WatchProgress | 'not-there' | undefined> {
  try {
    const description = await described;
    if (description.status.name !== 'RUNNING') return 'not-there';
    const [activity] = pendingActivities(description);
    if (activity?.state !== 'STARTED') return undefined;
    const { payloadConverter, payloadCodecs } = Context.current().client.options.loadedDataConverter;
    let payloads = activity.raw.heartbeatDetails?.payloads ?? [];
    for (const codec of [...payloadCodecs].reverse()) payloads = await codec.decode(payloads);
    const [last] = payloads;
    return last && payloadConverter.fromPayload<WatchProgress | undefined>(last);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'not-there';
    throw error;
  }
}
