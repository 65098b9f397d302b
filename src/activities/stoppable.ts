import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

/**
 * Runs work that ends when the worker shuts down or the activity is cancelled.
 * @param work fails when its signal is aborted
 * @throws ApplicationFailure when the worker shuts down: another one goes on at once; CancelledFailure
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { cancellationSignal: signal, cancelled } = Context.current();
  try {
    return await work(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const reason = await cancelled.catch((cause: unknown) => cause);
    if (!(reason instanceof Error) || reason.message !== 'WORKER_SHUTDOWN') throw reason;
    throw ApplicationFailure.create({ type: 'WorkerShutdown', message: 'the worker shuts down', nextRetryDelay: 1 });
  }
}

/** @throws as {@link stoppable} */
export const pause = (ms: number): Promise<void> =>
  stoppable((signal) => sleep(Math.max(ms, 0), undefined, { signal }));
