/** What is shown while a resize is waited for. */
import { Invocation } from '../../src/cli/invocation';
import { progressFor } from '../../src/cli/progress';
import type { Terminal } from '../../src/cli/terminal';
import type { RunStatus } from '../../src/client/run-status';

const START = Date.parse('2026-01-02T03:04:05Z');

const status = (more: Partial<RunStatus>): RunStatus => ({
  workflowId: 'resize-1',
  runId: 'r',
  phase: 'resizing',
  cloud: 'prod',
  server: { id: '1' },
  to: { name: 'm1.large' },
  requestedBy: 'ana',
  requestedAt: new Date(START).toISOString(),
  live: true,
  onTimeout: 'revert',
  decisions: [],
  checks: [],
  message: 'the cloud is resizing it',
  execution: 'running',
  ...more,
});

/** Progress on a terminal of 60 columns, or on none. */
function watch(rewritable: boolean, quiet = false) {
  const written: string[] = [];
  const clock = { now: START };
  const terminal: Terminal = {
    out: () => undefined,
    err: (text) => void written.push(text),
    env: {},
    interactive: rewritable,
    rewritable,
    errColumns: 60,
    ask: () => Promise.resolve(''),
    interrupted: new AbortController().signal,
    person: () => 'u@h',
  };
  const progress = progressFor(new Invocation(terminal, { quiet }, {}), () => clock.now);
  return { progress, clock, written };
}

it('writes a line for each change where stderr is no terminal', () => {
  const { progress, clock, written } = watch(false);
  progress.show(status({}));
  progress.show(status({ observed: { status: 'RESIZE', at: '' } }));
  clock.now += 61_000;
  progress.trouble(new Error('away'));
  progress.trouble(new Error('away'));
  progress.show(status({ phase: 'awaiting-decision', message: 'please decide' }));
  progress.done();
  expect(written).toEqual([
    '2026-01-02 03:04:05Z  resizing: the cloud is resizing it\n',
    '2026-01-02 03:05:06Z  Temporal does not answer; still trying\n',
    '2026-01-02 03:05:06Z  awaiting-decision: please decide\n',
  ]);
});

it('rewrites one line on a terminal: how long, what the server shows, what comes next', () => {
  const { progress, clock, written } = watch(true);
  const last = () => written.at(-1)?.replace('\r\u001b[2K', '');
  progress.show(status({}));
  clock.now += 72_000;
  progress.show(status({ observed: { status: 'RESIZE', taskState: 'resize_finish', at: '' } }));
  expect(last()).toMatch(/^resizing +1m 12s {2}RESIZE\/resize_finish/);
  expect(last()?.length).toBeLessThan(60);

  const deadline = new Date(clock.now + 90_000).toISOString();
  progress.show(status({ phase: 'awaiting-decision', decisionDeadline: deadline, votesMissing: 1 }));
  expect(written.at(-2)).toMatch(/resizing +1m 12s\n$/);
  expect(last()).toMatch(/^awaiting-decision +0s {2}decision due in 1m 30s/);
  progress.show(status({ phase: 'awaiting-decision', decisionDeadline: deadline, message: 'bob approved' }));
  expect(last()).toMatch(/^awaiting-decision +0s {2}bob approved$/);
  progress.trouble(new Error('away'));
  expect(last()).toContain('Temporal does not answer');
  progress.done();
  expect(written.at(-1)).toBe('\r\u001b[2K');
});

const web = { name: 'web', kind: 'http' as const, baseline: 'pass' as const };
const ssh = { name: 'ssh', kind: 'tcp' as const, baseline: 'pass' as const };

it('shows what each check says while they run, on a terminal and elsewhere', () => {
  const running = { phase: 'verifying' as const, message: 'it is checked', checks: [web, ssh] };
  const found = [{ ...web, proof: 'fail' as const, figure: '503 in 4 ms' }, ssh];
  const plain = watch(false);
  plain.progress.show(status(running));
  plain.progress.show(status({ ...running, checks: found }));
  expect(plain.written.map((line) => line.slice(22))).toEqual([
    'verifying: it is checked (web …, ssh …)\n',
    'verifying: it is checked (web fail (503 in 4 ms), ssh …)\n',
  ]);

  const { progress, clock, written } = watch(true);
  const last = () => written.at(-1)?.replace('\r\u001b[2K', '');
  progress.show(status(running));
  expect(last()).toMatch(/^verifying +0s {2}web …, ssh …$/);
  clock.now += 6000;
  progress.show(status({ phase: 'reverting', message: 'check web failed', checks: found }));
  expect(written.at(-2)).toMatch(/verifying +6s {2}web fail \(503 in 4 ms\), ssh …\n$/);
  progress.done();
});

it('says first which check fails while people decide', () => {
  const { progress, clock, written } = watch(true);
  const decisionDeadline = new Date(clock.now + 90_000).toISOString();
  const checks = [{ ...web, proof: 'pass' as const, watch: 'fail' as const }];
  progress.show(status({ phase: 'awaiting-decision', decisionDeadline, votesMissing: 1, checks }));
  expect(written.at(-1)).toMatch(/awaiting-decision +0s {2}check web fails {2}decision due i/);
  progress.done();
});

it('lets no text of others move the cursor', () => {
  const { progress, written } = watch(true);
  progress.show(status({ message: 'a\u001b[2Jb\nc' }));
  progress.done();
  expect(written[0]?.slice(5)).not.toMatch(/[\u0000-\u001f]/);
});

it('is silent with -q', () => {
  const { progress, written } = watch(true, true);
  progress.show(status({}));
  progress.trouble(new Error('away'));
  progress.done();
  expect(written).toEqual([]);
});
