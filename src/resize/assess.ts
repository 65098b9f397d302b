/** What one observation means for a run: whether it ends it, whether an operator has to look, what may be done next. */
import type { OperatorIssue } from './advice';
import { EFFECTS, maySend } from './effect';
import { afterStop, endingOf } from './endings';
import type { Trouble } from './failure';
import type { Observation } from './observation';
import { EFFECT_OF, expectationOf, isActing, type ActingStage, type Ending, type RunState } from './run-state';
import { situation, type Situation } from './situation';
import { restsIn } from './situation-facts';

/** A server is deleted when two 404s at least this far apart say so: one may be a proxy's or a moment's. */
const MISSING_FOR = 30_000;

/** A refusal that goes away by itself is asked again so often before an operator is called. */
const REFUSALS_BORNE = 3;

/** Troubles that no waiting ends. */
const FOR_PEOPLE: readonly Trouble['kind'][] = ['not-authenticated', 'forbidden', 'quota', 'locked', 'configuration'];

/** Does this trouble need a person? */
export const needsPerson = (trouble: Trouble): boolean => FOR_PEOPLE.includes(trouble.kind);

/** Is this refusal one that people have to do something about? */
export function refusalNeedsPerson({ trouble, times }: { trouble: Trouble; times: number }): boolean {
  if (trouble.kind === 'rate-limited') return false;
  return needsPerson(trouble) || times >= REFUSALS_BORNE;
}

export interface Assessment {
  meaning: Situation;
  ending?: Ending;
  issue?: OperatorIssue;
  /** The effect that the stage is about is seen. */
  achieved: boolean;
  /** One more request may go out on what is seen. */
  maySend: boolean;
  missingSince?: number;
  errorSeen?: boolean;
}

/** @param now workflow time, ms */
export function assess(state: RunState, observation: Observation, now: number): Assessment {
  const expected = expectationOf(state, now);
  const meaning = situation(observation, expected);
  const nothing = { meaning, achieved: false, maySend: false };
  if (meaning.is === 'missing') {
    const missingSince = state.missingSince ?? now;
    if (now - missingSince < MISSING_FOR) return { ...nothing, missingSince };
    const deleted: Situation = { is: 'changed-outside', cause: 'deleted', sees: meaning.sees };
    return { ...nothing, ...ended(state, deleted) };
  }
  const ending = ended(state, meaning);
  if (ending !== undefined) return { ...nothing, ...ending };

  // Nova shows the fault a moment after ERROR (measured): one more observation before a person is called.
  const seen = isError(meaning) ? { errorSeen: true } : {};
  if (isError(meaning) && !faultIn(observation) && state.errorSeen !== true) return { ...nothing, ...seen };

  const { stage } = state;
  if (!isActing(stage)) return { ...nothing, ...seen, ...(meaning.is === 'operator' && { issue: meaning.why }) };
  const achieved = isAchieved(state, stage, observation, meaning, expected.settled);
  const may =
    !achieved && mayAskAgain(state, stage, now) && maySend(observation, EFFECTS[EFFECT_OF[stage.is]].sendIf, expected);
  const issue = achieved ? undefined : issueIn(state, stage, meaning, now, may);
  return { meaning, achieved, maySend: may && issue !== 'lost-twice', ...seen, ...(issue && { issue }) };
}

/** A run that starts its server again has ended already: only a deletion changes what is said. */
function ended(state: RunState, meaning: Situation): { ending: Ending } | undefined {
  if (state.stage.is === 'starting') {
    const gone = meaning.is === 'changed-outside' && meaning.cause === 'deleted';
    return gone ? { ending: afterStop(state.stage.ending, 'deleted before it was started') } : undefined;
  }
  const ending = endingOf(state, meaning);
  return ending && { ending };
}

function isAchieved(
  { sent }: RunState,
  stage: ActingStage,
  observation: Observation,
  meaning: Situation,
  settled: boolean,
): boolean {
  const server = observation.server === 'missing' ? undefined : observation.server;
  switch (stage.is) {
    case 'resizing':
      return meaning.is === 'window';
    case 'stopping':
      // A run that was lost has asked for the resize already.
      if (sent.resize.accepted) return true;
      return server !== undefined && meaning.is === 'untouched' && restsIn(server, 'stopped');
    case 'starting':
      // A stop whose answer was lost may still arrive.
      return server !== undefined && settled && restsIn(server, 'active');
    case 'confirming':
    case 'reverting':
      // Their effect is an ending.
      return false;
  }
}

/** May one more request be sent at this time? Never a blind one: what is seen has to allow it as well. */
function mayAskAgain(state: RunState, stage: ActingStage, now: number): boolean {
  const effect = EFFECT_OF[stage.is];
  const { lost } = state.sent[effect];
  if (state.rejected !== undefined && now < state.rejected.notBefore) return false;
  if (lost > 0 && state.settledAt !== undefined && now < state.settledAt) return false;
  // What could not be sent in its time does not go out later in silence.
  const late = effect === 'resize' && now >= stage.until;
  return !late || state.retryGranted === true;
}

function issueIn(
  state: RunState,
  stage: ActingStage,
  meaning: Situation,
  now: number,
  may: boolean,
): OperatorIssue | undefined {
  const starting = stage.is === 'starting';
  if (meaning.is === 'operator' && !(starting && meaning.why !== 'error')) return meaning.why;
  const effect = EFFECT_OF[stage.is];
  if (may && state.sent[effect].lost >= 2 && state.retryGranted !== true) return 'lost-twice';
  const late = now >= stage.until;
  // Also what goes away by itself ("ask again later") has to do so within the time that the stage has.
  if (state.rejected !== undefined && (late || refusalNeedsPerson(state.rejected))) return 'rejected';
  const held = state.observeOnly === true && meaning.is !== 'busy' && effect !== 'resize';
  return late && !held ? 'stuck' : undefined;
}

const isError = (meaning: Situation) => meaning.is === 'operator' && meaning.why === 'error';
const faultIn = ({ server }: Observation) => server !== 'missing' && server.fault !== undefined;
