/** What a run does next, and until when it waits. */
import type { Trouble } from './failure';
import { EFFECTS, type Effect } from './effect';
import { bakeEnds } from './health';
import { delayBefore, paceOf, type Watching } from './polling';
import { EFFECT_OF, isActing, type Ending, type RunState } from './run-state';

/** Workflow time in ms, and a number from 0 up to 1 that spreads waits (so that runs do not observe in step). */
export interface Moment {
  now: number;
  chance: number;
}

/** The longest that a cloud which asks for more is left alone, ms. */
const LONGEST_PAUSE = 10 * 60_000;

/** "Deleted" takes two 404s at least 30 s apart. */
const MISSING_AGAIN = 31_000;

/** What the workflow has to do now. */
export type Step =
  | { do: 'prepare' }
  | { do: 'observe' }
  | { do: 'request'; effect: Effect }
  /**
   * @param until workflow time, ms; absent: until something happens. An input may come before
   * @param watch the server is observed meanwhile, by one activity that returns when there is something new
   */
  | { do: 'wait'; until?: number; watch: boolean }
  /** The server that is watched is observed now, and watched on. */
  | { do: 'watch-anew' }
  /** All checks have held for as long as the request wants. */
  | { do: 'end-bake' }
  | { do: 'close'; ending: Ending };

/** @param now workflow time, ms */
export function nextStep(state: RunState, now: number): Step {
  const { stage, next, observeNow } = state;
  if (stage.is === 'closed') return { do: 'close', ending: stage.ending };
  if (isActing(stage) && stage.ready) return { do: 'request', effect: EFFECT_OF[stage.is] };
  if (stage.is === 'preparing' && state.prepared !== undefined) return { do: 'wait', watch: false };
  const watch = isWatching(state, now);
  const bakeEnd = isLastRound(stage) ? undefined : bakeEnds(state);
  if (bakeEnd !== undefined && now >= bakeEnd) return { do: 'end-bake' };
  const wait = (until: number | undefined): Step => ({ do: 'wait', watch, ...earliestOf(until, bakeEnd) });
  if (watch && observeNow === true) {
    const earliest = (state.watchedAnewAt ?? -Infinity) + APART;
    return now < earliest ? wait(earliest) : { do: 'watch-anew' };
  }
  if (now < next.at && observeNow !== true) return wait(next.at < FOR_EVER ? next.at : undefined);
  return { do: stage.is === 'preparing' ? 'prepare' : 'observe' };
}

const isLastRound = (stage: RunState['stage']) => stage.is === 'window' && stage.lastRound === true;

function earliestOf(...moments: (number | undefined)[]): { until?: number } {
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === 0 ? {} : { until: Math.min(...known) };
}

/** Should a request that no worker has taken up yet be withdrawn? One that has begun cannot be taken back. */
export function isUnwanted(state: RunState): boolean {
  const { inFlight, abandoned, ledger } = state;
  if (inFlight === undefined) return false;
  const before = inFlight === 'resize' || inFlight === 'stop';
  return abandoned !== undefined || (before && ledger.terminal?.decision === 'reject');
}

/** Messages that ask for an observation are taken together when they come closer than this, ms: each costs 12 events. */
export const APART = 2000;

/** While people decide, only an input or the deadline, which has a timer of its own, ends a wait. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/**
 * Is nothing expected of the run but that something happens in the cloud? Then one activity observes the server until
 * there is something new (six events, however long that takes); a timer and an activity for each observation are 11.
 */
export function isWatching(state: RunState, now: number): boolean {
  const { stage, sent, issue, observeOnly, rejected, missingSince, unreachableSince, errorSeen, settledAt } = state;
  // A request whose answer was lost may still arrive: what is seen then is no news yet.
  if (settledAt !== undefined && now < settledAt) return false;
  const hindered = issue ?? rejected ?? missingSince ?? unreachableSince ?? errorSeen;
  if (hindered !== undefined || observeOnly === true) return false;
  return stage.is === 'window' || (isActing(stage) && sent[EFFECT_OF[stage.is]].accepted && !stage.ready);
}

/** The state with the moment of its next observation: later each time, up to the maximum of its pace. */
export function waited(state: RunState, { now, chance }: Moment): RunState {
  const { next, request, pause, rejected, missingSince, stage } = state;
  if (isWatching(state, now)) {
    const at = isActing(stage) ? stage.until : FOR_EVER;
    return { ...state, next: { at, waits: 0 } };
  }
  const delay = delayBefore(next.waits, paceOf(watchingIn(state), request.polling), chance);
  const spared = Math.max(now + delay, pause?.until ?? 0, rejected?.notBefore ?? 0);
  const at = missingSince === undefined ? spared : Math.min(spared, now + MISSING_AGAIN);
  return { ...state, next: { at, waits: next.waits + 1 } };
}

/** What paces the observations. */
export function watchingIn({ stage, issue, observeOnly }: RunState): Watching {
  if (issue !== undefined || stage.is === 'preparing') return 'operator';
  if (!isActing(stage)) return 'deciding';
  return observeOnly === true ? 'operator' : EFFECTS[EFFECT_OF[stage.is]].watching;
}

/** Remembers until when the cloud wants to be left alone, and why. */
export function pausedFor(state: RunState, trouble: Trouble | undefined, now: number): RunState {
  if (trouble?.kind !== 'rate-limited' || trouble.retryAfter === undefined) return { ...state, pause: undefined };
  const until = now + Math.min(trouble.retryAfter, LONGEST_PAUSE);
  // An answer of the cloud's own has a status; without one it is ours, and says until when.
  const why =
    trouble.status === undefined
      ? trouble.message
      : `the cloud asks to slow down until ${new Date(until).toISOString()}`;
  return { ...state, pause: { until, why } };
}
