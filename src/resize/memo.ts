/** The status as kept in the memo: small enough to be an event in the history whenever it changes. */
import type { ApprovalsStatus } from './approvals';
import type { CheckStatus } from './checks';
import type { Flavor } from './observation';
import type { ResizeStatus } from './outcome';
import { present } from './present';

/** The memo must stay below this, in bytes of UTF-8 JSON: it is an event in the history with the whole text in it. */
const MEMO_BYTES = 2048;
/** The longest text kept in the memo, in characters. */
const MEMO_TEXT = 200;
/** The longest id or time kept in the memo: longer ones are not what clouds and Temporal hand out. */
const MEMO_ID = 64;
/** Cut off, these would be of no use. */
const IDS = ['workflowId', 'runId', 'id', 'requestId', 'voteId', 'eventId', 'digest'];
const TIMES = ['at', 'requestedAt', 'verifiedAt', 'decisionDeadline', 'overdueSince', 'unreachableSince', 'deadline'];

/** How a status is shortened: bytes of a text, how many decisions (the newest) and checks, what flavors and rules of approval keep. */
interface Shortening {
  text: number;
  decisions: number;
  checks: number;
  sizes: boolean;
  /** The names in the rules of approval: all of them or none, for a name that is cut is the name of somebody else. */
  names: boolean;
}

/** Gentle ones first. */
const SHORTER: readonly Shortening[] = [
  { text: 6 * MEMO_TEXT, decisions: 3, checks: 20, sizes: true, names: true },
  { text: 400, decisions: 3, checks: 10, sizes: true, names: true },
  { text: 200, decisions: 3, checks: 5, sizes: true, names: true },
  { text: 120, decisions: 3, checks: 3, sizes: true, names: true },
  { text: 80, decisions: 2, checks: 2, sizes: true, names: true },
  { text: 60, decisions: 1, checks: 1, sizes: false, names: true },
  { text: 60, decisions: 1, checks: 1, sizes: false, names: false },
  { text: 40, decisions: 1, checks: 0, sizes: false, names: false },
];
/** Always below the limit; and no phase, outcome or other word of our own is longer than this. */
const SHORTEST: Shortening = { text: 24, decisions: 1, checks: 0, sizes: false, names: false };

/** Shortened as gently as the limit allows. */
export function memoOf(status: ResizeStatus): ResizeStatus {
  for (const way of SHORTER) {
    const memo = shortened(status, way);
    if (bytesOf(memo) < MEMO_BYTES) return memo;
  }
  return shortened(status, SHORTEST);
}

function shortened(status: ResizeStatus, way: Shortening): ResizeStatus {
  const cut = <T>(value: T, name = ''): T => {
    if (name === 'approvals') return rules(value as ApprovalsStatus, way) as T;
    if (typeof value === 'string') return cutText(value, [...IDS, ...TIMES].includes(name) ? MEMO_ID : way.text) as T;
    if (Array.isArray(value)) return value.map((item: unknown) => cut(item)) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(item, key)])) as T;
  };
  const flavor = ({ name, ...sizes }: Flavor): Flavor => (way.sizes ? { name, ...sizes } : { name });
  const decisions = status.decisions.slice(-way.decisions);
  const omitted = status.decisions.length - decisions.length + (status.decisionsOmitted ?? 0);
  const whole: ResizeStatus = present({
    ...status,
    live: false,
    checks: status.checks.map(verdictsOf),
    notices: undefined,
  });
  const checks = whole.checks.slice(0, way.checks);
  const words = status.operatorWords?.slice(-1);
  const extensions = status.extensions?.slice(-1);
  const from = status.from && flavor(status.from);
  const memo = cut({
    ...whole,
    ...present({ decisions, checks, operatorWords: words, extensions, from, to: flavor(status.to) }),
  });
  const truncated = omitted > 0 || JSON.stringify(memo) !== JSON.stringify(whole);
  return { ...memo, ...(omitted > 0 && { decisionsOmitted: omitted }), ...(truncated && { truncated }) };
}

/** A check without its figures, which are new each time. */
function verdictsOf({ name, kind, baseline, proof, watch }: CheckStatus): CheckStatus {
  return { name, kind, ...present({ baseline, proof, watch }) };
}

function rules(approvals: ApprovalsStatus, way: Shortening): ApprovalsStatus {
  const { required, allowRequester } = approvals;
  return way.names ? approvals : { required, ...present({ allowRequester }) };
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
