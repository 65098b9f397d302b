/**
 * How a run goes on: `apply(state, event)` is the only writer of {@link RunState}. Pure: the time, and a number that
 * spreads waits, come with each event.
 */
import { afterAnswer } from './after-answer';
import { afterObservation } from './after-observation';
import { withAudit, withoutWritten } from './audit';
import type { CheckTime, Finding } from './checks';
import { record, recordWord, type Judgement, type OperatorRecord } from './decision';
import type { Effect, RequestAnswer } from './effect';
import { judgedAnew, timedOut } from './end-of-voting';
import { abandonedEnding, refused, stoppedBefore } from './endings';
import { extended, type Extension } from './extension';
import type { Trouble } from './failure';
import { noticeEnded, telling, type Notice } from './notices';
import type { Observation } from './observation';
import type { Prepared } from './prepared';
import { present } from './present';
import { decidersKnown, isSamePlace, type MessagePlace, type PendingVote } from './proven';
import { frozen, isBeyondFreezes, freezeText, withDeadline } from './freeze';
import { isActing, preparedOf, type RunState, type Stage } from './run-state';
import { bakeEnded, isBaselineIn, isDoubtful, judgeHealth, withFinding } from './health';
import { nothingSent } from './situation-facts';
import { enterActing, finish, openWindow } from './stages';
import { waited, type Moment } from './waiting';
import { withoutAnswer } from './without-answer';
import { iso } from './iso-time';

/** Everything that can happen to a run. */
export type RunEvent =
  /** The request must not run: one clause says why. */
  | { is: 'not-started'; reason: string }
  /** A worker continues the run under a new run id. */
  | { is: 'continued'; runId: string }
  /** What the run did since it was carried on is not known. */
  | { is: 'run-lost' }
  | { is: 'prepared'; found: Prepared }
  | { is: 'not-prepared'; trouble: Trouble }
  | { is: 'observing' }
  /** A server that is watched is observed at once, because somebody asked for it. */
  | { is: 'watching-anew' }
  | { is: 'observed'; observation: Observation }
  | { is: 'not-observed'; trouble: Trouble }
  | { is: 'requesting'; effect: Effect }
  | { is: 'answered'; effect: Effect; answer: RequestAnswer }
  /** Who sent this vote has to be asked. */
  | { is: 'vote-came'; vote: PendingVote }
  /** @param settles the vote that waited for its sender */
  | { is: 'voted'; judgement: Judgement; settles?: MessagePlace }
  | { is: 'operator-said'; word: OperatorRecord }
  | { is: 'observation-wanted' }
  | { is: 'extended'; extension: Extension }
  | { is: 'deadline-passed' }
  /** A check of the request, by its place there, has found something. */
  | { is: 'checked'; check: number; when: CheckTime; finding: Finding }
  /** All checks have held for as long as the request wants. */
  | { is: 'bake-ended' }
  /** The audit log has everything up to this one. */
  | { is: 'recorded'; upTo: number }
  /** People are told of this now. */
  | { is: 'telling'; notice: Notice }
  /** @param failed why it was given up; absent: it was sent */
  | { is: 'told'; id: string; failed?: string };

/** The state after an event. What follows from it at once (a decision closes the window) has happened, too. */
export function apply(state: RunState, event: RunEvent, moment: Moment): RunState {
  // Nothing changes a run that has ended; only a late vote is kept, with the reason why it does not count.
  if (state.stage.is === 'closed' && event.is !== 'voted' && event.is !== 'recorded') return state;
  return withAudit(state, followUp(after(state, event, moment), moment), moment.now);
}

function after(state: RunState, event: RunEvent, moment: Moment): RunState {
  switch (event.is) {
    case 'not-started':
      return finish(state, { outcome: 'refused', message: `refused, ${event.reason}` }, moment);
    case 'run-lost':
      return runLost(state, moment);
    case 'continued':
      return { ...state, runs: [...state.runs, event.runId] };
    case 'prepared':
      return prepared(state, event.found, moment);
    case 'not-prepared':
      return event.trouble.kind === 'no-worker'
        ? withoutAnswer(state, event.trouble, moment)
        : finish(state, refused(state, event.trouble.message), moment);
    case 'observing':
      return { ...state, observeNow: undefined, observations: state.observations + 1 };
    case 'watching-anew':
      return { ...state, observeNow: undefined, observations: state.observations + 1, watchedAnewAt: moment.now };
    case 'observed':
      return afterObservation(state, event.observation, moment);
    case 'not-observed':
      return withoutAnswer(state, event.trouble, moment);
    case 'requesting':
      return requesting(state, event.effect);
    case 'answered':
      return afterAnswer({ ...state, inFlight: undefined }, event.effect, event.answer, moment);
    case 'vote-came':
      return { ...state, pendingVotes: [...state.pendingVotes, event.vote] };
    case 'voted':
      return { ...withoutPending(state, event.settles), ledger: record(state.ledger, event.judgement) };
    case 'operator-said':
      return saidByOperator(state, event.word);
    case 'observation-wanted':
      return { ...state, observeNow: true };
    case 'extended':
      return extended(state, event.extension);
    case 'deadline-passed':
      return deadlinePassed(state, moment);
    case 'checked':
      return withFinding(state, event.check, event.when, event.finding);
    case 'bake-ended':
      return bakeEnded(state, moment);
    case 'recorded':
      return withoutWritten(state, event.upTo);
    case 'telling':
      return telling(state, event.notice, moment.now);
    case 'told':
      return noticeEnded(state, event.id, event.failed, moment.now);
  }
}

/** What follows from a state without anything else happening; never while a request is on its way. */
function followUp(before: RunState, moment: Moment): RunState {
  if (before.stage.is === 'closed' || before.inFlight !== undefined) return before;
  const state = judgeHealth(before, moment);
  const { stage, ledger } = state;
  const abandoned = abandonedEnding(state);
  if (abandoned !== undefined) return finish(state, abandoned, moment);
  if (stage.is === 'preparing' || stage.is === 'stopping' || stage.is === 'resizing') {
    const ending = stoppedBefore(state);
    if (ending !== undefined) return finish(state, ending, moment);
    const isReady = stage.is === 'preparing' && state.prepared !== undefined && isBaselineIn(state);
    return isReady ? beginResize(state, moment) : state;
  }
  if (stage.is === 'window' && ledger.terminal !== undefined) {
    return enterActing(state, ledger.terminal.decision === 'approve' ? 'confirming' : 'reverting', moment);
  }
  return state;
}

/** Between the reading and the request the checks run: a freeze may have begun. */
function beginResize(state: RunState, moment: Moment): RunState {
  const freeze = frozen(state, moment.now);
  if (freeze === undefined) return enterActing(state, 'resizing', moment);
  return finish(state, refused(state, `a freeze of the policy has begun: ${freezeText(freeze)}`), moment);
}

function prepared(before: RunState, found: Prepared, moment: Moment): RunState {
  const state = underPolicy(before, found);
  const known: RunState = {
    ...state,
    ...decidersKnown(state, found.deciders ?? 'claimed'),
    prepared: found,
    observed: { server: found.server, at: new Date(moment.now).toISOString() },
    unreachableSince: undefined,
    issue: undefined,
    observeOnly: found.observeOnly ? true : undefined,
  };
  if (found.refusal !== undefined) {
    return finish(known, refused(state, found.refusal.message, found.refusal.advice), moment);
  }
  if (found.to === undefined) {
    return finish(known, refused(state, `flavor ${state.request.flavor} is not known to the cloud`), moment);
  }
  // The checks run once before the cloud is asked; without any, that follows at once.
  if (found.adopted === undefined) return known;
  // Somebody else's resize becomes ours: known by its request id, like our own.
  const resize = { ...nothingSent(), accepted: true, requestId: found.adopted };
  return openWindow({ ...known, sent: { ...known.sent, resize } }, moment);
}

/** From now on the request is what the policy made of it. */
function underPolicy(state: RunState, { resolved, requester }: Prepared): RunState {
  if (resolved === undefined) return state;
  const request = { ...state.request, ...resolved };
  const { approvals } = resolved;
  const gate = present({ requestedBy: requester?.name ?? request.requestedBy, approvals });
  return {
    ...state,
    request,
    ledger: judgedAnew(state.ledger, gate),
    findings: request.checks?.checks.map(() => ({})),
  };
}

/** What a run that is at this stage may ask for before it is carried on the next time. */
const STILL_TO_ASK: Readonly<Record<Exclude<Stage['is'], 'preparing'>, readonly Effect[]>> = {
  stopping: ['stop', 'resize', 'confirm', 'revert', 'start'],
  resizing: ['stop', 'resize', 'confirm', 'revert', 'start'],
  window: ['confirm', 'revert', 'start'],
  confirming: ['confirm', 'start'],
  reverting: ['revert', 'start'],
  starting: ['start'],
  closed: [],
};

/**
 * As after a lost answer to everything that the lost run may have asked for: it is looked for, and asked for again only
 * when it can no longer arrive.
 */
function runLost(state: RunState, moment: Moment): RunState {
  const { stage, request } = state;
  if (stage.is === 'preparing') {
    // What it had learnt of the server and of its log before it asked is lost with it: its resize cannot be known again.
    const message =
      'refused, the run before this one was lost and may have resized the server; this one asked the cloud for nothing; look at the server and at the run before';
    return finish(state, { outcome: 'refused', message }, moment);
  }
  const sent = { ...state.sent };
  for (const effect of STILL_TO_ASK[stage.is]) {
    if (effect === 'stop' && request.stopFirst !== true) continue;
    sent[effect] = { ...sent[effect], posts: sent[effect].posts + 1, lost: sent[effect].lost + 1 };
  }
  return waited(
    {
      ...state,
      sent,
      inFlight: undefined,
      stage: isActing(stage) ? { ...stage, ready: false } : stage,
      settledAt: moment.now + preparedOf(state).timing.settle,
      note: 'the run before this one was lost; looking what it has done',
    },
    moment,
  );
}

function requesting(state: RunState, effect: Effect): RunState {
  const { stage } = state;
  return { ...state, inFlight: effect, stage: isActing(stage) ? { ...stage, ready: false } : stage };
}

function withoutPending(state: RunState, place: MessagePlace | undefined): RunState {
  if (place === undefined) return state;
  return { ...state, pendingVotes: state.pendingVotes.filter((vote) => !isSamePlace(vote.place, place)) };
}

function saidByOperator(state: RunState, word: OperatorRecord): RunState {
  const said = { ...state, operatorWords: recordWord(state.operatorWords, word) };
  if (word.word === 'abandon') return { ...said, abandoned: word };
  const rejected = state.rejected && { ...state.rejected, notBefore: 0 };
  return { ...said, observeNow: true, retryGranted: true, rejected };
}

/** The decision time has run out, and the run has taken the timer's firing. */
function deadlinePassed(state: RunState, { now }: Moment): RunState {
  const { stage, request, ledger } = state;
  const { deadline } = state;
  // While the proof is out the decision clock has not begun.
  if (stage.is !== 'window' || ledger.terminal !== undefined || deadline === undefined) return state;
  const { decideWithin, lateGrace, onTimeout } = request;
  // It was extended while its timer fired.
  if (now < deadline) return state;
  const away = now - deadline > lateGrace ? lateText(state, deadline, now) : undefined;
  const unknown = onTimeout === 'revert' && isBeyondFreezes(state, now) ? BEYOND_FREEZES : undefined;
  const lateHold = stage.lateHold ?? away ?? unknown;
  if (onTimeout === 'revert' && lateHold === undefined && frozen(state, now) !== undefined) {
    return withDeadline(state, now);
  }
  // Where it cannot be told whose resize this is, or whether the server is well, nothing is confirmed without a person.
  const unproven = onTimeout === 'confirm' && (!preparedOf(state).logReadable || isDoubtful(state));
  if (onTimeout !== 'hold' && lateHold === undefined && !unproven) {
    return { ...state, ledger: timedOut(ledger, onTimeout === 'confirm' ? 'approve' : 'reject', iso(now)) };
  }
  // Aim at a fixed moment: the next whole decision time after the old deadline.
  const missed = Math.floor((now - deadline) / decideWithin) + 1;
  return {
    ...state,
    stage: { ...stage, overdueSince: stage.overdueSince ?? iso(deadline), lateHold },
    deadline: deadline + missed * decideWithin,
    heldBy: undefined,
  };
}

const BEYOND_FREEZES = 'the freezes of its policy are not known for this time, so it is not reverted by itself; decide';

/** A deadline that waited for the sender of a vote is late, too. */
function lateText({ pendingVotes, awakeAt }: RunState, deadline: number, now: number): string {
  if (pendingVotes.length === 0) return awayText(Math.min(awakeAt, deadline), now);
  return `who sent a vote that came before the deadline was not known from ${iso(deadline)} to ${iso(now)}; the server has been in use; decide`;
}

const awayText = (from: number, to: number) =>
  `the worker or Temporal was away from ${iso(from)} to ${iso(to)}, across the deadline; the server has been in use; decide`;
