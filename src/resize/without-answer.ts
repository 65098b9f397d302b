/** A server that could not be observed, or work that nobody took up: the run goes on without it. */
import { needsPerson } from './assess';
import type { Trouble } from './failure';
import { flagForOperator } from './flag-for-operator';
import { isActing, type RunState } from './run-state';
import { pausedFor, waited, type Moment } from './waiting';

/** Only what no waiting ends, or what lasts too long, is for an operator. */
export function withoutAnswer(before: RunState, trouble: Trouble, moment: Moment): RunState {
  const { now } = moment;
  const since = before.unreachableSince ?? new Date(now).toISOString();
  const state = { ...pausedFor(before, trouble, now), unreachableSince: since, retryGranted: undefined };
  const issue = issueIn(state, trouble, now - Date.parse(since), now);
  if (issue === undefined) return waited(state, moment);
  const doing = issue === 'rejected' ? 'read of the server' : undefined;
  return waited(flagForOperator(state, issue, now, trouble, doing), moment);
}

function issueIn(
  state: RunState,
  trouble: Trouble,
  away: number,
  now: number,
): 'rejected' | 'no-worker' | 'stuck' | undefined {
  const { stage, request } = state;
  if (needsPerson(trouble)) return 'rejected';
  // While people decide nothing has to be sent: the status says that nobody could, and nobody is called for it.
  if (trouble.kind === 'no-worker' && stage.is !== 'window' && away >= request.settleWithin) return 'no-worker';
  return isActing(stage) && now >= stage.until ? 'stuck' : undefined;
}
