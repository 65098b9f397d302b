import { CloudFailure } from '../../src/cloud';

/** The CloudFailure that a promise ends in. */
export async function failed(promise: Promise<unknown>): Promise<CloudFailure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CloudFailure) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
