/** What is learnt of a server before anything is touched. Plain JSON, no secrets: it is in the history. */
import type { NoticeRules } from './notices';
import type { Flavor, ServerSeen } from './observation';
import type { RevertLoses } from './outcome';
import type { AppliedPolicy } from './policy';
import type { Refusal } from './precondition';
import type { Deciders, Principal } from './proven';
import type { Gate } from './request';

/** What was before the resize, and what the worker is set up for. */
export interface Prepared {
  project: string;
  region?: string;
  userId?: string;
  server: ServerSeen;
  /** Of the server, by network; in each, the fixed ones first. */
  addresses: Record<string, string[]>;
  /** The target flavor. Absent when the cloud knows no such flavor; then there is a refusal. */
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
  /** A worker in observe-only mode sends no request that changes a server. */
  observeOnly: boolean;
  /** The search attributes that the namespace has: an upsert of an unknown one fails a workflow task for ever. */
  searchAttributes: string[];
  timing: Timing;
  /** What a vote counts for, as the worker is set up. @default 'claimed' */
  deciders?: Deciders;
  /** The worker keeps an audit log: what is decided is recorded there. */
  audits?: boolean;
  /** What people are told of, as the worker is set up; absent where it tells nobody. */
  notify?: NoticeRules;
  /** Who started the resize; only where the deciders are proven. */
  requester?: Principal;
  /** The policy that the resize is under. */
  policy?: AppliedPolicy;
  /** The gate of the request under that policy; absent without one, and where it is refused. */
  resolved?: Gate;
}

/** Time-outs that follow from the worker's settings; milliseconds. */
export interface Timing {
  /** Start-to-close of the reading activities. */
  read: number;
  /** Start-to-close of the acting activities. */
  act: number;
  /** After a lost answer, how long its request may still take effect. */
  settle: number;
}
