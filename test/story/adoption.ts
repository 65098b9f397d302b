import { freePorts } from '../free-ports';
import { until } from '../nova/wait';
import { ended, startRig, truth, untilPhase, type Lab, type Rig } from './rig';

/** Servers that wait in VERIFY_RESIZE and that nobody looks after are found, and taken over. */
export function adoption(startLab: () => Promise<Lab>): void {
  let rig: Rig;
  let metrics: string;
  beforeAll(async () => {
    rig = await startRig(await startLab());
    metrics = `127.0.0.1:${(await freePorts())[0]}`;
    await rig.startWorker({ DURABLE_RESIZE_METRICS_ADDRESS: metrics });
  });
  afterAll(() => rig.stop());

  /** A forgotten confirm. */
  const forgotten = async (name: string) => {
    const server = await rig.lab.boot(name);
    await rig.lab.act(server, { resize: { flavorRef: 'f2' } }, 'other');
    await rig.lab.waitFor(server, 'VERIFY_RESIZE');
    await until('the resize to be finished in the log', async () => {
      const [newest] = await rig.lab.actions(server);
      return newest?.events.some(({ event, result }) => event === 'compute_finish_resize' && result === 'Success')
        ? true
        : undefined;
    });
    return server;
  };

  /** What Prometheus would read from the worker. */
  const metric = async (name: string): Promise<number> => {
    const page = await (await fetch(`http://${metrics}/metrics`)).text();
    const [, value] = new RegExp(`^${name}\\{.*cloud="lab".*\\} (\\S+)$`, 'm').exec(page) ?? [];
    return Number(value);
  };

  it.concurrent.each([
    ['approve', 'confirmed', { flavor: 'f2', confirm: 1, revert: 0 }],
    ['reject', 'reverted', { flavor: 'f1', confirm: 0, revert: 1 }],
  ] as const)('a forgotten resize is taken over (%s): it is not asked for again', async (decision, outcome, effect) => {
    const server = await forgotten(`forgotten-${decision}`);
    const run = await rig.start({ server, adopt: true });
    const waiting = await untilPhase(run, 'awaiting-decision');
    expect(waiting).not.toHaveProperty('from');
    expect(waiting).toMatchObject({ to: { name: 'f2' }, ownership: 'proven' });
    await run[decision]({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome, requestId: waiting.requestId });
    expect(await truth(rig.lab, server)).toEqual({ status: 'ACTIVE', taskState: null, resize: 1, ...effect });
  });

  it.concurrent('a reject that comes before it is taken over reverts it: it is not left behind', async () => {
    const server = await forgotten('rejected-early');
    const run = await rig.start({ server, adopt: true });
    await rig.client.workflow.getHandle(run.workflowId).signal('reject', { by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'rejected' });
    expect(await truth(rig.lab, server)).toMatchObject({ flavor: 'f1', status: 'ACTIVE', resize: 1, revert: 1 });
  });

  it.concurrent(
    'what waits with another flavor, does not wait, or waits for a cold migration is not taken over',
    async () => {
      const server = await forgotten('not-adoptable');
      await expect(rig.start({ server, adopt: true, flavor: 'f3' })).rejects.toMatchObject({
        code: 'Refused',
        message: /waits with flavor f2/,
      });
      await rig.lab.act(server, { confirmResize: null }, 'other');
      await rig.lab.waitFor(server, 'ACTIVE');
      await expect(rig.start({ server, adopt: true })).rejects.toMatchObject({
        code: 'Refused',
        message: /does not wait/,
      });
      await rig.lab.act(server, { migrate: null }, 'admin');
      await rig.lab.waitFor(server, 'VERIFY_RESIZE');
      await expect(rig.start({ server, adopt: true })).rejects.toMatchObject({ code: 'Refused', message: /migrate/ });
    },
  );

  it.concurrent('without adopt such a server is refused, with the command that takes it over', async () => {
    const server = await forgotten('refused-without-adopt');
    await expect(rig.start({ server })).rejects.toMatchObject({ code: 'Refused', message: /flavor f2 with --adopt/ });
  });

  // What these two count is all that is left behind in the cloud: they run alone.
  it('a forgotten resize and a terminated run are orphans; a running resize is none', async () => {
    const lost = await forgotten('orphan');
    const terminated = await rig.start();
    const running = await rig.start();
    await untilPhase(terminated, 'awaiting-decision');
    await untilPhase(running, 'awaiting-decision');
    await rig.client.workflow.getHandle(terminated.workflowId).terminate('by hand');
    const orphans = new Map((await rig.resizes.orphans({ cloud: 'lab' })).map((orphan) => [orphan.id, orphan]));
    expect(orphans.get(lost)).toMatchObject({
      flavor: { name: 'f2' },
      action: { name: 'resize', userId: rig.lab.addresses.userIds.other },
    });
    expect(orphans.get(terminated.server)).toMatchObject({ lastRun: { closed: 'terminated' } });
    expect(orphans.has(running.server)).toBe(false);
    expect(await metric('durable_resize_orphans')).toBe(orphans.size);
    expect(Date.now() / 1000 - (await metric('durable_resize_orphans_looked_at'))).toBeLessThan(60);
    // Taken over, it is none any more.
    const adopted = await rig.start({ server: terminated.server, adopt: true });
    await untilPhase(adopted, 'awaiting-decision');
    const left = (await rig.resizes.orphans({ cloud: 'lab' })).map(({ id }) => id);
    expect(await metric('durable_resize_orphans')).toBe(left.length);
    expect(left).toContain(lost);
    expect(left).not.toContain(terminated.server);
    for (const run of [adopted, running]) {
      await run.reject({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'reverted' });
    }
  });

  it('a schedule looks for orphans, and setting it again changes it', async () => {
    expect(await rig.resizes.scheduleOrphans({ cloud: 'lab' }, 3_600_000)).toBe('orphans-lab');
    await rig.resizes.scheduleOrphans({ cloud: 'lab' }, 60_000);
    const schedule = rig.client.schedule.getHandle('orphans-lab');
    expect((await schedule.describe()).spec.intervals).toMatchObject([{ every: 60_000 }]);
    await schedule.trigger();
    await until('a run of the schedule', async () => {
      const { info } = await schedule.describe();
      return info.recentActions.length > 0 ? true : undefined;
    });
    await schedule.delete();
  });
}
