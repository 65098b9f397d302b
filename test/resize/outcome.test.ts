import fc from 'fast-check';
import type { Decision } from '../../src/resize/decision';
import type { Flavor } from '../../src/resize/observation';
import { memoOf } from '../../src/resize/memo';
import { OUTCOMES, PHASES, type ResizeStatus } from '../../src/resize/outcome';
import { often } from './often';

const UUID = '4f1e2d3c-aaaa-4bbb-8ccc-0123456789ab';
const AT = '2026-01-01T12:00:00.000Z';

const small: ResizeStatus = {
  workflowId: `resize-${UUID}`,
  runId: UUID,
  phase: 'awaiting-decision',
  cloud: 'prod',
  server: { id: UUID, name: 'web-07' },
  to: { name: 'm1.xlarge', id: '5' },
  requestedBy: 'ana',
  requestedAt: AT,
  live: true,
  onTimeout: 'revert',
  decisions: [],
  checks: [],
  message: 'web-07 runs with m1.xlarge and waits for a decision',
};
const decision = (n: number, reason?: string): Decision => ({
  decision: 'approve',
  by: `person-${n}`,
  at: AT,
  via: 'signal',
  counted: false,
  ...(reason === undefined ? {} : { reason }),
});
const bytes = (status: ResizeStatus) => Buffer.byteLength(JSON.stringify(status), 'utf8');

/** The largest status that can come about, all texts made of the same character. */
function largest(character: string): ResizeStatus {
  const text = (length: number) => character.repeat(length);
  const flavor: Flavor = {
    name: text(255),
    id: text(255),
    vcpus: 4096,
    ram: 2 ** 31,
    disk: 2 ** 31,
    ephemeral: 2 ** 31,
  };
  return {
    ...small,
    phase: 'awaiting-decision',
    cloud: text(100),
    project: text(64),
    region: text(255),
    server: { id: UUID, name: text(255), powerState: 'suspended' },
    from: flavor,
    to: flavor,
    requestedBy: text(200),
    reason: text(2000),
    policy: { name: text(64), version: 1000, digest: 'd'.repeat(64) },
    verifiedAt: AT,
    requestId: `req-${UUID}`,
    ownership: 'unproven',
    brake: true,
    outageSeconds: 123_456.7,
    decisionDeadline: AT,
    onTimeout: 'confirm',
    overdue: true,
    revertLoses: 'local-disks',
    observed: {
      status: 'SHELVED_OFFLOADED',
      vmState: 'shelved_offloaded',
      taskState: text(255),
      flavor: text(255),
      at: AT,
    },
    unreachableSince: AT,
    votesMissing: 1,
    approvals: {
      required: 50,
      approvers: Array.from({ length: 50 }, () => text(200)),
      allowRequester: false,
      approvedBy: Array.from({ length: 49 }, () => text(200)),
    },
    decisions: Array.from({ length: 50 }, () => ({
      decision: 'approve',
      by: text(200),
      reason: text(2000),
      at: AT,
      via: 'update',
      counted: false,
      why: text(400),
      voteId: text(100),
    })),
    decisionsOmitted: 1_000_000,
    outcome: 'rolled-back-by-cloud',
    cause: 'decision-timeout',
    message: text(3000),
    advice: { you: text(1000), administrator: text(1000) },
  };
}

describe('the status in the memo', () => {
  it('has the verdicts of the checks, without the figures, which are new each time', () => {
    const verdicts = { name: 'web', kind: 'http', baseline: 'pass', proof: 'fail' } as const;
    const checks = [{ ...verdicts, figure: '503 in 9 ms', reason: 'status 503', at: '2026-01-01T00:00:00Z' }];
    expect(memoOf({ ...small, checks }).checks).toEqual([verdicts]);
  });

  it('has as many checks as fit', () => {
    const check = {
      kind: 'prometheus',
      baseline: 'inconclusive',
      proof: 'inconclusive',
      watch: 'inconclusive',
    } as const;
    const checks = Array.from({ length: 20 }, (_, at) => ({ ...check, name: `${at} ${'n'.repeat(57)}` }));
    const memo = memoOf({ ...small, checks });
    expect(bytes(memo)).toBeLessThan(2048);
    expect(memo.checks.length).toBeGreaterThan(2);
    expect(memo.truncated).toBe(true);
  });

  it('is the status, when it is small', () => {
    expect(memoOf(small)).toStrictEqual({ ...small, live: false });
  });

  it('has the newest 3 decisions and says how many are left out', () => {
    const decisions = Array.from({ length: 5 }, (_, n) => decision(n));
    const memo = memoOf({ ...small, decisions, decisionsOmitted: 7 });
    expect(memo.decisions.map(({ by }) => by)).toEqual(['person-2', 'person-3', 'person-4']);
    expect(memo).toMatchObject({ decisionsOmitted: 9, truncated: true });
  });

  it('has texts of 200 characters at most and says so', () => {
    const memo = memoOf({ ...small, message: 'm'.repeat(201), reason: 'r'.repeat(200) });
    expect(memo.message).toBe(`${'m'.repeat(199)}…`);
    expect(memo.reason).toBe('r'.repeat(200));
    expect(memo.truncated).toBe(true);
  });

  it('has the newest of what operators said, and says that there was more', () => {
    const words = (['retry', 'abandon'] as const).map((word) => ({ word, by: 'eve', at: AT }));
    expect(memoOf({ ...small, operatorWords: words })).toMatchObject({
      operatorWords: [{ word: 'abandon', by: 'eve', at: AT }],
      truncated: true,
    });
    expect(memoOf({ ...small, operatorWords: words.slice(1) })).not.toHaveProperty('truncated');
  });

  it('keeps flavors whole as long as there is room, and their names always', () => {
    const sized = { name: 'm1.xlarge', id: '5', vcpus: 8, ram: 16_384, disk: 160 };
    expect(memoOf({ ...small, from: sized, to: sized })).toMatchObject({ from: sized, to: sized });
    const crowded = { ...largest('漢'), from: sized, to: sized };
    expect(memoOf(crowded)).toMatchObject({ from: { name: 'm1.xlarge' }, to: { name: 'm1.xlarge' } });
    expect(memoOf(crowded).to).not.toHaveProperty('vcpus');
  });

  it('has the names of the approvers whole, or none of them', () => {
    const approvals = { required: 2, approvers: ['bob', 'n'.repeat(150)], allowRequester: true, approvedBy: ['bob'] };
    const memo = memoOf({ ...small, approvals });
    expect(memo.approvals).toEqual(approvals);
    expect(memo).not.toHaveProperty('truncated');
    const many = { ...approvals, approvers: Array.from({ length: 50 }, (_, n) => `${'n'.repeat(100)}${n}`) };
    expect(memoOf({ ...small, approvals: many })).toMatchObject({ truncated: true });
    expect(memoOf({ ...small, approvals: many }).approvals).toEqual({ required: 2, allowRequester: true });
  });

  it('cuts no character in half', () => {
    const memo = memoOf({ ...small, message: `a${'😀'.repeat(300)}` });
    expect(memo.message).toBe(`a${'😀'.repeat(198)}…`);
  });

  it.each([
    ['plain', 'a'],
    ['accented', 'é'],
    ['Chinese', '漢'],
    ['outside the basic plane', '😀'],
    ['escaped by JSON', '\u0000'],
    ['quoted', '"'],
    ['broken', '\ud83d'],
  ])('stays below 2 KB for the largest status, of %s characters', (_, character) => {
    const memo = memoOf(largest(character));
    expect(bytes(memo)).toBeLessThan(2048);
    expect(memo.truncated).toBe(true);
  });

  it('keeps ids, times and its own words whole even then', () => {
    expect(memoOf(largest('漢'))).toMatchObject({
      workflowId: `resize-${UUID}`,
      runId: UUID,
      server: { id: UUID },
      requestId: `req-${UUID}`,
      policy: { digest: 'd'.repeat(64) },
      phase: 'awaiting-decision',
      outcome: 'rolled-back-by-cloud',
      cause: 'decision-timeout',
      requestedAt: AT,
      verifiedAt: AT,
      decisionDeadline: AT,
      unreachableSince: AT,
      observed: { status: 'SHELVED_OFFLOADED', at: AT },
    });
  });

  it('shortens a large status no more than needed', () => {
    const memo = memoOf({ ...small, message: 'm'.repeat(300), advice: { you: 'y'.repeat(300) } });
    expect(memo.message).toHaveLength(200);
    expect(memo.advice?.you).toHaveLength(200);
  });

  it('stays below 2 KB whatever the texts, and is one that a memo can be made of again', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('漢', '😀', '"', '\n', 'a'), minLength: 150, maxLength: 2000 }),
    );
    const someDecision = fc.record({ by: text, reason: text, why: text, voteId: text }).map((texts): Decision => ({
      ...decision(0),
      ...texts,
    }));
    const status = fc
      .record({
        texts: fc.record({ cloud: text, reason: text, requestedBy: text, message: text, project: text, region: text }),
        names: fc.record({ server: text, from: text, to: text, you: text, administrator: text, flavor: text }),
        decisions: fc.array(someDecision, { maxLength: 50 }),
      })
      .map(({ texts, names, decisions }): ResizeStatus => ({
        ...largest('a'),
        ...texts,
        server: { id: UUID, name: names.server },
        from: { name: names.from, id: names.from, vcpus: 64, ram: 262_144, disk: 1000 },
        to: { name: names.to, id: names.to, vcpus: 64, ram: 262_144, disk: 1000 },
        observed: { status: 'ACTIVE', vmState: 'active', flavor: names.flavor, at: AT },
        advice: { you: names.you, administrator: names.administrator },
        decisions,
      }));
    fc.assert(
      fc.property(status, (each) => {
        const memo = memoOf(each);
        expect(bytes(memo)).toBeLessThan(2048);
        expect(JSON.parse(JSON.stringify(memo))).toStrictEqual(memo);
        expect(bytes(memoOf(memo))).toBeLessThan(2048);
      }),
      often(200),
    );
  });
});

describe('the outcomes', () => {
  it('exit with codes of their own, and the documented ones', () => {
    const codes = Object.fromEntries(Object.entries(OUTCOMES).map(([outcome, { exitCode }]) => [outcome, exitCode]));
    expect(codes).toEqual({
      confirmed: 0,
      reverted: 10,
      'rolled-back-by-cloud': 11,
      refused: 12,
      'changed-outside': 13,
      cancelled: 14,
      'needs-operator': 20,
    });
  });

  it('fail the workflow where the resize did not end by our doing', () => {
    const failures = Object.entries(OUTCOMES).flatMap(([outcome, { failure }]) =>
      failure === undefined ? [] : [outcome],
    );
    expect(failures).toEqual(['rolled-back-by-cloud', 'refused', 'changed-outside', 'needs-operator']);
  });

  it('belong to phases that are listed once each', () => {
    expect(new Set(PHASES).size).toBe(PHASES.length);
    expect(PHASES.at(-1)).toBe('closed');
  });
});
