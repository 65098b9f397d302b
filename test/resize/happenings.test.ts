/** What happens to a run besides observations and answers: being carried on, being lost, the deadline, the end. */
import { isUnwanted, isWatching } from '../../src/resize/waiting';
import { missing, shows, unlogged } from './looks';
import { HOUR, least, MINUTE, NOON, Played, SECOND, trouble } from './played';

const OURS = 'resize ours success';
const WINDOW = shows('VERIFY_RESIZE resized - f2', OURS);
const UNTOUCHED = shows('ACTIVE active - f1');
const STOPPED = shows('SHUTOFF stopped - f1');
const noWorker = trouble('no-worker');
const stopping = () =>
  new Played({ stopFirst: true })
    .prepared()
    .requesting()
    .answered({ answer: 'rejected', trouble: trouble('wrong-state') });
const stopped = () => stopping().accepted('os-stop').observed(STOPPED);

describe('a run that was lost since it was carried on', () => {
  const lostIn = (run: Played) => {
    run.event({ is: 'run-lost' });
    return Object.entries(run.state.sent).flatMap(([effect, { lost }]) => (lost > 0 ? [effect] : []));
  };
  it.each<[string, () => Played, string[]]>([
    ['resizing', () => new Played().prepared(), ['resize', 'confirm', 'revert', 'start']],
    [
      'resizing, where a stop is allowed',
      () => new Played({ stopFirst: true }).prepared(),
      ['stop', 'resize', 'confirm', 'revert', 'start'],
    ],
    ['stopping', stopping, ['stop', 'resize', 'confirm', 'revert', 'start']],
    ['while people decide', () => new Played().inWindow(), ['confirm', 'revert', 'start']],
    ['confirming', () => new Played().inWindow().vote('approve'), ['confirm', 'start']],
    ['reverting', () => new Played().inWindow().vote('reject'), ['revert', 'start']],
    ['starting', () => stopped().cancel(), ['start']],
  ])('may have asked for what was still to ask: %s', (_, run, effects) => {
    expect(lostIn(run()).sort()).toEqual([...effects].sort());
  });

  it('asks for nothing before a lost request can no longer arrive, and looks soon', () => {
    const run = new Played().prepared().requesting().event({ is: 'run-lost' });
    expect(run.state.inFlight).toBeUndefined();
    expect(run.state.sent.resize).toEqual({ posts: 1, lost: 1, accepted: false });
    expect(run.state.settledAt).toBe(NOON + 150 * SECOND);
    expect(run.step()).toMatchObject({ do: 'wait', until: NOON + 2 * SECOND });
    expect(
      run
        .after(149 * SECOND)
        .observed(UNTOUCHED)
        .step().do,
    ).toBe('wait');
    expect(run.after(SECOND).observed(UNTOUCHED).step()).toEqual({ do: 'request', effect: 'resize' });
  });

  it('while it was prepared ends: what it learnt is lost with it', () => {
    expect(new Played().event({ is: 'run-lost' }).ending).toMatchObject({ outcome: 'refused' });
  });
});

it('a run that is carried on knows all its run ids, oldest first', () => {
  const run = new Played()
    .inWindow()
    .event({ is: 'continued', runId: 'run-2' })
    .event({ is: 'continued', runId: 'run-3' });
  expect(run.state.runs).toEqual(['run-1', 'run-2', 'run-3']);
  const fromTheSecond = run.vote('approve', { by: 'bob', run: 'run-2' });
  expect(fromTheSecond.state.stage.is).toBe('confirming');
});

describe('the preparation', () => {
  it('that no worker takes up is asked for again; any other trouble ends the run', () => {
    const run = new Played().event({ is: 'observing' }).event({ is: 'not-prepared', trouble: noWorker });
    expect(run.step()).toMatchObject({ do: 'wait', until: NOON + 30 * SECOND });
    expect(run.after(30 * SECOND).step()).toEqual({ do: 'prepare' });
    run.prepared();
    expect(run.state).toMatchObject({ unreachableSince: undefined, issue: undefined });
    expect(new Played().event({ is: 'not-prepared', trouble: trouble('no-answer') }).ending).toMatchObject({
      outcome: 'refused',
    });
  });

  it('that finds a reason against it ends the run, and says it', () => {
    const refusal = { message: 'it is locked', advice: { you: 'Unlock it.' } };
    expect(new Played().prepared({ refusal }).ending).toEqual({
      outcome: 'refused',
      message: 'refused, nothing was changed: it is locked',
      advice: { you: 'Unlock it.' },
    });
  });

  it('by a worker in observe-only mode sends nothing before an observation', () => {
    expect(new Played().prepared().step()).toEqual({ do: 'request', effect: 'resize' });
    expect(new Played().prepared({ observeOnly: true }).step()).toMatchObject({ do: 'observe' });
  });

  it('of a resize that is taken over leads to the decision at once, and nothing is asked for', () => {
    const run = new Played({ adopt: true }).prepared({ adopted: 'req-ours-resize' });
    expect(run.state.stage).toEqual({ is: 'window', askedAt: run.now });
    expect(run.state.sent.resize).toEqual({ posts: 0, lost: 0, accepted: true, requestId: 'req-ours-resize' });
    expect(run.state.deadline).toBe(NOON + 30 * MINUTE);
    expect(run.observed(WINDOW).vote('reject').step()).toEqual({ do: 'request', effect: 'revert' });
  });

  it('that was rejected meanwhile ends the run; one that takes over has a resize to revert', () => {
    expect(new Played().event({ is: 'observing' }).vote('reject').ending).toMatchObject({ outcome: 'cancelled' });
    const adopting = new Played({ adopt: true }).event({ is: 'observing' }).vote('reject');
    expect(adopting.ending).toBeUndefined();
    expect(adopting.prepared({ adopted: 'req-ours-resize' }).state.stage.is).toBe('reverting');
  });
});

describe('the deadline', () => {
  it('comes when the decision time has passed since VERIFY_RESIZE was seen', () => {
    const run = new Played({ decideWithin: '10m' }).prepared().accepted('resize').after(HOUR).observed(WINDOW);
    expect(run.state.deadline).toBe(NOON + HOUR + 10 * MINUTE);
    expect(run.state.verifiedAt).toBe('2026-01-01T13:00:00.000Z');
  });

  it('does what the request says: revert, confirm, or hold', () => {
    const stage = (onTimeout: 'revert' | 'confirm' | 'hold') =>
      new Played({ onTimeout }).inWindow().deadline().state.stage.is;
    expect([stage('revert'), stage('confirm'), stage('hold')]).toEqual(['reverting', 'confirming', 'window']);
    const unproven = new Played({ onTimeout: 'revert' }).prepared({ logReadable: false }).accepted('resize');
    unproven.observed(unlogged('VERIFY_RESIZE resized - f2')).deadline();
    expect(unproven.state.stage.is).toBe('reverting');
  });

  it('that is handled within the grace counts; later nothing happens by itself', () => {
    const late = (ms: number) =>
      new Played({ decideWithin: '30m', lateGrace: '5m' })
        .inWindow()
        .after(30 * MINUTE + ms)
        .deadline();
    expect(late(5 * MINUTE).state.stage.is).toBe('reverting');
    expect(late(5 * MINUTE + 1).state.stage).toMatchObject({ is: 'window', overdueSince: '2026-01-01T12:30:00.000Z' });
  });

  it('that is missed comes again a whole decision time later, and says from when nobody was there', () => {
    const run = new Played({ decideWithin: '30m', lateGrace: '5m' })
      .inWindow()
      .after(10 * MINUTE)
      .observed(WINDOW);
    run.after(50 * MINUTE).deadline();
    expect(run.state.deadline).toBe(NOON + 90 * MINUTE);
    expect(run.state.stage).toMatchObject({
      lateHold: expect.stringContaining('away from 2026-01-01T12:10:00.000Z to 2026-01-01T13:00:00.000Z') as string,
    });
    // Once it is held, it stays so.
    expect(run.deadline().state.stage.is).toBe('window');
    expect(run.state.deadline).toBe(NOON + 120 * MINUTE);
  });

  it('is no news after a decision, nor while the cloud still resizes', () => {
    const decided = new Played().inWindow().vote('approve').deadline();
    expect(decided.state.stage.is).toBe('confirming');
    expect(decided.state.ledger.terminal?.by).toBe('bob');
    expect(new Played().prepared().accepted('resize').deadline().state.ledger.terminal).toBeUndefined();
  });
});

describe('an early approve', () => {
  it('confirms as soon as the resize is seen', () => {
    const run = new Played().prepared().vote('approve').accepted('resize').observed(WINDOW);
    expect(run.step()).toEqual({ do: 'request', effect: 'confirm' });
  });
});

describe('the next observation', () => {
  it('comes ever later, while nothing changes, and from the start in a new stage', () => {
    const busy = shows('RESIZE active resize_prep f1', 'resize we running');
    const run = new Played().prepared().requesting().answered({ answer: 'unknown' });
    const gaps = [1, 2, 3].map(() => {
      const step = run.step();
      const gap = step.do === 'wait' ? (step.until ?? run.now) - run.now : 0;
      run.after(gap).notObserved(trouble('no-answer'));
      return gap;
    });
    expect(gaps).toEqual([2000, 2600, 3380]);
    expect(run.state.next.waits).toBe(4);
    run.observed(busy).observed(shows('VERIFY_RESIZE resized - f2', 'resize we success'));
    expect(run.step()).toMatchObject({ do: 'wait', until: run.now + MINUTE });
  });

  it('comes at once when somebody asks for it, and only once', () => {
    const run = new Played().inWindow();
    expect(run.step().do).toBe('wait');
    expect(run.event({ is: 'observation-wanted' }).step()).toEqual({ do: 'watch-anew' });
    expect(run.event({ is: 'watching-anew' }).step().do).toBe('wait');
    expect(run.state.observations).toBe(3);
  });

  it('leaves the cloud alone for as long as it asks, but ten minutes at most', () => {
    const asks = (retryAfter: number) =>
      new Played()
        .prepared()
        .accepted('resize')
        .notObserved(trouble('rate-limited', { status: 429, retryAfter }))
        .step();
    expect(asks(90 * SECOND)).toMatchObject({ do: 'wait', until: NOON + 90 * SECOND });
    expect(asks(HOUR)).toMatchObject({ do: 'wait', until: NOON + 10 * MINUTE });
    expect(asks(1)).toMatchObject({ do: 'wait', until: NOON + 2 * SECOND });
  });

  it('is paced by what is under way', () => {
    const until = (run: Played) => {
      const step = run.notObserved(trouble('no-answer')).step();
      return step.do === 'wait' ? (step.until ?? run.now) - run.now : 0;
    };
    expect(until(new Played().prepared().accepted('resize'))).toBe(2 * SECOND);
    expect(until(new Played().inWindow().vote('approve').accepted('confirmResize'))).toBe(SECOND);
    expect(until(new Played().inWindow())).toBe(MINUTE);
    expect(until(new Played().prepared({ observeOnly: true }))).toBe(30 * SECOND);
    const called = new Played().prepared().accepted('resize').observed(shows('VERIFY_RESIZE resized - f3', OURS));
    expect(called.state.issue?.is).toBe('not-ours');
    expect(until(called)).toBe(39 * SECOND);
  });
});

describe('a run that only waits for something to happen in the cloud', () => {
  const resizing = () => new Played().prepared().accepted('resize');
  it.each<[string, () => Played, boolean]>([
    ['while people decide', () => new Played().inWindow(), true],
    ['while the cloud resizes', resizing, true],
    ['while the cloud confirms', () => new Played().inWindow().vote('approve').accepted('confirmResize'), true],
    ['not before anything is known', () => new Played(), false],
    ['not before the request is sent', () => new Played().prepared(), false],
    [
      'not while a request is refused',
      () =>
        new Played()
          .inWindow()
          .vote('approve')
          .requesting()
          .answered({ answer: 'rejected', trouble: trouble('no-answer') }),
      false,
    ],
    ['not after one lost request', () => new Played().prepared().requesting().answered({ answer: 'unknown' }), false],
    ['not while a lost request may still arrive', () => new Played().inWindow().event({ is: 'run-lost' }), false],
    [
      'when it can no longer arrive',
      () =>
        new Played()
          .inWindow()
          .event({ is: 'run-lost' })
          .after(150 * SECOND),
      true,
    ],
    ['not after one 404', () => new Played().inWindow().observed(missing()), false],
    ['not after one ERROR', () => new Played().inWindow().observed(shows('ERROR error - f2', OURS)), false],
    ['not while the cloud cannot be asked', () => resizing().notObserved(trouble('no-answer')), false],
    ['not while an operator is called', () => resizing().observed(shows('VERIFY_RESIZE resized - f3', OURS)), false],
    [
      'not in observe-only mode',
      () => new Played({ adopt: true }).prepared({ adopted: 'req-ours-resize', observeOnly: true }),
      false,
    ],
  ])('is watched %s', (_, play, watched) => {
    const run = play();
    expect(isWatching(run.state, run.now)).toBe(watched);
  });
});

describe('a request that no worker has taken up', () => {
  it('is withdrawn when the run was given up, or when a resize or a stop was rejected', () => {
    expect(isUnwanted(new Played().prepared().requesting().state)).toBe(false);
    expect(isUnwanted(new Played().prepared().requesting().vote('reject').state)).toBe(true);
    expect(isUnwanted(stopping().requesting().vote('reject').state)).toBe(true);
    expect(isUnwanted(new Played().inWindow().vote('reject').requesting().state)).toBe(false);
    expect(isUnwanted(new Played().inWindow().vote('approve').requesting().operator('abandon').state)).toBe(true);
    expect(isUnwanted(new Played().inWindow().operator('abandon').state)).toBe(false);
  });
});

describe('a run that has ended', () => {
  const ended = () => new Played().prepared().cancel();

  it('closes with how it ended, and nothing changes it', () => {
    const run = ended();
    expect(run.step()).toEqual({ do: 'close', ending: run.ending });
    const before = run.state;
    run.observed(WINDOW).operator('abandon').deadline().event({ is: 'run-lost' });
    expect(run.state).toBe(before);
  });

  it('records a late vote all the same, with the reason why it does not count', () => {
    const run = ended().vote('approve', { by: 'zoe' });
    expect(run.state.ledger.decisions.at(-1)).toMatchObject({ by: 'zoe', counted: false });
    expect(run.ending).toMatchObject({ outcome: 'cancelled' });
  });
});

describe('what was stopped for the resize', () => {
  const inWindow = () => stopped().accepted('resize').observed(WINDOW);

  it('is started again after the resize, whatever came of it', () => {
    expect(
      inWindow()
        .vote('approve')
        .accepted('confirmResize')
        .observed(shows('SHUTOFF stopped - f2', 'confirmResize ours success', OURS))
        .step(),
    ).toEqual({ do: 'request', effect: 'start' });
    expect(stopped().cancel().step()).toEqual({ do: 'request', effect: 'start' });
  });

  it('is left as it is where others have changed it, or an operator takes over', () => {
    const changed = inWindow().observed(shows('SHUTOFF stopped - f2', 'confirmResize ann success', OURS));
    expect(changed.ending).toMatchObject({ outcome: 'changed-outside' });
    expect(inWindow().operator('abandon').ending).toMatchObject({ outcome: 'needs-operator' });
    expect(inWindow().observed(missing('delete ann success', OURS)).ending).toMatchObject({
      outcome: 'changed-outside',
    });
  });

  it('and cannot be started ends as the resize did, unless an operator gives it up', () => {
    const run = stopped().cancel().accepted('os-start').observed(UNTOUCHED);
    expect(run.ending).toMatchObject({ outcome: 'cancelled' });
    expect(stopped().cancel().operator('abandon').ending).toMatchObject({ outcome: 'needs-operator' });
  });
});

it('what is asked for is what the request says', () => {
  expect(new Played().state.request).toMatchObject({ ...least, resizeWithin: 2 * HOUR, settleWithin: 10 * MINUTE });
});
