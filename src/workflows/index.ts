/** The workflow types that the worker registers. */
export { inspectServer } from './inspect-server';
export { resizeServer } from './resize-server';
