import { startLab } from '../simulator/lab';
import { cloudRows } from './cloud-rows';
import { ended, startRig, truth, untilPhase, type Rig } from './rig';

describe('rows of cloud behaviour, on the simulator', () => cloudRows(() => startLab()));

describe('a cloud that confirms by itself after a while', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(await startLab({ confirmWindow: 2 }));
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  it.concurrent('is seen to have confirmed, and is not called our success', async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'changed-outside', cause: 'auto-confirmed', message: /the cloud itself/ });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', status: 'ACTIVE', confirm: 1, revert: 0 });
  });

  it.concurrent('does nothing to a resize that was decided in time', async () => {
    const run = await rig.start();
    await run.approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', confirm: 1 });
  });
});

describe('a cloud with tokens that live for two seconds, and a quota of three cores', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(await startLab({ tokenTtl: 2, quotaCores: 3 }));
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  // One after the other: they share the quota.
  it('a story that is longer than a token goes on with new ones', async () => {
    const server = await rig.lab.boot('long');
    await rig.lab.control({ delay: { finish_migration: { [server]: 2 }, confirm_migration: { [server]: 2 } } });
    const began = Date.now();
    const run = await rig.start({ server });
    await run.approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
    expect(Date.now() - began).toBeGreaterThan(4_000);
    expect(await truth(rig.lab, server)).toMatchObject({ resize: 1, confirm: 1 });
    await rig.lab.delete(server);
  });

  it('a resize beyond the quota is refused, with the quota that is in the way', async () => {
    const other = await rig.lab.boot('other', { flavor: 'f2' });
    const run = await rig.start();
    expect(await ended(run)).toMatchObject({ outcome: 'refused', message: /Quota exceeded for cores/ });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f1', resize: 0 });
    for (const server of [other, run.server]) await rig.lab.delete(server);
  });

  it('a revert beyond the quota is for an operator, and goes on by itself when there is room again', async () => {
    const server = await rig.lab.boot('smaller', { flavor: 'f2' });
    const run = await rig.start({ server, flavor: 'f1' });
    await untilPhase(run, 'awaiting-decision');
    const other = await rig.lab.boot('other', { flavor: 'f2' });
    await run.reject({ by: 'bob' });
    const waiting = await untilPhase(run, 'needs-operator');
    expect(waiting.message).toMatch(/refused our revert/);
    expect(waiting.advice?.administrator).toContain('quota set');
    expect(await truth(rig.lab, server)).toMatchObject({ flavor: 'f1', status: 'VERIFY_RESIZE', revert: 0 });
    await rig.lab.delete(other);
    expect(await ended(run)).toMatchObject({ outcome: 'reverted' });
    expect(await truth(rig.lab, server)).toMatchObject({ flavor: 'f2', status: 'ACTIVE', revert: 1 });
  });
});
