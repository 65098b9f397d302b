import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';
import { WorkerError } from './worker-error';

/** Between two checks whether a worker has failed; milliseconds. */
const CHECK_EVERY = 500;

/**
 * Runs workers until `stop` is aborted and they have ended what they began. One that fails ends the others: half a
 * worker would leave runs waiting without a word.
 * @param endWithin milliseconds that the others have then; the caller ends the process after it
 */
export async function runAll(
  workers: readonly Pick<Worker, 'run' | 'shutdown' | 'getState' | 'options'>[],
  stop: AbortSignal,
  endWithin: number,
): Promise<void> {
  const shutDown = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const all = Promise.all(workers.map((worker) => worker.run()));
  stop.addEventListener('abort', shutDown);
  if (stop.aborted) shutDown();
  const watch = new AbortController();
  try {
    await Promise.race([all, failureOf(workers, watch.signal)]);
  } catch (error) {
    shutDown();
    const ended = () => workers.every((worker) => ['STOPPED', 'FAILED'].includes(worker.getState()));
    for (const end = Date.now() + endWithin; !ended() && Date.now() < end;) await sleep(CHECK_EVERY);
    throw error;
  } finally {
    watch.abort();
    all.catch(() => undefined);
  }
}

/**
 * Rejects when one has failed. Its `run` does not: it waits for the answers to its polls first, and from a server that
 * does not answer there are none (measured with 1.24.0: still there 45 s later).
 */
async function failureOf(
  workers: readonly Pick<Worker, 'getState' | 'options'>[],
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    const failed = workers.find((worker) => worker.getState() === 'FAILED');
    if (failed !== undefined) {
      throw new WorkerError(
        `the worker for task queue ${failed.options.taskQueue} has failed; the log has the reason, under "Worker failed"`,
      );
    }
    await sleep(CHECK_EVERY, undefined, { signal }).catch(() => new Promise<never>(() => undefined));
  }
}
