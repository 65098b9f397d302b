import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { CloudFailure, type Cloud } from '../cloud';
import { isLogNeeded, isNews } from '../resize/effect';
import type { Observation, ServerSeen } from '../resize/observation';
import { delayBefore, LONGEST_UNDER_WAY, type Pace } from '../resize/polling';
import { describe, isUnderWay } from '../resize/situation-facts';
import type { WatcherState } from '../temporal/watcher-progress';
import { CHANGES_REPORTED } from '../workflows/messages';
import type { Surroundings } from '.';
import type { WatchInput } from './activity-answers';
import { readServer, withLog } from './observe-server';

/**
 * What others have tried in vain may leave no trace in the server: so often the log is read even though the cloud has not
 * saved the server since.
 */
const LOG_EVERY = 8;

/**
 * Observes until there is something new for the run. Each observation is one attempt, and Temporal waits between them:
 * the history gets one activity, however long it takes, and no worker waits.
 * @throws ApplicationFailure NothingNew, to be tried again; any other is final, with the Trouble as its first detail
 */
export async function watchServer({ cloud, watcher }: Surroundings, input: WatchInput): Promise<Observation> {
  // Asked before the server is observed: what happens between the two is reported to the run.
  const watching = input.paceWhileWatched && (await watcher?.state());
  const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
  // A watcher that reports a change makes an attempt of number one, too, but not at the time of the first.
  const isFirst = currentAttemptScheduledTimestampMs === scheduledTimestampMs;
  if (input.justObserved === true && isFirst) throw nothingNew('the run has just observed it', watching, input);
  const { server, news } = await unlessUnreachable(() => look(cloud, input, attempt));
  if (news !== undefined) return news;
  const shown = server === 'missing' ? 'the server is missing' : describe(server);
  throw nothingNew(`${shown} at ${new Date().toISOString()}`, watching, input, server);
}

/** Reads the server, and its log where that can be news. */
async function look(
  cloud: Cloud,
  input: WatchInput,
  attempt: number,
): Promise<{ server: ServerSeen | 'missing'; news?: Observation }> {
  const { effect, expected, seen } = input;
  const server = await readServer(cloud, input);
  const due = effect === undefined && attempt % LOG_EVERY === 0;
  if (server !== 'missing' && !due && !isLogNeeded(effect, server, expected, seen)) return { server };
  const observation = await withLog(cloud, input, server);
  return isNews(effect, observation, expected, seen) ? { server, news: observation } : { server };
}

function nothingNew(
  message: string,
  watching: WatcherState | undefined,
  input: WatchInput,
  server?: ServerSeen | 'missing',
): ApplicationFailure {
  const { attempt } = Context.current().info;
  const usual = delayBefore(attempt, paceNow(input, watching, attempt), Math.random());
  // Somebody else has something under way while people decide: its end is not far.
  const soon = input.effect === undefined && server !== undefined && server !== 'missing' && isUnderWay(server);
  const failure = ApplicationFailure.create({
    type: 'NothingNew',
    message: `nothing new: ${message}${watching === 'watching' ? CHANGES_REPORTED : ''}`,
    category: ApplicationFailureCategory.BENIGN,
    nextRetryDelay: soon ? Math.min(usual, LONGEST_UNDER_WAY) : usual,
  });
  // It is no fault: a stack would only make the history longer.
  failure.stack = '';
  return failure;
}

/**
 * A run asks at least so often whether a watcher that is being started is there. It may take long: another worker's
 * attempt at it is given up only when its heartbeats end.
 */
const WHILE_STARTING = { initial: 2000, backoff: 1.5 };

function paceNow({ pace, paceWhileWatched }: WatchInput, watching: WatcherState | undefined, attempt: number): Pace {
  if (watching === 'watching' && paceWhileWatched !== undefined) return paceWhileWatched;
  if (watching !== 'starting') return pace;
  return { ...WHILE_STARTING, maximum: delayBefore(attempt, pace, 0.5) };
}

/** That the server cannot be observed is news as well. */
async function unlessUnreachable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
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
