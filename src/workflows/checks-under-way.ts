/** The checks of a run that are under way: each is an activity, which tries until there is something to say. */
import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  workflowInfo,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { CheckInput } from '../activities/activity-answers';
import type { Check, CheckTime, Finding } from '../resize/checks';
import type { CheckWanted } from '../resize/health';
import { present } from '../resize/present';
import { preparedOf, type RunState } from '../resize/run-state';
import { statusOf } from '../resize/status';
import { checkSummary } from '../resize/summaries';
import { failureIn, queueOf, TAKEN_UP_WITHIN } from './cloud-activities';

const SECOND = 1000;
/** For what surrounds the tries of an attempt, ms. */
const SLACK = 15 * SECOND;

export class ChecksUnderWay {
  readonly #scopes = new Map<string, CancellationScope>();

  /** Are exactly these under way? */
  are(wanted: readonly CheckWanted[]): boolean {
    return wanted.length === this.#scopes.size && wanted.every((each) => this.#scopes.has(keyOf(each)));
  }

  /** Begins those that are not under way, and gives up all others. What is given up says nothing any more. */
  only(
    wanted: readonly CheckWanted[],
    begin: (one: CheckWanted) => Promise<Finding>,
    found: (one: CheckWanted, finding: Finding) => void,
  ): void {
    const keys = wanted.map(keyOf);
    for (const [key, scope] of this.#scopes) {
      if (keys.includes(key)) continue;
      this.#scopes.delete(key);
      scope.cancel();
    }
    for (const one of wanted) {
      const key = keyOf(one);
      if (this.#scopes.has(key)) continue;
      const scope = new CancellationScope();
      this.#scopes.set(key, scope);
      void scope
        .run(() => begin(one))
        .then((finding) => {
          if (this.#scopes.get(key) !== scope) return;
          this.#scopes.delete(key);
          found(one, finding);
        });
    }
  }
}

const keyOf = ({ check, when, known }: CheckWanted) => `${check} ${when} ${known ?? ''}`;

/** Runs one check. That nobody could run it is a finding, too: an inconclusive one. */
export async function runCheck(state: RunState, { check: index, when, known }: CheckWanted): Promise<Finding> {
  const asked = state.request.checks;
  const check = asked?.checks[index];
  if (asked === undefined || check === undefined) throw new Error(`the request has no check ${index}`);
  const opened = Date.parse(state.verifiedAt ?? '');
  const left = (time: number) => Math.max(opened + time - Date.now(), 0);
  const within = when === 'proof' ? left(asked.proofWithin) : undefined;
  const { checkHealth } = proxyActivities<Activities>({
    taskQueue: queueOf(state.request.cloud),
    ...timesOf(check, when, within),
    retry: { initialInterval: '2s', maximumInterval: '30s' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: checkSummary(check, when),
  });
  const { server, addresses } = preparedOf(state);
  const input: CheckInput = {
    cloud: state.request.cloud,
    check: when === 'proof' ? { ...check, initialDelay: left(check.initialDelay) } : check,
    when,
    target: { id: server.id, name: server.name, addresses },
    ...present({ within, known }),
    ...(when === 'proof' && { grace: left(asked.grace) }),
    ...(when === 'watch' && { every: asked.watchEvery }),
    ...(check.webhook !== undefined && { status: statusOf(state, workflowInfo()) }),
  };
  try {
    return await checkHealth(input);
  } catch (error) {
    const { cause } = failureIn(error);
    const reason = `no worker could run it: ${cause?.message ?? 'no reason given'}`;
    return { verdict: 'inconclusive', reason, at: new Date().toISOString() };
  }
}

/** A round of tries is bounded by what the check says of itself, and a proof by the time that it has. */
function timesOf(
  { successes, failures, interval, timeout }: Check,
  when: CheckTime,
  within: number | undefined,
): ActivityOptions {
  const round = (successes + failures) * (interval + timeout) + 2 * timeout + SLACK;
  const attempt = { startToCloseTimeout: within === undefined ? round : within + timeout + SLACK };
  // It waits for the next try as long as people decide, and nobody confirms by what it has not said.
  if (when === 'watch') return { ...attempt, heartbeatTimeout: 10 * SECOND };
  return {
    ...attempt,
    heartbeatTimeout: 10 * SECOND,
    scheduleToStartTimeout: TAKEN_UP_WITHIN,
    scheduleToCloseTimeout: attempt.startToCloseTimeout + 2 * SLACK,
  };
}
