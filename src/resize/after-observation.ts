/** What an observation changes in a run. */
import { assess } from './assess';
import { flagForOperator } from './flag-for-operator';
import type { Observation } from './observation';
import { expectationOf, isActing, type RunState } from './run-state';
import { ownActions } from './situation-facts';
import { afterEffect, finish } from './stages';
import { waited, type Moment } from './waiting';

export function afterObservation(before: RunState, observation: Observation, moment: Moment): RunState {
  const { now } = moment;
  const learnt = learn(before, observation, now);
  const { ending, issue, achieved, maySend, missingSince, errorSeen } = assess(learnt, observation, now);
  const state: RunState = { ...learnt, awakeAt: now, missingSince, errorSeen };
  if (ending !== undefined) return finish(state, ending, moment);
  if (achieved) return afterEffect(state, moment);
  // Of one 404 nothing is known yet.
  const judged =
    missingSince !== undefined
      ? state
      : issue === undefined
        ? { ...state, issue: undefined }
        : flagForOperator(state, issue, now, state.rejected?.trouble);
  if (!isActing(judged.stage)) return waited({ ...judged, retryGranted: undefined }, moment);
  // A retry is for the observation that it asked for, and grants nothing later.
  const retryGranted = maySend ? judged.retryGranted : undefined;
  return waited({ ...judged, stage: { ...judged.stage, ready: maySend }, retryGranted }, moment);
}

/** What is learnt whatever it means: our actions in the log, the state last seen. */
function learn(state: RunState, observation: Observation, now: number): RunState {
  const reached = { ...state, unreachableSince: undefined, pause: undefined };
  if (observation.server === 'missing') return reached;
  const own = ownActions(observation, expectationOf(state, now));
  const sent = { ...state.sent };
  for (const effect of ['resize', 'confirm', 'revert'] as const) {
    const action = own[effect];
    // Once found in the log, a request whose answer was lost is as good as accepted.
    if (action !== undefined) sent[effect] = { ...sent[effect], requestId: action.requestId, accepted: true };
  }
  return {
    ...reached,
    sent,
    observed: { server: observation.server, at: observation.at },
    resizeAction: own.resize ?? state.resizeAction,
  };
}
