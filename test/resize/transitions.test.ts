import fc from 'fast-check';
import type { ResizeInput } from '../../src/resize/request';
import { mayBeResized, phaseOf } from '../../src/resize/run-state';
import { statusOf } from '../../src/resize/status';
import { missing, shows, unlogged } from './looks';
import { HOUR, MINUTE, NOON, Played, SECOND, trouble } from './played';

const WINDOW = shows('VERIFY_RESIZE resized - f2', 'resize ours success');
const UNTOUCHED = shows('ACTIVE active - f1');
const ERROR = shows('ERROR error - f1', 'resize ours error');
const ids = { workflowId: 'resize-1', runId: 'run-1' };

describe('a request that the cloud refuses', () => {
  it('is sent again ever more slowly, up to five minutes, not at the same pace for ever', () => {
    const run = new Played().inWindow().vote('approve');
    const gaps: number[] = [];
    for (let n = 0; n < 20; n++) {
      run.requesting().answered({ answer: 'rejected', trouble: trouble('host-unavailable') });
      const refused = run.now;
      while (run.step().do !== 'request') {
        const step = run.step();
        if (step.do === 'wait') run.now = step.until ?? run.now;
        else run.observed(WINDOW);
      }
      gaps.push(run.now - refused);
    }
    expect(gaps[0]).toBeLessThanOrEqual(2 * SECOND);
    expect(gaps.at(-1)).toBe(5 * MINUTE);
    expect(gaps).toEqual([...gaps].sort((one, other) => one - other));
    expect(phaseOf(run.state)).toBe('needs-operator');
  });

  it('waits as long as the cloud asks', () => {
    const run = new Played().prepared().requesting();
    run.answered({ answer: 'rejected', trouble: trouble('rate-limited', { retryAfter: 45_000 }) });
    expect(run.step()).toEqual({ do: 'wait', until: NOON + 45_000, watch: false });
  });

  it.each(['quota', 'flavor-not-found', 'no-capacity', 'bad-request', 'forbidden'] as const)(
    'ends a run that has resized nothing, if no waiting helps (%s)',
    (kind) => {
      const run = new Played()
        .prepared()
        .requesting()
        .answered({ answer: 'rejected', trouble: trouble(kind) });
      expect(run.ending).toMatchObject({ outcome: 'refused', message: `refused, nothing was changed: it is ${kind}` });
    },
  );

  it('is for an operator once the resize was accepted, whatever it is', () => {
    const run = new Played().inWindow().vote('reject').requesting();
    run.answered({ answer: 'rejected', trouble: trouble('quota') });
    expect(run.ending).toBeUndefined();
    expect(run.state.issue).toMatchObject({ is: 'rejected', message: /refused our revert/ });
  });
});

describe('a lost answer', () => {
  it('is followed by a second request only when the first can no longer arrive, and by a third only after a retry', () => {
    const run = new Played().prepared().requesting().answered({ answer: 'unknown' });
    run.after(100 * SECOND).observed(UNTOUCHED);
    expect(run.step().do).toBe('wait');
    run
      .after(60 * SECOND)
      .observed(UNTOUCHED)
      .requesting()
      .answered({ answer: 'unknown' });
    run.after(200 * SECOND).observed(UNTOUCHED);
    expect(run.state.issue?.is).toBe('lost-twice');
    expect(run.step().do).toBe('wait');
    run.operator('retry').observed(UNTOUCHED);
    expect(run.step()).toEqual({ do: 'request', effect: 'resize' });
  });

  it('is as good as an accepted one once the log shows our action', () => {
    const run = new Played().prepared().requesting().answered({ answer: 'unknown' });
    run.observed(shows('RESIZE active resize_prep f1', 'resize we running'));
    expect(run.state.sent.resize).toMatchObject({ accepted: true, requestId: 'req-we-resize' });
  });
});

describe('a retry', () => {
  const refused = () =>
    new Played()
      .inWindow()
      .vote('approve')
      .requesting()
      .answered({ answer: 'rejected', trouble: trouble('locked') });

  it('is for the observation that it asked for, and grants nothing later', () => {
    const run = refused()
      .operator('retry')
      .observed(shows('VERIFY_RESIZE resized powering-off f2', 'resize ours success'));
    expect(run.state.retryGranted).toBeUndefined();
  });

  it('is not lost when it arrives while the server is being observed', () => {
    const run = refused().event({ is: 'observing' }).operator('retry').event({ is: 'observed', observation: WINDOW });
    expect(run.step().do).not.toBe('wait');
  });

  it('is recorded like a vote, and so is an abandon', () => {
    const run = refused().operator('retry').operator('abandon');
    expect(run.state.operatorWords).toMatchObject([
      { word: 'retry', by: 'eve' },
      { word: 'abandon', by: 'eve' },
    ]);
    expect(statusOf(run.state, ids).operatorWords).toHaveLength(2);
  });
});

describe('the deadline', () => {
  it('that is handled in time reverts', () => {
    expect(new Played().inWindow().deadline().state.stage.is).toBe('reverting');
  });

  it('that is handled late does nothing by itself, and says from when to when nobody was there', () => {
    const run = new Played({ decideWithin: '30m', lateGrace: '5m' }).inWindow();
    run.after(HOUR).deadline();
    const status = statusOf(run.state, ids);
    expect(status).toMatchObject({
      phase: 'awaiting-decision',
      overdue: true,
      overdueSince: '2026-01-01T12:30:00.000Z',
    });
    expect(status.message).toMatch(/away from 2026-01-01T12:00:00.000Z to 2026-01-01T13:00:00.000Z/);
    expect(run.state.deadline).toBe(NOON + 90 * MINUTE);
  });

  it('never confirms where it cannot be told whose resize it is', () => {
    const run = new Played({ onTimeout: 'confirm' }).prepared({ logReadable: false }).accepted('resize');
    run.observed(unlogged('VERIFY_RESIZE resized - f2')).deadline();
    expect(statusOf(run.state, ids)).toMatchObject({ phase: 'awaiting-decision', overdue: true });
  });

  it('says since when it is overdue, however often it is asked again', () => {
    const run = new Played({ onTimeout: 'hold', decideWithin: '10m' }).inWindow().deadline().deadline();
    expect(statusOf(run.state, ids).overdueSince).toBe('2026-01-01T12:10:00.000Z');
  });
});

describe('an operator', () => {
  it('is not called for ERROR before its fault can be seen, and then stays called while it lasts', () => {
    const run = new Played().prepared().accepted('resize').observed(ERROR);
    expect(phaseOf(run.state)).toBe('resizing');
    for (let n = 0; n < 3; n++) expect(phaseOf(run.observed(ERROR).state)).toBe('needs-operator');
  });

  it('is no longer needed when the server is repaired, and the run goes on', () => {
    const run = new Played().prepared().accepted('resize').observed(ERROR).observed(ERROR).observed(WINDOW);
    expect(statusOf(run.state, ids)).toMatchObject({ phase: 'awaiting-decision' });
  });

  it('is called when a stage takes longer than its time', () => {
    const busy = shows('RESIZE active resize_migrating f1', 'resize ours running');
    const run = new Played({ resizeWithin: '1h' })
      .prepared()
      .accepted('resize')
      .after(2 * HOUR)
      .observed(busy);
    expect(run.state.issue?.is).toBe('stuck');
  });
});

it('a deleted server takes two 404s that lie apart', () => {
  const run = new Played().inWindow().observed(missing());
  expect(run.ending).toBeUndefined();
  run.after(31 * SECOND).observed(missing());
  expect(run.ending).toMatchObject({ outcome: 'changed-outside', cause: 'deleted' });
});

describe('whatever happens', () => {
  type Happening = (run: Played) => unknown;
  const observations = [
    UNTOUCHED,
    WINDOW,
    ERROR,
    shows('SHUTOFF stopped - f1'),
    shows('RESIZE active resize_prep f1', 'resize ours running'),
    shows('ACTIVE active - f1', 'resize ours error'),
    shows('ACTIVE active - f2', 'confirmResize ours success', 'resize ours success'),
    shows('ACTIVE active - f1', 'revertResize ours success', 'resize ours success'),
    shows('ACTIVE active - f2', 'confirmResize eve success', 'resize ours success'),
    missing(),
    unlogged('ACTIVE active - f1'),
  ];
  const kinds = ['rate-limited', 'locked', 'quota', 'conflict', 'wrong-state', 'no-answer', 'no-worker'] as const;
  const request = (run: Played, answer: Parameters<Played['answered']>[0]) => {
    if (run.step().do === 'request') run.requesting();
    if (run.state.inFlight !== undefined) run.answered(answer);
  };
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    fc.constantFrom(...observations).map((seen) => (run: Played) => run.state.prepared && run.observed(seen)),
    fc.constantFrom(...kinds).map((kind) => (run: Played) => run.state.prepared && run.notObserved(trouble(kind))),
    fc
      .constantFrom(...kinds)
      .map((kind) => (run: Played) => request(run, { answer: 'rejected', trouble: trouble(kind) })),
    fc.constant((run: Played) =>
      request(run, { answer: 'accepted', requestId: `req-ours-${run.state.inFlight ?? ''}` }),
    ),
    fc.constant((run: Played) => request(run, { answer: 'unknown' })),
    fc.constant((run: Played) => request(run, { answer: 'withheld', why: 'changed' })),
    fc.constant((run: Played) => run.step().do === 'request' && run.requesting()),
    fc.constantFrom('approve' as const, 'reject' as const).map((choice) => (run: Played) => run.vote(choice)),
    fc.jsonValue().map((payload) => (run: Played) => run.vote('approve', payload)),
    fc.constant((run: Played) => run.cancel()),
    fc
      .constantFrom('retry' as const, 'abandon' as const)
      .map((word) => (run: Played) => phaseOf(run.state) === 'needs-operator' && run.operator(word)),
    fc.constant((run: Played) => run.deadline()),
    fc.constant((run: Played) => run.event({ is: 'observation-wanted' })),
    fc.integer({ min: 0, max: 3 * HOUR }).map((ms) => (run: Played) => run.after(ms)),
    fc.integer({ min: 2, max: 9 }).map((n) => (run: Played) => run.event({ is: 'continued', runId: `run-${n}` })),
  );
  const history = fc.record({
    stopFirst: fc.boolean(),
    onTimeout: fc.constantFrom('revert' as const, 'confirm' as const, 'hold' as const),
    happenings: fc.array(happening, { maxLength: 40 }),
  });
  const playedBy = ({ happenings, ...input }: { happenings: Happening[] } & Partial<ResizeInput>) => {
    const run = new Played(input).prepared();
    for (const happens of happenings) if (run.ending === undefined) happens(run);
    return run;
  };

  it('a run that may have resized its server never ends as refused or cancelled', () => {
    fc.assert(
      fc.property(history, (each) => {
        const { state, ending } = playedBy(each);
        if (ending?.outcome === 'refused') expect(mayBeResized(state)).toBe(false);
        // A lost request that can no longer arrive, and of which nothing is seen, has resized nothing.
        if (ending?.outcome === 'cancelled') expect(state.sent.resize.accepted).toBe(false);
      }),
    );
  });

  it('a confirm and a revert are never both sent', () => {
    fc.assert(
      fc.property(history, (each) => {
        const { confirm, revert } = playedBy(each).state.sent;
        expect(Math.min(confirm.posts, revert.posts)).toBe(0);
      }),
    );
  });

  it('the state is plain JSON: what is carried on is what was there', () => {
    fc.assert(
      fc.property(history, (each) => {
        const { state } = playedBy(each);
        const carried: unknown = JSON.parse(JSON.stringify(state));
        expect(carried).toEqual(JSON.parse(JSON.stringify(state)));
        expect(statusOf(carried as typeof state, ids)).toEqual(statusOf(state, ids));
      }),
    );
  });

  it('the status is one sentence, and times in it are moments', () => {
    fc.assert(
      fc.property(history, (each) => {
        const status = statusOf(playedBy(each).state, ids);
        expect(status.message).not.toMatch(/undefined|\[object|Invalid Date|\n/);
      }),
    );
  });
});
