/** What the answer to a request means for a run. */
import { refusalNeedsPerson } from './assess';
import { EFFECTS, type Effect, type RequestAnswer } from './effect';
import { refused } from './endings';
import type { Trouble } from './failure';
import { flagForOperator } from './flag-for-operator';
import { delayBefore, paceOf } from './polling';
import { isActing, mayBeResized, preparedOf, wasStopped, type RunState } from './run-state';
import type { Sent } from './situation-facts';
import { enterActing, finish } from './stages';
import { pausedFor, waited, watchingIn, type Moment } from './waiting';
import { withoutAnswer } from './without-answer';

/** Before a resize was accepted these are no answers yet: the request was not carried out, and may be later. */
const PASSING: readonly Trouble['kind'][] = [
  'rate-limited',
  'host-unavailable',
  'no-answer',
  'server-error',
  'garbage',
];

type Answer<Is extends RequestAnswer['answer']> = Extract<RequestAnswer, { answer: Is }>;

/** @param before the state in which the request was sent */
export function afterAnswer(before: RunState, effect: Effect, answer: RequestAnswer, moment: Moment): RunState {
  const state = { ...before, retryGranted: undefined };
  switch (answer.answer) {
    case 'accepted':
      return accepted(state, effect, answer, moment);
    case 'rejected':
      return rejected(answered(state), effect, answer.trouble, moment);
    case 'withheld':
      return withheld(state, effect, answer, moment);
    case 'unknown':
      return unknown(answered(state), effect, answer.trouble, moment);
  }
}

/** A worker that may send has answered. */
const answered = (state: RunState): RunState => ({ ...state, observeOnly: undefined, note: undefined });

const sentOnce = (state: RunState, effect: Effect, change: Partial<Sent>): RunState => {
  const sent = state.sent[effect];
  return { ...state, sent: { ...state.sent, [effect]: { ...sent, posts: sent.posts + 1, ...change } } };
};

const fromTheStart = (state: RunState, moment: Moment): RunState =>
  waited({ ...state, next: { ...state.next, waits: 0 } }, moment);

function accepted(state: RunState, effect: Effect, answer: Answer<'accepted'>, moment: Moment): RunState {
  const { requestId, shown } = answer;
  const sent = sentOnce(answered(state), effect, { accepted: true, ...(requestId !== undefined && { requestId }) });
  // It is for the status only: what it means is judged together with the log, once the server rests.
  const seen = shown === undefined ? sent : { ...sent, observed: shown, awakeAt: moment.now };
  return fromTheStart({ ...seen, rejected: undefined, issue: undefined, pause: undefined }, moment);
}

function unknown(state: RunState, effect: Effect, trouble: Trouble | undefined, moment: Moment): RunState {
  const lost = sentOnce(state, effect, { lost: state.sent[effect].lost + 1 });
  const why = trouble?.message ?? 'the worker or its time ran out';
  return fromTheStart(
    {
      ...lost,
      settledAt: moment.now + preparedOf(state).timing.settle,
      note: `the answer to the ${EFFECTS[effect].name} was lost (${why}); looking whether it was carried out`,
    },
    moment,
  );
}

/** Before the resize was accepted a refusal is final; after it nothing is. */
function rejected(state: RunState, effect: Effect, trouble: Trouble, moment: Moment): RunState {
  const times = (state.rejected?.times ?? 0) + 1;
  const person = refusalNeedsPerson({ trouble, times });
  // Ever more slowly: what is refused is not asked again at the same pace for ever.
  const pace = paceOf(person ? 'operator' : watchingIn(state), state.request.polling);
  const notBefore = moment.now + Math.max(trouble.retryAfter ?? 0, delayBefore(times - 1, pace, moment.chance));
  const sent = { ...sentOnce(state, effect, {}), rejected: { trouble, times, notBefore } };
  if (effect === 'resize' && wantsStop(state, trouble)) return enterActing(sent, 'stopping', moment);
  if (nothingDoneYet(sent, effect) && (!passes(trouble) || outOfPatience(sent, moment))) {
    return refuse(sent, trouble, moment);
  }
  const name = EFFECTS[effect].name;
  const noted = { ...sent, note: `the cloud refused the ${name} for now: ${trouble.message}` };
  return waited(person ? flagForOperator(noted, 'rejected', moment.now, trouble) : noted, moment);
}

function withheld(before: RunState, effect: Effect, answer: Answer<'withheld'>, moment: Moment): RunState {
  const { why, trouble } = answer;
  if (why === 'never-started') return trouble === undefined ? before : withoutAnswer(before, trouble, moment);
  if (why === 'observe-only') return waited({ ...before, observeOnly: true, note: undefined }, moment);
  const unreachableSince = why === 'unreadable' ? new Date(moment.now).toISOString() : undefined;
  const state = {
    ...pausedFor(answered(before), trouble, moment.now),
    unreachableSince: before.unreachableSince ?? unreachableSince,
  };
  if (nothingDoneYet(state, effect)) {
    if (why === 'changed' && effect === 'resize') {
      const advice = { you: `See who works on it: openstack server event list ${state.request.server}` };
      return finish(state, refused(state, 'the server changed between the look and the request', advice), moment);
    }
    const final = trouble !== undefined && why !== 'no-time' && !passes(trouble);
    if (trouble !== undefined && (final || outOfPatience(state, moment))) return refuse(state, trouble, moment);
  }
  const note = trouble === undefined ? undefined : `the ${EFFECTS[effect].name} was not sent: ${trouble.message}`;
  return waited({ ...state, note }, moment);
}

function refuse(state: RunState, { message, advice }: Trouble, moment: Moment): RunState {
  return finish(state, refused(state, message, advice === undefined ? undefined : { you: advice }), moment);
}

/** Does this refusal go away by itself? Of a busy server only where the cloud says when (Huawei: Ecs.0603). */
function passes({ kind, retryAfter }: Trouble): boolean {
  return PASSING.includes(kind) || (kind === 'conflict' && retryAfter !== undefined);
}

/** One that is off already is not ours to start afterwards, and nothing is stopped for a resize that was rejected. */
function wantsStop(state: RunState, { kind }: Trouble): boolean {
  const runs = state.observed?.server.vmState !== 'stopped';
  if (state.ledger.terminal?.decision === 'reject') return false;
  return kind === 'wrong-state' && state.request.stopFirst === true && runs && !wasStopped(state);
}

/** Every request for this effect, if any, was clearly refused, and the resize was not carried out either. */
function nothingDoneYet(state: RunState, effect: Effect): boolean {
  if (mayBeResized(state)) return false;
  return effect === 'resize' || (effect === 'stop' && !wasStopped(state));
}

/** A request that the cloud does not even take is not tried for ever. */
function outOfPatience({ stage, request }: RunState, { now }: Moment): boolean {
  return !isActing(stage) || now > stage.since + request.settleWithin;
}
