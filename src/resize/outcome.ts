/** How a resize stands and how it ended: the one object that everybody reads. */
import type { ApprovalsStatus } from './approvals';
import type { CheckStatus } from './checks';
import type { Extension } from './extension';
import type { NoticeRecord } from './notices';
import type { Flavor } from './observation';
import type { Decision, OperatorRecord } from './decision';
import type { PolicyId } from './policy';
import type { Deciders, Principal } from './proven';
import type { OnTimeout } from './request';

/** Where a resize is. */
export const PHASES = [
  'preparing',
  'resizing',
  'verifying',
  'awaiting-decision',
  'confirming',
  'reverting',
  'needs-operator',
  'closed',
] as const;
export type Phase = (typeof PHASES)[number];

/** How a resize ended. */
export type Outcome =
  'confirmed' | 'reverted' | 'rolled-back-by-cloud' | 'refused' | 'changed-outside' | 'cancelled' | 'needs-operator';

/** Who or what caused the outcome. */
export type Cause =
  | 'approved'
  | 'rejected'
  | 'decision-timeout'
  | 'policy'
  | 'unhealthy'
  | 'cancelled'
  | 'confirmed'
  | 'auto-confirmed'
  | 'reverted'
  | 'deleted'
  | 'migrated'
  | 'resized'
  | 'reset';

/**
 * How each outcome closes the workflow and what `wait` exits with. `failure` is the type of the ApplicationFailure;
 * an outcome without one completes. One table, read by the workflow and by the command line.
 */
export const OUTCOMES: Readonly<Record<Outcome, { failure?: string; exitCode: number }>> = {
  confirmed: { exitCode: 0 },
  reverted: { exitCode: 10 },
  'rolled-back-by-cloud': { failure: 'RolledBackByCloud', exitCode: 11 },
  refused: { failure: 'Refused', exitCode: 12 },
  'changed-outside': { failure: 'ChangedOutside', exitCode: 13 },
  cancelled: { exitCode: 14 },
  'needs-operator': { failure: 'NeedsOperator', exitCode: 20 },
};

/** Can it be said that the resize seen is the one this run asked for? */
export type Ownership = 'proven' | 'unproven';

/** What a revert would lose: what was written since the resize to disks that live on the host. */
export type RevertLoses = 'nothing' | 'local-disks' | 'unknown';

/** The same in words. Nova throws the resized server's local disks away and starts the old ones again. */
export const REVERT_LOSES: Readonly<Record<RevertLoses, string>> = {
  nothing: 'nothing: its disks are volumes',
  'local-disks': 'what is written to its local disks after the resize',
  unknown: 'perhaps what is written to its disks after the resize (the cloud does not show where they are)',
};

/** The state of one resize, as known. Times are ISO 8601 UTC; what is absent is not yet known. */
export interface ResizeStatus {
  workflowId: string;
  runId: string;
  phase: Phase;
  cloud: string;
  project?: string;
  region?: string;
  server: { id: string; name?: string; powerState?: string };
  from?: Flavor;
  to: Flavor;
  requestedBy: string;
  reason?: string;
  /** Who started it, as Temporal says; only where the deciders are proven. */
  requester?: Principal;
  /** Does a vote count for the name in it, or for who sent it? */
  deciders?: Deciders;
  /** The policy that it is under. */
  policy?: PolicyId;
  requestedAt: string;
  /** When the server was first seen in VERIFY_RESIZE by our resize. */
  verifiedAt?: string;
  /** The cloud's request id of our resize. */
  requestId?: string;
  ownership?: Ownership;
  /** Was a worker asked for the latest state (true), or is this what was last recorded (false)? */
  live: boolean;
  /** The worker is in observe-only mode: it sends no request that changes a server. */
  brake?: boolean;
  /** At most: from start to finish of the resize action in the cloud's log. */
  outageSeconds?: number;
  decisionDeadline?: string;
  onTimeout: OnTimeout;
  /** The deadline has passed, and the run keeps the window open. */
  overdue?: boolean;
  /** The deadline that passed first. */
  overdueSince?: string;
  revertLoses?: RevertLoses;
  observed?: { status: string; vmState?: string; taskState?: string; flavor?: string; at: string };
  /** Since when no observation of the server succeeded. */
  unreachableSince?: string;
  /** How many approving votes are missing. */
  votesMissing?: number;
  /** Who may vote, how many approvals it takes, and who has approved; absent when any one person decides. */
  approvals?: ApprovalsStatus;
  /** The newest 50, oldest first (the newest 3 in the memo). */
  decisions: Decision[];
  decisionsOmitted?: number;
  /** More time to decide, as people asked for it: the newest 20, oldest first (the newest in the memo). */
  extensions?: Extension[];
  /** What operators said in phase needs-operator: the newest 50, oldest first (the newest in the memo). */
  operatorWords?: OperatorRecord[];
  /** What people were told of, and what could not be told: the newest 10, oldest first; not in the memo. */
  notices?: NoticeRecord[];
  /** The checks of the request, in its order (verdicts alone in the memo). */
  checks: CheckStatus[];
  outcome?: Outcome;
  cause?: Cause;
  /** One sentence that a person understands. */
  message: string;
  advice?: Advice;
  /** Set in the memo when texts were cut to keep it small. */
  truncated?: boolean;
}

/** What to do, for the one who runs the resize and for the cloud's administrator. */
export interface Advice {
  you: string;
  administrator?: string;
}
