import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { CloudFailure, type Cloud, type ServerAction } from '../cloud';
import { isSettled, maySend, type Effect, type RequestAnswer, type RequestResult } from '../resize/effect';
import { mayHaveBeenCarriedOut, type Trouble } from '../resize/failure';
import type { Observation, ServerSeen } from '../resize/observation';
import { present } from '../resize/present';
import { isUnderWay, waits } from '../resize/situation-facts';
import type { Surroundings } from '.';
import type { RequestInput } from './activity-answers';
import { withHeartbeats } from './heartbeats';
import { observe, readServer, withLog } from './observe-server';

/**
 * How many HTTP requests an acting activity usually needs: the server, its log, the newest entry of it, and the POST.
 * An observation needs the same without the POST (measured: docs/costs.md).
 */
export const USUAL_REQUESTS = 4;

/** The compute API's names for the effects (Compute API, "Servers - run an action"). */
const ACTIONS: Readonly<Record<Effect, ServerAction>> = {
  stop: 'os-stop',
  resize: 'resize',
  confirm: 'confirmResize',
  revert: 'revertResize',
  start: 'os-start',
};

/** How long the effect of an accepted request is waited for here, and how often it is looked for; ms. */
const SETTLE = { within: 20_000, first: 500, longest: 3_000, backoff: 1.5 };

/**
 * One effect: reads, and only if the server shows what the workflow expects, sends one POST. It never throws for what
 * a cloud does: whatever happened is an answer. It is never cut short by a cancel, since a POST half-way cannot be
 * taken back. What is known is in the heartbeats, so that a worker that is killed after the POST does not take the
 * answer with it; a quick effect is waited for, which spares the run a timer and an activity for each observation.
 */
export async function requestEffect(
  surroundings: Surroundings,
  effect: Effect,
  input: RequestInput,
): Promise<RequestResult> {
  if (surroundings.observeOnly) return { answer: 'withheld', why: 'observe-only' };
  const { startToCloseTimeoutMs } = Context.current().info;
  // Start-to-close counts from the start of this attempt; this clock and the server's may differ, but not their pace.
  const notAfter = Date.now() + startToCloseTimeoutMs;
  let known: RequestAnswer | undefined;
  return withHeartbeats(
    async () => {
      known = await sendOnce(surroundings.cloud, effect, input, notAfter);
      if (known.answer !== 'accepted') return known;
      Context.current().heartbeat(known);
      if (effect === 'resize') return { ...known, ...present({ shown: await shown(surroundings.cloud, input) }) };
      const observation = await settled(surroundings.cloud, effect, input, known.requestId, notAfter);
      return { ...known, ...present({ observation }) };
    },
    () => known,
  );
}

async function sendOnce(cloud: Cloud, effect: Effect, input: RequestInput, notAfter: number): Promise<RequestAnswer> {
  const action = ACTIONS[effect];
  try {
    // Nothing may hold the POST back once its reason has been read, so its turn is waited for before.
    return await cloud.withoutPause(USUAL_REQUESTS, action, async () => {
      const observation = await observe(cloud, input);
      if (!maySend(observation, input.sendIf, input.expected)) return { answer: 'withheld', why: 'changed' };
      return send(cloud, action, input, notAfter);
    });
  } catch (error) {
    if (!(error instanceof CloudFailure)) throw error;
    return { answer: 'withheld', why: 'unreadable', trouble: error.trouble };
  }
}

/**
 * The server right after a resize was accepted, where it is on its way: Nova sets task and status before it answers
 * (resize_prep, RESIZE; measured). So the run shows that at once, and no look is needed for it.
 */
async function shown(cloud: Cloud, input: RequestInput): Promise<{ server: ServerSeen; at: string } | undefined> {
  try {
    const server = await readServer(cloud, input);
    return server !== 'missing' && isUnderWay(server) ? { server, at: new Date().toISOString() } : undefined;
  } catch (error) {
    if (error instanceof CloudFailure) return undefined;
    throw error;
  }
}

/** The observation that shows the effect, if it comes quickly; else the run looks for it at its own pace. */
async function settled(
  cloud: Cloud,
  effect: Exclude<Effect, 'resize'>,
  input: RequestInput,
  requestId: string | undefined,
  notAfter: number,
): Promise<Observation | undefined> {
  // Where a profile limits the requests, observations go through the task queue, which has one limit for all workers.
  if (cloud.requestsPerSecond !== undefined) return undefined;
  const { cancellationSignal: signal } = Context.current();
  const end = Date.now() + Math.min(SETTLE.within, (notAfter - Date.now()) / 2);
  try {
    for (let wait = SETTLE.first; Date.now() + wait < end; wait = Math.min(wait * SETTLE.backoff, SETTLE.longest)) {
      await sleep(wait, undefined, { signal });
      const server = await readServer(cloud, input);
      // Nothing has come of it yet, whatever the log says.
      if (server !== 'missing' && (isUnderWay(server) || waits(server))) continue;
      const observation = await withLog(cloud, input, server);
      if (isSettled(effect, observation, input.expected, requestId)) return observation;
    }
  } catch (error) {
    // A cloud that does not answer, or a worker that shuts down: the run observes by itself.
    if (!(error instanceof CloudFailure) && !signal.aborted) throw error;
  }
  return undefined;
}

async function send(
  cloud: Cloud,
  action: ServerAction,
  { server, logReadable, flavorId }: RequestInput,
  notAfter: number,
): Promise<RequestAnswer> {
  try {
    const { requestId } = await cloud.post(server, action, present({ flavorId, notAfter }));
    // Nova names every request. A success that names none may be a portal's or a proxy's own: where the log can be read,
    // the log decides.
    if (requestId === undefined && logReadable) return { answer: 'unknown', trouble: nameless(action) };
    return { answer: 'accepted', ...present({ requestId }) };
  } catch (error) {
    if (!(error instanceof CloudFailure)) throw error;
    return answerFor(error);
  }
}

/** What became of a request that ended in a failure. */
function answerFor({ trouble, sent }: CloudFailure): RequestAnswer {
  if (trouble.kind === 'no-time') return { answer: 'withheld', why: 'no-time', trouble };
  const open = mayHaveBeenCarriedOut(trouble);
  // No log-in, no connection, or queued for too long: the request never left.
  if (!sent && (open || trouble.kind === 'rate-limited')) return { answer: 'withheld', why: 'unreadable', trouble };
  return open ? { answer: 'unknown', trouble } : { answer: 'rejected', trouble };
}

const nameless = (action: ServerAction): Trouble => ({
  kind: 'garbage',
  tried: action,
  message: 'it was answered with a success that names no request',
  advice: 'Look at what stands between the worker and the cloud (proxy, load balancer, login page).',
});
