/** Calls an operator: what is seen, what it means, what to do. */
import { explain, type OperatorIssue } from './advice';
import { EFFECTS } from './effect';
import type { Trouble } from './failure';
import { present } from './present';
import { EFFECT_OF, isActing, type RunState, type Stage } from './run-state';

const ABOUT_A_REQUEST: readonly OperatorIssue[] = ['rejected', 'lost-answer', 'lost-twice'];

/**
 * @param trouble what stands in the way, where that is known
 * @param doing what was tried, if not what the stage is about
 */
export function flagForOperator(
  state: RunState,
  issue: OperatorIssue,
  now: number,
  trouble?: Trouble,
  doing = doingIn(state.stage, issue),
): RunState {
  const { observed, request, sent } = state;
  const facts = present({
    server: request.server,
    cloud: request.cloud,
    doing,
    sees:
      observed === undefined
        ? 'the server could not be read'
        : `the server showed ${observed.server.status} with flavor ${observed.server.flavor.name} at ${observed.at}`,
    fault: observed?.server.fault?.message,
    trouble,
    // Of a request that was refused or whose answer was lost, only its own id is quoted.
    requestId: trouble?.requestId ?? (ABOUT_A_REQUEST.includes(issue) ? undefined : sent.resize.requestId),
    unreachableSince: state.unreachableSince,
  });
  const since = state.issue?.since ?? new Date(now).toISOString();
  return { ...state, issue: { is: issue, ...explain(issue, facts), since } };
}

/** What a run is at, for sentences. */
function doingIn(stage: Stage, issue: OperatorIssue): string {
  if (isActing(stage)) return EFFECTS[EFFECT_OF[stage.is]].name;
  if (stage.is === 'preparing') return 'preparation';
  // While people decide nothing is asked for: an issue about a request is about an earlier one.
  return issue === 'error' ? 'wait for a decision' : 'request';
}
