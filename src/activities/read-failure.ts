import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { CloudFailure } from '../cloud';
import type { Trouble } from '../resize/failure';
import type { ReadFailure } from './activity-answers';

/** What reading runs into that no second try mends. */
const FINAL: Readonly<Partial<Record<Trouble['kind'], ReadFailure>>> = {
  'not-authenticated': 'NotAuthenticated',
  forbidden: 'NotAuthenticated',
  'not-found': 'NotFound',
  configuration: 'UnknownCloud',
};

/**
 * Turns the cloud's failures into Temporal's: final or to be tried again, after the time the cloud asked for. The
 * Trouble travels as the first detail; it holds no secret, and nothing else of the error does travel.
 */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CloudFailure)) throw error;
    const { trouble } = error;
    const final = FINAL[trouble.kind];
    throw ApplicationFailure.create({
      type: final ?? 'CloudUnreachable',
      message: trouble.message,
      nonRetryable: final !== undefined,
      // A cloud that is away for a while is no fault of this program: no error in the metrics, no stack in the log.
      category: ApplicationFailureCategory.BENIGN,
      details: [trouble],
      ...(trouble.retryAfter !== undefined && { nextRetryDelay: trouble.retryAfter }),
    });
  }
}
