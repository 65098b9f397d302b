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

/** The memo must stay below this, in bytes of UTF-8 JSON: it is an event in the history with the whole text in it. */
const MEMO_BYTES = 2048;
/** The longest text kept in the memo, in characters. */
const MEMO_TEXT = 200;
/** The longest id or time kept in the memo: longer ones are not what clouds and Temporal hand out. */
const MEMO_ID = 64;
/** Cut off, these would be of no use. */
const IDS = ['workflowId', 'runId', 'id', 'requestId', 'voteId'];
const TIMES = ['at', 'requestedAt', 'verifiedAt', 'decisionDeadline', 'unreachableSince'];

/** How a status is shortened: bytes of a text, how many of the newest decisions, whether flavors keep their sizes. */
interface Shortening {
  text: number;
  decisions: number;
  sizes: boolean;
}

/** Gentle ones first. */
const SHORTER: readonly Shortening[] = [
  { text: 6 * MEMO_TEXT, decisions: 3, sizes: true },
  { text: 400, decisions: 3, sizes: true },
  { text: 200, decisions: 3, sizes: true },
  { text: 120, decisions: 3, sizes: true },
  { text: 80, decisions: 2, sizes: true },
  { text: 60, decisions: 1, sizes: false },
  { text: 40, decisions: 1, sizes: false },
];
/** Always below the limit; and no phase, outcome or other word of our own is longer than this. */
const SHORTEST: Shortening = { text: 24, decisions: 1, sizes: false };

/** The status as kept in the memo: small enough to be written on every change. */
export function memoOf(status: ResizeStatus): ResizeStatus {
  for (const way of SHORTER) {
    const memo = shortened(status, way);
    if (bytesOf(memo) < MEMO_BYTES) return memo;
  }
  return shortened(status, SHORTEST);
}

function shortened(status: ResizeStatus, way: Shortening): ResizeStatus {
  const cut = <T>(value: T, name = ''): T => {
    if (typeof value === 'string') return cutText(value, [...IDS, ...TIMES].includes(name) ? MEMO_ID : way.text) as T;
    if (Array.isArray(value)) return value.map((item: unknown) => cut(item)) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(item, key)])) as T;
  };
  const flavor = ({ name, ...sizes }: Flavor): Flavor => (way.sizes ? { name, ...sizes } : { name });
  const decisions = status.decisions.slice(-way.decisions);
  const omitted = status.decisions.length - decisions.length + (status.decisionsOmitted ?? 0);
  const whole: ResizeStatus = { ...status, live: false, checks: [] };
  const memo = cut({ ...whole, decisions, ...(status.from && { from: flavor(status.from) }), to: flavor(status.to) });
  const truncated = omitted > 0 || JSON.stringify(memo) !== JSON.stringify(whole);
  return { ...memo, ...(omitted > 0 ? { decisionsOmitted: omitted } : {}), ...(truncated ? { truncated } : {}) };
}

/** At most so many bytes of JSON and {@link MEMO_TEXT} characters, and no half characters. */
function cutText(text: string, bytes: number): string {
  let kept = '';
  let characters = 0;
  let size = 0;
  let end = '';
  for (const character of text) {
    characters++;
    size += bytesOf(character) - 2;
    if (characters > MEMO_TEXT || size > bytes) return `${end}…`;
    kept += character;
    // Room for the ellipsis.
    if (characters < MEMO_TEXT && size <= bytes - 3) end = kept;
  }
  return text;
}

/** The size of a value as JSON in UTF-8. JSON escapes half surrogate pairs, so that only whole ones are left. */
function bytesOf(value: unknown): number {
  let bytes = 0;
  for (const character of JSON.stringify(value)) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
