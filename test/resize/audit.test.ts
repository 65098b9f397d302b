/** What a run has its worker record in the audit log, and when. */
import type { AuditRecord } from '../../src/resize/audit';
import { shows } from './looks';
import { MINUTE, NOON, Played } from './played';

const WINDOW = shows('VERIFY_RESIZE resized - f2', 'resize ours success');
const CONFIRMED = shows('ACTIVE active - f2', 'confirmResize ours success', 'resize ours success');
const REVERTED = shows('ACTIVE active - f1', 'revertResize ours success', 'resize ours success');

class Audited extends Played {
  override prepared(): this {
    return super.prepared({ audits: true });
  }

  get records(): AuditRecord[] {
    return this.state.audit?.pending ?? [];
  }

  /** Kinds with what tells them apart, in the order of their numbers. */
  get told(): string[] {
    return this.records.map((record) => {
      if (record.kind === 'decision')
        return `${record.sequence} ${record.decision} by ${record.by} ${record.counted ? 'counts' : 'does not count'}`;
      return `${record.sequence} ${record.kind} ${record.kind === 'outcome' ? record.outcome : record.by}`;
    });
  }
}

it('a vote and the outcome are one record each, with the resize, its number, and what the server showed then', () => {
  const run = new Audited().inWindow().after(MINUTE).vote('approve', { by: 'bob', reason: 'CHG-1', voteId: 'v1' });
  run.accepted('confirmResize').after(MINUTE).observed(CONFIRMED);
  expect(run.records).toEqual([
    {
      run: 'run-1',
      sequence: 1,
      at: new Date(NOON + MINUTE).toISOString(),
      cloud: 'lab',
      server: { id: run.state.request.server, name: expect.any(String) as unknown },
      seen: { status: 'VERIFY_RESIZE', vmState: 'resized', flavor: 'f2', at: WINDOW.at },
      kind: 'decision',
      decision: 'approve',
      by: 'bob',
      reason: 'CHG-1',
      via: 'signal',
      voteId: 'v1',
      counted: true,
    },
    expect.objectContaining({
      sequence: 2,
      at: new Date(NOON + 2 * MINUTE).toISOString(),
      kind: 'outcome',
      outcome: 'confirmed',
      cause: 'approved',
      seen: { status: 'ACTIVE', vmState: 'active', flavor: 'f2', at: CONFIRMED.at },
    }),
  ]);
});

it('votes that do not count, extensions and the words of operators are recorded', () => {
  const run = new Audited({ approvals: { required: 1, approvers: ['bob'] } }).inWindow().vote('approve', { by: 'eve' });
  run.event({
    is: 'extended',
    extension: { by: 'bob', at: 'now', deadline: new Date(NOON + 60 * MINUTE).toISOString() },
  });
  run.vote('reject', { by: 'bob' }).operator('retry');
  expect(run.told).toEqual([
    '1 approve by eve does not count',
    '2 extension bob',
    '3 reject by bob counts',
    '4 operator eve',
  ]);
});

it('votes from before it was known whether the worker keeps an audit log are recorded then', () => {
  const run = new Audited().vote('approve').vote('approve', 'what?');
  expect(run.records).toEqual([]);
  expect(run.prepared().told).toEqual(['1 approve by bob counts', '2 approve by unknown does not count']);
});

it('a deadline that decides is recorded with what it decides', () => {
  const run = new Audited().inWindow().deadline().accepted('revertResize').observed(REVERTED);
  expect(run.records).toMatchObject([
    { kind: 'deadline', decision: 'reject' },
    { kind: 'outcome', outcome: 'reverted', cause: 'decision-timeout' },
  ]);
});

describe('with a check', () => {
  const checks = { checks: [{ name: 'web', tcp: { host: '{address}', port: 80 } }] };

  it('a verdict that decides is recorded with its figure, and the votes that it voids once more', () => {
    const run = new Audited({ checks }).vote('approve').prepared().checked('baseline', 'pass');
    run.accepted('resize').observed(WINDOW).checked('proof', 'fail');
    expect(run.told).toEqual(['1 approve by bob counts', '2 approve by bob does not count', '3 check check web']);
    expect(run.records[2]).toMatchObject({
      decision: 'reject',
      why: expect.stringContaining('fail in 12 ms') as unknown,
    });
  });

  it('one that decides nothing is not', () => {
    const run = new Audited({ checks }).prepared().checked('baseline', 'pass').accepted('resize').observed(WINDOW);
    expect(run.checked('proof', 'pass').checked('watch', 'fail').records).toEqual([]);
  });
});

it('what is written waits no more, and the numbers go on', () => {
  const run = new Audited().inWindow().vote('approve', 'what?').vote('approve', { by: 'bob' });
  run.event({ is: 'recorded', upTo: 1 });
  expect(run.told).toEqual(['2 approve by bob counts']);
  run.accepted('confirmResize').observed(CONFIRMED).event({ is: 'recorded', upTo: 2 });
  expect(run.told).toEqual(['3 outcome confirmed']);
  expect(run.event({ is: 'recorded', upTo: 3 }).records).toEqual([]);
});

it('of more than a hundred that wait the oldest are lost, and the numbers show it', () => {
  const run = new Audited().inWindow();
  for (let n = 0; n < 105; n++) run.vote('approve', 'what?');
  expect(run.records).toHaveLength(100);
  expect(run.records[0]?.sequence).toBe(6);
});

it('where the worker keeps no audit log nothing is kept for it', () => {
  expect(new Played().inWindow().vote('approve').state).not.toHaveProperty('audit');
});
