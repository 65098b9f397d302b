/** How a resize is shown to a person. */
import { exitCodeOf } from '../../src/cli/exit-codes';
import { startView as startLines } from '../../src/cli/start-view';
import { decisionText, listView as listLines, statusView as statusLines } from '../../src/cli/status-view';
import { fromNow, span } from '../../src/cli/times';
import type { RunStatus } from '../../src/client/run-status';
import type { Decision } from '../../src/resize/decision';
import { OUTCOMES, type Outcome } from '../../src/resize/outcome';
import { checkRequest } from '../../src/resize/request';

const statusView = (...args: Parameters<typeof statusLines>) => statusLines(...args).join('\n');
const listView = (...args: Parameters<typeof listLines>) => listLines(...args).join('\n');
const startView = (...args: Parameters<typeof startLines>) => startLines(...args).join('\n');

const NOW = Date.parse('2026-01-02T04:00:00Z');

const waiting: RunStatus = {
  workflowId: 'resize-4f0c2f3e-8a53-4c0e-9a0d-3a1f6f7b9f10',
  runId: '0199-run',
  phase: 'awaiting-decision',
  cloud: 'prod',
  project: 'p1',
  region: 'eu-1',
  server: { id: '4f0c2f3e-8a53-4c0e-9a0d-3a1f6f7b9f10', name: 'web-07' },
  from: { name: 'm1.small', vcpus: 1, ram: 2048, disk: 20 },
  to: { name: 'm1.large', vcpus: 4, ram: 8192 },
  requestedBy: 'ana',
  reason: 'CHG-1',
  requestedAt: '2026-01-02T03:04:05.678Z',
  verifiedAt: '2026-01-02T03:05:00Z',
  requestId: 'req-1',
  ownership: 'proven',
  live: true,
  outageSeconds: 34,
  decisionDeadline: '2026-01-02T04:05:00Z',
  onTimeout: 'revert',
  revertLoses: 'local-disks',
  observed: { status: 'VERIFY_RESIZE', vmState: 'resized', flavor: 'm1.large', at: '2026-01-02T03:59:00Z' },
  votesMissing: 1,
  decisions: [
    {
      decision: 'approve',
      by: 'ana',
      at: '2026-01-02T03:30:00Z',
      via: 'signal',
      counted: false,
      why: 'she asked for it',
    },
  ],
  checks: [],
  message: 'the resized server waits for a decision',
  execution: 'running',
};

it('shows each check with its verdicts, and what was found last', () => {
  const checks: RunStatus['checks'] = [
    { name: 'web', kind: 'http', baseline: 'pass', proof: 'pass', figure: '200 in 31 ms', at: '2026-01-02T03:06:00Z' },
    { name: 'errors', kind: 'prometheus', baseline: 'fail', figure: '0.2', reason: 'not below 0.01' },
    { name: 'ssh', kind: 'tcp' },
  ];
  expect(statusView({ ...waiting, checks }, NOW)).toContain(`
checks          web (http): baseline pass, proof pass: 200 in 31 ms (2026-01-02 03:06:00Z)
                errors (prometheus): baseline fail: 0.2, not below 0.01
                ssh (tcp): not run yet
`);
});

it('shows what is known, each on a line', () => {
  expect(`\n${statusView(waiting, NOW)}\n`).toBe(`
server          web-07 (4f0c2f3e-8a53-4c0e-9a0d-3a1f6f7b9f10)
cloud           prod, project p1, region eu-1
flavor          m1.small (1 vCPU, 2 GiB RAM, 20 GiB disk) -> m1.large (4 vCPU, 8 GiB RAM)
phase           awaiting-decision
                the resized server waits for a decision
decide by       2026-01-02 04:05:00Z (in 5m 00s); if nobody does, the resize is reverted
votes missing   1
a revert loses  what is written to its local disks after the resize (resized 2026-01-02 03:05:00Z)
server shows    VERIFY_RESIZE, vm resized, flavor m1.large (seen 2026-01-02 03:59:00Z)
outage          at most 34 s
requested       by ana (claimed) at 2026-01-02 03:04:05Z: CHG-1
decisions       approve by ana (claimed) at 2026-01-02 03:30:00Z by signal [does not count: she asked for it]
request id      req-1
workflow        resize-4f0c2f3e-8a53-4c0e-9a0d-3a1f6f7b9f10
run             0199-run
as known        just now, by a worker
`);
});

it('says whether the run hears of changes, where that is known', () => {
  expect(statusView(waiting, NOW)).not.toMatch(/^watched/m);
  expect(statusView({ ...waiting, watched: true }, NOW)).toMatch(/^watched +yes: the run hears of changes at once$/m);
  expect(statusView({ ...waiting, watched: false }, NOW)).toMatch(/^watched +no: .* at its own pace$/m);
});

it('says who decides, or how many people where the record has no room for names', () => {
  const rules = { required: 2, approvers: ['bob', 'eve', 'joe'] };
  const view = (approvals: NonNullable<RunStatus['approvals']>) => statusView({ ...waiting, approvals }, NOW);
  expect(view({ ...rules, approvedBy: ['bob'] })).toMatch(
    /^who decides +2 of bob, eve, joe; ana, the requester, may reject, and not approve$/m,
  );
  expect(view({ required: 2 })).toMatch(/^who decides +2 people; the record has no room for their names$/m);
});

describe('the deadline', () => {
  const decided: RunStatus = { ...waiting };
  delete decided.votesMissing;
  const row = /^decide by/m;

  it.each(['awaiting-decision', 'confirming', 'reverting', 'needs-operator', 'closed'] as const)(
    'is not told once it is decided, in phase %s',
    (phase) => {
      expect(statusView({ ...decided, phase }, NOW)).not.toMatch(row);
      expect(listView([{ ...decided, phase }])).toMatch(/ - +4f0c2f3e/);
    },
  );

  it('is told while it is not decided, though an operator is needed', () => {
    expect(statusView({ ...waiting, phase: 'needs-operator' }, NOW)).toMatch(row);
    expect(listView([waiting])).toMatch(/2026-01-02 04:05:00Z {2}4f0c2f3e/);
  });

  it('that has passed is overdue since then, and the one that is shown is the next', () => {
    const overdue: RunStatus = { ...waiting, overdue: true, overdueSince: '2026-01-02T03:35:00Z' };
    expect(statusView(overdue, NOW)).toMatch(
      /^decide by +overdue since 2026-01-02 03:35:00Z: nobody decided in time, and it still waits for a decision; the next deadline is 2026-01-02 04:05:00Z \(in 5m 00s\)$/m,
    );
    expect(statusView(overdue, NOW)).not.toContain('if nobody does');
    expect(statusView({ ...waiting, overdue: true }, NOW)).toMatch(/^decide by +overdue: nobody decided in time/m);
    expect(listView([overdue])).toMatch(/ overdue +4f0c2f3e/);
  });
});

describe('a resize that was taken over', () => {
  const adopted: RunStatus = { ...waiting };
  delete adopted.from;

  it('has an old flavor that nobody shows', () => {
    expect(statusView(adopted, NOW)).toMatch(/^flavor +its old one -> m1\.large \(4 vCPU, 8 GiB RAM\), taken over$/m);
    expect(listView([adopted])).toContain('its old one -> m1.large');
  });

  it('was resized before the moment that is known', () => {
    expect(statusView(adopted, NOW)).toMatch(
      /^a revert loses .* \(resized before it was taken over at 2026-01-02 03:05:00Z\)$/m,
    );
  });

  it('is told from one of which nothing is known yet', () => {
    const unknown: RunStatus = { ...adopted, phase: 'preparing' };
    delete unknown.ownership;
    expect(statusView(unknown, NOW)).toMatch(/^flavor +unknown -> m1\.large \(4 vCPU, 8 GiB RAM\)$/m);
  });

  it('is no work for the cloud when it starts', () => {
    const request = checkRequest({ cloud: 'prod', server: waiting.server.id, flavor: 'm1.large', requestedBy: 'ana' });
    const run = { workflowId: 'resize-1', runId: 'r' };
    const view = startView(run, { ...request, adopt: true });
    expect(view).toMatch(/^the cloud has +resized it already/m);
    expect(view).toMatch(/^people have +30 minutes to decide, from when it is taken over; if nobody does/m);
    expect(view).not.toContain('2 hours');
    expect(startView(run, request)).toMatch(/^the cloud has +2 hours to resize it/m);
  });
});

it('shows a cancel as one, and claims no name for it', () => {
  const cancel: Decision = {
    decision: 'reject',
    by: 'Temporal cancel request',
    reason: 'the workflow was cancelled',
    at: '2026-01-02T03:30:00Z',
    via: 'cancel',
    counted: true,
  };
  expect(decisionText(cancel)).toBe('cancelled through Temporal at 2026-01-02 03:30:00Z');
  expect(decisionText({ ...cancel, counted: false, why: 'too late: bob approved' })).toBe(
    'cancelled through Temporal at 2026-01-02 03:30:00Z [does not count: too late: bob approved]',
  );
});

it('shows what to do when an operator is needed', () => {
  const stuck: RunStatus = {
    ...waiting,
    phase: 'needs-operator',
    message: 'it is in ERROR',
    advice: { you: 'call your cloud', administrator: 'reset its state' },
    live: false,
    truncated: true,
    decisionsOmitted: 2,
  };
  const view = statusView(stuck, NOW);
  expect(view).toMatch(/^what you can do {2}call your cloud$/m);
  expect(view).toMatch(/^administrator +reset its state$/m);
  expect(view).toMatch(/^decisions +2 older not shown$/m);
  expect(view).toMatch(/^as known +as last recorded, shortened: no worker/m);
});

it('wraps long values at the width of the terminal', () => {
  const lines = statusView(waiting, NOW, 70).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(70);
});

it('cuts and breaks no id, however narrow the terminal', () => {
  expect(statusView(waiting, NOW, 20)).toContain('resize-4f0c2f3e-8a53-4c0e-9a0d-3a1f6f7b9f10');
});

it('keeps a value of others on its line', () => {
  const bad = { ...waiting, reason: 'x\u001b[2J\nphase  closed', server: { id: '1', name: 'a\u0007' } };
  expect(statusView(bad, NOW)).toContain('x\\x1b[2J\\nphase  closed');
  expect(statusView(bad, NOW).split('\n')).toHaveLength(statusView(waiting, NOW).split('\n').length);
  expect(listView([bad]).split('\n')).toHaveLength(2);
});

it('lists a line for each', () => {
  const closed: RunStatus = {
    ...waiting,
    phase: 'closed',
    outcome: 'reverted',
    cause: 'decision-timeout',
    execution: 'completed',
  };
  const [head, one, two] = listView([waiting, closed]).split('\n');
  expect(head).toMatch(/^SERVER {2}CLOUD/);
  expect(one).toMatch(/^web-07 {2}prod +m1\.small -> m1\.large {2}awaiting-decision +2026-01-02 03:04:05Z {2}ana/);
  expect(two).toMatch(/closed: reverted \(decision-timeout\)/);
});

it.each([
  [0, '0s'],
  [59_400, '59s'],
  [60_000, '1m 00s'],
  [3_661_000, '1h 01m'],
  [90_000_000, '1d 01h'],
])('writes %d ms as %s', (milliseconds, text) => expect(span(milliseconds)).toBe(text));

it('tells past from future', () => {
  expect(fromNow('2026-01-02T03:59:50Z', NOW)).toBe('10s ago');
  expect(fromNow('2026-01-02T04:00:10Z', NOW)).toBe('in 10s');
});

describe('the exit code', () => {
  it.each(Object.keys(OUTCOMES) as Outcome[])('of outcome %s is that of the table', (outcome) => {
    expect(exitCodeOf({ ...waiting, phase: 'closed', outcome, execution: 'completed' })).toBe(
      OUTCOMES[outcome].exitCode,
    );
  });

  it.each([
    ['terminated', 'needs-operator', 21],
    ['timed-out', 'resizing', 1],
    ['running', 'needs-operator', 20],
    ['running', 'resizing', 5],
  ] as const)('of a run that is %s in phase %s is %d', (execution, phase, code) => {
    expect(exitCodeOf({ ...waiting, execution, phase })).toBe(code);
  });
});
