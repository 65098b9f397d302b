import type { Phase, ResizeRun } from '../../src';
import { until } from '../nova/wait';
import { startFaultProxy } from '../proxy/fault-proxy';
import { ended, startRig, truth, untilPhase, type Lab, type Rig } from './rig';

let serial = 0;

const MINUTE = 60_000;
/** The cloud resizes for so long, s: enough to find out that the server is watched. */
const WHILE = 12;

/** How long until the run observes its server by itself, ms. */
async function ownObservationIn(rig: Rig, { workflowId }: ResizeRun): Promise<number | undefined> {
  const { raw } = await rig.client.workflow.getHandle(workflowId).describe();
  const watching = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'watchServer');
  // SCHEDULED in the API: it waits for its next attempt.
  if (!watching?.scheduledTime || Number(watching.state) !== 1) return undefined;
  return Number(watching.scheduledTime.seconds) * 1000 - Date.now();
}

/** From now on the run learns of changes from the watcher alone, for a quarter of an hour. */
export async function untilWatched(rig: Rig, run: ResizeRun): Promise<void> {
  await until(
    'the run to be watched',
    async () => (((await ownObservationIn(rig, run)) ?? 0) > 10 * MINUTE ? true : undefined),
    { within: 40_000 },
  );
}

/** A server that the cloud resizes for so long, s. */
async function booted(rig: Rig, seconds = WHILE): Promise<string> {
  const server = await rig.lab.boot(`watched-${++serial}`);
  await rig.lab.control({ delay: { finish_migration: { [server]: seconds } } });
  return server;
}

/** A resize that says nothing of how often its server is observed. */
export function startWatched(rig: Rig, server: string): Promise<ResizeRun> {
  return rig.resizes.start({ cloud: 'lab', server, flavor: 'f2', requestedBy: 'ana', decideWithin: '2 hours' });
}

/** A watched server whose window is open. */
export async function openedWatched(rig: Rig): Promise<ResizeRun> {
  const run = await startWatched(rig, await booted(rig, 0));
  await untilPhase(run, 'awaiting-decision');
  await untilWatched(rig, run);
  return run;
}

/** One list watches all servers; what happens to one of them is known long before its run would have observed it. */
export function watched(startLab: () => Promise<Lab>): void {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(await startLab());
    await rig.startWorker();
  });
  afterAll(async () => {
    process.stdout.write(`known after the cloud showed it: ${figures.join(', ')}\n`);
    await rig.stop();
  });

  /** For people, and no bound: a busy machine is late. Both sides are asked at least four times a second. */
  const figures: string[] = [];
  const known = async (what: string, run: ResizeRun, shown: Promise<unknown>, phase: Phase = 'closed') => {
    await shown;
    const from = Date.now();
    const status = await untilPhase(run, phase);
    figures.push(`${what} ${Date.now() - from} ms`);
    return status;
  };

  it.concurrent('a resize that is done is known', async () => {
    const run = await startWatched(rig, await booted(rig));
    await untilWatched(rig, run);
    expect(await run.status()).toMatchObject({ phase: 'resizing', watched: true });
    const shown = rig.lab.waitFor(run.server, 'VERIFY_RESIZE');
    expect(await known('resize', run, shown, 'awaiting-decision')).toMatchObject({ ownership: 'proven' });
    await run.approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  });

  it.concurrent("a stranger's confirm is known", async () => {
    const run = await openedWatched(rig);
    await rig.lab.act(run.server, { confirmResize: null }, 'other');
    expect(await known('confirm', run, rig.lab.waitFor(run.server, 'ACTIVE'))).toMatchObject({
      outcome: 'changed-outside',
      cause: 'confirmed',
    });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', confirm: 1, revert: 0 });
  });

  it.concurrent("a stranger's revert is known", async () => {
    const run = await openedWatched(rig);
    await rig.lab.act(run.server, { revertResize: null }, 'other');
    const status = await known('revert', run, rig.lab.waitFor(run.server, 'ACTIVE'));
    expect(status).toMatchObject({ outcome: 'changed-outside', cause: 'reverted' });
  });

  it.concurrent('that somebody deleted the server is known', async () => {
    const run = await openedWatched(rig);
    expect(await known('delete', run, rig.lab.delete(run.server))).toMatchObject({
      outcome: 'changed-outside',
      cause: 'deleted',
    });
  });

  it.concurrent(
    'a watcher that is killed goes on in another worker, and what happened meanwhile is known',
    async () => {
      const own = await startRig(rig.lab, { keepsLab: true });
      try {
        const first = await own.startWorker();
        const run = await openedWatched(own);
        await first.kill();
        await rig.lab.act(run.server, { revertResize: null }, 'other');
        await rig.lab.waitFor(run.server, 'ACTIVE');
        await own.startWorker();
        expect(await ended(run)).toMatchObject({ outcome: 'changed-outside', cause: 'reverted' });
      } finally {
        await own.stop();
      }
    },
  );

  it.concurrent('where the list becomes forbidden, the runs observe at their own pace again, at once', async () => {
    const proxy = await startFaultProxy(rig.lab.addresses.computeUrl);
    const own = await startRig(rig.lab, { keepsLab: true, computeUrl: proxy.computeUrl });
    try {
      await own.startWorker();
      const run = await openedWatched(own);
      proxy.arm({ server: '-', request: 'GET', fault: '403', times: 1_000_000 });
      await until('the run to observe by itself', async () => {
        const wait = await ownObservationIn(own, run);
        return wait !== undefined && wait < 6 * MINUTE ? true : undefined;
      });
      const saysSo = async () => ((await run.status()).watched === false ? true : undefined);
      await until('the status to say so', saysSo);
      // It is forbidden from the beginning for this one.
      const next = await startWatched(own, await booted(own, 0));
      await untilPhase(next, 'awaiting-decision');
      for (const one of [run, next]) await one.approve({ by: 'bob' });
      for (const one of [run, next]) expect(await ended(one)).toMatchObject({ outcome: 'confirmed' });
    } finally {
      await own.stop();
      await proxy.close();
    }
  });
}
