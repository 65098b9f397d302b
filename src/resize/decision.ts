/** Who decided what, and which decision counts. The same function judges signals, updates and cancels. */
import * as v from 'valibot';
import { approvalsMissing, approvedBy, isSamePerson, whyNotAllowed, type Gate } from './approvals';
import { present } from './present';
import { sentenceFor, text, withoutNulls } from './wire-json';

export type Choice = 'approve' | 'reject';

const person = text(200);
const reason = v.exactOptional(v.pipe(v.string(), v.trim(), v.maxLength(2000)));
const id = v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(100)));

/** The fields of a vote. */
export const VOTE_FIELDS = {
  /** Who says so; claimed by the sender, not proven. */
  by: person,
  reason,
  /** A run id of this resize: an old message must not decide a new resize. */
  run: id,
  /** The same vote sent on two ways is counted once. */
  voteId: id,
};
const voteSchema = v.strictObject({ decision: v.picklist(['approve', 'reject']), ...VOTE_FIELDS });
/** The fields of an operator's word. */
export const OPERATOR_WORD_FIELDS = { by: person, reason };
const wordSchema = v.strictObject(OPERATOR_WORD_FIELDS);

/** The payload of the signals `approve` and `reject`. */
export type Vote = Omit<DecideVote, 'decision'>;
/** The payload of the update `decide`. */
export type DecideVote = v.InferOutput<typeof voteSchema>;
/** The payload of the updates `retry` and `abandon`. */
export type OperatorWord = v.InferOutput<typeof wordSchema>;

/** What an operator said in phase needs-operator, as recorded. */
export interface OperatorRecord extends OperatorWord {
  word: 'retry' | 'abandon';
  /** ISO 8601 UTC, workflow time. */
  at: string;
}

/** A decision as recorded, counted or not. */
export interface Decision {
  decision: Choice;
  by: string;
  reason?: string;
  /** ISO 8601 UTC, workflow time. */
  at: string;
  via: 'signal' | 'update' | 'cancel';
  counted: boolean;
  /** Why it does not count, or a remark ("after the deadline"). */
  why?: string;
  voteId?: string;
  /** Who sent it, and the event that proves it; only where the deciders are proven. `by` is this name then. */
  proven?: { type: string; name: string; eventId: string; runId: string };
  /** The name that was in it, where it is not that of the sender. */
  claimed?: string;
  /** Who sent it is not known yet: it may still count. */
  pending?: boolean;
  /** What a proven vote was refused as: nobody was there to be answered. */
  refusal?: VoteRefusal;
}

/** Why a vote does not count; also the type of the failure that an update is refused with. */
export const VOTE_REFUSALS = [
  'InvalidDecision',
  'WrongRun',
  'TooLate',
  'NotAnApprover',
  'RequesterMayNotApprove',
] as const;
export type VoteRefusal = (typeof VOTE_REFUSALS)[number];

/** All that is known of the votes on one resize. Plain JSON: it is carried through continue-as-new. */
export interface Ledger {
  decisions: Decision[];
  /** How many old ones were dropped from `decisions`. */
  omitted: number;
  /** The decision that ended the voting; nothing changes it. */
  terminal?: Terminal;
}

/** The decision that ended the voting. */
export interface Terminal {
  decision: Choice;
  /** The person; of several approvals the last that was needed. Else what decided: the check, the clock, the request's own rule. */
  by: string;
  /** ISO 8601 UTC, workflow time. */
  at: string;
  via: Decision['via'] | 'decision-timeout' | 'check' | 'policy';
  /** What a check found. */
  why?: string;
  /** How many people approved, when it took more than one. */
  approvals?: number;
}

/** The most decisions kept in full. */
const KEPT = 50;

/** Who a cancel is from, as a decision says it: Temporal names nobody. A history is read by it, too. */
export const CANCELLER = 'Temporal cancel request';

/** So begins the reason why a payload that cannot be read does not count. A history is read by it, too. */
export const NO_DECISION = 'not a decision';

/** The longest sentence about a payload that cannot be read: it may quote what the sender wrote. */
const LONGEST_WHY = 300;

export const emptyLedger = (): Ledger => ({ decisions: [], omitted: 0 });

/** What a vote is judged against. Nothing here is a clock: the voting ends when the run takes the deadline. */
export interface Standing {
  /** Who may vote, and how many approvals it takes. */
  gate: Gate;
  /** Is the name in the vote that of who sent it, as Temporal says? Then a cancel names somebody, too. */
  proven?: boolean;
  /** Was the cloud asked to resize, or may it have been? */
  cloudAsked: boolean;
  /** All run ids of this resize (continue-as-new chain included). */
  runs: readonly string[];
  /** Is the proof in, so that the last approve that is needed is terminal at once? */
  proofIn: boolean;
  /** Workflow time, ISO 8601. */
  now: string;
  /** The deadline has passed by workflow time but its firing is not handled yet. */
  pastDeadline: boolean;
  /** What is being done after the terminal decision, for the sentence: "the server is being reverted". */
  afterwards?: string;
  /** Nothing is left to decide, though nobody decided: the sentence says why. */
  over?: string;
}

/** How one vote was judged. */
export type Judgement =
  | { is: 'counted'; decision: Decision; terminal: boolean }
  /** The same vote again: nothing is recorded, and it is no error. */
  | { is: 'repeated' }
  | { is: 'refused'; type: VoteRefusal; message: string; decision: Decision };

/** @returns the vote, or why it cannot be read */
export function readVote(choice: unknown, payload: unknown): DecideVote | string {
  const given = withoutNulls(payload);
  const fields = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : undefined;
  const parsed = v.safeParse(voteSchema, fields === undefined ? given : { decision: choice, ...fields });
  if (!parsed.success) return sentenceFor(parsed.issues[0], 'payload');
  const vote = parsed.output;
  // A signal `approve` that says "reject" inside is neither.
  return vote.decision === choice ? vote : `decision: says ${vote.decision}, but was sent as the other`;
}

/**
 * Judges one vote: signals, updates and cancels all pass here.
 * A reject is terminal when received, an approve when it is the last that is needed and the proof is in; the first
 * terminal decision wins.
 * @param payload what came over the wire, unchecked
 */
export function judge(
  ledger: Ledger,
  choice: unknown,
  payload: unknown,
  via: Decision['via'],
  standing: Standing,
): Judgement {
  const invalid = (problem: string): Judgement => {
    const message = `${NO_DECISION}: ${problem.slice(0, LONGEST_WHY)}; send { by, reason?, run?, voteId? }`;
    const decision: Decision = {
      decision: choice === 'approve' ? 'approve' : 'reject',
      by: claimedName(payload),
      at: standing.now,
      via,
      counted: false,
      why: message,
    };
    return { is: 'refused', type: 'InvalidDecision', message, decision };
  };
  const vote = readVote(choice, payload);
  if (typeof vote === 'string') return invalid(vote);
  const decision: Decision = {
    decision: vote.decision,
    by: vote.by,
    at: standing.now,
    via,
    counted: true,
    ...present({ reason: vote.reason, voteId: vote.voteId }),
  };
  const refused = (type: VoteRefusal, message: string): Judgement => ({
    is: 'refused',
    type,
    message,
    decision: { ...decision, counted: false, why: message },
  });
  const { terminal } = ledger;
  const earlier = ledger.decisions.filter((one) => isSameVoter(one, decision));
  if (isRepeated(earlier, decision, terminal)) return { is: 'repeated' };
  if (vote.run !== undefined && !standing.runs.includes(vote.run)) {
    return refused('WrongRun', `this decision was made for run ${vote.run}, which is not this resize`);
  }
  if (terminal !== undefined) {
    return refused('TooLate', tooLate(terminal, standing.afterwards));
  }
  if (standing.over !== undefined) return refused('TooLate', `too late: ${standing.over}`);
  const barred =
    via === 'cancel' ? cancelBarred(standing, vote.by) : whyNotAllowed(standing.gate, vote.decision, vote.by);
  if (barred !== undefined) return refused(barred.type, barred.message);
  const counted = standing.pastDeadline
    ? { ...decision, why: 'came after the deadline, but before the deadline was handled' }
    : decision;
  const complete = approvalsMissing(standing.gate, [...ledger.decisions, counted]) === 0;
  return { is: 'counted', decision: counted, terminal: vote.decision === 'reject' || (standing.proofIn && complete) };
}

/** A cancel names nobody: where the request names who decides, it stops only what was not yet asked of the cloud. */
function cancelBarred({ gate, cloudAsked, proven }: Standing, by: string): ReturnType<typeof whyNotAllowed> {
  if (!cloudAsked || gate.approvals?.approvers === undefined) return undefined;
  if (proven === true) return whyNotAllowed(gate, 'reject', by);
  const message = 'the request names its approvers, and a cancel says not who it is from: use reject';
  return { type: 'NotAnApprover', message };
}

/** A cancel is nobody's vote, whatever name a person takes. */
const isSameVoter = (one: Decision, other: Decision): boolean =>
  (one.via === 'cancel') === (other.via === 'cancel') && isSamePerson(one.by, other.by);

/**
 * Is this vote one that this voter has given already?
 * An id alone makes no vote a repetition: where one is used twice, a reject must not be lost.
 */
function isRepeated(earlier: readonly Decision[], vote: Decision, terminal: Terminal | undefined): boolean {
  const sent = earlier.filter((one) => one.decision === vote.decision && one.voteId === vote.voteId);
  // A vote that was voided and arrives once more, on its second way, is not the new vote that was asked for.
  if (vote.voteId !== undefined && sent.some((one) => one.counted || (terminal === undefined && isVoided(one))))
    return true;
  const last = earlier.findLast((one) => one.counted);
  return last?.decision === vote.decision && (terminal === undefined || terminal.decision === vote.decision);
}

/** Who won and when, as a sentence. */
export function winner({ decision, by, at, via, why, approvals = 1 }: Terminal): string {
  switch (via) {
    case 'decision-timeout':
      return `the decision time ran out at ${at}`;
    case 'cancel':
      return `it was cancelled at ${at}`;
    case 'check':
      return `${by} failed at ${at}${why === undefined ? '' : `: ${why}`}`;
    case 'policy':
      return `its checks had passed for long enough at ${at}`;
    case 'signal':
    case 'update':
      if (approvals > 1) return `${approvals} people approved, the last of them ${by} at ${at}`;
      return `${by} ${decision === 'approve' ? 'approved' : 'rejected'} at ${at}`;
  }
}

/** What is said to who comes after the decision: who won, when, and what becomes of the server. */
export const tooLate = (terminal: Terminal, afterwards: string | undefined): string =>
  [`too late: ${winner(terminal)}`, afterwards].filter((part) => part !== undefined).join('; ');

/**
 * `approve by bob (claimed)`: a name is what the sender says, unless it is proven. A cancel is Temporal's own, and
 * names nobody.
 */
export function deciderText({ decision, by, via, proven, claimed }: Decision): string {
  if (via === 'cancel') return proven === undefined ? 'cancelled through Temporal' : `cancelled by ${by} (proven)`;
  if (proven === undefined) return `${decision} by ${by} (claimed)`;
  return `${decision} by ${by} (proven${claimed === undefined ? '' : `; it claimed to be from ${claimed}`})`;
}

/** The ledger with this judgement in it: counted or not, it is kept and shown. */
export function record(ledger: Ledger, judgement: Judgement): Ledger {
  if (judgement.is === 'repeated') return ledger;
  const { decision } = judgement;
  const decided = judgement.is === 'counted' && judgement.terminal && ledger.terminal === undefined;
  return {
    ...withoutOldest([...ledger.decisions, decision], ledger),
    ...(decided && { terminal: terminalOf(decision, [...ledger.decisions, decision]) }),
  };
}

/** What decides is never dropped: the first approvals, and the newest counted vote, which is the terminal one once there is one. */
function withoutOldest(all: Decision[], ledger: Ledger): Ledger {
  const counted = all.filter((each) => each.counted);
  const notNeeded = counted.slice(0, -1).reverse();
  const dropped = [...all.filter((each) => !each.counted), ...notNeeded].slice(0, Math.max(all.length - KEPT, 0));
  return {
    ...ledger,
    decisions: all.filter((each) => !dropped.includes(each)),
    omitted: ledger.omitted + dropped.length,
  };
}

/** The decision that a vote becomes when it ends the voting, with all the votes up to it. */
export function terminalOf({ decision, by, at, via }: Decision, votes: readonly Decision[]): Terminal {
  const approvals = decision === 'approve' ? approvedBy(votes).length : 1;
  return { decision, by, at, via, ...(approvals > 1 && { approvals }) };
}

/** Why approvals that counted no longer do. */
export const VOIDED = {
  proof: 'proof failed',
  watch: 'the watch failed',
  inconclusive: 'the proof was inconclusive; decide again',
} as const;

const isVoided = ({ counted, why = '' }: Decision) => !counted && Object.values<string>(VOIDED).includes(why);

/** The most of operators' words that are kept. */
const WORDS_KEPT = 50;

/** @returns what was said, or one sentence why it cannot be read */
export function readOperatorWord(word: OperatorRecord['word'], payload: unknown): OperatorWord | string {
  const parsed = v.safeParse(wordSchema, withoutNulls(payload));
  if (parsed.success) return parsed.output;
  const problem = sentenceFor(parsed.issues[0], 'payload').slice(0, LONGEST_WHY);
  return `${word}: ${problem}; send { by, reason? }`;
}

/** The words with one more; the oldest are dropped. */
export function recordWord(words: readonly OperatorRecord[], word: OperatorRecord): OperatorRecord[] {
  return [...words, word].slice(-WORDS_KEPT);
}

function claimedName(payload: unknown): string {
  const by = typeof payload === 'object' && payload !== null && 'by' in payload ? payload.by : undefined;
  return typeof by === 'string' && by.trim() !== '' ? by.trim().slice(0, 200) : 'unknown';
}
