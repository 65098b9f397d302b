/** What checks decide: before the resize, after it, and while people decide. */
import type { ResizeInput } from '../../src/resize/request';
import { checksWanted } from '../../src/resize/health';
import { statusOf } from '../../src/resize/status';
import { server, shows } from './looks';
import { MINUTE, NOON, Played, SECOND } from './played';

const WINDOW = shows('VERIFY_RESIZE resized - f2', 'resize ours success');
const CHECKS = {
  checks: [
    { name: 'web', http: { url: 'http://{address}/health' } },
    { name: 'ssh', tcp: { host: '{address}', port: 22 } },
  ],
};
type Checked = Partial<ResizeInput>;

/** Up to the window, with what the first check said before; the second one passed. */
function proving(input: Checked = {}, baseline: 'pass' | 'fail' | 'inconclusive' = 'pass'): Played {
  const run = new Played({ checks: CHECKS, ...input }).prepared();
  run.checked('baseline', baseline).checked('baseline', 'pass', 1);
  return run.accepted('resize').observed(WINDOW);
}

/** Up to the decision, where both checks have passed. */
const deciding = (input: Checked = {}) => proving(input).checked('proof', 'pass').checked('proof', 'pass', 1);

const wanted = ({ state }: Played) =>
  checksWanted(state).map(({ check, when, known }) =>
    [check, when, known].filter((part) => part !== undefined).join(' '),
  );
const status = ({ state }: Played) => statusOf(state, { workflowId: 'resize', runId: 'run-1' });
const switchedOff = { ...WINDOW, server: { ...server('VERIFY_RESIZE resized - f2'), powerState: 'shutdown' as const } };

describe('before the resize', () => {
  it('each check runs once, and the cloud is asked when all are in, whatever they say', () => {
    const run = new Played({ checks: CHECKS }).prepared();
    expect(run.state.stage.is).toBe('preparing');
    expect(wanted(run)).toEqual(['0 baseline', '1 baseline']);
    run.checked('baseline', 'fail');
    expect([run.step().do, wanted(run)]).toEqual(['wait', ['1 baseline']]);
    run.checked('baseline', 'inconclusive', 1);
    expect(run.step()).toEqual({ do: 'request', effect: 'resize' });
  });

  it.each(['reject', 'cancel'] as const)('a %s meanwhile ends the run, and nothing is asked of the cloud', (how) => {
    const run = new Played({ checks: CHECKS }).prepared();
    if (how === 'cancel') run.cancel();
    else run.vote('reject');
    expect(run.ending).toMatchObject({ outcome: 'cancelled' });
  });

  it('no check runs for a resize that is taken over: there is no "before"', () => {
    const run = new Played({ checks: CHECKS, adopt: true }).prepared({ adopted: 'req-ours-resize' });
    expect(wanted(run)).toEqual(['0 proof', '1 proof']);
  });
});

describe('the proof', () => {
  it('is out when the window opens: nobody is asked, and the decision clock stands', () => {
    const run = proving();
    expect(status(run)).toMatchObject({ phase: 'verifying' });
    expect([run.state.deadline, wanted(run)]).toEqual([undefined, ['0 proof', '1 proof']]);
  });

  it('that passes starts the decision clock', () => {
    const run = proving().after(MINUTE).checked('proof', 'pass').after(MINUTE).checked('proof', 'pass', 1);
    expect(status(run)).toMatchObject({ phase: 'awaiting-decision' });
    expect(run.state.deadline).toBe(NOON + 32 * MINUTE);
    expect(status(run).message).toContain('(its 2 checks passed) and waits for a decision');
  });

  it('that fails reverts at once, without asking, and says which check and its figure', () => {
    const run = proving().checked('proof', 'fail', 1, { figure: '503 in 12 ms' });
    expect(run.step()).toEqual({ do: 'request', effect: 'revert' });
    run
      .accepted('revertResize')
      .observed(shows('ACTIVE active - f1', 'revertResize ours success', 'resize ours success'));
    expect(run.ending).toMatchObject({ outcome: 'reverted', cause: 'unhealthy' });
    expect(run.ending?.message).toContain('check ssh failed at 2026-01-01T12:00:00.000Z: 503 in 12 ms');
  });

  it('that fails after an early approve reverts: the vote is not counted', () => {
    const run = proving().vote('approve').checked('proof', 'fail');
    expect(run.state.stage.is).toBe('reverting');
    expect(run.state.ledger.decisions).toMatchObject([{ by: 'bob', counted: false, why: 'proof failed' }]);
  });

  it('that passes makes an early approve count', () => {
    const run = proving().vote('approve').checked('proof', 'pass');
    expect(run.state.stage.is).toBe('window');
    expect(run.checked('proof', 'pass', 1).state.stage.is).toBe('confirming');
  });

  it('that fails as it failed before the resize is not blamed on it: people are asked', () => {
    const run = proving({}, 'fail').checked('proof', 'fail').checked('proof', 'pass', 1);
    expect(status(run)).toMatchObject({
      phase: 'awaiting-decision',
      checks: [{ baseline: 'fail', proof: 'inconclusive' }, {}],
    });
    expect(status(run).message).toContain('check web is inconclusive: fail in 12 ms, it failed before the resize, too');
  });

  it('that is inconclusive asks people, and those who approved before are asked again', () => {
    const run = proving()
      .vote('approve')
      .checked('proof', 'inconclusive', 0, { reason: 'no route' })
      .checked('proof', 'pass', 1);
    expect(status(run)).toMatchObject({ phase: 'awaiting-decision', votesMissing: 1 });
    expect(run.state.ledger.decisions).toMatchObject([{ counted: false }]);
    expect(run.vote('approve').state.stage.is).toBe('confirming');
  });

  it.each(['reject', 'cancel'] as const)('does not hold a %s up: it reverts at once', (how) => {
    const run = proving();
    if (how === 'cancel') run.cancel();
    else run.vote('reject');
    expect([run.step(), wanted(run)]).toEqual([{ do: 'request', effect: 'revert' }, []]);
  });

  it('fails by the power state alone: a server that ran and does not run is not healthy', () => {
    const run = proving().observed(switchedOff);
    expect(run.state.ledger.terminal).toMatchObject({ via: 'check', by: 'the power check' });
  });

  it('does not confirm at the deadline what it could not prove, even where the request says "confirm"', () => {
    const run = proving({ onTimeout: 'confirm' })
      .checked('proof', 'inconclusive')
      .checked('proof', 'pass', 1)
      .deadline();
    expect(status(run)).toMatchObject({ phase: 'awaiting-decision', overdue: true });
  });
});

describe('without checks', () => {
  it('a server that no longer runs is the first thing that the question says, and nothing is reverted for it', () => {
    const run = new Played().inWindow().observed(switchedOff);
    expect(status(run)).toMatchObject({ phase: 'awaiting-decision', checks: [] });
    expect(status(run).message).toMatch(/^the power check fails: its power state is shutdown, it was running before/);
  });

  it('the status says that none were requested, never that the server is healthy', () => {
    expect(status(new Played().inWindow()).message).toContain('(no checks requested)');
  });
});

describe('while people decide', () => {
  it('each check is watched by what it said last', () => {
    const run = deciding();
    expect(wanted(run)).toEqual(['0 watch pass', '1 watch pass']);
    expect(wanted(run.checked('watch', 'fail'))).toEqual(['0 watch fail', '1 watch pass']);
  });

  it('none is watched where the request says so', () => {
    expect(wanted(deciding({ checks: { ...CHECKS, watchEvery: 0 } }))).toEqual([]);
  });

  it('a check that fails is told first, and people go on deciding', () => {
    const run = deciding().checked('watch', 'fail', 0, { figure: '500 in 3 ms' });
    expect(status(run).message).toMatch(/^check web fails: 500 in 3 ms; /);
    expect(status(run)).toMatchObject({ phase: 'awaiting-decision', checks: [{ watch: 'fail' }, {}] });
    expect(run.vote('approve').state.stage.is).toBe('confirming');
  });

  it('one that passes again is no longer told', () => {
    const run = deciding().checked('watch', 'fail').checked('watch', 'pass');
    expect(status(run).message).toMatch(/^web-07 has flavor f2 \(its 2 checks passed\)/);
  });

  describe('where the request wants a revert', () => {
    const reverting = { checks: { ...CHECKS, onWatchFailure: 'revert' as const } };
    it('a check that fails reverts, and votes that are not enough yet are void', () => {
      const run = deciding(reverting).checked('watch', 'fail');
      expect(run.state.ledger.terminal).toMatchObject({ decision: 'reject', via: 'check', by: 'check web' });
      expect(run.state.stage.is).toBe('reverting');
    });

    it('an approve that has ended the voting stands', () => {
      const run = deciding(reverting).vote('approve').checked('watch', 'fail');
      expect(run.state.stage.is).toBe('confirming');
    });

    it.each(['red before the resize', 'inconclusive after it'])('a check that was %s never reverts', (what) => {
      const red = what === 'red before the resize';
      const run = proving(reverting, red ? 'fail' : 'pass');
      run
        .checked('proof', red ? 'pass' : 'inconclusive')
        .checked('proof', 'pass', 1)
        .checked('watch', 'fail');
      expect(run.state.ledger.terminal).toBeUndefined();
    });
  });
});

describe('where the request lets the checks confirm', () => {
  const itself = { autoConfirm: true, bakeFor: '10m' };
  const done = (run: Played) => run.after(10 * MINUTE).event({ is: 'bake-ended' });

  it('the decision time is the time that they have to pass, and half an hour', () => {
    expect(deciding(itself).state.deadline).toBe(NOON + 40 * MINUTE);
  });

  it('all run once more when they have passed for that long, and it is confirmed when all pass', () => {
    const run = deciding(itself);
    expect(run.step()).toMatchObject({ do: 'wait', until: NOON + 10 * MINUTE });
    expect(run.after(10 * MINUTE).step()).toEqual({ do: 'end-bake' });
    run.event({ is: 'bake-ended' });
    expect(wanted(run)).toEqual(['0 watch pass', '1 watch pass', '0 last-round', '1 last-round']);
    run.checked('last-round', 'pass');
    expect(run.state.stage.is).toBe('window');
    run.checked('last-round', 'pass', 1);
    run
      .accepted('confirmResize')
      .observed(shows('ACTIVE active - f2', 'confirmResize ours success', 'resize ours success'));
    expect(run.ending).toMatchObject({ outcome: 'confirmed', cause: 'policy' });
  });

  it('the time begins again when a check has failed and passes', () => {
    const run = deciding(itself)
      .after(5 * MINUTE)
      .checked('watch', 'fail');
    expect(run.after(10 * MINUTE).step()).toMatchObject({ do: 'wait' });
    run.checked('watch', 'pass');
    expect(run.step()).toMatchObject({ do: 'wait', until: NOON + 25 * MINUTE });
  });

  it.each(['fail', 'inconclusive'] as const)('a last round that says "%s" does not confirm', (verdict) => {
    const run = done(deciding(itself)).checked('last-round', verdict).checked('last-round', 'pass', 1);
    expect(run.state.ledger.terminal).toBeUndefined();
    expect(run.step()).toMatchObject({ do: 'wait' });
    expect(wanted(run)).toEqual([`0 watch ${verdict}`, '1 watch pass']);
  });

  it('a pass that only stands for no verdict does not confirm', () => {
    const assumed = { assumed: true as const };
    const proof = proving(itself).checked('proof', 'pass', 0, assumed).checked('proof', 'pass', 1);
    expect(proof.after(10 * MINUTE).step()).toMatchObject({ do: 'wait' });
    const round = done(deciding(itself)).checked('last-round', 'pass', 0, assumed).checked('last-round', 'pass', 1);
    expect(round.state.ledger.terminal).toBeUndefined();
  });

  it("a person's reject before that wins", () => {
    const run = done(deciding(itself)).vote('reject').checked('last-round', 'pass').checked('last-round', 'pass', 1);
    expect(run.state.ledger.terminal).toMatchObject({ decision: 'reject', by: 'bob' });
  });

  it('a server that no longer runs is not confirmed', () => {
    const run = deciding(itself)
      .observed(switchedOff)
      .after(10 * MINUTE);
    expect(run.step()).toMatchObject({ do: 'wait' });
  });

  it('people are asked where it cannot be told whose resize it is', () => {
    const run = new Played({ checks: CHECKS, ...itself }).prepared({ logReadable: false });
    run.checked('baseline', 'pass').checked('baseline', 'pass', 1).accepted('resize');
    run
      .observed({ ...WINDOW, actions: 'unreadable' })
      .checked('proof', 'pass')
      .checked('proof', 'pass', 1);
    expect(run.step()).toEqual({ do: 'wait', watch: true });
  });

  it('people are asked where the end of that time is handled late', () => {
    const run = deciding(itself)
      .after(10 * MINUTE + 5 * MINUTE + SECOND)
      .event({ is: 'bake-ended' });
    expect(status(run).message).toContain('was away at 2026-01-01T12:10:00.000Z, when it was to be confirmed; decide');
    expect(wanted(run)).toEqual(['0 watch pass', '1 watch pass']);
  });

  it('people are asked where the deadline comes late in the last round, and that round confirms nothing', () => {
    const run = deciding({ ...itself, decideWithin: '11 minutes' });
    run.after(10 * MINUTE).event({ is: 'bake-ended' });
    expect(wanted(run)).toContain('0 last-round');
    run.after(MINUTE + 5 * MINUTE + SECOND).event({ is: 'deadline-passed' });
    expect(wanted(run)).toEqual(['0 watch pass', '1 watch pass']);
    run.checked('last-round', 'pass').checked('last-round', 'pass', 1);
    expect(run.state.ledger.terminal).toBeUndefined();
    expect(status(run).message).toContain('across the deadline; the server has been in use; decide');
  });
});
