import { Context } from '@temporalio/activity';
import type { Cloud } from '../cloud';
import { present } from '../resize/present';
import { watcherProgress, watcherState, type WatcherState } from '../temporal/watcher-progress';
import { WATCH_CLOUD, watcherIdOf, watcherWanted, type WatchCloud } from '../workflows/messages';

/** What is known of the watcher counts for so long, ms: all runs of a worker share one question. */
const KNOWN_FOR = 100;
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
    const progress = await watcherProgress(Context.current().client, workflowId);
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
    return progress === 'not-there' ? 'starting' : watcherState(progress);
  }
}
