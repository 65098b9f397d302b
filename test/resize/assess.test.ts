/** What one observation means for a run: the rules of time, of retries, and of stopping and starting. */
import { needsPerson, refusalNeedsPerson } from '../../src/resize/assess';
import type { Observation } from '../../src/resize/observation';
import { phaseOf } from '../../src/resize/run-state';
import { missing, shows, unlogged } from './looks';
import { HOUR, MINUTE, NOON, Played, SECOND, trouble } from './played';

const OURS = 'resize ours success';
const WINDOW = shows('VERIFY_RESIZE resized - f2', OURS);
const UNTOUCHED = shows('ACTIVE active - f1');
const STOPPED = shows('SHUTOFF stopped - f1');
const ERROR = shows('ERROR error - f1', 'resize ours error');
const FAULTY: Observation = {
  ...ERROR,
  server: { ...(ERROR.server as Exclude<Observation['server'], 'missing'>), fault: { message: 'disk is gone' } },
};
const BUSY = shows('RESIZE active resize_prep f1', 'resize ours running');
const resizing = () => new Played().prepared().accepted('resize');
const confirming = () => new Played().inWindow().vote('approve');
const stopping = () =>
  new Played({ stopFirst: true })
    .prepared()
    .requesting()
    .answered({ answer: 'rejected', trouble: trouble('wrong-state') })
    .accepted('os-stop');
const starting = () =>
  stopping()
    .observed(STOPPED)
    .requesting()
    .answered({ answer: 'rejected', trouble: trouble('no-capacity') });
const issueOf = (run: Played) => run.state.issue?.is;

describe('a 404', () => {
  it('is a deletion when another one comes at least 30 s later', () => {
    const run = new Played().inWindow().observed(missing());
    expect(run.step()).toMatchObject({ do: 'wait', until: NOON + 31 * SECOND });
    run.after(30 * SECOND - 1).observed(missing());
    expect(run.ending).toBeUndefined();
    run.after(1).observed(missing());
    expect(run.ending).toMatchObject({ outcome: 'changed-outside', cause: 'deleted' });
  });

  it('is forgotten when the server is there again, and leaves an operator called until then', () => {
    const run = new Played()
      .inWindow()
      .observed(missing())
      .after(20 * SECOND)
      .observed(WINDOW);
    run.after(20 * SECOND).observed(missing());
    expect(run.ending).toBeUndefined();
    const called = resizing().observed(FAULTY).observed(missing());
    expect(phaseOf(called.state)).toBe('needs-operator');
    expect(called.state.observed?.server.status).toBe('ERROR');
  });

  it('is waited for no longer than usual where the run waits less', () => {
    expect(resizing().observed(missing()).step()).toMatchObject({ do: 'wait', until: NOON + 2 * SECOND });
  });
});

describe('ERROR', () => {
  it('with its fault calls an operator at once; without it at the second observation', () => {
    expect(issueOf(resizing().observed(FAULTY))).toBe('error');
    expect(issueOf(resizing().observed(ERROR))).toBeUndefined();
    expect(issueOf(resizing().observed(ERROR).observed(ERROR))).toBe('error');
    expect(issueOf(new Played().inWindow().observed(ERROR))).toBeUndefined();
    expect(issueOf(new Played().inWindow().observed(FAULTY))).toBe('error');
  });

  it('that passed has to be seen twice again', () => {
    const run = resizing().observed(ERROR).observed(BUSY).observed(ERROR);
    expect(issueOf(run)).toBeUndefined();
  });

  it('says since when an operator is needed, whatever else is seen meanwhile', () => {
    const run = resizing().observed(FAULTY).after(MINUTE).observed(ERROR);
    expect(run.state.issue?.since).toBe('2026-01-01T12:00:00.000Z');
  });
});

describe('a stage', () => {
  it('has lasted too long at its end, not before', () => {
    expect(
      issueOf(
        resizing()
          .after(2 * HOUR - 1)
          .observed(BUSY),
      ),
    ).toBeUndefined();
    expect(
      issueOf(
        resizing()
          .after(2 * HOUR)
          .observed(BUSY),
      ),
    ).toBe('stuck');
    const confirmed = () => confirming().accepted('confirmResize');
    expect(
      issueOf(
        confirmed()
          .after(10 * MINUTE - 1)
          .observed(WINDOW),
      ),
    ).toBeUndefined();
    expect(
      issueOf(
        confirmed()
          .after(10 * MINUTE)
          .observed(WINDOW),
      ),
    ).toBe('stuck');
  });

  it('that ends in a refusal says so rather than that it takes too long', () => {
    const run = () =>
      confirming()
        .requesting()
        .answered({ answer: 'rejected', trouble: trouble('host-unavailable') });
    expect(
      issueOf(
        run()
          .after(10 * MINUTE - 1)
          .observed(WINDOW),
      ),
    ).toBeUndefined();
    expect(
      issueOf(
        run()
          .after(10 * MINUTE)
          .observed(WINDOW),
      ),
    ).toBe('rejected');
  });

  it('may last while a worker in observe-only mode holds a confirm back, but not when the cloud is busy with it', () => {
    const held = () => confirming().requesting().answered({ answer: 'withheld', why: 'observe-only' });
    expect(issueOf(held().after(HOUR).observed(WINDOW))).toBeUndefined();
    expect(issueOf(held().after(HOUR).observed(shows('VERIFY_RESIZE resized deleting f2', OURS)))).toBe('stuck');
    const resize = new Played().prepared({ observeOnly: true });
    expect(issueOf(resize.after(3 * HOUR).observed(UNTOUCHED))).toBe('stuck');
  });

  it('can last too long without an observation, too', () => {
    const unread = (ms: number) => resizing().after(ms).notObserved(trouble('no-answer'));
    expect(issueOf(unread(2 * HOUR - 1))).toBeUndefined();
    expect(issueOf(unread(2 * HOUR))).toBe('stuck');
    expect(
      issueOf(
        new Played()
          .inWindow()
          .after(2 * HOUR)
          .notObserved(trouble('no-answer')),
      ),
    ).toBeUndefined();
  });
});

describe('no worker', () => {
  const away = (run: Played, ms: number) =>
    run.notObserved(trouble('no-worker')).after(ms).notObserved(trouble('no-worker'));
  it('calls an operator after the time in which a server settles', () => {
    expect(issueOf(away(resizing(), 10 * MINUTE - 1))).toBeUndefined();
    expect(issueOf(away(resizing(), 10 * MINUTE))).toBe('no-worker');
    expect(
      issueOf(resizing().notObserved(trouble('no-answer')).after(HOUR).notObserved(trouble('no-answer'))),
    ).toBeUndefined();
  });

  it('calls nobody while people decide', () => {
    expect(issueOf(away(new Played().inWindow(), HOUR))).toBeUndefined();
  });
});

describe('a read that is refused', () => {
  it.each(['not-authenticated', 'forbidden', 'configuration'] as const)('needs a person: %s', (kind) => {
    expect(needsPerson(trouble(kind))).toBe(true);
    const run = new Played().inWindow().notObserved(trouble(kind));
    expect(run.state.issue?.is).toBe('rejected');
    expect(run.state.issue?.message).toContain('refused our read of the server');
    expect(phaseOf(run.after(MINUTE).observed(WINDOW).state)).toBe('awaiting-decision');
  });

  it('that goes away by itself needs one at the third time, unless the cloud only wants to be asked less', () => {
    const needs = (kind: 'conflict' | 'rate-limited', times: number) =>
      refusalNeedsPerson({ trouble: trouble(kind), times });
    expect([1, 2, 3, 4].map((times) => needs('conflict', times))).toEqual([false, false, true, true]);
    expect([1, 2, 3, 4].map((times) => needs('rate-limited', times))).toEqual([false, false, false, false]);
  });
});

describe('one more request', () => {
  const lost = () => new Played().prepared().requesting().answered({ answer: 'unknown' });

  it('goes out when the lost one can no longer arrive', () => {
    expect(
      lost()
        .after(150 * SECOND - 1)
        .observed(UNTOUCHED)
        .step().do,
    ).toBe('wait');
    expect(
      lost()
        .after(150 * SECOND)
        .observed(UNTOUCHED)
        .step().do,
    ).toBe('request');
  });

  it('waits for that only where one was lost: what was refused is asked again in its own time', () => {
    const run = confirming().requesting().answered({ answer: 'unknown' }).vote('reject');
    run
      .after(200 * SECOND)
      .observed(WINDOW)
      .requesting()
      .answered({ answer: 'rejected', trouble: trouble('host-unavailable') });
    const { notBefore = 0 } = run.state.rejected ?? {};
    run.now = notBefore - 1;
    expect(run.observed(WINDOW).step().do).toBe('wait');
    run.now = notBefore;
    expect(run.observed(WINDOW).step().do).toBe('request');
  });

  it('for the resize goes out within its time, later only after a retry', () => {
    const asked = (ms: number) => new Played({ resizeWithin: '1h' }).prepared({ observeOnly: true }).after(ms);
    expect(
      asked(HOUR - 1)
        .observed(UNTOUCHED)
        .step().do,
    ).toBe('request');
    expect(asked(HOUR).observed(UNTOUCHED).step().do).toBe('wait');
    expect(asked(HOUR).observed(UNTOUCHED).operator('retry').observed(UNTOUCHED).step().do).toBe('request');
  });

  it('for the confirm goes out later, too', () => {
    const run = confirming().requesting().answered({ answer: 'withheld', why: 'observe-only' });
    expect(run.after(HOUR).observed(WINDOW).step()).toEqual({ do: 'request', effect: 'confirm' });
  });

  it('never goes out on what does not fit it', () => {
    const run = lost()
      .after(200 * SECOND)
      .observed(shows('SHUTOFF stopped powering-on f1'));
    expect(run.step().do).toBe('wait');
    expect(run.operator('retry').observed(BUSY).step().do).toBe('wait');
  });

  it('at once after a retry, and what the retry granted is used up', () => {
    const run = confirming()
      .requesting()
      .answered({ answer: 'rejected', trouble: trouble('locked') })
      .operator('retry');
    expect(run.step().do).toBe('observe');
    expect(run.observed(WINDOW).step().do).toBe('request');
    expect(new Played().inWindow().operator('retry').observed(WINDOW).state.retryGranted).toBeUndefined();
  });
});

describe('a server that is stopped for the resize', () => {
  it('is stopped when it rests so, as it was otherwise', () => {
    expect(stopping().observed(STOPPED).state.stage.is).toBe('resizing');
    expect(stopping().observed(UNTOUCHED).state.stage.is).toBe('stopping');
    expect(stopping().observed(shows('ACTIVE active powering-off f1')).state.stage.is).toBe('stopping');
    expect(stopping().observed(missing()).state.stage.is).toBe('stopping');
    expect(stopping().observed(shows('SHUTOFF stopped - f3')).state.stage.is).toBe('stopping');
  });

  it('is started again when it runs, and no lost stop can still arrive', () => {
    const back = () => starting().accepted('os-start');
    expect(back().observed(UNTOUCHED).ending).toMatchObject({ outcome: 'refused' });
    expect(back().observed(STOPPED).ending).toBeUndefined();
    expect(back().observed(missing()).ending).toBeUndefined();
    const cancelled = new Played({ stopFirst: true })
      .prepared()
      .requesting()
      .answered({ answer: 'rejected', trouble: trouble('wrong-state') })
      .requesting()
      .answered({ answer: 'unknown' })
      .cancel();
    expect(cancelled.after(149 * SECOND).observed(UNTOUCHED).ending).toBeUndefined();
    expect(cancelled.after(SECOND).observed(UNTOUCHED).ending).toMatchObject({ outcome: 'cancelled' });
  });

  it('is not asked to start before the stop that was lost has settled', () => {
    const run = starting();
    expect(run.step()).toEqual({ do: 'request', effect: 'start' });
    run.requesting().answered({ answer: 'unknown' });
    expect(
      run
        .after(149 * SECOND)
        .observed(STOPPED)
        .step().do,
    ).toBe('wait');
    expect(run.after(SECOND).observed(STOPPED).step()).toEqual({ do: 'request', effect: 'start' });
  });

  it('keeps how the resize ended, whatever others do meanwhile; only a deletion is added', () => {
    for (const seen of [
      shows('SHUTOFF stopped - f2', 'resize ann success'),
      shows('VERIFY_RESIZE resized - f2', 'resize ann success'),
      unlogged('VERIFY_RESIZE resized - f3'),
    ]) {
      const run = starting().observed(seen);
      expect(run.ending).toBeUndefined();
      expect(issueOf(run)).toBeUndefined();
    }
    expect(starting().observed(missing('delete ann success')).ending).toMatchObject({ outcome: 'refused' });
    const gone = starting().observed(missing()).after(MINUTE).observed(missing());
    expect(gone.ending?.message).toContain('deleted before it was started again');
  });

  it('calls an operator when it goes into ERROR, or does not start in its time', () => {
    const error = shows('ERROR error - f1');
    expect(issueOf(starting().observed(error).observed(error))).toBe('error');
    expect(
      issueOf(
        starting()
          .accepted('os-start')
          .after(10 * MINUTE)
          .observed(STOPPED),
      ),
    ).toBe('stuck');
  });

  it('goes on to start it when the server has been repaired', () => {
    const error = shows('ERROR error - f1');
    const run = starting().observed(error).observed(error).observed(STOPPED);
    expect(run.step()).toEqual({ do: 'request', effect: 'start' });
  });
});

describe('what was learnt', () => {
  it('of our actions in the log is kept: ids, and the times of the resize', () => {
    const run = resizing().observed(BUSY);
    expect(run.state.resizeAction?.requestId).toBe('req-ours-resize');
    run.observed(unlogged('RESIZE active resize_prep f1'));
    expect(run.state.resizeAction?.requestId).toBe('req-ours-resize');
    const confirmed = confirming().requesting().answered({ answer: 'unknown' });
    confirmed.observed(shows('VERIFY_RESIZE resized - f2', 'confirmResize we running', OURS));
    expect(confirmed.state.sent.confirm).toEqual({
      posts: 1,
      lost: 1,
      accepted: true,
      requestId: 'req-we-confirmResize',
    });
  });

  it('ends that the cloud could not be asked', () => {
    const run = resizing().notObserved(trouble('rate-limited', { retryAfter: SECOND, status: 429 }));
    expect(run.state.unreachableSince).toBe('2026-01-01T12:00:00.000Z');
    expect(run.after(MINUTE).notObserved(trouble('no-answer')).state).toMatchObject({
      unreachableSince: '2026-01-01T12:00:00.000Z',
      pause: undefined,
    });
    expect(run.after(MINUTE).observed(missing()).state).toMatchObject({
      unreachableSince: undefined,
      pause: undefined,
    });
  });
});
