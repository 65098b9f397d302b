/** What goes into the activities and what comes back. Plain JSON, no secrets: all of it is in the history. */
import type { Effect, Seen, SendIf } from '../resize/effect';
import type { WatchMode } from '../resize/changes';
import type { Check, CheckTime, Verdict } from '../resize/checks';
import type { Notice } from '../resize/notices';
import type { ResizeStatus } from '../resize/outcome';
import type { CheckTarget } from '../resize/placeholders';
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
  /** The server as the run knows it. */
  seen?: Seen;
  /** The run has observed the server at this very moment: the first attempt only waits. */
  justObserved?: boolean;
  /** How often. */
  pace: Pace;
  /** How often while the watcher of the cloud is at work, which tells the run of changes. Absent: no watcher is wanted. */
  paceWhileWatched?: Pace;
}

/** Run one check until it has a verdict. */
export interface CheckInput {
  cloud: string;
  check: Check;
  when: CheckTime;
  /** What placeholders stand for. */
  target: CheckTarget;
  /** Of a proof: failures count from then on, and without a verdict it ends then; ms after the activity was scheduled. */
  grace?: number;
  within?: number;
  /** Of a watch: how often, ms, and the verdict that the run knows. Another one is news, and ends the activity. */
  every?: number;
  known?: Verdict;
  /** What a webhook is sent. */
  status?: ResizeStatus;
}

/** Tell people of one moment. */
export interface NotifyInput {
  notice: Notice;
  /** As it was then. */
  status: ResizeStatus;
}

/** Watch all servers of a project. */
export interface WatchServersInput {
  cloud: string;
  project: string;
  region?: string;
  /** Where the runs are. */
  taskQueue: string;
  /** The namespace has the search attribute that names the cloud of a run. */
  attributes: boolean;
  /** Where an earlier run of the watcher was. */
  progress?: WatchProgress;
}

/** What a watcher knows: in its heartbeats, for the attempt after it and for the runs that ask whether they are watched. */
export interface WatchProgress {
  mode: WatchMode;
  /** Why the servers are not watched. */
  why?: string;
  /** The newest change seen, by the clock of the cloud; ISO 8601. */
  watermark?: string;
  /** How long ago the last list succeeded, ms. */
  listedAgo?: number;
  /** How many resizes are open. */
  openRuns?: number;
}

export interface WatchServersResult {
  end: 'idle' | 'renew';
  progress: WatchProgress;
}

/** Types of the failures that reading activities end with. */
export type ReadFailure = 'NotFound' | 'AmbiguousName' | 'NotAuthenticated' | 'UnknownCloud' | 'CloudUnreachable';
