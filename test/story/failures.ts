import { ended, startRig, truth, untilPhase, type Lab, type Rig } from './rig';

/** The cloud says no, or fails half-way. */
export function failures(startLab: () => Promise<Lab>): void {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(await startLab());
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  const untouched = { resize: 0, confirm: 0, revert: 0 };

  it.concurrent.each([
    ['running', 'ACTIVE', false],
    ['stopped', 'SHUTOFF', true],
  ])('no host has room: the silent roll-back of a %s server is seen and named', async (_, status, stopped) => {
    const run = await rig.start({ flavor: 'huge' }, { stopped });
    const end = await ended(run);
    expect(end.outcome).toBe('rolled-back-by-cloud');
    expect(end.message).toContain(end.requestId ?? 'a request id');
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f1', status, resize: 1, confirm: 0, revert: 0 });
  });

  it.concurrent.each([['migrate_disk_and_power_off' as const], ['finish_migration' as const]])(
    'ERROR in %s during the resize: an operator is asked; abandon ends it and touches nothing',
    async (call) => {
      const server = await rig.lab.boot(`error-${call}`);
      const run = await rig.start({ server });
      await rig.lab.control({ fail: { [call]: [server] } });
      const waiting = await untilPhase(run, 'needs-operator');
      expect(waiting).toMatchObject({ observed: { status: 'ERROR' } });
      // The fault, which appears a moment after ERROR.
      expect(waiting.message).toMatch(/ended in ERROR \(.+\)/);
      expect(waiting.advice?.administrator).toContain(server);
      await run.abandon({ by: 'ana', reason: 'rebuilt by hand' });
      expect(await ended(run)).toMatchObject({ outcome: 'needs-operator' });
      expect(await truth(rig.lab, server)).toMatchObject({ status: 'ERROR', resize: 1, confirm: 0, revert: 0 });
    },
  );

  it.concurrent(
    'put right by an administrator, a run that waits for one ends by itself and says what was done',
    async () => {
      const server = await rig.lab.boot('put-right');
      const run = await rig.start({ server });
      await rig.lab.control({ fail: { migrate_disk_and_power_off: [server] } });
      await untilPhase(run, 'needs-operator');
      await rig.lab.act(server, { 'os-resetState': { state: 'active' } }, 'admin');
      await run.retry({ by: 'ana' });
      expect(await ended(run)).toMatchObject({
        outcome: 'changed-outside',
        cause: 'reset',
        observed: { flavor: 'f1' },
      });
    },
  );

  it.concurrent('a confirm that fails on the host is not called confirmed', async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    await rig.lab.control({ fail: { confirm_migration: [run.server] } });
    await run.approve({ by: 'bob' });
    const waiting = await untilPhase(run, 'needs-operator');
    expect(waiting.message).toMatch(/confirm.*ERROR/);
    await run.abandon({ by: 'ana' });
    expect(await ended(run)).toMatchObject({ outcome: 'needs-operator' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', status: 'ERROR', confirm: 1, revert: 0 });
  });

  it.concurrent(
    'a cloud that takes too long is for an operator, and still watched: it goes on when the window opens',
    async () => {
      const server = await rig.lab.boot('slow');
      const run = await rig.start({ server, resizeWithin: '1s' });
      await rig.lab.control({ delay: { finish_migration: { [server]: 4 } } });
      expect((await untilPhase(run, 'needs-operator')).message).toMatch(/longer than allowed/);
      await untilPhase(run, 'awaiting-decision');
      await run.reject({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'reverted' });
    },
  );

  it.concurrent.each([
    ['the same flavor', { flavor: 'f1' }, /already has flavor f1/],
    ['an unknown flavor', { flavor: 'nope' }, /flavor nope is not known/],
    ['another project than expected', { expect: { project: 'elsewhere' } }, /not in elsewhere/],
  ])('%s is refused before anything is touched', async (_, change, why) => {
    const server = await rig.lab.boot('refused');
    await expect(rig.start({ server, ...change })).rejects.toMatchObject({ code: 'Refused', message: why });
    expect(await truth(rig.lab, server)).toMatchObject({ flavor: 'f1', status: 'ACTIVE', ...untouched });
  });

  it.concurrent('a locked server is refused before anything is touched', async () => {
    const server = await rig.lab.boot('locked');
    await rig.lab.lock(server);
    await expect(rig.start({ server })).rejects.toMatchObject({ code: 'Refused', message: /locked/ });
    expect(await truth(rig.lab, server)).toMatchObject(untouched);
  });

  it.concurrent('a server in VERIFY_RESIZE or in ERROR is refused', async () => {
    const server = await rig.lab.boot('waiting');
    await rig.lab.act(server, { resize: { flavorRef: 'f3' } });
    await rig.lab.waitFor(server, 'VERIFY_RESIZE');
    await expect(rig.start({ server })).rejects.toMatchObject({ code: 'Refused', message: /VERIFY_RESIZE/ });
    await rig.lab.control({ fail: { confirm_migration: [server] } });
    await rig.lab.act(server, { confirmResize: null });
    await rig.lab.waitFor(server, 'ERROR');
    await expect(rig.start({ server })).rejects.toMatchObject({ code: 'Refused', message: /ERROR/ });
  });

  it.concurrent('a second start while one runs is a conflict; with the same key it is the same run', async () => {
    const run = await rig.start({ key: 'CHG-1' });
    await expect(rig.start({ server: run.server })).rejects.toMatchObject({ code: 'Conflict' });
    const again = await rig.start({ server: run.server, key: 'CHG-1' });
    expect(again.runId).toBe(run.runId);
    await untilPhase(run, 'awaiting-decision');
    await run.reject({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'reverted' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ resize: 1 });
  });
}
