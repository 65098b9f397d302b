/**
 * Loaded before the worker that the demo starts (`node -r`): when the demo is gone, however it went, its end of the
 * pipe on standard input is closed, and the worker ends too. Nothing is left running.
 */
import { isMainThread } from 'node:worker_threads';

// The threads of the worker load this as well, with a standard input of their own that is at its end.
if (isMainThread) {
  process.stdin.resume();
  process.stdin.on('end', () => process.exit());
  process.stdin.on('error', () => process.exit());
  // A worker that ends by itself must not stay for the sake of this.
  process.stdin.unref();
}
