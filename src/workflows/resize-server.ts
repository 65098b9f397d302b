/**
 * One resize. What to do next, and what everything that happens means, is judged in src/resize; here it is done.
 *
 *     preparing -> (stopping ->) resizing -> window -> confirming | reverting (-> starting) -> closed
 *
 * `nextStep` says what a stage needs now, `apply` how an event changes the run.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  makeContinueAsNewFunc,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { Effect } from '../resize/effect';
import { OUTCOMES, type ResizeStatus } from '../resize/outcome';
import type { ResizeInput } from '../resize/request';
import type { Ending, RunState } from '../resize/run-state';
import { statusOf } from '../resize/status';
import { waitSummary } from '../resize/summaries';
import type { RunEvent } from '../resize/transitions';
import { isUnwanted, nextStep, type Step } from '../resize/waiting';
import { AuditTrail } from './audit-trail';
import * as cloud from './cloud-activities';
import { setHandlers } from './handlers';
import { ProvenVotes } from './proven-votes';
import { begin, Run } from './run';
import { tellEnd, Telling } from './telling';

/**
 * Resizes one server and holds the window open until somebody, or the request's own rule, decides.
 * @param carried what earlier runs of the same resize know (continue-as-new); never given by a caller
 * @returns the status, when it ended as confirmed, reverted or (before the cloud was asked) rejected
 * @throws ApplicationFailure, non-retryable, with the status as its first detail, for every other outcome
 */
export async function resizeServer(input: ResizeInput, carried?: RunState): Promise<ResizeStatus> {
  const run = new Run(begin(input, carried));
  const proven = new ProvenVotes(run);
  const audit = new AuditTrail(run);
  setHandlers(run, proven);
  // A cancel is an input to the rules, so a run cannot be cancelled half-way, nor its end.
  void CancellationScope.nonCancellable(() => proven.ask());
  void CancellationScope.nonCancellable(() => audit.write());
  void CancellationScope.nonCancellable(() => new Telling(run).go());
  const ending = await CancellationScope.nonCancellable(() => goOn(run, input, { proven, audit }));
  return close(run.state, ending);
}

/** What goes on beside the main loop. */
interface Beside {
  proven: ProvenVotes;
  audit: AuditTrail;
}

async function goOn(run: Run, input: ResizeInput, { proven, audit }: Beside): Promise<Ending> {
  for (;;) {
    run.takeNews();
    run.takeDeadline(proven);
    run.publish();
    await continueAsNewIfDue(run, input);
    run.check();
    const step = nextStep(run.state, Date.now());
    switch (step.do) {
      case 'prepare':
        await prepare(run, input);
        break;
      case 'observe':
        await observe(run);
        break;
      case 'request':
        await request(run, step.effect);
        break;
      case 'watch-anew':
        run.endWatch();
        run.apply({ is: 'watching-anew' });
        break;
      case 'end-bake':
        run.apply({ is: 'bake-ended' });
        break;
      case 'wait':
        await wait(run, step);
        break;
      case 'close':
        await tellEnd(run.state);
        await condition(allHandlersFinished);
        await audit.settled();
        return step.ending;
    }
  }
}

async function prepare(run: Run, input: ResizeInput): Promise<void> {
  run.apply({ is: 'observing' });
  await unlessOvertaken(run, cloud.prepareRun(run.state.request, input));
}

async function observe(run: Run): Promise<void> {
  const input = run.state;
  run.apply({ is: 'observing' });
  await unlessOvertaken(run, cloud.observe(input));
}

/**
 * Waits for an answer, but no longer than until the run has moved on: a decision is not held up by an observation, and
 * an observation of before the decision changes nothing after it.
 */
async function unlessOvertaken(run: Run, answer: Promise<RunEvent>): Promise<void> {
  const stage = run.state.stage.is;
  const overtaken = () => run.state.stage.is !== stage || run.deadlineFired;
  const event = await Promise.race([answer, condition(overtaken)]);
  if (event !== undefined && !overtaken()) run.apply(event);
}

/** Sends one request. While no worker has taken it up, people may still take it back. */
async function request(run: Run, effect: Effect): Promise<void> {
  const input = run.state;
  run.apply({ is: 'requesting', effect });
  const scope = new CancellationScope();
  let answered = false;
  void condition(() => answered || isUnwanted(run.state)).then(() => {
    if (!answered) scope.cancel();
  });
  const { observation, ...answer } = await scope.run(() => cloud.request(input, effect));
  answered = true;
  const stage = run.state.stage.is;
  run.apply({ is: 'answered', effect, answer });
  if (observation !== undefined && run.state.stage.is === stage) run.apply({ is: 'observed', observation });
}

/** Until then, or until something has happened that gives the run something to do. */
async function wait(run: Run, { until, watch }: Extract<Step, { do: 'wait' }>): Promise<void> {
  if (watch) run.watch(() => cloud.watch(run.state));
  const woken = () => {
    const step = nextStep(run.state, Date.now());
    if (run.deadlineFired || run.news !== undefined || run.hasChecksToBegin || run.isDeadlineNew) return true;
    return step.do !== 'wait' || step.until !== until || step.watch !== watch;
  };
  if (until === undefined) await condition(woken);
  else {
    const summary = waitSummary(run.state, until, Date.now());
    await condition(woken, Math.max(until - Date.now(), 1), { summary });
  }
}

/** Keeps the history short. Only the main loop calls it, never a handler, and never while a request is on its way. */
async function continueAsNewIfDue(run: Run, input: ResizeInput): Promise<void> {
  if (!run.isLong || run.state.stage.is === 'closed') return;
  await condition(allHandlersFinished);
  // The next run is read before its first task: without it, it would have the memo that this one began with (tried).
  const { memo = {} } = workflowInfo();
  await makeContinueAsNewFunc<typeof resizeServer>({ memo })(input, run.state);
}

function close(state: RunState, ending: Ending): ResizeStatus {
  const status: ResizeStatus = { ...statusOf(state, workflowInfo()), live: false };
  const { failure } = OUTCOMES[ending.outcome];
  if (failure !== undefined) {
    const closing = ApplicationFailure.create({
      type: failure,
      message: ending.message,
      nonRetryable: true,
      // Only what needs a person is an error to whoever watches the metrics.
      ...(ending.outcome !== 'needs-operator' && { category: ApplicationFailureCategory.BENIGN }),
      details: [status],
    });
    // An outcome is no fault of this program: a stack would only bury what it says.
    closing.stack = '';
    throw closing;
  }
  // Closes the run as Canceled; it carries no details, which is why the memo was written before.
  if (ending.outcome === 'cancelled' && ending.cause === 'cancelled') throw new CancelledFailure(ending.message);
  return status;
}
