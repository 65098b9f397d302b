/** What a policy does to a run: a gate that is known late, and freezes. Noon is the start of each run. */
import { refusalOfFreeze, type Freeze } from '../../src/resize/freeze';
import { judgeExtension } from '../../src/resize/extension';
import type { AppliedPolicy } from '../../src/resize/policy';
import type { Prepared } from '../../src/resize/prepared';
import { checkGate, type GateInput, type ResizeInput } from '../../src/resize/request';
import { checksWanted } from '../../src/resize/health';
import { statusOf } from '../../src/resize/status';
import { shows } from './looks';
import { HOUR, MINUTE, NOON, Played, SECOND } from './played';

const WINDOW = shows('VERIFY_RESIZE resized - f2', 'resize ours success');
const id = { name: 'strict', version: 3, digest: 'd1' };
const web = { name: 'web', http: { url: 'http://{address}/' } };

const iso = (moment: number) => new Date(moment).toISOString();
/** A freeze from so many minutes after noon until so many. */
const span = (from: number, to: number, reason = 'quiet') => ({
  from: iso(NOON + from * MINUTE),
  to: iso(NOON + to * MINUTE),
  reason,
  shown: `${from} to ${to}`,
});
const freeze = (...spans: ReturnType<typeof span>[]): Freeze => ({ spans, knownUntil: iso(NOON + 48 * HOUR) });

const under = (gate: GateInput, more: Partial<AppliedPolicy> = {}): Partial<Prepared> => ({
  policy: { ...id, ...more },
  resolved: checkGate(gate),
});

/** In the window at noon, under a policy with these freezes. */
function waiting(spans: ReturnType<typeof span>[], asked: Partial<ResizeInput> = {}): Played {
  const run = new Played(asked).prepared(under(asked, { freeze: freeze(...spans) }));
  if (asked.checks) run.checked('baseline', 'pass');
  run.accepted('resize').observed(WINDOW);
  return asked.checks ? run.checked('proof', 'pass') : run;
}
const status = ({ state }: Played) => statusOf(state, { workflowId: 'resize', runId: 'run-1' });

describe('a gate that the policy makes', () => {
  it('replaces that of the request, and is told with the policy', () => {
    const run = new Played().prepared(
      under({ approvals: { required: 2, approvers: ['bob', 'eve'] }, decideWithin: '1h', checks: { checks: [web] } }),
    );
    expect(status(run)).toMatchObject({ policy: id, votesMissing: 2, approvals: { approvers: ['bob', 'eve'] } });
    expect(checksWanted(run.state)).toEqual([{ check: 0, when: 'baseline' }]);
    run.checked('baseline', 'pass').accepted('resize').observed(WINDOW).checked('proof', 'pass');
    expect(status(run)).toMatchObject({ decisionDeadline: iso(NOON + HOUR), checks: [{ name: 'web', proof: 'pass' }] });
  });

  it('is what votes from before it was known are judged by', () => {
    const run = new Played().vote('approve', { by: 'bob' }).vote('approve', { by: 'mallory' });
    expect(status(run).votesMissing).toBe(0);
    run.prepared(under({ approvals: { required: 2, approvers: ['bob', 'eve'] } }));
    expect(status(run)).toMatchObject({
      votesMissing: 1,
      decisions: [
        { by: 'bob', counted: true },
        { by: 'mallory', counted: false, why: expect.stringMatching(/not one of the approvers/) as string },
      ],
    });
    run.accepted('resize').observed(WINDOW);
    expect(run.state.ledger.terminal).toBeUndefined();
  });

  it('does not count an early approval of the requester, whom it does not let approve', () => {
    const run = new Played().vote('approve', { by: 'ANA' }).prepared(under({ approvals: { required: 1 } }));
    run.accepted('resize').observed(WINDOW);
    expect(status(run)).toMatchObject({ phase: 'awaiting-decision', votesMissing: 1 });
  });

  it('lets a decision be put off until its maximum, and no longer', () => {
    const run = new Played()
      .prepared(under({}, { maximum: HOUR }))
      .accepted('resize')
      .observed(WINDOW);
    const more = (time: string) => judgeExtension(run.state, { by: 'bob', for: time }, run.now);
    expect(more('30m')).toMatchObject({ extension: { deadline: iso(NOON + HOUR) } });
    expect(more('31m')).toMatchObject({
      type: 'InvalidDecision',
      message: `extend: ${iso(NOON + 61 * MINUTE)} is later than ${iso(NOON + HOUR)}, decideWithin.maximum of policy strict (version 3) after the window opened; ask for less`,
    });
  });

  it('may allow more than a day', () => {
    const run = new Played()
      .prepared(under({}, { maximum: 72 * HOUR }))
      .accepted('resize')
      .observed(WINDOW);
    expect(judgeExtension(run.state, { by: 'bob', for: '48h' }, run.now)).toHaveProperty('extension');
  });
});

describe('a resize is refused', () => {
  const longest = { resizeWithin: 2 * HOUR, proofWithin: 5 * MINUTE, decideWithin: 30 * MINUTE };
  const refusal = (...spans: ReturnType<typeof span>[]) =>
    refusalOfFreeze({ ...id, freeze: freeze(...spans) }, NOON, longest)?.message;

  it('in a freeze, with its end', () => {
    expect(refusal(span(-10, 60))).toBe(
      'policy strict (version 3), freeze: now (2026-01-01T12:00:00.000Z) is in the freeze "quiet", -10 to 60; ask again after 2026-01-01T13:00:00.000Z',
    );
  });

  it('where its decision time may end in one, with the sum', () => {
    expect(refusal(span(150, 300))).toBe(
      'policy strict (version 3), freeze: the decision time may last until 2026-01-01T14:35:00.000Z (now 2026-01-01T12:00:00.000Z + resizeWithin 7200 s + proofWithin 300 s + decideWithin 1800 s), which is in the freeze "quiet", 150 to 300; give shorter times, or ask again after 2026-01-01T17:00:00.000Z',
    );
  });

  it('and is not where both are outside, at the first and the last moment too', () => {
    expect(refusal(span(-10, 0), span(1, 155), span(156, 200))).toBeUndefined();
    expect(refusal(span(155, 156))).toBeDefined();
    expect(refusalOfFreeze(id, NOON, longest)).toBeUndefined();
  });

  it('where it may last longer than the freezes are known', () => {
    const known = { spans: [], knownUntil: iso(NOON + HOUR) };
    expect(refusalOfFreeze({ ...id, freeze: known }, NOON, longest)?.message).toMatch(/freezes are known until/);
  });

  it('when a freeze begins while its checks run: nothing was asked of the cloud', () => {
    const checks = { checks: [web] };
    const run = new Played({ checks }).prepared(under({ checks }, { freeze: freeze(span(1, 60)) }));
    run.after(2 * MINUTE).checked('baseline', 'pass');
    expect(run.ending).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(/a freeze of the policy has begun: "quiet"/) as string,
    });
  });
});

describe('a deadline in a freeze', () => {
  it('waits for its end, and the question says so', () => {
    const run = waiting([span(20, 90)]);
    expect(status(run)).toMatchObject({
      decisionDeadline: iso(NOON + 90 * MINUTE),
      message: expect.stringContaining(
        `it is reverted at ${iso(NOON + 90 * MINUTE)} (the end of the freeze "quiet", 20 to 90)`,
      ) as string,
    });
    run.deadline();
    expect(run.now).toBe(NOON + 90 * MINUTE);
    expect(run.state.stage.is).toBe('reverting');
  });

  it('waits for the end of those that follow without a gap, and of the longest of several', () => {
    expect(waiting([span(20, 60), span(20, 40), span(60, 90), span(91, 120)]).state.deadline).toBe(NOON + 90 * MINUTE);
  });

  it.each(['approve', 'reject'] as const)('a person may %s in it at any time', (choice) => {
    const run = waiting([span(20, 90)])
      .after(45 * MINUTE)
      .vote(choice);
    expect(run.state.stage.is).toBe(choice === 'approve' ? 'confirming' : 'reverting');
  });

  it.each(['confirm', 'hold'] as const)('that would %s is not put off: nothing is reverted by it', (onTimeout) => {
    expect(waiting([span(20, 90)], { onTimeout }).state.deadline).toBe(NOON + 30 * MINUTE);
  });

  it('that is put off into a freeze waits, too, and one that is put off beyond it no longer does', () => {
    const run = waiting([span(50, 90)]);
    const extend = (by: number) => {
      const judged = judgeExtension(run.state, { by: 'bob', for: by * MINUTE }, run.now);
      if (!('extension' in judged)) throw new Error(judged.message);
      run.event({ is: 'extended', extension: judged.extension });
    };
    extend(30);
    expect([run.state.deadline, run.state.heldBy?.reason]).toEqual([NOON + 90 * MINUTE, 'quiet']);
    extend(30);
    expect([run.state.deadline, run.state.heldBy]).toEqual([NOON + 120 * MINUTE, undefined]);
  });

  it('that is taken a moment late, in a freeze that has begun since, waits for its end', () => {
    const run = waiting([span(30.5, 90)])
      .after(30 * MINUTE + 31 * SECOND)
      .event({ is: 'deadline-passed' });
    expect(run.state).toMatchObject({ stage: { is: 'window' }, deadline: NOON + 90 * MINUTE });
  });

  it('for which no freezes are known asks instead', () => {
    const policy = { ...id, freeze: { spans: [], knownUntil: iso(NOON + MINUTE) } };
    const run = new Played()
      .prepared({ policy, resolved: checkGate({}) })
      .accepted('resize')
      .observed(WINDOW);
    run.deadline();
    expect(status(run)).toMatchObject({
      overdue: true,
      message: expect.stringContaining('the freezes of its policy are not known for this time') as string,
    });
  });
});

describe('checks in a freeze', () => {
  const checks = { checks: [web], onWatchFailure: 'revert' as const };

  it('a proof that fails still reverts', () => {
    const run = new Played({ checks }).prepared(under({ checks }, { freeze: freeze(span(1, 90)) }));
    run
      .checked('baseline', 'pass')
      .accepted('resize')
      .after(2 * MINUTE)
      .observed(WINDOW)
      .checked('proof', 'fail');
    expect(run.state.stage.is).toBe('reverting');
  });

  it('a watch that fails asks, though the request says revert, and is not reverted for it afterwards', () => {
    const run = waiting([span(1, 20)], { checks })
      .after(2 * MINUTE)
      .checked('watch', 'fail');
    expect(status(run)).toMatchObject({
      phase: 'awaiting-decision',
      message: expect.stringMatching(/^check web fails/) as string,
    });
    run.after(20 * MINUTE).event({ is: 'observation-wanted' });
    expect(run.state.stage.is).toBe('window');
  });

  it('one that passes again and fails after the freeze reverts', () => {
    const run = waiting([span(1, 20)], { checks })
      .after(2 * MINUTE)
      .checked('watch', 'fail')
      .after(MINUTE)
      .checked('watch', 'pass')
      .after(18 * MINUTE)
      .checked('watch', 'fail');
    expect(run.state.stage.is).toBe('reverting');
  });

  it('a confirm by checks is not held back', () => {
    const run = waiting([span(1, 90)], { checks, autoConfirm: true, bakeFor: '10m' })
      .after(10 * MINUTE)
      .event({ is: 'bake-ended' })
      .checked('last-round', 'pass');
    expect(run.state.stage.is).toBe('confirming');
  });
});
