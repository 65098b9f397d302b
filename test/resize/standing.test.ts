/** What a vote is judged against, as the run stands. */
import { standingOf } from '../../src/resize/standing';
import { MINUTE, Played } from './played';

const standing = (run: Played) => standingOf(run.state, 'run-0', run.now);

it('names all runs of the resize, and the one that a reset run was reset from', () => {
  const run = new Played().event({ is: 'continued', runId: 'run-2' });
  expect(standing(run).runs).toEqual(['run-1', 'run-2', 'run-0']);
});

describe('the deadline', () => {
  const open = () => new Played({ decideWithin: '30m' }).inWindow();

  it('has passed when its time is over and nobody has handled it, which is said of a vote that comes then', () => {
    expect(standing(open().after(30 * MINUTE)).pastDeadline).toBe(false);
    const late = open().after(30 * MINUTE + 1);
    expect(standing(late).pastDeadline).toBe(true);
    expect(late.vote('approve').state.ledger.decisions).toMatchObject([
      { counted: true, why: 'came after the deadline, but before the deadline was handled' },
    ]);
  });

  it('has not passed for a run that holds, asks again, or decides nothing', () => {
    const overdue = new Played({ onTimeout: 'hold', decideWithin: '30m' }).inWindow().deadline();
    expect(standing(overdue.after(31 * MINUTE)).pastDeadline).toBe(false);
    expect(
      standing(
        open()
          .vote('reject')
          .after(31 * MINUTE),
      ).pastDeadline,
    ).toBe(false);
    expect(standing(new Played().prepared().after(60 * MINUTE)).pastDeadline).toBe(false);
  });
});

it('has the proof while people decide, and only then', () => {
  expect(standing(new Played().inWindow()).proofIn).toBe(true);
  expect(standing(new Played().prepared()).proofIn).toBe(false);
  expect(standing(new Played().inWindow().vote('reject')).proofIn).toBe(false);
});

it('says what is done after the decision, and that nothing is left to decide', () => {
  const said = (run: Played) => {
    const { afterwards, over } = standing(run);
    return [afterwards, over];
  };
  expect(said(new Played())).toEqual([undefined, undefined]);
  expect(said(new Played().inWindow())).toEqual([undefined, undefined]);
  expect(said(new Played().inWindow().vote('approve'))).toEqual(['the server is being confirmed', undefined]);
  const ended = 'the resize ended: cancelled';
  expect(said(new Played().prepared().cancel())).toEqual([ended, ended]);
});
