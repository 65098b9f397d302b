/** How many calls of the cloud a look of a watching run is, and when it looks again. */
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger } from '@temporalio/worker';
import { Checker } from '../../src/checks';
import { CloudFailure, type Cloud } from '../../src/cloud';
import type { Surroundings } from '../../src/activities';
import type { WatcherState } from '../../src/temporal/watcher-progress';
import { watchServer } from '../../src/activities/watch-server';
import type { WatchInput } from '../../src/activities/activity-answers';
import type { ActionSeen, Observation, ServerSeen } from '../../src/resize/observation';
import { action, resizing, server, window } from '../resize/looks';

const STAMP = '2026-01-01T00:00:00Z';
const WAITS = { ...server('VERIFY_RESIZE resized - f2'), updated: STAMP };
const MOVES = server('RESIZE active resize_migrating f1');
const OURS = action('resize ours success');

/** A cloud that shows this, and how it was asked. */
function cloudWith(shown: ServerSeen | 'missing', log: ActionSeen[] = [OURS]) {
  const calls: string[] = [];
  const cloud = {
    serverById: () => {
      calls.push('server');
      const gone = new CloudFailure({ kind: 'not-found', tried: 'read', message: 'gone', status: 404 }, true);
      return shown === 'missing' ? Promise.reject(gone) : Promise.resolve(shown);
    },
    actions: () => {
      calls.push('log');
      return Promise.resolve(log);
    },
  } satisfies Partial<Cloud>;
  return { calls, cloud: cloud as unknown as Cloud };
}

const asked: WatchInput = {
  cloud: 'lab',
  server: WAITS.id,
  logReadable: true,
  expected: window,
  seen: { status: 'VERIFY_RESIZE', updated: STAMP },
  pace: { initial: 60_000, maximum: 300_000, backoff: 1.3 },
};
const whileResizing: Partial<WatchInput> = { effect: 'resize', expected: resizing, seen: { status: 'RESIZE' } };

const surroundingsOf = (cloud: Cloud): Surroundings => ({
  cloud,
  observeOnly: false,
  timing: { read: 1000, act: 1000, settle: 1000 },
  searchAttributes: () => [],
  checker: new Checker(),
});

const attemptOf = (
  cloud: Cloud,
  change: Partial<WatchInput> = {},
  attempt = 2,
  more: Partial<Surroundings> = {},
): Promise<Observation> => {
  // Later attempts are scheduled later; one that a watcher asks for is number one again.
  const times = { scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: attempt === 1 ? 0 : 60_000 };
  const environment = new MockActivityEnvironment({ attempt, ...times }, { logger: new DefaultLogger('ERROR') });
  const surroundings = { ...surroundingsOf(cloud), ...more };
  return environment.run((input: WatchInput) => watchServer(surroundings, input), { ...asked, ...change });
};
const nothingNew = { type: 'NothingNew' };

it('the first attempt asks for nothing where the run has observed the server at this moment', async () => {
  const { cloud, calls } = cloudWith(WAITS);
  await expect(attemptOf(cloud, { justObserved: true }, 1)).rejects.toMatchObject(nothingNew);
  expect(calls).toEqual([]);
  await expect(attemptOf(cloud, { justObserved: true }, 2)).rejects.toMatchObject(nothingNew);
  await expect(attemptOf(cloud, {}, 1)).rejects.toMatchObject(nothingNew);
  expect(calls).toEqual(['server', 'server']);
});

it('a server on its way is one call', async () => {
  const { cloud, calls } = cloudWith(MOVES);
  await expect(attemptOf(cloud, whileResizing)).rejects.toMatchObject(nothingNew);
  expect(calls).toEqual(['server']);
});

it('a server that has come to rest is read with its log, and is news', async () => {
  const { cloud, calls } = cloudWith(WAITS);
  expect(await attemptOf(cloud, whileResizing)).toMatchObject({ server: WAITS, actions: [OURS] });
  expect(calls).toEqual(['server', 'log']);
});

it('a server that was saved since is read with its log while people decide', async () => {
  const { cloud, calls } = cloudWith({ ...WAITS, updated: '2026-01-01T00:00:01Z' });
  await expect(attemptOf(cloud)).rejects.toMatchObject(nothingNew);
  expect(calls).toEqual(['server', 'log']);
});

it('every eighth time the log is read whatever the server shows: a confirm in vain leaves no trace in it', async () => {
  const { cloud, calls } = cloudWith(WAITS, [action('confirmResize ann error'), OURS]);
  await expect(attemptOf(cloud, {}, 7)).rejects.toMatchObject(nothingNew);
  expect(calls).toEqual(['server']);
  expect(await attemptOf(cloud, {}, 8)).toMatchObject({ actions: [{ result: 'error' }, OURS] });
});

it('of a server on its way the log is not read an eighth time either', async () => {
  const { cloud, calls } = cloudWith(MOVES);
  await expect(attemptOf(cloud, whileResizing, 8)).rejects.toMatchObject(nothingNew);
  expect(calls).toEqual(['server']);
});

it('a 404 is news, with the log that tells a deletion from a moment', async () => {
  const { cloud, calls } = cloudWith('missing', [action('delete ann success'), OURS]);
  expect(await attemptOf(cloud)).toMatchObject({ server: 'missing', actions: [{ action: 'delete' }, OURS] });
  expect(calls).toEqual(['server', 'log']);
});

it('what others have under way while people decide is looked at again within half a minute', async () => {
  const { cloud } = cloudWith(server('REVERT_RESIZE resized resize_reverting f2'));
  const busy = attemptOf(cloud, { seen: { status: 'REVERT_RESIZE' } });
  await expect(busy).rejects.toMatchObject({ ...nothingNew, nextRetryDelay: 30_000 });
});

describe('when it looks again', () => {
  const HOUR = 3_600_000;
  const watched: Partial<WatchInput> = { paceWhileWatched: { initial: HOUR, maximum: HOUR, backoff: 1 } };
  const delayWhen = async (state: WatcherState, change: Partial<WatchInput> = watched, attempt = 2) => {
    const more = { watcher: { state: () => Promise.resolve(state) } };
    const failure: unknown = await attemptOf(cloudWith(WAITS).cloud, change, attempt, more).catch(
      (error: unknown) => error,
    );
    return (failure as ApplicationFailure).nextRetryDelay;
  };

  it('is rarely, while a watcher reports changes', async () => {
    expect(Number(await delayWhen('watching'))).toBeGreaterThan(0.9 * HOUR - 1);
  });

  it('is soon, while a watcher is being started, and later each time', async () => {
    expect(Number(await delayWhen('starting'))).toBeLessThanOrEqual(5000);
    expect(Number(await delayWhen('starting', watched, 12))).toBeGreaterThan(50_000);
  });

  it('is at its own pace where nobody watches, and where the request says how often', async () => {
    expect(Number(await delayWhen('off'))).toBeGreaterThan(50_000);
    expect(Number(await delayWhen('watching', {}))).toBeLessThanOrEqual(300_000);
  });
});

it('an attempt that the watcher asks for is the first again, and looks all the same', async () => {
  const { cloud, calls } = cloudWith(WAITS);
  const times = { scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: 60_000 };
  const environment = new MockActivityEnvironment({ attempt: 1, ...times }, { logger: new DefaultLogger('ERROR') });
  const input = { ...asked, justObserved: true };
  const look = environment.run((given: WatchInput) => watchServer(surroundingsOf(cloud), given), input);
  await expect(look).rejects.toMatchObject(nothingNew);
  expect(calls).toEqual(['server']);
});
