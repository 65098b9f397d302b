import { until } from '../nova/wait';
import { ended, startRig, truth, untilPhase, type Lab, type Rig } from './rig';

/** Others work on the server while its window is open: we touch nothing, and never call it our success. */
export function strangers(startLab: () => Promise<Lab>): void {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(await startLab());
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  /** A server whose window is open. */
  const opened = async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    return run;
  };
  const other = () => rig.lab.addresses.userIds.other;

  it.concurrent('somebody else confirms', async () => {
    const run = await opened();
    await rig.lab.act(run.server, { confirmResize: null }, 'other');
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'changed-outside', cause: 'confirmed' });
    expect(end.message).toContain(other());
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', status: 'ACTIVE', confirm: 1, revert: 0 });
  });

  it.concurrent('somebody else reverts', async () => {
    const run = await opened();
    await rig.lab.act(run.server, { revertResize: null }, 'other');
    expect(await ended(run)).toMatchObject({ outcome: 'changed-outside', cause: 'reverted' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f1', status: 'ACTIVE', confirm: 0, revert: 1 });
  });

  it.concurrent.each([
    ['another', 'f3'],
    ['the same', 'f2'],
  ])('somebody else reverts and resizes again to %s flavor: theirs is not ours to confirm', async (_, flavor) => {
    // Nobody looks while it happens: what is seen afterwards is VERIFY_RESIZE again.
    const run = await rig.start({ polling: { initial: 150, maximum: 60_000, backoff: 10 } });
    await untilPhase(run, 'awaiting-decision');
    await rig.lab.act(run.server, { revertResize: null }, 'other');
    await rig.lab.waitFor(run.server, 'ACTIVE');
    await rig.lab.act(run.server, { resize: { flavorRef: flavor } }, 'other');
    await rig.lab.waitFor(run.server, 'VERIFY_RESIZE');
    // Whether a look comes before the approve is chance; what is theirs is not confirmed either way.
    await run.approve({ by: 'bob' }).catch((error: unknown) => expect(error).toMatchObject({ code: 'TooLate' }));
    expect(await ended(run)).toMatchObject({ outcome: 'changed-outside', cause: 'reverted' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor, status: 'VERIFY_RESIZE', confirm: 0, revert: 1 });
  });

  it.concurrent('somebody else deletes the server', async () => {
    const run = await opened();
    await rig.lab.delete(run.server);
    expect(await ended(run)).toMatchObject({ outcome: 'changed-outside', cause: 'deleted' });
  });

  it.concurrent('an administrator resets the state: the new flavor alone is no success', async () => {
    const run = await opened();
    await rig.lab.act(run.server, { 'os-resetState': { state: 'active' } }, 'admin');
    expect(await ended(run)).toMatchObject({ outcome: 'changed-outside', cause: 'reset' });
  });

  it.concurrent(
    'locked in the window: an operator is asked, and once it is unlocked the confirm goes on by itself',
    async () => {
      const run = await opened();
      await rig.lab.lock(run.server);
      await run.approve({ by: 'bob' });
      const waiting = await untilPhase(run, 'needs-operator');
      expect(waiting.message).toMatch(/locked/);
      expect(waiting.advice?.you).toBeTruthy();
      await rig.lab.unlock(run.server);
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
      expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', status: 'ACTIVE', confirm: 1, revert: 0 });
    },
  );

  it.concurrent('looked at in the window: still ours', async () => {
    const run = await opened();
    await rig.client.workflow.getHandle(run.workflowId).signal('observeNow');
    await until('another look', async () =>
      (await run.status()).observed?.status === 'VERIFY_RESIZE' ? true : undefined,
    );
    await run.approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  });
}
