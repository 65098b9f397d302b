/** Weighs one look: what it means for this run, whether it ends it, and whether a person has to look. */
import { explain, type Concern } from '../resize/advice';
import type { Trouble } from '../resize/failure';
import type { Observation } from '../resize/observation';
import { situation, type Situation } from '../resize/situation';
import { endingOf } from './endings';
import { expectationOf, type Ending, type RunState } from './run-state';

/** A server is deleted when two 404s at least this far apart say so: one may be a proxy's or a moment's. */
const MISSING_FOR = 30_000;

/** A refusal that goes away by itself is asked again so often before a person is called. */
const REFUSALS_BORNE = 3;

/** Troubles that no waiting mends. */
const FOR_PEOPLE: readonly Trouble['kind'][] = ['not-authenticated', 'forbidden', 'quota', 'locked', 'configuration'];

/**
 * Judges a look and sets or clears the run's concern.
 * @param doing what the run is at, for the sentence
 */
export function weigh(
  state: RunState,
  result: { seen: Observation } | { trouble: Trouble },
  { doing }: { doing: string },
): { meaning?: Situation; ending?: Ending } {
  if ('trouble' in result) {
    // The story goes on without; only what no waiting mends is for people.
    const late = state.stageEnds !== undefined && Date.now() >= state.stageEnds;
    if (FOR_PEOPLE.includes(result.trouble.kind)) raise(state, 'rejected', 'look at the server', result.trouble);
    else if (late) raise(state, 'stuck', doing, result.trouble);
    return {};
  }
  const now = Date.now();
  const meaning = situation(result.seen, expectationOf(state, now));
  if (meaning.is === 'missing') {
    state.missingSince ??= now;
    if (now - state.missingSince < MISSING_FOR) return { meaning };
    const deleted: Situation = { is: 'changed-outside', cause: 'deleted', sees: meaning.sees };
    const ending = endingOf(state, deleted);
    return ending === undefined ? { meaning } : { meaning, ending };
  }
  delete state.missingSince;
  const ending = endingOf(state, meaning);
  if (ending !== undefined) return { meaning, ending };

  const concern = concernIn(state, meaning, now);
  if (concern === undefined) delete state.concern;
  else raise(state, concern, doing, state.rejected?.trouble);
  return { meaning };
}

function concernIn(state: RunState, meaning: Situation, now: number): Concern | undefined {
  if (meaning.is === 'operator') {
    // Nova shows the fault a moment after ERROR (measured): one more look before a person is called.
    if (meaning.why === 'error' && state.seen?.server.fault === undefined && !state.errorSeen) {
      state.errorSeen = true;
      return undefined;
    }
    return meaning.why;
  }
  delete state.errorSeen;
  const late = state.stageEnds !== undefined && now >= state.stageEnds;
  // Also what goes away by itself ("ask again later") has to do so within the time that the stage has.
  if (state.rejected !== undefined && (late || needsPeople(state.rejected))) return 'rejected';
  return late && (meaning.is === 'busy' || state.brake !== true) ? 'stuck' : undefined;
}

/** Is this refusal one that people have to mend? */
export function needsPeople({ trouble, times }: { trouble: Trouble; times: number }): boolean {
  if (trouble.kind === 'rate-limited') return false;
  return FOR_PEOPLE.includes(trouble.kind) || times >= REFUSALS_BORNE;
}

/** Calls a person: what is seen, what it means, what to do. */
export function raise(state: RunState, concern: Concern, doing: string, trouble?: Trouble): void {
  const { seen, request } = state;
  const requestId = trouble?.requestId ?? state.resize.requestId;
  const facts = {
    server: request.server,
    doing,
    sees:
      seen === undefined
        ? 'the server could not be read'
        : `the server showed ${seen.server.status} with flavor ${seen.server.flavor.name} at ${seen.at}`,
    ...(seen?.server.fault && { fault: seen.server.fault.message }),
    ...(trouble && { trouble }),
    ...(requestId !== undefined && { requestId }),
  };
  const since = state.concern?.since ?? new Date(Date.now()).toISOString();
  state.concern = { is: concern, ...explain(concern, facts), since };
}
