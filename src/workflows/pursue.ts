/**
 * Gets one effect: asks the cloud for it, at most as often as is safe, and watches until it is seen. Resize, confirm
 * and revert differ in four words; the rules about lost answers, refusals and waiting are the same.
 */
import type { ActAnswer } from '../activities/activity-answers';
import type { Trouble } from '../resize/failure';
import { delayBefore, paceOf, type Watching } from '../resize/polling';
import type { Situation } from '../resize/situation';
import { look, send, type Act } from './cloud';
import { abandoned, refused, stoppedBefore } from './endings';
import { stopServer } from './power';
import { pause, type Run } from './run';
import type { Ending, RunState } from './run-state';
import { needsPeople, raise, weigh } from './weigh';

/** What is to be achieved. */
export interface Pursuit {
  act: Act;
  /** The situation from which the request may be sent. */
  from: Extract<Situation['is'], 'untouched' | 'window'>;
  doing: string;
  watching: Watching;
}

/** Before the resize was accepted these are no answers yet: the request was not carried out, and may be later. */
const PASSING: readonly Trouble['kind'][] = [
  'rate-limited',
  'host-unavailable',
  'no-answer',
  'server-error',
  'garbage',
];

/** Does this refusal of a resize go away by itself? Of a busy server only where the cloud says when (Huawei: Ecs.0603). */
function passes({ kind, retryAfter }: Trouble): boolean {
  return PASSING.includes(kind) || (kind === 'conflict' && retryAfter !== undefined);
}

/**
 * @param breathe called where the run may continue as new
 * @returns how the run ends, or `window` when the resize has opened it
 */
export async function pursue(run: Run, pursuit: Pursuit, breathe: () => Promise<void>): Promise<Ending | 'window'> {
  const { state, report } = run;
  const { act, from, doing } = pursuit;
  for (let n = 0; ; n++) {
    if (state.power === 'stopping') {
      const ending = await stopServer(run, breathe);
      if (ending !== undefined) return ending;
      n = 0;
    }
    await breathe();
    report.publish();
    const given = abandoned(state) ?? (act === 'resize' && untouchedSoFar(state) ? stoppedBefore(state) : undefined);
    if (given !== undefined) return given;

    if (state[act].posts === 0 && state.brake !== true && state.rejected === undefined && n === 0) {
      // The activity reads the server itself, directly before it writes: no look is needed before.
      const ending = await ask(run, pursuit);
      if (ending !== undefined) return ending;
    } else {
      const result = await look(state);
      const { meaning, ending } = weigh(state, result, { doing });
      if (ending !== undefined) return ending;
      if (act === 'resize' && meaning?.is === 'window') return 'window';
      if (meaning?.is === from && maySend(state, pursuit)) {
        const ended = await ask(run, pursuit);
        if (ended !== undefined) return ended;
        n = 0;
      }
      // A retry is for the look that it asked for, and grants nothing later.
      delete state.retryBy;
    }
    state.awakeAt = Date.now();
    report.publish();
    if (state.power === 'stopping') continue;
    await pause(run, waitFor(state, pursuit, n));
  }
}

/** May one more POST be sent from here? Never a blind one: this is asked only after a look that shows nothing of ours. */
function maySend(state: RunState, { act, doing }: Pursuit): boolean {
  const { lost } = state[act];
  if (state.rejected !== undefined && Date.now() < state.rejected.notBefore) return false;
  if (lost >= 2) {
    if (state.retryBy === undefined) {
      raise(state, 'lost-twice', doing);
      return false;
    }
  }
  return true;
}

async function ask(run: Run, { act, doing }: Pursuit): Promise<Ending | undefined> {
  const { state } = run;
  const answer = await send(state, act);
  delete state.note;
  switch (answer.answer) {
    case 'accepted':
      delete state.concern;
      return undefined;
    case 'rejected':
      return afterRefusal(state, act, doing, answer.trouble);
    case 'withheld':
      return afterWithheld(state, act, doing, answer);
    case 'unknown':
      state.note = `the answer to the ${doing} was lost (${answer.trouble?.message ?? 'the worker or its time ran out'}); looking whether it was carried out`;
      return undefined;
  }
}

/** Before the resize was accepted a refusal is final; after it nothing is. */
function afterRefusal(state: RunState, act: Act, doing: string, trouble: Trouble): Ending | undefined {
  // One that is off already is not ours to start afterwards.
  const runs = state.seen?.server.vmState !== 'stopped';
  if (
    act === 'resize' &&
    trouble.kind === 'wrong-state' &&
    state.request.stopFirst &&
    runs &&
    state.power === undefined
  ) {
    state.power = 'stopping';
    return undefined;
  }
  if (act === 'resize' && untouchedSoFar(state) && (!passes(trouble) || outOfPatience(state))) {
    return refused(trouble.message, trouble.advice === undefined ? undefined : { you: trouble.advice });
  }
  state.note = `the cloud refused the ${doing} for now: ${trouble.message}`;
  if (state.rejected !== undefined && needsPeople(state.rejected)) raise(state, 'rejected', doing, trouble);
  return undefined;
}

function afterWithheld(
  state: RunState,
  act: Act,
  doing: string,
  answer: Extract<ActAnswer, { answer: 'withheld' }>,
): Ending | undefined {
  const { why, trouble } = answer;
  if (why === 'brake') return undefined;
  if (act === 'resize' && untouchedSoFar(state)) {
    if (why === 'changed') {
      return refused('the server changed between the look and the request', {
        you: `See who works on it: openstack server event list ${state.request.server}`,
      });
    }
    const final = trouble !== undefined && trouble.kind !== 'no-time' && !passes(trouble);
    if (trouble !== undefined && (final || outOfPatience(state))) return refused(trouble.message);
  }
  if (trouble !== undefined) state.note = `the ${doing} was not sent: ${trouble.message}`;
  return undefined;
}

/** Nothing of our resize can have been carried out: every POST, if any, was clearly refused. */
function untouchedSoFar(state: RunState): boolean {
  return !state.resize.accepted && state.resize.lost === 0;
}

/** A resize that the cloud does not even take is not tried for ever. */
function outOfPatience(state: RunState): boolean {
  const { stageEnds, request } = state;
  return stageEnds === undefined || Date.now() > stageEnds - request.resizeWithin + request.settleWithin;
}

function waitFor(state: RunState, { watching }: Pursuit, n: number): number {
  const slow = state.concern !== undefined || state.brake === true;
  const usual = delayBefore(n, paceOf(slow ? 'operator' : watching, state.request.polling), Math.random());
  const asked = (state.rejected?.notBefore ?? 0) - Date.now();
  return Math.max(usual, asked);
}
