/**
 * Loaded before the worker that the demo starts (`node -r`): when the demo is gone, however it went, its end of the
 * pipe on standard input is closed, and the worker ends too. Nothing is left running.
 */
import { rmSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

function end(): never {
  // A demo that was killed -9 could not remove its folder.
  const folder = process.env['DEMO_FOLDER'];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  process.exit();
}

// The threads of the worker load this as well, with a standard input of their own that is at its end.
if (isMainThread) {
  process.stdin.resume();
  process.stdin.on('end', end);
  process.stdin.on('error', end);
  // A worker that ends by itself must not stay for the sake of this.
  process.stdin.unref();
}
