/** Tells people: what is sent, and where to. When it is sent is said by src/resize/notices.ts. */
export { messageFor } from './message';
export { send, type Delivery } from './send';
export { Targets, type Target } from './targets';
