import { totalmem } from 'node:os';

/** What a run takes in the cache, bytes: half more than was measured (docs/settings.md). */
const RUN = 128 * 1024;

/** The share of the memory that the cache may take; the rest is for the activities, the code and the native part. */
const SHARE = 1 / 4;

/** More would take more than all the rest of a worker. */
const MOST = 5000;

/**
 * How many runs a worker keeps in memory by default; those that are not in flight take none. A run that is not kept is
 * replayed from its history at its next task.
 * @param memory bytes that there are for the process
 */
export function cachedRuns(memory = memoryThereIs()): number {
  return Math.min(Math.floor((memory * SHARE) / RUN), MOST);
}

/** The machine's memory, or the limit of the container. Without a limit Node says 0 or a number beyond any memory. */
function memoryThereIs(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}
