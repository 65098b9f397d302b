import type { ResizeStatus } from '../../src';
import { ended, startRig, truth, untilPhase, type Lab, type Rig } from './rig';
import { until } from '../nova/wait';

/** Who decides, when, and what becomes of the server. */
export function decisions(startLab: () => Promise<Lab>): void {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(await startLab());
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  const settled = { taskState: null, resize: 1 };

  it.concurrent.each([
    ['running', 'ACTIVE', false],
    ['stopped', 'SHUTOFF', true],
  ])('a %s server that is approved runs on with the new flavor', async (_, status, stopped) => {
    const run = await rig.start({}, { stopped });
    await untilPhase(run, 'awaiting-decision');
    await run.approve({ by: 'bob', reason: 'CHG-1234' });
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved', ownership: 'proven', to: { name: 'f2' } });
    expect(end.decisions).toMatchObject([{ decision: 'approve', by: 'bob', counted: true, via: 'update' }]);
    expect(await truth(rig.lab, run.server)).toEqual({ ...settled, flavor: 'f2', status, confirm: 1, revert: 0 });
  });

  it.concurrent.each([
    ['running', 'ACTIVE', false],
    ['stopped', 'SHUTOFF', true],
  ])('a %s server that is rejected is brought back', async (_, status, stopped) => {
    const run = await rig.start({}, { stopped });
    await untilPhase(run, 'awaiting-decision');
    await run.reject({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'rejected' });
    expect(await truth(rig.lab, run.server)).toEqual({ ...settled, flavor: 'f1', status, confirm: 0, revert: 1 });
  });

  it.concurrent('nobody decides: it is reverted when the time is over', async () => {
    const run = await rig.start({ decideWithin: '1s' });
    expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'decision-timeout' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f1', status: 'ACTIVE', revert: 1, confirm: 0 });
  });

  it.concurrent('nobody decides, and the request says confirm: it is confirmed', async () => {
    const run = await rig.start({ decideWithin: '1s', onTimeout: 'confirm' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'decision-timeout' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', confirm: 1, revert: 0 });
  });

  it.concurrent('somebody asks for more time: the deadline is put off, and decides when that is over', async () => {
    const run = await rig.start({ decideWithin: '2s', approvals: { required: 2, approvers: ['bob', 'eve', 'joe'] } });
    const { decisionDeadline: first = '' } = await untilPhase(run, 'awaiting-decision');
    await expect(run.extend({ by: 'mallory', for: '1h' })).rejects.toMatchObject({ code: 'NotAnApprover' });
    await expect(run.extend({ by: 'bob', for: '25h' })).rejects.toMatchObject({
      code: 'InvalidDecision',
      message: expect.stringContaining('24 hours after the window opened') as string,
    });
    const { decisionDeadline: second = '' } = await run.extend({ by: 'bob', for: '2s', reason: 'one more look' });
    expect(Date.parse(second) - Date.parse(first)).toBe(2000);
    const end = await ended(run);
    expect(end).toMatchObject({
      outcome: 'reverted',
      cause: 'decision-timeout',
      extensions: [{ by: 'bob', reason: 'one more look', deadline: second }],
    });
    expect(end.message).toContain(`the decision time ran out at`);
    expect(Date.parse(/ran out at (\S+?Z)/.exec(end.message)?.[1] ?? '')).toBeGreaterThanOrEqual(Date.parse(second));
    await expect(run.extend({ by: 'bob', for: '1h' })).rejects.toMatchObject({
      code: 'TooLate',
      message: expect.stringMatching(/ended as reverted \(decision-timeout\).*ran out at/) as string,
    });
  });

  it.concurrent(
    'nobody decides, and the request says hold: it is overdue, stays, and still takes a decision',
    async () => {
      const run = await rig.start({ decideWithin: '1s', onTimeout: 'hold' });
      const overdue = await untilOverdue(run);
      expect(overdue.phase).toBe('awaiting-decision');
      expect(await truth(rig.lab, run.server)).toMatchObject({ status: 'VERIFY_RESIZE', confirm: 0, revert: 0 });
      await run.approve({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
    },
  );

  it.concurrent('an early approve counts as soon as the proof is in', async () => {
    const run = await rig.start();
    await run.approve({ by: 'bob' });
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', resize: 1, confirm: 1, revert: 0 });
  });

  it.concurrent('an early reject while the cloud resizes reverts when the window opens', async () => {
    const server = await rig.lab.boot('early-reject');
    const run = await rig.start({ server });
    await rig.lab.control({ delay: { finish_migration: { [server]: 1 } } });
    await untilPhase(run, 'resizing');
    await run.reject({ by: 'bob' });
    const end = await ended(run);
    // Whether the request had been sent by then is a matter of milliseconds; what is told must be what was done.
    const seen = await truth(rig.lab, server);
    expect(seen).toMatchObject(
      end.outcome === 'reverted' ? { flavor: 'f1', resize: 1, revert: 1 } : { flavor: 'f1', resize: 0, revert: 0 },
    );
  });

  it.concurrent('of an early approve and an early reject the reject wins', async () => {
    const server = await rig.lab.boot('both-early');
    await rig.lab.control({ delay: { finish_migration: { [server]: 2 } } });
    const run = await rig.start({ server });
    await run.approve({ by: 'bob' });
    await run.reject({ by: 'eve' });
    const end = await ended(run);
    expect(['reverted', 'cancelled']).toContain(end.outcome);
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f1', confirm: 0 });
  });

  it.concurrent('a decision after the decision is refused, and says who won', async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    await rig.lab.control({ delay: { confirm_migration: { [run.server]: 2 } } });
    await run.approve({ by: 'bob' });
    await expect(run.reject({ by: 'eve' })).rejects.toMatchObject({ code: 'TooLate', message: /bob approved/ });
    // The same vote by the same person again is no error.
    await run.approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ confirm: 1, revert: 0 });
  });

  it.concurrent('a vote for another run does not count and is kept with the reason', async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    await rig.client.workflow.getHandle(run.workflowId).signal('approve', { by: 'bob', run: 'an-old-run' });
    await rig.client.workflow.getHandle(run.workflowId).signal('approve', 'yes');
    await run.reject({ by: 'eve' });
    const end = await ended(run);
    expect(end.outcome).toBe('reverted');
    expect(end.decisions.map(({ by, counted }) => [by, counted])).toEqual([
      ['bob', false],
      ['unknown', false],
      ['eve', true],
    ]);
  });

  it.concurrent(
    'the details in the Temporal UI show what is to be decided, then what was, and texts of people as they are',
    async () => {
      const run = await rig.start({ requestedBy: '[ana](http://example.org)' });
      const details = async () => {
        // The query behind the page of the UI (Temporal's WorkflowMetadata).
        const { currentDetails } = await rig.client.workflow
          .getHandle(run.workflowId)
          .query<{ currentDetails: string }>('__temporal_workflow_metadata');
        return currentDetails;
      };
      await untilPhase(run, 'awaiting-decision');
      const before = await details();
      expect(before).toContain('requested by \\[ana\\](http://example.org) (claimed)');
      expect(before).toContain('- decide until ');
      expect(before).toMatch(/- a revert loses: .* disks/);
      await run.cancel();
      await ended(run);
      const after = await details();
      expect(after).toContain('- cancelled through Temporal at ');
      expect(after).not.toContain('decide until');
    },
  );

  it.concurrent('two people approve: the first changes nothing, the second confirms', async () => {
    const run = await rig.start({ approvals: { required: 2, approvers: ['bob', 'eve', 'joe'] } });
    await untilPhase(run, 'awaiting-decision');
    const refused = { code: 'RequesterMayNotApprove', exitCode: 4 };
    await expect(run.approve({ by: 'Ana' })).rejects.toMatchObject(refused);
    await expect(run.reject({ by: 'mallory' })).rejects.toMatchObject({ code: 'NotAnApprover', message: /mallory/ });
    await until('it to wait for bob', async () => (await waitingFor(run, 'bob')) || undefined);
    const first = await run.approve({ by: 'bob' });
    expect(first).toMatchObject({ status: { phase: 'awaiting-decision', votesMissing: 1 } });
    expect(first.message).toMatch(/1 more approval is missing$/);
    await run.approve({ by: ' BOB ' });
    await until('it to wait for bob no more', async () => !(await waitingFor(run, 'bob')) || undefined);
    const waits = await Promise.all(['Eve', 'joe', 'ana', 'mallory'].map((name) => waitingFor(run, name)));
    expect(waits).toEqual([true, true, false, false]);
    expect(await truth(rig.lab, run.server)).toMatchObject({ status: 'VERIFY_RESIZE', confirm: 0, revert: 0 });
    await run.approve({ by: 'eve' });
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved', approvals: { approvedBy: ['bob', 'eve'] } });
    expect(end.message).toMatch(/2 people approved, the last of them eve at /);
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', confirm: 1, revert: 0 });
  });

  it.concurrent('two early approvals count when the proof is in', async () => {
    const run = await rig.start({ approvals: { required: 2 } });
    await run.approve({ by: 'bob' });
    await run.approve({ by: 'eve' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', confirm: 1, revert: 0 });
  });

  it.concurrent('one of two approvals is not enough: it is reverted when the time is over', async () => {
    const run = await rig.start({ approvals: { required: 2 }, decideWithin: '2s' });
    await run.approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({
      outcome: 'reverted',
      cause: 'decision-timeout',
      decisions: [{ by: 'bob' }],
    });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f1', confirm: 0, revert: 1 });
  });

  it.concurrent('somebody confirms outside while two of three approvals are in: it is not our success', async () => {
    const run = await rig.start({ approvals: { required: 3 } });
    await untilPhase(run, 'awaiting-decision');
    await run.approve({ by: 'bob' });
    await run.approve({ by: 'eve' });
    await rig.lab.act(run.server, { confirmResize: null }, 'other');
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'changed-outside', cause: 'confirmed' });
    expect(end.decisions.map(({ by, counted }) => [by, counted])).toEqual([
      ['bob', true],
      ['eve', true],
    ]);
    await expect(run.approve({ by: 'joe' })).rejects.toMatchObject({ code: 'TooLate', exitCode: 7 });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', status: 'ACTIVE', confirm: 1, revert: 0 });
  });

  it.concurrent(
    'a cancel in the window does not count where the request names its approvers; a reject does',
    async () => {
      const run = await rig.start({ approvals: { approvers: ['bob'] } });
      await untilPhase(run, 'awaiting-decision');
      await run.cancel();
      const { decisions } = await untilRecorded(run, (status) => status.decisions.length === 1);
      expect(decisions).toMatchObject([{ via: 'cancel', counted: false, why: /use reject/ }]);
      expect(await truth(rig.lab, run.server)).toMatchObject({ status: 'VERIFY_RESIZE', confirm: 0, revert: 0 });
      await run.reject({ by: 'ana' });
      expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'rejected' });
      expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f1', confirm: 0, revert: 1 });
    },
  );

  it.concurrent('a cancel before the window counts as a reject', async () => {
    const run = await rig.start();
    await run.cancel();
    const end = await ended(run);
    expect(end.cause).toBe('cancelled');
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f1', confirm: 0 });
  });

  it.concurrent('a cancel in the window reverts, and the run closes as completed', async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    await run.cancel();
    expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'cancelled' });
    const { status } = await rig.client.workflow.getHandle(run.workflowId).describe();
    expect(status.name).toBe('COMPLETED');
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f1', revert: 1, confirm: 0 });
  });

  it.concurrent('a cancel after the decision changes nothing and is recorded', async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    await rig.lab.control({ delay: { confirm_migration: { [run.server]: 2 } } });
    await run.approve({ by: 'bob' });
    await untilPhase(run, 'confirming');
    await run.cancel();
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
    expect(end.decisions.at(-1)).toMatchObject({ via: 'cancel', counted: false });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', confirm: 1, revert: 0 });
  });

  const waitingFor = async (run: Run, name: string) =>
    (await rig.resizes.list({ waitingFor: name })).some(({ workflowId }) => workflowId === run.workflowId);
}

type Run = Awaited<ReturnType<Rig['start']>>;

/** Lists and records follow a moment later than answers. */
async function untilRecorded(run: Run, holds: (status: ResizeStatus) => boolean | undefined): Promise<ResizeStatus> {
  return until('it to be recorded', async () => {
    const status = await run.recorded();
    return holds(status) === true ? status : undefined;
  });
}

async function untilOverdue(run: Run) {
  return until('the run to be overdue', async () => {
    const status = await run.recorded();
    return status.overdue ? status : undefined;
  });
}
