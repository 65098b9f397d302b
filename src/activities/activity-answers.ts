/** What goes into the activities and what comes back. Plain JSON, no secrets: all of it is in the history. */
import type { Trouble } from '../resize/failure';
import type { Flavor, Observation, ServerSeen } from '../resize/observation';
import type { RevertLoses } from '../resize/outcome';
import type { Refusal } from '../resize/precondition';
import type { Expectation } from '../resize/situation';

/** What was, before anything was touched, and what the worker is set up for. */
export interface Prepared {
  project: string;
  region?: string;
  userId?: string;
  server: ServerSeen;
  /** Absent when the cloud knows no such flavor; then there is a refusal. */
  to?: Flavor;
  /** The request id of the newest instance action before ours; absent when there is none or the log cannot be read. */
  baseline?: string;
  logReadable: boolean;
  revertLoses: RevertLoses;
  refusal?: Refusal;
  /** The request id of the resize that is taken over; only with `adopt`. */
  adopted?: string;
  /** Milliseconds after which the cloud confirms by itself, if the worker's profile says so. */
  autoConfirmWindow?: number;
  /** A worker in observe mode sends no request to any server. */
  brake: boolean;
  /** The search attributes that the namespace has: an upsert of an unknown one wedges a run for ever. */
  searchAttributes: string[];
  /** Milliseconds, from the worker's settings. */
  timing: {
    /** Start-to-close of the reading activities. */
    read: number;
    /** Start-to-close of the acting activities. */
    act: number;
    /** After a lost answer, how long its request may still take effect. */
    settle: number;
  };
}

export interface ObserveInput {
  cloud: string;
  server: string;
  baseline?: string;
  logReadable: boolean;
}

export interface ActInput extends ObserveInput {
  /** What the server must turn out to be in before anything is sent. */
  expected: Expectation;
}

export interface PowerInput extends ObserveInput {
  /** What the server must rest in before anything is sent. */
  from: 'active' | 'stopped';
}

/** What became of one POST. */
export type ActAnswer =
  | { answer: 'accepted'; requestId?: string }
  /** The cloud said no; nothing was carried out. */
  | { answer: 'rejected'; trouble: Trouble }
  /** Nothing was sent: the brake is on, the server is not as expected, it could not be read, or no time was left. */
  | { answer: 'withheld'; why: 'brake' | 'changed' | 'unreadable' | 'no-time'; trouble?: Trouble; seen?: Observation }
  /** Sent, or perhaps sent, and no answer that can be trusted. */
  | { answer: 'unknown'; trouble?: Trouble };

/** Types of the failures that reading activities end with. */
export type ReadFailure = 'NotFound' | 'AmbiguousName' | 'NotAuthenticated' | 'UnknownCloud' | 'CloudUnreachable';
