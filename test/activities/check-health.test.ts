/** A check as an activity: how often it tries, what it counts, and when it ends. */
import type { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { checkHealth } from '../../src/activities/check-health';
import type { CheckInput } from '../../src/activities/activity-answers';
import type { Asked, Checker } from '../../src/checks';
import type { Try } from '../../src/resize/check-verdict';
import type { Check, Verdict } from '../../src/resize/checks';
import { checkOf } from '../checks/servers';

const LETTERS: Record<string, Verdict> = { p: 'pass', f: 'fail', i: 'inconclusive' };

/** A server that is found so, try by try; the last one goes on. */
function found(letters: string) {
  const asked: Asked[] = [];
  const checker: Pick<Checker, 'try'> = {
    try: (_check: Check, ask: Asked) => {
      const letter = letters.charAt(Math.min(asked.length, letters.length - 1));
      asked.push(ask);
      const verdict = LETTERS[letter] ?? 'inconclusive';
      return Promise.resolve<Try>({ verdict, figure: `try ${asked.length}` });
    },
  };
  return { asked, checker };
}

const quick = { interval: '100ms', timeout: '100ms' };
const inputOf = (change: Partial<CheckInput> = {}, options: object = {}): CheckInput => ({
  cloud: 'lab',
  check: checkOf({ tcp: { host: '{address}', port: 22 }, ...quick, ...options }),
  when: 'baseline',
  target: { id: 'id-1', name: 'web-07', addresses: { lab: ['10.0.0.5'] } },
  ...change,
});

const attempt = (info: object = {}) => new MockActivityEnvironment({ ...info }, { logger: new DefaultLogger('ERROR') });
const run = (checker: Pick<Checker, 'try'>, input: CheckInput, environment = attempt()) =>
  environment.run((given: CheckInput) => checkHealth(checker, given), input);
const failureOf = async (work: Promise<unknown>): Promise<ApplicationFailure> => {
  const failure: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return failure as ApplicationFailure;
};

describe('a baseline', () => {
  it.each<[string, string, number]>([
    ['p', 'pass', 1],
    ['fff', 'fail', 3],
    ['ffp', 'pass', 3],
    ['iii', 'inconclusive', 3],
  ])('of %s is %s after %d tries', async (letters, verdict, tries) => {
    const { checker, asked } = found(letters);
    expect(await run(checker, inputOf())).toMatchObject({ verdict, figure: `try ${tries}` });
    expect(asked).toHaveLength(tries);
  });

  it('begins at once: the server has been there', async () => {
    const { checker } = found('p');
    expect(await run(checker, inputOf({}, { initialDelay: '1m' }))).toMatchObject({ verdict: 'pass' });
  });

  it('that comes to no verdict ends', async () => {
    const { checker } = found('pfpfpfpfpfpf');
    const finding = await run(checker, inputOf({}, { successes: 2, failures: 2 }));
    expect(finding).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringMatching(/^no verdict within/) as string,
    });
  });
});

describe('a proof', () => {
  const proof = (change: Partial<CheckInput> = {}, options: object = {}) =>
    inputOf({ when: 'proof', grace: 0, within: 2000, ...change }, options);

  it('counts no failure before the grace is over, and a pass at once', async () => {
    const failing = found('f');
    expect(await run(failing.checker, proof({ grace: 400 }))).toMatchObject({ verdict: 'fail' });
    expect(failing.asked.length).toBeGreaterThan(5);
    expect(await run(found('fp').checker, proof({ grace: 1000 }))).toMatchObject({ verdict: 'pass', figure: 'try 2' });
  });

  it('is inconclusive when its time is over', async () => {
    expect(await run(found('i').checker, proof({ within: 300 }))).toMatchObject({
      verdict: 'inconclusive',
      reason: 'no verdict within 0.3 s; the last try: inconclusive',
    });
  });

  it('goes on where an attempt before was: its times, and its row of tries', async () => {
    const times = { scheduledTimestampMs: 1_000_000, currentAttemptScheduledTimestampMs: 1_060_000 };
    const heartbeatDetails = { verdict: 'fail', length: 2, last: { verdict: 'fail' } };
    const failing = found('f');
    const again = attempt({ ...times, attempt: 2, heartbeatDetails });
    expect(await run(failing.checker, proof({ grace: 60_000, within: 120_000 }), again)).toMatchObject({
      verdict: 'fail',
    });
    expect(failing.asked).toHaveLength(1);
    const late = found('p');
    expect(await run(late.checker, proof({ within: 60_000 }), attempt(times))).toMatchObject({
      verdict: 'inconclusive',
    });
    expect(late.asked).toHaveLength(0);
  });

  it('tells a probe since when what is measured counts', async () => {
    const { checker, asked } = found('p');
    const before = Date.now();
    await run(checker, proof());
    expect(asked[0]?.since).toBeGreaterThanOrEqual(before - 1000);
    await run(checker, inputOf());
    expect(asked[1]).not.toHaveProperty('since');
  });

  it('gives each try all of its time, also the last one', async () => {
    const { checker, asked } = found('f');
    await run(checker, proof({ within: 500 }, { failures: 100, timeout: '30s' }));
    expect(asked.every(({ timeout }) => timeout === 30_000)).toBe(true);
  });
});

describe('a watch', () => {
  const watch = (known: Verdict | undefined, options: object = {}) =>
    inputOf({ when: 'watch', every: 30_000, ...(known && { known }) }, options);

  it('that finds what is known is one try, and is tried again later, as no fault', async () => {
    const { checker, asked } = found('p');
    const failure = await failureOf(run(checker, watch('pass')));
    expect(failure).toMatchObject({ type: 'NothingNew', nextRetryDelay: 30_000, category: 'BENIGN' });
    expect(failure.message).toMatch(/^it: pass, try 1 at 20\d\d-/);
    expect(asked).toHaveLength(1);
  });

  it('that finds something else makes sure of it, and is news', async () => {
    const { checker, asked } = found('f');
    expect(await run(checker, watch('pass'))).toMatchObject({ verdict: 'fail', figure: 'try 3' });
    expect(asked).toHaveLength(3);
  });

  it('that finds a moment of failure is nothing new', async () => {
    const failure = await failureOf(run(found('ffp').checker, watch('pass')));
    expect(failure).toMatchObject({ type: 'NothingNew' });
  });

  it('that finds no data is news as well', async () => {
    expect(await run(found('i').checker, watch('pass'))).toMatchObject({ verdict: 'inconclusive' });
    const counted = watch('pass', { inconclusive: 'pass' });
    expect(await failureOf(run(found('i').checker, counted))).toMatchObject({ type: 'NothingNew' });
  });

  it('takes its first verdict for news where none is known', async () => {
    expect(await run(found('p').checker, watch(undefined))).toMatchObject({ verdict: 'pass' });
  });

  it('has its own time in each attempt, however long people take', async () => {
    const times = { scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: 86_400_000 };
    expect(await run(found('f').checker, watch('pass'), attempt({ ...times, attempt: 900 }))).toMatchObject({
      verdict: 'fail',
    });
  });
});

describe('a worker that shuts down', () => {
  it.each<[string, object]>([
    ['between two tries', { interval: '1h' }],
    ['before the first one', { initialDelay: '4m' }],
  ])('hands the check to another one at once, %s', async (_when, options) => {
    const { checker } = found('f');
    const environment = attempt();
    const input = inputOf({ when: 'proof', grace: 0, within: 7_200_000 }, { failures: 9, ...options });
    const running = failureOf(run(checker, input, environment));
    environment.cancel('WORKER_SHUTDOWN');
    expect(await running).toMatchObject({ type: 'WorkerShutdown', nextRetryDelay: 1 });
  });
});

it('beats, with the row of tries so far', async () => {
  const environment = attempt();
  const beats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => beats.push(details));
  await run(found('i').checker, inputOf({ when: 'proof', grace: 0, within: 1300 }), environment);
  expect(beats[0]).toMatchObject({ verdict: 'inconclusive', last: { verdict: 'inconclusive' } });
});
