/** Votes that count for who sent them, as the Temporal server says it, whatever name they claim. */
import { whyImpossible, type Gate } from './approvals';
import { judge, type Choice, type Decision, type Judgement, type Ledger, type Standing, type Vote } from './decision';
import type { Refusal } from './precondition';
import { present } from './present';

/** `claimed`: a vote counts for the name in it; `proven`: for who sent it. */
export const DECIDERS = ['claimed', 'proven'] as const;
export type Deciders = (typeof DECIDERS)[number];

/** An identity that the Temporal server has computed from a log-in (`temporal.api.common.v1.Principal`). */
export interface Principal {
  /** The kind of log-in, such as `jwt`. */
  type: string;
  /** Of a token its subject. */
  name: string;
}

/** Who sent a message, and the event in which Temporal recorded it. */
export interface Sender extends Principal {
  eventId: string;
  runId: string;
}

/** What is known of the sender of one message; without one, why it proves nobody. */
export type SenderAnswer = Sender | { none: string };

/** The messages that are votes, by their names in the history; a cancel has no name there. */
export type VoteMessage = Choice | 'cancel';

/**
 * Which message of a run is meant: the n-th of its name. The SDK tells a handler no event id, and a `voteId` is chosen by
 * the sender: whoever repeats the id of another person must not be taken for that person.
 */
export interface MessagePlace {
  runId: string;
  message: VoteMessage;
  /** From 1. */
  nth: number;
  /** If the message has one; a safeguard. */
  voteId?: string;
}

/** A vote whose sender is not known yet. Plain JSON: it is carried through continue-as-new. */
export interface PendingVote {
  choice: Choice;
  via: 'signal' | 'cancel';
  vote: Vote;
  /** When it came; workflow time, ms. */
  at: number;
  place: MessagePlace;
}

/** The most votes that may wait for their senders: the state of a run has a limit. */
export const MOST_PENDING = 100;

/** The principals of the server's own services, such as those of a batch operation or a schedule. */
const SERVER_ITSELF = 'temporal';

/**
 * Does this principal prove a person?
 * @param principal of the event; absent where the server does not propagate principals, or nobody logged in
 * @returns undefined when it does, else one clause why not
 */
export function whyNobody(principal: Partial<Principal> | undefined): string | undefined {
  if (principal?.type === SERVER_ITSELF) {
    return 'Temporal itself sent it (as in a batch operation, or from a schedule), which proves no person';
  }
  if (!principal?.type || !principal.name) return 'Temporal recorded no log-in with it';
  return undefined;
}

/**
 * Where it is not proven who started a resize, no vote on it can be: the same settings prove both.
 * @param requester undefined where the deciders are claimed
 */
export function refusalOfRequester(
  requester: Principal | { none: string } | undefined,
  { approvals }: Pick<Gate, 'approvals'>,
): Refusal | undefined {
  if (requester === undefined) return undefined;
  if ('name' in requester) {
    const why = whyImpossible({ requestedBy: requester.name, ...present({ approvals }) });
    return why === undefined ? undefined : { message: `approvals.required: ${why}` };
  }
  return {
    message: `the worker's DURABLE_RESIZE_DECIDERS=proven asks for a proven requester, and ${requester.none}`,
    advice: {
      you: 'Log in to Temporal (TEMPORAL_API_KEY, or a client certificate), to a server with frontend.enablePrincipalPropagation set to true for this namespace.',
      administrator:
        'Temporal 1.32 or newer has to check log-ins, and to have frontend.enablePrincipalPropagation set to true for this namespace. DURABLE_RESIZE_DECIDERS=claimed on the worker asks for neither.',
    },
  };
}

/** Do both mean the same message? */
export const isSamePlace = (one: MessagePlace, other: MessagePlace): boolean =>
  one.runId === other.runId && one.message === other.message && one.nth === other.nth;

/**
 * Judges a vote for who sent it. The rules are those of every other vote.
 * @param standing with the proven requester
 */
export function judgeProven(
  ledger: Ledger,
  { choice, via, vote, at }: PendingVote,
  sender: SenderAnswer,
  standing: Standing,
): Judgement {
  const now = new Date(at).toISOString();
  const claimed = via === 'cancel' ? undefined : vote.by;
  if ('none' in sender) {
    const message = `who sent it is not proven: ${sender.none}`;
    const unproven = { decision: choice, at: now, via, counted: false, why: message } as const;
    const decision = { ...unproven, by: vote.by, ...present({ reason: vote.reason, voteId: vote.voteId }) };
    return { is: 'refused', type: 'NotAnApprover', message, decision: { ...decision, refusal: 'NotAnApprover' } };
  }
  const { name, type, eventId, runId } = sender;
  const proven = { type, name, eventId, runId };
  const judgement = exactly(
    name,
    choice,
    standing,
    judge(ledger, choice, { ...vote, by: name }, via, { ...standing, proven: true, now }),
  );
  const told = (decision: Decision): Decision => ({
    ...decision,
    proven,
    ...(claimed !== undefined && claimed !== name && { claimed }),
  });
  switch (judgement.is) {
    case 'counted':
      return { ...judgement, decision: told(judgement.decision) };
    case 'refused':
      return { ...judgement, decision: told({ ...judgement.decision, refusal: judgement.type }) };
    case 'repeated': {
      // The sender sees what became of this one; of the very same vote it is seen already.
      if (ledger.decisions.some((one) => one.counted && one.voteId === vote.voteId && one.by === name))
        return judgement;
      const why = 'the same vote once more: it counts once';
      const again = present({ voteId: vote.voteId, reason: vote.reason });
      const decision = told({ decision: choice, by: name, at: now, via, counted: false, why, ...again });
      return { is: 'refused', type: 'InvalidDecision', message: why, decision };
    }
  }
}

/**
 * The rules compare names without regard to case, for people type them. Of a log-in each letter counts: who may choose a
 * name that differs in case alone must not become the approver.
 */
function exactly(name: string, choice: Choice, { gate, cloudAsked }: Standing, judgement: Judgement): Judgement {
  const approvers = gate.approvals?.approvers;
  const isNamed =
    approvers === undefined || approvers.includes(name) || (choice === 'reject' && gate.requestedBy === name);
  const stopsNothing = judgement.is === 'counted' && judgement.decision.via === 'cancel' && !cloudAsked;
  if (judgement.is !== 'counted' || isNamed || stopsNothing) return judgement;
  const message = `the log-in ${name} is not one of the approvers: their names have to be those of the log-ins, letter by letter`;
  return {
    is: 'refused',
    type: 'NotAnApprover',
    message,
    decision: { ...judgement.decision, counted: false, why: message },
  };
}

/** Is there a vote that may count as soon as it is known who sent it? */
export const isAskingWho = (state: {
  pendingVotes: readonly PendingVote[];
  prepared?: { deciders?: Deciders } | undefined;
}) => state.prepared?.deciders === 'proven' && state.pendingVotes.length > 0;

/** A vote as the status shows it until its sender is known. */
export function pendingDecision({ choice, via, vote, at }: PendingVote, isOver: boolean): Decision {
  const why = isOver ? 'the resize ended before it was known who sent it' : 'who sent it is being asked';
  const shown = present({ reason: vote.reason, voteId: vote.voteId });
  const decision: Decision = {
    decision: choice,
    by: vote.by,
    at: new Date(at).toISOString(),
    via,
    counted: false,
    why,
  };
  return { ...decision, ...shown, ...(!isOver && { pending: true }) };
}

/** Why `decide` is refused where the deciders are proven. */
export const SEND_THE_SIGNAL =
  'this resize counts a vote for who sent it, and of an update Temporal records only the worker: send the signal: Temporal proves who sends it';

/** The votes of a run from before it was known whether its deciders are proven, each judged as claimed. */
interface EarlyVotes {
  ledger: Ledger;
  pendingVotes: PendingVote[];
}

/** The same once that is known: what was claimed does not count where it has to be proven. */
export function decidersKnown({ ledger, pendingVotes }: EarlyVotes, deciders: Deciders): EarlyVotes {
  if (deciders === 'claimed') return { ledger, pendingVotes: [] };
  const isAsked = ({ decision, by, at, via }: Decision) =>
    pendingVotes.some(
      (one) =>
        one.via === via && one.choice === decision && one.vote.by === by && new Date(one.at).toISOString() === at,
    );
  const decisions = ledger.decisions
    .filter((one) => !isAsked(one))
    .map((one) => (one.counted ? { ...one, counted: false, why: SEND_THE_SIGNAL } : one));
  return { ledger: { ...ledger, decisions }, pendingVotes };
}

/** `ana (claimed)`, or who started the resize where that is proven. */
export function requesterText({ requestedBy, requester }: { requestedBy: string; requester?: Principal }): string {
  if (requester === undefined) return `${requestedBy} (claimed)`;
  const claimed = requester.name === requestedBy ? '' : `; it claimed to be from ${requestedBy}`;
  return `${requester.name} (proven${claimed})`;
}
