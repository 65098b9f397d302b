import { Context } from '@temporalio/activity';

/** Between two heartbeats, ms. */
const BEAT = 1000;

/**
 * Runs work with heartbeats: a lost worker is then noticed by its silence, long before the time-out.
 * @param known what is known so far; the workflow gets it when the worker is lost
 */
export async function withHeartbeats<T>(work: () => Promise<T>, known: () => unknown = () => undefined): Promise<T> {
  const context = Context.current();
  const beating = setInterval(() => context.heartbeat(known()), BEAT);
  try {
    return await work();
  } finally {
    clearInterval(beating);
  }
}
