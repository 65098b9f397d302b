/** What goes into the activities and what comes back. Plain JSON, no secrets: all of it is in the history. */
import type { Effect, SendIf } from '../resize/effect';
import type { Pace } from '../resize/polling';
import type { Expectation } from '../resize/situation-facts';

export type { Prepared } from '../resize/prepared';

export interface ObserveInput {
  cloud: string;
  server: string;
  /** The request id of the newest instance action before ours. */
  baseline?: string;
  logReadable: boolean;
  /** An operator said `retry`: also a log-in that was refused is tried again. */
  retry?: boolean;
}

/** One request, and what the server must show directly before it is sent. */
export interface RequestInput extends ObserveInput {
  sendIf: SendIf;
  expected: Expectation;
  /** The id of the target flavor; of a resize only. */
  flavorId?: string;
}

/** Observe until there is something new. */
export interface WatchInput extends ObserveInput {
  /** What is under way; absent while people decide. */
  effect?: Effect;
  expected: Expectation;
  /** The server's status as the run knows it. */
  shown?: string;
  /** How often. */
  pace: Pace;
}

/** Types of the failures that reading activities end with. */
export type ReadFailure = 'NotFound' | 'AmbiguousName' | 'NotAuthenticated' | 'UnknownCloud' | 'CloudUnreachable';
