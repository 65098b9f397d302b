import { Context } from '@temporalio/activity';

/** Between two signs of life, ms. */
const BEAT = 1000;

/** Runs a long read with signs of life: a lost worker is then noticed by its silence, long before the time-out. */
export async function withHeartbeats<T>(read: () => Promise<T>): Promise<T> {
  const beating = setInterval(() => Context.current().heartbeat(), BEAT);
  try {
    return await read();
  } finally {
    clearInterval(beating);
  }
}
