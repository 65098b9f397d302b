/** The cloud as a workflow sees it: one look, or one request, each an activity; and what it teaches the run. */
import {
  ActivityFailure,
  ApplicationFailure,
  proxyActivities,
  TimeoutFailure,
  workflowInfo,
  type ActivityInterfaceFor,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { ActAnswer, ObserveInput, Prepared } from '../activities/activity-answers';
import type { Trouble } from '../resize/failure';
import type { Observation } from '../resize/observation';
import { ownActions, type Sent } from '../resize/situation';
import { cloudTaskQueue, type InspectInput } from './messages';
import { expectationOf, preparedOf, type RunState } from './run-state';

/** The three requests of a resize, by where the run keeps what it knows of them. */
export type Act = 'resize' | 'confirm' | 'revert';

/** What some clouds need around a resize. */
export type Power = 'stop' | 'start';

/**
 * Where a cloud's limit makes activities queue, what changes a server goes first, then the looks at servers that are
 * under way, and last those at servers that wait for people. Temporal's are 1 to 5, and 3 is what is not told.
 */
const PRIORITY = { act: { priorityKey: 1 }, underWay: { priorityKey: 2 }, waiting: { priorityKey: 4 } } as const;

/**
 * A look that has not begun by then is given up, so that those that begin have time left to end: where more is asked
 * than a cloud's limit allows, a queue of looks that are all about to expire would see nothing at all.
 */
const TURN_WITHIN = '40s';

/** The longest that a cloud which asks for more is left alone, ms. */
const LONGEST_PAUSE = 10 * 60_000;

/** The activities of a cloud run on its own task queue: own network, own credentials. */
const queueOf = (cloud: string) => cloudTaskQueue(workflowInfo().taskQueue, cloud);

/**
 * Learns what was before the resize. A server that cannot be read within five tries is not worth starting on.
 * @param limits.within time of an attempt where somebody waits for the answer
 * @throws ApplicationFailure of type {@link ReadFailure}
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
    retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: attempts },
    priority: within === undefined ? PRIORITY.underWay : PRIORITY.act,
    summary: `read ${input.server} and flavor ${input.flavor}`,
  });
  return unwrapped(() => prepareResize(input));
}

/** Runs an activity so that its own failure comes out of it, not Temporal's wrapping of it. */
export async function unwrapped<T>(activity: () => Promise<T>): Promise<T> {
  try {
    return await activity();
  } catch (error) {
    throw failureIn(error) ?? error;
  }
}

/**
 * One look at the server. Remembers what it teaches: our actions, the last good look, since when none succeeded.
 * @returns the observation, or the trouble that kept us from one for a minute
 */
export async function look(state: RunState): Promise<{ seen: Observation } | { trouble: Trouble }> {
  const { timing } = preparedOf(state);
  const { observeServer } = proxyActivities<Activities>({
    taskQueue: queueOf(state.request.cloud),
    startToCloseTimeout: timing.read,
    // After a minute the story goes on without this look: it says so, and still decides and keeps time.
    scheduleToCloseTimeout: '60s',
    scheduleToStartTimeout: TURN_WITHIN,
    retry: { initialInterval: '1s', maximumInterval: '15s' },
    priority: state.stage === 'window' ? PRIORITY.waiting : PRIORITY.underWay,
    summary: 'look at the server',
  });
  state.looks++;
  try {
    const seen = await observeServer(whatToObserve(state));
    learn(state, seen);
    return { seen };
  } catch (error) {
    state.unreachableSince ??= new Date(Date.now()).toISOString();
    const trouble = troubleIn(error) ?? silence(error);
    slowDown(state, trouble);
    return { trouble };
  }
}

/**
 * One POST, at most: one attempt, and an answer that got lost is an answer of its own. Two attempts could overlap, and
 * a time-out says nothing about whether the request was carried out.
 */
export async function send(state: RunState, act: Act): Promise<ActAnswer> {
  const activities = actingActivities(state, act);
  const ask = { resize: activities.requestResize, confirm: activities.confirmResize, revert: activities.revertResize }[
    act
  ];
  const input = { ...whatToObserve(state), expected: expectationOf(state, Date.now()) };
  const answer = await answered(ask(input));
  remember(state, act, answer);
  return answer;
}

/** Stops or starts the server; the same care as for the requests of a resize, and nothing is kept but the brake. */
export async function switchPower(state: RunState, power: Power): Promise<ActAnswer> {
  const activities = actingActivities(state, power);
  const input = whatToObserve(state);
  const answer = await answered(
    power === 'stop'
      ? activities.stopServer({ ...input, from: 'active' })
      : activities.startServer({ ...input, from: 'stopped' }),
  );
  if (answer.answer === 'withheld' && answer.why === 'brake') state.brake = true;
  else delete state.brake;
  return answer;
}

function actingActivities(state: RunState, act: Act | Power): ActivityInterfaceFor<Activities> {
  return proxyActivities<Activities>({
    taskQueue: queueOf(state.request.cloud),
    startToCloseTimeout: preparedOf(state).timing.act,
    retry: { maximumAttempts: 1 },
    priority: PRIORITY.act,
    summary: `ask the cloud to ${act}`,
  });
}

/** A time-out or a lost worker is an answer too: it is not known whether the request was carried out. */
async function answered(asked: Promise<ActAnswer>): Promise<ActAnswer> {
  try {
    return await asked;
  } catch (error) {
    const trouble = troubleIn(error);
    return { answer: 'unknown', ...(trouble && { trouble }) };
  }
}

function remember(state: RunState, act: Act, answer: ActAnswer): void {
  const sent = state[act];
  delete state.brake;
  switch (answer.answer) {
    case 'accepted':
      state[act] = {
        ...sent,
        posts: sent.posts + 1,
        accepted: true,
        ...(answer.requestId !== undefined && { requestId: answer.requestId }),
      };
      delete state.rejected;
      return;
    case 'rejected':
      state[act] = { ...sent, posts: sent.posts + 1 };
      state.rejected = {
        trouble: answer.trouble,
        times: (state.rejected?.times ?? 0) + 1,
        notBefore: Date.now() + (answer.trouble.retryAfter ?? 0),
      };
      return;
    case 'unknown':
      state[act] = { ...sent, posts: sent.posts + 1, lost: sent.lost + 1 };
      state.settledAt = Date.now() + preparedOf(state).timing.settle;
      return;
    case 'withheld':
      if (answer.why === 'brake') state.brake = true;
      if (answer.why === 'unreadable') state.unreachableSince ??= new Date(Date.now()).toISOString();
      slowDown(state, answer.trouble);
  }
}

/** Remembers until when the cloud wants to be left alone, and why. */
function slowDown(state: RunState, trouble: Trouble | undefined): void {
  delete state.slow;
  if (trouble?.kind !== 'rate-limited' || trouble.retryAfter === undefined) return;
  const until = Date.now() + Math.min(trouble.retryAfter, LONGEST_PAUSE);
  // An answer of the cloud's own has a status; without one it is ours, and says until when.
  const why =
    trouble.status === undefined
      ? trouble.message
      : `the cloud asks to slow down until ${new Date(until).toISOString()}`;
  state.slow = { until, why };
}

function learn(state: RunState, seen: Observation): void {
  delete state.unreachableSince;
  delete state.slow;
  if (seen.server === 'missing') return;
  state.seen = { server: seen.server, at: seen.at };
  const own = ownActions(seen, expectationOf(state, Date.now()));
  for (const act of ['resize', 'confirm', 'revert'] as const) {
    const action = own[act];
    // Once found in the log, a request whose answer was lost is as good as accepted.
    if (action !== undefined)
      state[act] = { ...state[act], requestId: action.requestId, accepted: true } satisfies Sent;
  }
  if (own.resize !== undefined) state.resizeAction = own.resize;
}

function whatToObserve(state: RunState): ObserveInput {
  const { baseline, logReadable } = preparedOf(state);
  return {
    cloud: state.request.cloud,
    server: state.request.server,
    logReadable,
    ...(baseline !== undefined && { baseline }),
  };
}

/** In a workflow an activity's failure arrives wrapped: the activity's own is the cause. */
function failureIn(error: unknown): ApplicationFailure | undefined {
  return error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : undefined;
}

/** The trouble of a look that nobody answered. */
function silence(error: unknown): Trouble {
  const queued =
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START';
  return {
    kind: 'no-answer',
    tried: 'look at the server',
    message: queued ? `no worker took it up within ${TURN_WITHIN}` : 'no worker or no cloud answered',
  };
}

function troubleIn(error: unknown): Trouble | undefined {
  const details: unknown = failureIn(error)?.details?.[0];
  return typeof details === 'object' && details !== null && 'kind' in details ? (details as Trouble) : undefined;
}
