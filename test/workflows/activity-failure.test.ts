import { ActivityFailure, ApplicationFailure, RetryState } from '@temporalio/common';
import { failureIn } from '../../src/workflows/cloud-activities';

it('only what an activity ended with is told as an answer; a fault of this program is not told as "no answer"', () => {
  const cause = ApplicationFailure.create({ message: 'no' });
  const failure = new ActivityFailure('failed', 'observeServer', '1', RetryState.NON_RETRYABLE_FAILURE, 'w', cause);
  expect(failureIn(failure)).toBe(failure);
  expect(() => failureIn(new TypeError('x is not a function'))).toThrow(TypeError);
});
