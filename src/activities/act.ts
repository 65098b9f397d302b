import { Context } from '@temporalio/activity';
import { CloudFailure, type Cloud, type ServerAction } from '../cloud';
import { mayHaveBeenCarriedOut, type Trouble } from '../resize/failure';
import type { Observation } from '../resize/observation';
import { restsIn, situation } from '../resize/situation';
import type { Surroundings } from '.';
import type { ActAnswer, ActInput, ObserveInput, PowerInput } from './activity-answers';
import { look } from './observe-server';

/**
 * How many HTTP requests an acting activity usually needs: the server, its log, the newest entry of it, and the POST.
 * A look is the same without the POST (measured: docs/costs.md).
 */
export const USUAL_REQUESTS = 4;

/** The situation that each request is sent from, and from no other. */
const FROM = { resize: 'untouched', confirmResize: 'window', revertResize: 'window' } as const;

/** One of the three requests of a resize. */
export async function act(surroundings: Surroundings, action: keyof typeof FROM, input: ActInput): Promise<ActAnswer> {
  const { id, name } = input.expected.to;
  const flavor = action === 'resize' ? { flavorId: id ?? name } : {};
  return once(surroundings, action, input, flavor, (seen) => situation(seen, input.expected).is === FROM[action]);
}

/** Stops or starts the server. */
export async function switchPower(
  surroundings: Surroundings,
  action: 'os-stop' | 'os-start',
  input: PowerInput,
): Promise<ActAnswer> {
  return once(surroundings, action, input, {}, ({ server }) => server !== 'missing' && restsIn(server, input.from));
}

/**
 * One effect: reads, and only if the server is as expected and the log shows nobody else's action, sends one POST.
 * It never throws for what a cloud does: whatever happened is an answer. It is never cut short by a cancel, since a
 * POST half-way cannot be taken back.
 */
async function once(
  { cloud, brake }: Surroundings,
  action: ServerAction,
  input: ObserveInput,
  options: { flavorId?: string },
  mayBeSent: (seen: Observation) => boolean,
): Promise<ActAnswer> {
  if (brake) return { answer: 'withheld', why: 'brake' };
  const { startToCloseTimeoutMs } = Context.current().info;
  // Start-to-close counts from the start of this attempt; this clock and the server's may differ, but not their pace.
  const notAfter = Date.now() + startToCloseTimeoutMs;
  const readAndSend = async (): Promise<ActAnswer> => {
    const seen = await look(cloud, input);
    if (!mayBeSent(seen)) return { answer: 'withheld', why: 'changed', seen };
    return send(cloud, action, input, { notAfter, ...options });
  };
  try {
    // Nothing may hold the POST back once its reason has been read, so its turn is waited for before.
    return await cloud.withoutPause(USUAL_REQUESTS, action, readAndSend);
  } catch (error) {
    if (!(error instanceof CloudFailure)) throw error;
    return { answer: 'withheld', why: 'unreadable', trouble: error.trouble };
  }
}

async function send(
  cloud: Cloud,
  action: ServerAction,
  { server, logReadable }: ObserveInput,
  options: { flavorId?: string; notAfter: number },
): Promise<ActAnswer> {
  try {
    const { requestId } = await cloud.post(server, action, options);
    // Nova names every request. A success that names none may be a portal's or a proxy's own: where the log can be read,
    // the log decides.
    if (requestId === undefined && logReadable) return { answer: 'unknown', trouble: nameless(action) };
    return { answer: 'accepted', ...(requestId !== undefined && { requestId }) };
  } catch (error) {
    if (!(error instanceof CloudFailure)) throw error;
    const { trouble } = error;
    if (trouble.kind === 'no-time') return { answer: 'withheld', why: 'no-time', trouble };
    // No log-in, no connection, not its turn: the request never left.
    const neverLeft = trouble.kind === 'rate-limited' || mayHaveBeenCarriedOut(trouble);
    if (!error.sent && neverLeft) return { answer: 'withheld', why: 'unreadable', trouble };
    return mayHaveBeenCarriedOut(trouble) ? { answer: 'unknown', trouble } : { answer: 'rejected', trouble };
  }
}

const nameless = (action: ServerAction): Trouble => ({
  kind: 'garbage',
  tried: action,
  message: 'it was answered with a success that names no request',
  advice: 'Look at what stands between the worker and the cloud (proxy, load balancer, login page).',
});
