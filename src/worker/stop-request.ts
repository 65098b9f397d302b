import { constants } from 'node:os';

/** Signals that come within this time of the first are copies of it: npm, a terminal and systemd each tell a whole group of processes. */
const COPIES_WITHIN = 1000;

/**
 * Listens for SIGINT, SIGTERM and SIGHUP, from now on and for good. The first one asks for a graceful end; one that
 * comes later ends the process at once, which loses nothing: a run goes on after a worker that was killed.
 * @returns aborted by the first signal
 */
export function stopRequest(): AbortSignal {
  const request = new AbortController();
  let requestedAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!request.signal.aborted) {
        requestedAt = Date.now();
        request.abort();
      } else if (Date.now() - requestedAt > COPIES_WITHIN) {
        process.exit(128 + constants.signals[signal]);
      }
    });
  }
  return request.signal;
}
