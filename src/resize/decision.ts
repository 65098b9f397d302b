/** Who decided what, and which decision counts. The same function judges signals, updates and cancels. */
import * as v from 'valibot';
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
}

/** Why a vote does not count; also the type of the failure that an update is refused with. */
export type VoteRefusal = 'InvalidDecision' | 'WrongRun' | 'TooLate' | 'NotAnApprover' | 'RequesterMayNotApprove';

/** All that is known of the votes on one resize. Plain JSON: it is carried through continue-as-new. */
export interface Ledger {
  decisions: Decision[];
  /** How many old ones were dropped from `decisions`. */
  omitted: number;
  /** The decision that ended the voting; nothing changes it. */
  terminal?: {
    decision: Choice;
    by: string;
    at: string;
    via: Decision['via'] | 'decision-timeout' | 'check' | 'policy';
    /** What a check found. */
    why?: string;
  };
}

/** The most decisions kept in full. */
const KEPT = 50;

/** The longest sentence about a payload that cannot be read: it may quote what the sender wrote. */
const LONGEST_WHY = 300;

export const emptyLedger = (): Ledger => ({ decisions: [], omitted: 0 });

/** What a vote is judged against. Nothing here is a clock: the voting ends when the run takes the deadline. */
export interface Standing {
  /** All run ids of this resize (continue-as-new chain included). */
  runs: readonly string[];
  /** Is the proof in, so that an approve is terminal at once? */
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

/**
 * Judges one vote: signals, updates and cancels all pass here.
 * A reject is terminal when received, an approve when the proof is in; the first terminal decision wins.
 * @param payload what came over the wire, unchecked
 */
export function judge(
  ledger: Ledger,
  choice: unknown,
  payload: unknown,
  via: Decision['via'],
  standing: Standing,
): Judgement {
  const given = withoutNulls(payload);
  const fields = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : undefined;
  const parsed = v.safeParse(voteSchema, fields === undefined ? given : { decision: choice, ...fields });
  const invalid = (problem: string): Judgement => {
    const message = `not a decision: ${problem.slice(0, LONGEST_WHY)}; send { by, reason?, run?, voteId? }`;
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
  if (!parsed.success) return invalid(sentenceFor(parsed.issues[0], 'payload'));
  const vote = parsed.output;
  // A signal `approve` that says "reject" inside is neither.
  if (vote.decision !== choice) return invalid(`decision: says ${vote.decision}, but was sent as the other`);
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
  // An id alone makes no vote a repetition: where one is used twice, a reject must not be lost.
  const again = ledger.decisions.some(
    (one) => one.counted && one.voteId === vote.voteId && one.by === vote.by && one.decision === vote.decision,
  );
  if (vote.voteId !== undefined && again) return { is: 'repeated' };
  if (vote.run !== undefined && !standing.runs.includes(vote.run)) {
    return refused('WrongRun', `this decision was made for run ${vote.run}, which is not this resize`);
  }
  const { terminal } = ledger;
  if (terminal !== undefined) {
    if (terminal.by === vote.by && terminal.decision === vote.decision) return { is: 'repeated' };
    return refused('TooLate', `too late: ${winner(terminal)}${standing.afterwards ? `; ${standing.afterwards}` : ''}`);
  }
  if (standing.over !== undefined) return refused('TooLate', `too late: ${standing.over}`);
  const last = ledger.decisions.findLast((earlier) => earlier.counted && earlier.by === vote.by);
  if (last?.decision === vote.decision) return { is: 'repeated' };
  const counted = standing.pastDeadline
    ? { ...decision, why: 'came after the deadline, but before the deadline was handled' }
    : decision;
  return { is: 'counted', decision: counted, terminal: vote.decision === 'reject' || standing.proofIn };
}

/** Who won and when, as a sentence. */
export function winner(terminal: NonNullable<Ledger['terminal']>): string {
  if (terminal.via === 'decision-timeout') return `the decision time ran out at ${terminal.at}`;
  if (terminal.via === 'cancel') return `it was cancelled at ${terminal.at}`;
  if (terminal.via === 'check') return `${terminal.by} failed at ${terminal.at}: ${terminal.why ?? 'no figure'}`;
  if (terminal.via === 'policy') return `its checks held until ${terminal.at}`;
  return `${terminal.by} ${terminal.decision === 'approve' ? 'approved' : 'rejected'} at ${terminal.at}`;
}

/** `approve by bob (claimed)`: a name is what the sender says. A cancel is Temporal's own, and names nobody. */
export function deciderText({ decision, by, via }: Decision): string {
  return via === 'cancel' ? 'cancelled through Temporal' : `${decision} by ${by} (claimed)`;
}

/** The ledger with this judgement in it: counted or not, it is kept and shown. */
export function record(ledger: Ledger, judgement: Judgement): Ledger {
  if (judgement.is === 'repeated') return ledger;
  const { decision } = judgement;
  const all = [...ledger.decisions, decision];
  const counted = all.filter((each) => each.counted);
  // What decides is never dropped: the first early approve, and the newest, which is the terminal one once there is one.
  const deciding = [counted[0], counted.at(-1)];
  const droppable = [...all.filter((each) => !each.counted), ...counted.filter((each) => !deciding.includes(each))];
  const dropped = droppable.slice(0, Math.max(all.length - KEPT, 0));
  const kept = all.filter((each) => !dropped.includes(each));
  return {
    ...ledger,
    decisions: kept,
    omitted: ledger.omitted + dropped.length,
    ...(judgement.is === 'counted' && judgement.terminal && ledger.terminal === undefined
      ? { terminal: asTerminal(decision) }
      : {}),
  };
}

/** The ledger once the proof is in: an early approve counts from now on. */
export function proofArrived(ledger: Ledger): Ledger {
  if (ledger.terminal !== undefined) return ledger;
  const approval = ledger.decisions.find((decision) => decision.counted && decision.decision === 'approve');
  return approval === undefined ? ledger : { ...ledger, terminal: asTerminal(approval) };
}

/** The ledger when the server is seen to be unhealthy: what was approved was another server than this. */
export function proofFailed(ledger: Ledger, { what, why }: { what: string; why: string }, now: string): Ledger {
  const terminal = { decision: 'reject' as const, by: what, at: now, via: 'check' as const, why };
  return { ...notCounted(ledger, 'not counted: proof failed'), terminal };
}

/** The ledger when the proof neither passed nor failed: who approved before did not know that. */
export function proofInconclusive(ledger: Ledger, why: string): Ledger {
  return notCounted(ledger, `not counted: the proof is inconclusive (${why}); decide again`);
}

/** The ledger when the checks have held for as long as the request wants. */
export function confirmedByPolicy(ledger: Ledger, now: string): Ledger {
  return { ...ledger, terminal: { decision: 'approve', by: 'policy', at: now, via: 'policy' } };
}

function notCounted(ledger: Ledger, why: string): Ledger {
  const void_ = (one: Decision) => (one.counted && one.decision === 'approve' ? { ...one, counted: false, why } : one);
  return { ...ledger, decisions: ledger.decisions.map(void_) };
}

/** The ledger when the decision time ran out and the request said what happens then. */
export function timedOut(ledger: Ledger, choice: Choice, now: string): Ledger {
  if (ledger.terminal !== undefined) return ledger;
  return { ...ledger, terminal: { decision: choice, by: 'decision-timeout', at: now, via: 'decision-timeout' } };
}

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

function asTerminal(decision: Decision): NonNullable<Ledger['terminal']> {
  return { decision: decision.decision, by: decision.by, at: decision.at, via: decision.via };
}

function claimedName(payload: unknown): string {
  const by = typeof payload === 'object' && payload !== null && 'by' in payload ? payload.by : undefined;
  return typeof by === 'string' && by.trim() !== '' ? by.trim().slice(0, 200) : 'unknown';
}
