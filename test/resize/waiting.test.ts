/**
 * Every wait hears every input: the table of docs/waiting.md, cell by cell, on the real transitions. The page is the
 * specification: a place or an input that is missing there fails here.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { phaseOf } from '../../src/resize/run-state';
import { isUnwanted } from '../../src/resize/waiting';
import type { CheckTime } from '../../src/resize/checks';
import { checksWanted } from '../../src/resize/health';
import { rowsOfTable } from '../docs/tables';
import { shows } from './looks';
import { HOUR, MINUTE, Played, SECOND, trouble } from './played';

const page = path.join(__dirname, '..', '..', 'docs', 'waiting.md');

const WINDOW = shows('VERIFY_RESIZE resized - f2', 'resize ours success');
const ERROR = shows('ERROR error - f1', 'resize ours error');
const noWorker = trouble('no-worker');
const stopFirst = () =>
  new Played({ stopFirst: true })
    .prepared()
    .requesting()
    .answered({ answer: 'rejected', trouble: trouble('wrong-state') });
/** Stopped, and then the cloud did not want it all the same: it is started again. */
const starting = () =>
  stopFirst()
    .accepted('os-stop')
    .observed(shows('SHUTOFF stopped - f1'))
    .requesting()
    .answered({ answer: 'rejected', trouble: trouble('no-capacity') })
    .accepted('os-start');

const checks = { checks: [{ name: 'web', http: { url: 'http://{address}/' } }] };
const checking = () => new Played({ checks }).prepared();
const verifying = () => checking().checked('baseline', 'pass').accepted('resize').observed(WINDOW);
const deciding = (more: ConstructorParameters<typeof Played>[0] = {}) =>
  new Played({ checks, ...more })
    .prepared()
    .checked('baseline', 'pass')
    .accepted('resize')
    .observed(WINDOW)
    .checked('proof', 'pass');
const lastRound = () =>
  deciding({ autoConfirm: true, bakeFor: '10m' })
    .after(10 * MINUTE)
    .event({ is: 'bake-ended' });

/** Where a run waits, and how it comes to be there. */
const PLACES: Readonly<Record<string, () => Played>> = {
  'the preparation is under way': () => new Played().event({ is: 'observing' }),
  'no worker takes the preparation up': () =>
    new Played().event({ is: 'observing' }).event({ is: 'not-prepared', trouble: noWorker }),
  'the checks run before the resize': checking,
  'the stop is not taken up yet': () => stopFirst().requesting(),
  'the server is being stopped': () => stopFirst().accepted('os-stop'),
  'the resize is not taken up yet': () => new Played().prepared().requesting(),
  'no worker took the resize up': () =>
    new Played().prepared().requesting().answered({ answer: 'withheld', why: 'never-started', trouble: noWorker }),
  'observe-only mode holds the resize back': () => new Played().prepared({ observeOnly: true }),
  'the cloud asks to wait before it resizes': () =>
    new Played()
      .prepared()
      .requesting()
      .answered({ answer: 'rejected', trouble: trouble('rate-limited') }),
  'the answer to the resize was lost': () => new Played().prepared().requesting().answered({ answer: 'unknown' }),
  'the cloud resizes': () => new Played().prepared().accepted('resize'),
  'the resize failed: needs-operator': () => new Played().prepared().accepted('resize').observed(ERROR).observed(ERROR),
  'the proof is out': verifying,
  'people decide': () => new Played().inWindow(),
  'people decide, with checks': deciding,
  'the checks run once more before a confirm': lastRound,
  'people decide, overdue': () => new Played({ onTimeout: 'hold' }).inWindow().deadline(),
  'the confirm is not taken up yet': () => new Played().inWindow().vote('approve').requesting(),
  'the cloud confirms': () => new Played().inWindow().vote('approve').accepted('confirmResize'),
  'the confirm is refused: needs-operator': () =>
    new Played()
      .inWindow()
      .vote('approve')
      .requesting()
      .answered({ answer: 'rejected', trouble: trouble('locked') }),
  'the revert is not taken up yet': () => new Played().inWindow().vote('reject').requesting(),
  'the cloud reverts': () => new Played().inWindow().vote('reject').accepted('revertResize'),
  'the server is being started again': starting,
};

/** What can come, and what it does to the run. */
const INPUTS: Readonly<Record<string, (run: Played) => Played>> = {
  approve: (run) => run.vote('approve', { by: 'carol' }),
  reject: (run) => run.vote('reject', { by: 'dave' }),
  cancel: (run) => run.cancel(),
  // The handlers refuse both outside of phase needs-operator; inside, the run hears them at once.
  retry: (run) => run.operator('retry'),
  abandon: (run) => run.operator('abandon'),
  deadline: (run) => run.deadline(),
  'a check fails': (run) => run.checked(runningIn(run), 'fail'),
  'worker away': awayFor(20 * MINUTE),
};

/** When the check that runs now was asked for; the watch is last, since it goes on beside the last round. */
const runningIn = ({ state }: Played): CheckTime =>
  checksWanted(state).find(({ when }) => when !== 'watch')?.when ?? checksWanted(state)[0]?.when ?? 'watch';

/** For so long nobody takes up what the run asks for. */
function awayFor(time: number) {
  return (run: Played): Played => {
    const end = run.now + time;
    const { inFlight, stage } = run.state;
    if (inFlight !== undefined) {
      run.after(40 * SECOND).answered({ answer: 'withheld', why: 'never-started', trouble: noWorker });
    } else if (stage.is === 'preparing') run.event({ is: 'not-prepared', trouble: noWorker });
    for (const { check, when } of checksWanted(run.state)) {
      // Of a check that nobody takes up nothing is known; a watch waits for a worker.
      if (when !== 'watch') run.after(40 * SECOND).checked(when, 'inconclusive', check);
    }
    while (run.now < end && run.ending === undefined) {
      const step = run.step();
      if (step.do === 'wait' && !step.watch) run.now = step.until ?? end;
      else run.after(40 * SECOND);
      if (step.do === 'wait' && step.watch) run.notObserved(noWorker);
      if (step.do === 'prepare') run.event({ is: 'not-prepared', trouble: noWorker });
      if (step.do === 'observe') run.notObserved(noWorker);
      if (step.do === 'request') {
        run.requesting().answered({ answer: 'withheld', why: 'never-started', trouble: noWorker });
      }
    }
    return run;
  };
}

/** What came of an input, in the words of the page. */
function effectOf(place: () => Played, input: string): string {
  const before = place();
  const needsOperator = phaseOf(before.state) === 'needs-operator';
  if ((input === 'retry' || input === 'abandon') && !needsOperator) return 'refused';
  if (input === 'a check fails' && checksWanted(before.state).length === 0) return 'no check runs';
  const after = (INPUTS[input] ?? fail(input))(place());
  const { state, ending } = after;
  if (input === 'worker away') return phaseOf(state) === 'needs-operator' ? 'calls an operator' : 'waits';
  if (ending !== undefined) return `ends: ${ending.outcome}`;
  if (isUnwanted(state)) return 'withdrawn if no worker has begun';
  if (state.stage.is !== before.state.stage.is) return `-> ${state.stage.is}`;
  if (input === 'retry') return after.step().do === 'observe' ? 'observes at once' : 'nothing';
  if (input === 'a check fails') return before.state.stage.is === 'preparing' ? 'kept' : 'asks louder';
  if (input === 'deadline') return deadlineText(before, after);
  const vote = state.ledger.decisions.at(-1);
  if (vote?.counted !== true) return 'too late';
  return state.ledger.terminal === undefined ? 'kept' : 'reverts when it is resized';
}

function deadlineText(before: Played, after: Played): string {
  if (after.state.stage.is !== 'window' || before.state.deadline === undefined) return 'no deadline';
  return after.state.deadline === before.state.deadline ? 'nothing' : 'asks again';
}

function fail(what: string): never {
  throw new Error(`the table names ${what}, which no test knows`);
}

const [header = [], ...rows] = rowsOfTable(readFileSync(page, 'utf8'), 'the run waits because');
const inputs = header.slice(1);

it('the page names every place and every input, and no other', () => {
  expect(rows.map(([place]) => place)).toEqual(Object.keys(PLACES));
  expect(inputs).toEqual(Object.keys(INPUTS));
});

describe.each(rows.map(([place = '', ...cells]) => [place, cells] as const))('%s', (place, cells) => {
  it.each(inputs.map((input, n) => [input, cells[n] ?? '']))('%s: %s', (input, cell) => {
    expect(effectOf(PLACES[place] ?? (() => fail(place)), input)).toBe(cell);
  });
});

describe('a withdrawn request', () => {
  it.each(['stop', 'resize'] as const)('that no worker had begun (%s) ends the run as cancelled', (effect) => {
    const run = effect === 'resize' ? new Played().prepared().requesting() : stopFirst().requesting();
    run.vote('reject').answered({ answer: 'withheld', why: 'never-started' });
    expect(run.ending).toMatchObject({ outcome: 'cancelled', cause: 'rejected' });
  });

  it('that a worker had begun is looked for like any other, and reverted', () => {
    const run = new Played().prepared().requesting().vote('reject');
    run.answered({ answer: 'accepted', requestId: 'req-ours-resize' }).observed(WINDOW);
    expect(run.state.stage.is).toBe('reverting');
    expect(run.step()).toEqual({ do: 'request', effect: 'revert' });
  });
});

it('a resize that could not be sent in its time is not sent later without a person', () => {
  const untouched = shows('ACTIVE active - f1');
  const run = new Played({ resizeWithin: '1h' }).prepared().requesting();
  run.answered({ answer: 'withheld', why: 'never-started', trouble: noWorker });
  run.after(2 * HOUR).observed(untouched);
  expect(phaseOf(run.state)).toBe('needs-operator');
  expect(run.step().do).toBe('wait');
  run.operator('retry').observed(untouched);
  expect(run.step()).toEqual({ do: 'request', effect: 'resize' });
});

it('a stop that was asked for is followed by a start when the resize is cancelled meanwhile', () => {
  const run = stopFirst().accepted('os-stop').cancel();
  expect(run.state.stage).toMatchObject({ is: 'starting', ending: { outcome: 'cancelled', cause: 'cancelled' } });
  run.requesting().answered({ answer: 'withheld', why: 'changed' });
  run.observed(shows('ACTIVE active powering-off f1')).after(10 * SECOND);
  expect(run.step().do).not.toBe('request');
  run.observed(shows('SHUTOFF stopped - f1')).accepted('os-start').observed(shows('ACTIVE active - f1'));
  expect(run.ending).toMatchObject({ outcome: 'cancelled', message: /stopped for the resize and is started again/ });
});

it('the end of a stage is computed once: a run that continues as new keeps it', () => {
  const run = stopFirst().accepted('os-stop');
  const { stage } = run.state;
  run.after(5 * MINUTE).event({ is: 'continued', runId: 'run-2' });
  expect(run.state.stage).toEqual(stage);
});
