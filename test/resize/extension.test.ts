import type { ExtensionInput } from '../../src/resize/extension';
import { judgeExtension } from '../../src/resize/extension';
import type { Approvals } from '../../src/resize/approvals';
import type { ResizeInput } from '../../src/resize/request';
import { statusOf } from '../../src/resize/status';
import { shows } from './looks';
import { HOUR, MINUTE, NOON, Played, SECOND } from './played';

const NAMED: Approvals = { required: 2, approvers: ['bob', 'eve'] };
const iso = (time: number) => new Date(time).toISOString();
const judged = ({ state, now }: Played, payload: unknown) => judgeExtension(state, payload, now);
const more = (by: string, time: ExtensionInput['for']) => ({ by, for: time });

/** With this much more time, which has to be granted. */
function extended(run: Played, payload: unknown): Played {
  const result = judged(run, payload);
  if (!('extension' in result)) throw new Error(result.message);
  return run.event({ is: 'extended', extension: result.extension });
}
const deciding = (input: Partial<ResizeInput> = {}) => new Played({ decideWithin: '30m', ...input }).inWindow();

describe('more time to decide', () => {
  it('puts the deadline off, and says who asked for it and why', () => {
    const run = extended(deciding().after(10 * MINUTE), { ...more('bob', '1h'), reason: 'the load test still runs' });
    expect(run.state.deadline).toBe(NOON + 90 * MINUTE);
    expect(statusOf(run.state, { workflowId: 'resize', runId: 'run-1' })).toMatchObject({
      decisionDeadline: iso(NOON + 90 * MINUTE),
      extensions: [
        {
          by: 'bob',
          at: iso(NOON + 10 * MINUTE),
          reason: 'the load test still runs',
          deadline: iso(NOON + 90 * MINUTE),
        },
      ],
    });
  });

  it('is counted from the deadline, each time', () => {
    const run = extended(extended(deciding(), more('bob', '10m')), more('eve', '10m'));
    expect(run.state.deadline).toBe(NOON + 50 * MINUTE);
  });

  it('that comes after the deadline and before its firing is handled counts', () => {
    const run = deciding();
    run.after(30 * MINUTE + SECOND);
    extended(run, more('bob', '10m')).event({ is: 'deadline-passed' });
    expect(run.step().do).not.toBe('request');
    expect(run.deadline().step()).toEqual({ do: 'request', effect: 'revert' });
  });

  it('may last until 24 hours after the window opened, and not a moment longer', () => {
    expect(judged(deciding(), more('bob', 23.5 * HOUR))).toMatchObject({ extension: { by: 'bob' } });
    expect(judged(deciding(), more('bob', 23.5 * HOUR + 1))).toEqual({
      type: 'InvalidDecision',
      message:
        'extend: 2026-01-02T12:00:00.001Z is later than 2026-01-02T12:00:00.000Z, 24 hours after the window opened; ask for less',
    });
  });

  it('leaves half a minute of the window after which the cloud confirms by itself', () => {
    const run = new Played({ decideWithin: '30m' }).prepared({ autoConfirmWindow: HOUR });
    run.accepted('resize').observed(shows('VERIFY_RESIZE resized - f2', 'resize ours success'));
    expect(judged(run, more('bob', '29m'))).toHaveProperty('extension');
    expect(judged(run, more('bob', '30m'))).toMatchObject({
      type: 'InvalidDecision',
      message: expect.stringContaining('auto_confirm_window of the profile') as string,
    });
  });

  it.each<[string, Approvals | undefined, string, boolean]>([
    ['anybody, where anybody decides', undefined, 'joe', true],
    ['anybody, where any two people decide', { required: 2 }, 'joe', true],
    ['the requester, where any two people decide', { required: 2 }, 'ana', true],
    ['a named approver, however he writes his name', NAMED, ' Bob', true],
    ['the requester, where approvers are named', NAMED, 'ana', true],
    ['nobody else', NAMED, 'joe', false],
  ])('is for %s', (_, approvals, by, may) => {
    const result = judged(deciding(approvals && { approvals }), more(by, '10m'));
    if (may) expect(result).toHaveProperty('extension');
    else
      expect(result).toEqual({
        type: 'NotAnApprover',
        message: 'extend: asked for under the name joe, who is not one of the approvers: bob, eve',
      });
  });

  it('is too late after the decision: it is told who won, when, and what becomes of the server', () => {
    const run = deciding().vote('reject', { by: 'eve' });
    expect(judged(run, more('bob', '10m'))).toEqual({
      type: 'TooLate',
      message: `too late: eve rejected at ${iso(NOON)}; the server is being reverted`,
    });
    // Also to a stranger: there is nothing left to decide.
    expect(judged(deciding({ approvals: NAMED }).vote('reject', { by: 'eve' }), more('joe', '10m'))).toMatchObject({
      type: 'TooLate',
    });
  });

  it('is too late where the resize has ended without a decision', () => {
    const run = deciding().observed(
      shows('ACTIVE active - f2', 'confirmResize stranger success', 'resize ours success'),
    );
    expect(judged(run, more('bob', '10m'))).toEqual({
      type: 'TooLate',
      message: 'too late: the resize ended: changed-outside',
    });
  });

  it('is too late for a deadline after which the run holds: there is none to put off', () => {
    const run = deciding({ onTimeout: 'hold' }).deadline();
    expect(judged(run, more('bob', '10m'))).toMatchObject({
      type: 'TooLate',
      message: `too late: the decision time ran out at ${iso(NOON + 30 * MINUTE)}; it is held until somebody decides`,
    });
  });

  it('is refused while nobody is asked yet', () => {
    const before = new Played().prepared();
    const verifying = new Played({ checks: { checks: [{ name: 'ssh', tcp: { host: '{address}', port: 22 } }] } });
    verifying.prepared().checked('baseline', 'pass');
    verifying.accepted('resize').observed(shows('VERIFY_RESIZE resized - f2', 'resize ours success'));
    for (const run of [before, verifying]) {
      expect(judged(run, more('bob', '10m'))).toMatchObject({
        type: 'InvalidDecision',
        message: 'extend: there is no deadline to put off: nobody is asked for a decision yet',
      });
    }
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'extend: '],
    ['no name', { for: '10m' }, 'extend: by: is missing'],
    ['no time', { by: 'bob' }, 'extend: for: is missing'],
    ['a time without a unit', { by: 'bob', for: '30' }, 'extend: for: "30" is not a duration'],
    ['no time at all', { by: 'bob', for: 0 }, 'extend: for: 0 is not a duration'],
    ['a time below zero', { by: 'bob', for: -1 }, 'extend: for: -1 is not a duration'],
    ['a field of another name', { by: 'bob', for: '10m', run: 'x' }, 'extend: run: no such field'],
    ['a list', [], 'extend: '],
  ])('with %s is refused with a sentence', (_, payload, sentence) => {
    const result = judged(deciding(), payload);
    expect(result).toMatchObject({ type: 'InvalidDecision', message: expect.stringContaining(sentence) as string });
    expect('message' in result && result.message).toMatch(/; send \{ by, for, reason\? \}$/);
  });

  it('is kept, the newest 20 times', () => {
    const run = deciding();
    for (let n = 1; n <= 25; n++) extended(run, more(`person ${n}`, '1m'));
    expect(run.state.extensions).toHaveLength(20);
    expect(run.state.extensions?.at(-1)).toMatchObject({ by: 'person 25' });
  });
});
