/** The activities of a cloud as a workflow calls them. What comes back is an event for the run. */
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  proxyActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { CheckInput, ObserveInput, RequestInput, WatchInput } from '../activities/activity-answers';
import type { Finding } from '../resize/checks';
import { EFFECTS, type Effect, type RequestAnswer, type RequestResult, type Seen } from '../resize/effect';
import type { Trouble } from '../resize/failure';
import type { ServerSeen } from '../resize/observation';
import type { Prepared } from '../resize/prepared';
import { present } from '../resize/present';
import type { InspectInput, ResizeInput, ResizeRequest } from '../resize/request';
import { withoutNulls } from '../resize/wire-json';
import { paceOf, paceWhileWatched } from '../resize/polling';
import { EFFECT_OF, expectationOf, isActing, preparedOf, type RunState } from '../resize/run-state';
import { checkSummary, observeSummary, requestSummary, summary } from '../resize/summaries';
import type { RunEvent } from '../resize/transitions';
import { watchingIn } from '../resize/waiting';
import { cloudTaskQueue } from './messages';

/**
 * Where a cloud's limit makes activities queue, what changes a server goes first, then the observations of servers that
 * are under way, and last those of servers that wait for people. Temporal's are 1 to 5, and 3 is the default.
 */
const PRIORITY = { act: { priorityKey: 1 }, underWay: { priorityKey: 2 }, waiting: { priorityKey: 4 } } as const;

/**
 * An activity that no worker has taken up by then is given up, and asked for again later. So the run hears people
 * meanwhile, and a queue of observations that are all about to expire does not form where more is asked than a cloud's
 * limit allows. The server refuses to start an activity that timed out so: it is certain that it never ran.
 */
export const TAKEN_UP_WITHIN = '40s';

/** The activities of a cloud run on its own task queue: own network, own credentials. */
export const queueOf = (cloud: string) => cloudTaskQueue(workflowInfo().taskQueue, cloud);

/**
 * Learns what was before the resize. A server that cannot be read within five tries is not worth starting on.
 * @param limits.within time of an attempt where a person waits for the answer
 * @throws ActivityFailure, with an ApplicationFailure of type {@link ReadFailure} as its cause
 */
export async function prepare(
  input: InspectInput,
  { attempts = 5, within }: { attempts?: number; within?: '25s' } = {},
): Promise<Prepared> {
  const { prepareResize } = proxyActivities<Activities>({
    taskQueue: queueOf(input.cloud),
    // Without the time in the queue: a worker that is busy says nothing about the cloud.
    startToCloseTimeout: within ?? '60s',
    heartbeatTimeout: '5s',
    // Who waits at a terminal watches the queue itself.
    ...(within === undefined && { scheduleToStartTimeout: TAKEN_UP_WITHIN }),
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: attempts },
    priority: within === undefined ? PRIORITY.underWay : PRIORITY.act,
    summary: summary(`read ${input.server} and flavor ${input.flavor}`),
  });
  return prepareResize(input);
}

/**
 * Runs one check on the server as it is, where a person waits for the answer.
 * @throws ActivityFailure
 */
export async function baselineOf(input: CheckInput): Promise<Finding> {
  const { cloud, check, within = 0 } = input;
  const { checkHealth } = proxyActivities<Activities>({
    taskQueue: queueOf(cloud),
    // The last try has all of its time.
    startToCloseTimeout: within + check.timeout + 10_000,
    heartbeatTimeout: '5s',
    retry: { initialInterval: '1s', maximumAttempts: 2 },
    priority: PRIORITY.act,
    summary: checkSummary(check),
  });
  return checkHealth(input);
}

/**
 * {@link prepare} for a run.
 * @param input as it was given: what it does not say, a policy may say
 */
export async function prepareRun({ cloud, server, flavor }: ResizeRequest, input: ResizeInput): Promise<RunEvent> {
  const asked: InspectInput = { ...(withoutNulls(input) as InspectInput), cloud, server, flavor };
  try {
    return { is: 'prepared', found: await prepare(asked) };
  } catch (error) {
    const failure = failureIn(error);
    const named = failure.cause instanceof ApplicationFailure ? failure.cause.message : undefined;
    const trouble = troubleIn(failure, 'prepare the resize');
    return { is: 'not-prepared', trouble: named === undefined ? trouble : { ...trouble, message: named } };
  }
}

/** One observation of the server. */
export async function observe(state: RunState): Promise<RunEvent> {
  const { observeServer } = proxyActivities<Activities>({
    taskQueue: queueOf(state.request.cloud),
    startToCloseTimeout: preparedOf(state).timing.read,
    // After a minute the run goes on without this observation: it says so, and still decides and keeps time.
    scheduleToCloseTimeout: '60s',
    scheduleToStartTimeout: TAKEN_UP_WITHIN,
    retry: { initialInterval: '1s', maximumInterval: '15s' },
    priority: state.stage.is === 'window' ? PRIORITY.waiting : PRIORITY.underWay,
    summary: observeSummary(state),
  });
  try {
    return { is: 'observed', observation: await observeServer(whatToObserve(state)) };
  } catch (error) {
    return { is: 'not-observed', trouble: troubleIn(failureIn(error), 'observe the server') };
  }
}

/** Observes until there is something new, or the server cannot be observed. */
export async function watch(state: RunState): Promise<RunEvent> {
  const { stage, request: asked } = state;
  const { watchServer } = proxyActivities<Activities>({
    taskQueue: queueOf(asked.cloud),
    startToCloseTimeout: preparedOf(state).timing.read,
    scheduleToStartTimeout: TAKEN_UP_WITHIN,
    retry: { initialInterval: '2s', maximumInterval: '5 minutes' },
    // One that waits for its next attempt closes at once (measured), so that another one can observe now.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    priority: stage.is === 'window' ? PRIORITY.waiting : PRIORITY.underWay,
    summary: observeSummary(state),
  });
  const input: WatchInput = {
    ...whatToObserve(state),
    ...(isActing(stage) && { effect: EFFECT_OF[stage.is] }),
    expected: expectationOf(state, Date.now()),
    ...present({ seen: seenOf(state.observed?.server), justObserved: state.awakeAt === Date.now() ? true : undefined }),
    pace: paceOf(watchingIn(state), asked.polling),
    ...present({ paceWhileWatched: paceWhileWatched(watchingIn(state), asked.polling) }),
  };
  try {
    return { is: 'observed', observation: await watchServer(input) };
  } catch (error) {
    return { is: 'not-observed', trouble: troubleIn(failureIn(error), 'observe the server') };
  }
}

function seenOf(server: ServerSeen | undefined): Seen | undefined {
  if (server === undefined) return undefined;
  const { status, locked, updated, powerState } = server;
  return present({ status, locked, updated, powerState });
}

/**
 * One POST, at most: one attempt, and an answer that got lost is an answer of its own. Two attempts could overlap, and
 * a time-out says nothing about whether the request was carried out.
 */
export async function request(state: RunState, effect: Effect): Promise<RequestResult> {
  const { to, timing } = preparedOf(state);
  const { name, sendIf } = EFFECTS[effect];
  const activities = proxyActivities<Activities>({
    taskQueue: queueOf(state.request.cloud),
    startToCloseTimeout: timing.act,
    scheduleToStartTimeout: TAKEN_UP_WITHIN,
    // A lost worker is noticed by its silence; the last heartbeat says whether the cloud had accepted the request.
    heartbeatTimeout: '5s',
    retry: { maximumAttempts: 1 },
    // A cancel takes back what no worker has begun; of what has begun it waits for the answer.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    priority: PRIORITY.act,
    summary: requestSummary(state, effect),
  });
  const send = {
    stop: activities.stopServer,
    resize: activities.requestResize,
    confirm: activities.confirmResize,
    revert: activities.revertResize,
    start: activities.startServer,
  }[effect];
  const input: RequestInput = {
    ...whatToObserve(state),
    sendIf,
    expected: expectationOf(state, Date.now()),
    ...(effect === 'resize' && { flavorId: to.id ?? to.name }),
  };
  try {
    return await send(input);
  } catch (error) {
    return withoutResult(failureIn(error), `ask the cloud to ${name}`);
  }
}

/** A request whose activity gave no result: it never started, or it is not known what became of it. */
function withoutResult(failure: ActivityFailure, tried: string): RequestAnswer {
  const { cause } = failure;
  if (cause instanceof CancelledFailure) return { answer: 'withheld', why: 'never-started' };
  const known: unknown = cause instanceof TimeoutFailure ? cause.lastHeartbeatDetails : undefined;
  if (isAccepted(known)) return known;
  const trouble = troubleIn(failure, tried);
  return trouble.kind === 'no-worker'
    ? { answer: 'withheld', why: 'never-started', trouble }
    : { answer: 'unknown', trouble };
}

/** Heartbeat details prove that a request was accepted; that there are none proves nothing. */
function isAccepted(known: unknown): known is Extract<RequestAnswer, { answer: 'accepted' }> {
  return typeof known === 'object' && known !== null && 'answer' in known && known.answer === 'accepted';
}

function whatToObserve(state: RunState): ObserveInput {
  const { baseline, logReadable } = preparedOf(state);
  const { cloud, server } = state.request;
  return { cloud, server, logReadable, ...present({ baseline, retry: state.retryGranted }) };
}

/** Only what an activity ended with is an answer; a fault of this program is not told as one. */
export function failureIn(error: unknown): ActivityFailure {
  if (error instanceof ActivityFailure) return error;
  throw error;
}

function troubleIn({ cause }: ActivityFailure, tried: string): Trouble {
  const details: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  if (typeof details === 'object' && details !== null && 'kind' in details) return details as Trouble;
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') {
    const message = `no worker took it up within ${TAKEN_UP_WITHIN} (none runs, or they are busy)`;
    return { kind: 'no-worker', tried, message };
  }
  if (cause instanceof TimeoutFailure) return { kind: 'no-answer', tried, message: 'the worker or its time ran out' };
  return { kind: 'no-answer', tried, message: cause?.message ?? 'no reason given' };
}
