/** How a resize stands and how it ended: the one object that everybody reads. */
import type { Flavor } from './observation';
import type { Decision } from './decision';
import type { OnTimeout } from './request';

/** Where a resize is. */
export type Phase =
  | 'preparing'
  | 'resizing'
  | 'verifying'
  | 'awaiting-decision'
  | 'confirming'
  | 'reverting'
  | 'needs-operator'
  | 'closed';

export const PHASES: readonly Phase[] = [
  'preparing',
  'resizing',
  'verifying',
  'awaiting-decision',
  'confirming',
  'reverting',
  'needs-operator',
  'closed',
];

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
  requestedAt: string;
  /** When the server was first seen in VERIFY_RESIZE by our resize. */
  verifiedAt?: string;
  /** The cloud's request id of our resize. */
  requestId?: string;
  ownership?: Ownership;
  /** Was a worker asked for the latest state (true), or is this what was last recorded (false)? */
  live: boolean;
  /** A worker in observe mode holds back the requests. */
  brake?: boolean;
  /** At most: from start to finish of the resize action in the cloud's log. */
  outageSeconds?: number;
  decisionDeadline?: string;
  onTimeout: OnTimeout;
  /** The deadline has passed and the gate holds. */
  overdue?: boolean;
  revertLoses?: RevertLoses;
  observed?: { status: string; vmState?: string; taskState?: string; flavor?: string; at: string };
  /** Since when no look at the server succeeded. */
  unreachableSince?: string;
  /** How many approving votes are missing. */
  votesMissing?: number;
  /** The newest 50, oldest first (the newest 3 in the memo). */
  decisions: Decision[];
  decisionsOmitted?: number;
  /** Always empty in this version: checks are refused. */
  checks: never[];
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

/** The longest text kept in the memo. */
const MEMO_TEXT = 200;

/**
 * The status as kept in the memo: small enough (< 2 KB) to be written on every change, since a memo update is an event
 * in the history with the whole text in it.
 */
export function memoOf(status: ResizeStatus): ResizeStatus {
  const cut = (text: string) => (text.length <= MEMO_TEXT ? text : `${text.slice(0, MEMO_TEXT - 1)}…`);
  const cutAll = <T>(value: T): T => {
    if (typeof value === 'string') return cut(value) as T;
    if (Array.isArray(value)) return value.map((item: unknown) => cutAll(item)) as T;
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, cutAll(item)])) as T;
    }
    return value;
  };
  const decisions = status.decisions.slice(-3);
  const omitted = status.decisions.length - decisions.length + (status.decisionsOmitted ?? 0);
  const whole: ResizeStatus = { ...status, live: false, decisions, checks: [] };
  const memo = cutAll(whole);
  const truncated = omitted > 0 || JSON.stringify(memo) !== JSON.stringify(whole);
  return { ...memo, ...(omitted > 0 ? { decisionsOmitted: omitted } : {}), ...(truncated ? { truncated } : {}) };
}
