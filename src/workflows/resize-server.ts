/** The story of one resize, readable from top to bottom. What things mean is judged in src/resize. */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailureCategory } from '@temporalio/common';
import { proofArrived, timedOut } from '../resize/decision';
import { OUTCOMES, type ResizeStatus } from '../resize/outcome';
import { delayBefore, paceOf } from '../resize/polling';
import { checkRequest, InvalidRequest, workflowIdOf, type ResizeInput, type ResizeRequest } from '../resize/request';
import { look, prepare } from './cloud';
import { openDoor } from './door';
import { abandoned, refused, stoppedBefore } from './endings';
import { startAgain } from './power';
import { pursue, type Pursuit } from './pursue';
import { Report, statusOf } from './report';
import { isDue, pause, type Run } from './run';
import { begin, preparedOf, type Ending, type RunState } from './run-state';
import { weigh } from './weigh';

/**
 * Resizes one server and holds the window open until somebody, or the request's own rule, decides.
 * @param carried what earlier runs of the same resize know (continue-as-new); never given by a caller
 * @returns the status, when it ended as confirmed, reverted or (before the cloud was asked) rejected
 * @throws ApplicationFailure, non-retryable, with the status as its first detail, for every other outcome
 */
export async function resizeServer(input: ResizeInput, carried?: RunState): Promise<ResizeStatus> {
  const { runId } = workflowInfo();
  const state = carried ?? begin(requestOrStub(input), runId, Date.now());
  if (carried !== undefined) state.runs.push(runId);
  const report = new Report(state);
  const door = openDoor(state, report);
  const run: Run = { state, door, report, looksBefore: state.looks };
  // A cancel is an input to the rules, so the story itself cannot be cancelled half-way, nor its end.
  const ending = await CancellationScope.nonCancellable(async () => {
    const end = await toldTo(run, input);
    state.ending = end;
    delete state.concern;
    report.publish();
    await condition(allHandlersFinished);
    return end;
  });
  return close(state, ending);
}

/** The story, and what has to be put back after it. */
async function toldTo(run: Run, input: ResizeInput): Promise<Ending> {
  const { state } = run;
  const ending = state.endedAs ?? (await story(run, input));
  if (state.power === undefined) return ending;
  state.endedAs = ending;
  return startAgain(run, ending, () => continueIfDue(run));
}

async function story(run: Run, input: ResizeInput): Promise<Ending> {
  return (
    notToBeStarted(input) ?? (await prepared(run)) ?? (await resized(run)) ?? (await gate(run)) ?? (await followed(run))
  );
}

/** Refuses what must not run at all, before the first command. */
function notToBeStarted(input: ResizeInput): Ending | undefined {
  const { attempt, workflowId, runId } = workflowInfo();
  try {
    const request = checkRequest(input);
    if (workflowId !== workflowIdOf(request.server)) {
      return refused(
        `workflow id ${workflowId} is not ${workflowIdOf(request.server)}: start resizes with ResizeClient`,
      );
    }
  } catch (error) {
    if (error instanceof InvalidRequest) return refused(error.message);
    throw error;
  }
  // A caller's retry policy must never resize twice.
  return attempt > 1 ? refused(`an earlier attempt may have resized; look at the run before ${runId}`) : undefined;
}

/** Learns what was, and refuses what cannot work, before anything is touched. */
async function prepared({ state, report }: Run): Promise<Ending | undefined> {
  if (state.stage !== 'preparing') return undefined;
  const { cloud, server, flavor, expect, adopt, decideWithin, onTimeout } = state.request;
  let failed: unknown;
  const gate = { decideWithin, onTimeout };
  const preparing = prepare({
    cloud,
    server,
    flavor,
    ...gate,
    ...(expect && { expect }),
    ...(adopt && { adopt }),
  }).then(
    (result) => void (state.prepared = result),
    (error: unknown) => void (failed = error),
  );
  // What is taken over already waits in VERIFY_RESIZE: a reject then means a revert, not that nothing has happened.
  const stopped = () => (adopt ? undefined : stoppedBefore(state));
  await condition(() => state.prepared !== undefined || failed !== undefined || stopped() !== undefined);
  const ending = stopped();
  if (ending !== undefined) return ending;
  await preparing;
  if (failed !== undefined) {
    if (failed instanceof ApplicationFailure) return refused(failed.message);
    return refused(`the server could not be read: ${failed instanceof Error ? failed.message : 'no reason given'}`);
  }
  const { prepared: found } = state;
  if (found?.refusal !== undefined) return refused(found.refusal.message, found.refusal.advice);
  if (found === undefined) return refused('the server could not be read');
  state.seen = { server: found.server, at: new Date(Date.now()).toISOString() };
  if (found.adopted !== undefined) {
    // Somebody else's resize becomes ours: known by its request id, like our own.
    state.resize = { posts: 0, lost: 0, accepted: true, requestId: found.adopted };
    openWindow(state);
    return undefined;
  }
  state.stage = 'resizing';
  state.stageEnds = Date.now() + state.request.resizeWithin;
  if (found.brake) state.brake = true;
  report.publish();
  return undefined;
}

const RESIZE: Pursuit = { act: 'resize', from: 'untouched', doing: 'resize', watching: 'resizing' };
const CONFIRM: Pursuit = { act: 'confirm', from: 'window', doing: 'confirm', watching: 'settling' };
const REVERT: Pursuit = { act: 'revert', from: 'window', doing: 'revert', watching: 'settling' };

/** Asks for the resize, once, and watches until the window is open by it. */
async function resized(run: Run): Promise<Ending | undefined> {
  if (run.state.stage !== 'resizing') return undefined;
  const end = await pursue(run, RESIZE, () => continueIfDue(run));
  if (end !== 'window') return end;
  openWindow(run.state);
  return undefined;
}

function openWindow(state: RunState): void {
  enter(state, 'window');
  state.verifiedAt = new Date(Date.now()).toISOString();
}

/** Holds the window open: proof, then the decision clock; the first valid terminal decision, or the deadline. */
async function gate(run: Run): Promise<Ending | undefined> {
  const { state, report } = run;
  if (state.stage !== 'window') return undefined;
  if (!state.proofIn) {
    report.publish();
    // Without checks the proof passes at once; it says "no checks requested", never "healthy".
    state.proofIn = true;
    state.deadline = Date.now() + state.request.decideWithin;
    state.ledger = proofArrived(state.ledger);
  }
  while (state.ledger.terminal === undefined) {
    report.publish();
    let over = false;
    let watched: Ending | 'due' | undefined;
    void watchWindow(run, () => over).then((result) => void (watched = result));
    // Handlers compare no clocks: the gate closes here, when the firing of the timer is taken, and everything that
    // Temporal delivered before it counts.
    const left = Math.max((state.deadline ?? 0) - Date.now(), 1);
    const woken = await condition(() => state.ledger.terminal !== undefined || watched !== undefined, left, {
      summary: 'time to decide',
    });
    over = true;
    // TypeScript cannot see that the watch and the handlers write these while we wait.
    const [end, terminal] = [watched, state.ledger.terminal as unknown];
    if (terminal !== undefined) break;
    if (end === 'due') await continueIfDue(run);
    else if (end !== undefined) return end;
    else if (!woken) deadlinePassed(state);
  }
  return undefined;
}

/** Looks at the waiting server now and then, side by side with the decision and its clock. */
async function watchWindow(run: Run, isOver: () => boolean): Promise<Ending | 'due' | undefined> {
  const { state, report } = run;
  for (let n = 0; ; n++) {
    if (isDue(run)) return 'due';
    const pace = paceOf(state.concern === undefined ? 'deciding' : 'operator', state.request.polling);
    await pause(run, delayBefore(n, pace, Math.random()), isOver);
    if (isOver()) return undefined;
    const result = await look(state);
    // A decision that came while we looked has taken the story on.
    if (isOver()) return undefined;
    state.awakeAt = Date.now();
    const ending = weigh(state, result, { doing: 'wait for a decision' }).ending ?? abandoned(state);
    if (ending !== undefined) return ending;
    report.publish();
  }
}

function deadlinePassed(state: RunState): void {
  const now = Date.now();
  const { decideWithin, lateGrace, onTimeout } = state.request;
  const deadline = state.deadline ?? now;
  const late = now - deadline > lateGrace;
  if (late && state.lateHold === undefined) {
    const iso = (time: number) => new Date(time).toISOString();
    state.lateHold = `the worker or Temporal was away from ${iso(Math.min(state.awakeAt, deadline))} to ${iso(now)}, across the deadline; the server has been in use; decide`;
  }
  // Where it cannot be told whose resize this is, nothing is ever confirmed without a person.
  const unproven = onTimeout === 'confirm' && !preparedOf(state).logReadable;
  if (onTimeout === 'hold' || state.lateHold !== undefined || unproven) {
    state.overdue = true;
    // Aim at a fixed moment: the next whole decision time after the old deadline.
    const missed = Math.floor((now - deadline) / decideWithin) + 1;
    state.deadline = deadline + missed * decideWithin;
    return;
  }
  state.ledger = timedOut(state.ledger, onTimeout === 'confirm' ? 'approve' : 'reject', new Date(now).toISOString());
}

/** Does what was decided, and watches until its effect is seen. */
async function followed(run: Run): Promise<Ending> {
  const { state } = run;
  const approved = state.ledger.terminal?.decision === 'approve';
  if (state.stage === 'window') {
    enter(state, approved ? 'confirming' : 'reverting');
    state.stageEnds = Date.now() + state.request.settleWithin;
  }
  const end = await pursue(run, approved ? CONFIRM : REVERT, () => continueIfDue(run));
  if (end === 'window') throw new Error('a confirm or a revert ends the run, it opens no window');
  return end;
}

function enter(state: RunState, stage: RunState['stage']): void {
  state.stage = stage;
  delete state.stageEnds;
  delete state.concern;
  delete state.rejected;
  delete state.note;
}

/** Keeps the history short. Only the story calls it, never a handler, and only where no request of ours is under way. */
async function continueIfDue(run: Run): Promise<void> {
  if (!isDue(run)) return;
  await condition(allHandlersFinished);
  await continueAsNew<typeof resizeServer>(run.state.request, run.state);
}

function close(state: RunState, ending: Ending): ResizeStatus {
  const status: ResizeStatus = { ...statusOf(state), live: false };
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

/** A request that cannot be read still needs a status to be refused with. */
function requestOrStub(input: ResizeInput): ResizeRequest {
  try {
    return checkRequest(input);
  } catch {
    const field = (name: string): string => {
      const value: unknown =
        typeof input === 'object' ? (input as unknown as Record<string, unknown>)[name] : undefined;
      return typeof value === 'string' ? value : '(not given)';
    };
    const usual = checkRequest({
      cloud: 'x',
      server: '00000000-0000-0000-0000-000000000000',
      flavor: 'x',
      requestedBy: 'x',
    });
    return {
      ...usual,
      cloud: field('cloud'),
      server: field('server'),
      flavor: field('flavor'),
      requestedBy: field('requestedBy'),
    };
  }
}
