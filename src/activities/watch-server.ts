import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { CloudFailure, type Cloud } from '../cloud';
import { isNews } from '../resize/effect';
import type { Observation } from '../resize/observation';
import { delayBefore, type Pace } from '../resize/polling';
import { describe } from '../resize/situation-facts';
import type { Surroundings } from '.';
import type { WatchInput } from './activity-answers';
import { observe } from './observe-server';
import type { WatcherState } from './watcher';

/**
 * Observes until there is something new for the run. Each observation is one attempt, and Temporal waits between them:
 * the history gets one activity, however long it takes, and no worker waits.
 * @throws ApplicationFailure NothingNew, to be tried again; any other is final, with the Trouble as its first detail
 */
export async function watchServer({ cloud, watcher }: Surroundings, input: WatchInput): Promise<Observation> {
  // Asked before the server is observed: what happens between the two is reported to the run.
  const watching = input.paceWhileWatched && (await watcher?.state());
  const observation = await observeFinally(cloud, input);
  if (isNews(input.effect, observation, input.expected, input.shown)) return observation;
  const { attempt } = Context.current().info;
  const { server } = observation;
  const nothingNew = ApplicationFailure.create({
    type: 'NothingNew',
    message: `nothing new: ${server === 'missing' ? 'the server is missing' : describe(server)} at ${observation.at}${watching === 'watching' ? ', its changes are reported' : ''}`,
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: delayBefore(attempt, paceNow(input, watching, attempt), Math.random()),
  });
  // It is no fault: a stack would only make the history longer.
  nothingNew.stack = '';
  throw nothingNew;
}

/** So often, and so many ms apart, a run asks whether a watcher that is being started is there. */
const STARTING = { attempts: 5, pace: { initial: 2000, maximum: 2000, backoff: 1 } };

function paceNow({ pace, paceWhileWatched }: WatchInput, watching: WatcherState | undefined, attempt: number): Pace {
  if (watching === 'watching' && paceWhileWatched !== undefined) return paceWhileWatched;
  return watching === 'starting' && attempt <= STARTING.attempts ? STARTING.pace : pace;
}

/** That the server cannot be observed is news as well. */
async function observeFinally(cloud: Cloud, input: WatchInput): Promise<Observation> {
  try {
    return await observe(cloud, input);
  } catch (error) {
    if (!(error instanceof CloudFailure)) throw error;
    const { trouble } = error;
    throw ApplicationFailure.create({
      type: 'CloudUnreachable',
      message: trouble.message,
      nonRetryable: true,
      category: ApplicationFailureCategory.BENIGN,
      details: [trouble],
    });
  }
}
