import { Context } from '@temporalio/activity';
import { CloudFailure, type ResizeAction } from '../cloud';
import { mayHaveBeenCarriedOut } from '../resize/failure';
import { situation } from '../resize/situation';
import type { Surroundings } from '.';
import type { ActAnswer, ActInput } from './activity-answers';
import { look } from './observe-server';

/** The situation that each request is sent from, and from no other. */
const FROM = { resize: 'untouched', confirmResize: 'window', revertResize: 'window' } as const;

/**
 * One effect: reads, and only if the server is as expected and the log shows nobody else's action, sends one POST.
 * It never throws: whatever happened is an answer. It is never cut short by a cancel, since a POST half-way cannot be
 * taken back.
 */
export async function act({ cloud, brake }: Surroundings, action: ResizeAction, input: ActInput): Promise<ActAnswer> {
  if (brake) return { answer: 'withheld', why: 'brake' };
  const { startToCloseTimeoutMs } = Context.current().info;
  // Start-to-close counts from the start of this attempt; this clock and the server's may differ, but not their pace.
  const notAfter = Date.now() + startToCloseTimeoutMs;
  let seen;
  try {
    seen = await look(cloud, input);
  } catch (error) {
    if (!(error instanceof CloudFailure)) throw error;
    return { answer: 'withheld', why: 'unreadable', trouble: error.trouble };
  }
  if (situation(seen, input.expected).is !== FROM[action]) return { answer: 'withheld', why: 'changed', seen };
  const { id, name } = input.expected.to;
  try {
    const { requestId } = await cloud.post(input.server, action, {
      notAfter,
      ...(action === 'resize' && { flavorId: id ?? name }),
    });
    return { answer: 'accepted', ...(requestId !== undefined && { requestId }) };
  } catch (error) {
    if (!(error instanceof CloudFailure)) throw error;
    const { trouble } = error;
    if (trouble.kind === 'no-time') return { answer: 'withheld', why: 'no-time', trouble };
    // No log-in, no connection: the request never left.
    if (!error.sent && mayHaveBeenCarriedOut(trouble)) return { answer: 'withheld', why: 'unreadable', trouble };
    return mayHaveBeenCarriedOut(trouble) ? { answer: 'unknown', trouble } : { answer: 'rejected', trouble };
  }
}
