/** Names and payloads on the wire: what is sent to a running resize, and what can be asked of it. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { WatchServersInput } from '../activities/activity-answers';
import type { CheckStatus } from '../resize/checks';
import type { DecideVote, OperatorWord, Vote } from '../resize/decision';
import type { ExtensionInput } from '../resize/extension';
import type { Flavor } from '../resize/observation';
import type { Outcome, Ownership, ResizeStatus, RevertLoses } from '../resize/outcome';
import type { PolicyId } from '../resize/policy';
import type { Refusal } from '../resize/precondition';
import type { Gate, InspectInput, OrphansInput, ResizeInput } from '../resize/request';

export type { WatchProgress } from '../activities/activity-answers';
export type { OperatorWord } from '../resize/decision';
export type { ExtensionInput } from '../resize/extension';
export type { InspectInput, OrphansInput } from '../resize/request';

/** A decision as a signal: durable the moment Temporal has it, judged when a worker is there. */
export const approve = defineSignal<[Vote]>('approve');
export const reject = defineSignal<[Vote]>('reject');
/** Observe the server now instead of waiting for the timer. */
export const observeNow = defineSignal('observeNow');
/** To the watcher of a cloud: a resize is open. */
export const watcherWanted = defineSignal('watcherWanted');

/** A decision that is answered: the status as recorded, or a failure of type {@link VoteRefusal}. */
export const decide = defineUpdate<ResizeStatus, [DecideVote]>('decide');
/** More time to decide: puts the deadline off. */
export const extend = defineUpdate<ResizeStatus, [ExtensionInput]>('extend');
/** Detail of the failure that `decide` is refused with where the vote has to be sent as a signal. */
export const BY_SIGNAL = { send: 'signal' } as const;
/** In phase needs-operator: observe at once and judge anew; never a blind request. */
export const retry = defineUpdate<ResizeStatus, [OperatorWord]>('retry');
/** In phase needs-operator: give up; the run ends with outcome needs-operator. */
export const abandon = defineUpdate<ResizeStatus, [OperatorWord]>('abandon');

export const status = defineQuery<ResizeStatus>('status');

/** The workflow types. */
export const RESIZE_SERVER = 'resizeServer';
export const INSPECT_SERVER = 'inspectServer';
export const FIND_ORPHANS = 'findOrphans';
export const WATCH_CLOUD = 'watchCloud';
export const TELL_PEOPLE = 'tellPeople';
export type ResizeServer = (input: ResizeInput) => Promise<ResizeStatus>;

/** What an inspection found. */
export interface Inspection {
  cloud: string;
  project: string;
  region?: string;
  server: { id: string; name: string; powerState: string; status: string };
  /** Absent for a resize that is taken over: the cloud does not show it. */
  from?: Flavor;
  /** Absent when the cloud knows no such flavor. */
  to?: Flavor;
  revertLoses: RevertLoses;
  /** Can the action log be read? Without it the run says `ownership: unproven`. */
  ownership: Ownership;
  /** What would be refused, and why; absent when a resize may start. */
  refusal?: Refusal;
  /** The policy that the resize would be under. */
  policy?: PolicyId;
  /** What decides how it ends, under that policy; absent without one. */
  gate?: Omit<Gate, 'checks'>;
  /** What the checks find on the server as it is; only where they were to be run. */
  checks?: CheckStatus[];
}
export type InspectServer = (input: InspectInput) => Promise<Inspection>;

/** A server in VERIFY_RESIZE that no running resize owns: a forgotten confirm, or a run that was terminated. */
export interface Orphan {
  id: string;
  name: string;
  project: string;
  /** The flavor it has now; its old flavor is not shown by the cloud. */
  flavor: Flavor;
  /** Who resized it, and when it was done, as far as the action log shows it. */
  action?: { name: string; requestId: string; userId?: string; finishTime?: string };
  /** How Temporal closed the last resize of ours for this server, if there was one; and its outcome, if it recorded one. */
  lastRun?: { runId: string; closed: string; outcome?: Outcome };
}
export type WatchCloud = (input: WatchServersInput) => Promise<void>;
export type FindOrphans = (input: OrphansInput) => Promise<{ orphans: Orphan[] }>;

/** Failure types of the short workflows: nothing could be learnt. */
export const INSPECT_FAILURES = [
  'InvalidRequest',
  'NotFound',
  'AmbiguousName',
  'NotAuthenticated',
  'UnknownCloud',
  'CloudUnreachable',
] as const;
export type InspectFailure = (typeof INSPECT_FAILURES)[number];

/** Base name of the task queues; `DURABLE_RESIZE_TASK_QUEUE` replaces it. */
export const TASK_QUEUE = 'durable-resize';
/** Task queue of the activities of one cloud: its own network, credentials and rate limit. */
export const cloudTaskQueue = (base: string, cloud: string): string => `${base}-${cloud}`;
/** Task queue of the watcher of one cloud: it does not wait behind observations, and takes no place of theirs. */
export const watcherTaskQueue = (base: string, cloud: string): string => `watch-${cloudTaskQueue(base, cloud)}`;

/** One watcher for a task queue, a profile and the project that it logs in to. */
export const watcherIdOf = (base: string, cloud: string, { project, region }: { project: string; region?: string }) =>
  [watcherTaskQueue(base, cloud), region, project].filter((part) => part !== undefined).join('-');

/** Search attributes, as registered in the namespace. */
export const SEARCH_ATTRIBUTES = {
  ResizePhase: 'KEYWORD',
  ResizeOutcome: 'KEYWORD',
  ResizeCloud: 'KEYWORD',
  ResizeServerName: 'KEYWORD',
  ResizeDecisionDeadline: 'DATETIME',
} as const;

/** So ends the failure of a watching attempt that counts on the watcher of the cloud. */
export const CHANGES_REPORTED = ', its changes are reported';

/** Memo entries of a resize. */
export const MEMO_STATUS = 'status';
export const MEMO_KEY = 'key';
