/** The workflow types that the worker registers. */
export { findOrphans } from './find-orphans';
export { inspectServer } from './inspect-server';
export { resizeServer } from './resize-server';
export { tellPeople } from './telling';
export { watchCloud } from './watch-cloud';
