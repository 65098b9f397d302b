/** Calls an operator: what is seen, what it means, what to do. */
import { explain, type OperatorIssue } from './advice';
import { EFFECTS } from './effect';
import type { Trouble } from './failure';
import { present } from './present';
import { EFFECT_OF, isActing, type RunState, type Stage } from './run-state';

/**
 * @param trouble what stands in the way, where that is known
 * @param doing what was tried, if not what the stage is about
 */
export function flagForOperator(
  state: RunState,
  issue: OperatorIssue,
  now: number,
  trouble?: Trouble,
  doing = doingIn(state.stage),
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
    requestId: trouble?.requestId ?? sent.resize.requestId,
    unreachableSince: state.unreachableSince,
  });
  const since = state.issue?.since ?? new Date(now).toISOString();
  return { ...state, issue: { is: issue, ...explain(issue, facts), since } };
}

/** What a run is at, for sentences. */
function doingIn(stage: Stage): string {
  if (isActing(stage)) return EFFECTS[EFFECT_OF[stage.is]].name;
  return stage.is === 'preparing' ? 'preparation' : 'wait for a decision';
}
