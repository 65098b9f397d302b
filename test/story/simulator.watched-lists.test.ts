/** The watcher of a cloud whose lists are late, wrong or incomplete; and two watchers at once. */
import type { ResizeRun } from '../../src';
import { until } from '../nova/wait';
import { startLab } from '../simulator/lab';
import { ended, startRig, type Rig } from './rig';
import { openedWatched, untilWatched } from './watched';

describe('a list that does not show all', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(await startLab());
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  const revert = (run: ResizeRun) => rig.lab.act(run.server, { revertResize: null }, 'other');
  const reverted = { outcome: 'changed-outside', cause: 'reverted' };

  it.concurrent(
    'a change that a replica shows three seconds late is known, although newer ones were seen before',
    async () => {
      const [late, other] = [await openedWatched(rig), await openedWatched(rig)];
      await rig.lab.control({ lists: { late: { [late.server]: 3 } } });
      await revert(late);
      await rig.lab.waitFor(late.server, 'ACTIVE');
      await revert(other);
      expect(await ended(other)).toMatchObject(reverted);
      expect(await ended(late)).toMatchObject(reverted);
    },
  );

  it.concurrent('a host whose clock is ten minutes ahead hides no change of another host', async () => {
    const [ahead, other] = [await openedWatched(rig), await openedWatched(rig)];
    await rig.lab.control({ lists: { skew: { [ahead.server]: 600 } } });
    await revert(ahead);
    expect(await ended(ahead)).toMatchObject(reverted);
    await revert(other);
    expect(await ended(other)).toMatchObject(reverted);
  });

  it.concurrent(
    'a server whose cell is down is not forgotten: it is observed when somebody asks, or in a while',
    async () => {
      const [missing, other] = [await openedWatched(rig), await openedWatched(rig)];
      await rig.lab.control({ lists: { missing: [missing.server] } });
      for (const run of [missing, other]) await revert(run);
      expect(await ended(other)).toMatchObject(reverted);
      expect(await missing.recorded()).toMatchObject({ phase: 'awaiting-decision' });
      await rig.client.workflow.getHandle(missing.workflowId).signal('observeNow');
      expect(await ended(missing)).toMatchObject(reverted);
    },
  );

  it.concurrent('two watchers do no harm: a worker that stood still comes back while another one watches', async () => {
    const own = await startRig(await startLab());
    try {
      const still = await own.startWorker();
      const run = await openedWatched(own);
      still.signal('SIGSTOP');
      await own.startWorker();
      await until(
        'another worker to watch',
        async () => {
          for await (const { workflowId } of own.client.workflow.list({ query: "WorkflowType = 'watchCloud'" })) {
            const { raw } = await own.client.workflow.getHandle(workflowId).describe();
            const [activity] = raw.pendingActivities ?? [];
            // STARTED in the API.
            if (activity !== undefined && (activity.attempt ?? 0) > 1 && Number(activity.state) === 2) return true;
          }
          return undefined;
        },
        { within: 50_000 },
      );
      still.signal('SIGCONT');
      await untilWatched(own, run);
      await run.approve({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
      const counters = await own.lab.counters(run.server);
      expect(counters).toMatchObject({ 'POST resize': 1, 'POST confirmResize': 1 });
    } finally {
      await own.stop();
    }
  });

  it('a cloud that asks to slow down is asked less often, and its changes are known afterwards', async () => {
    const run = await openedWatched(rig);
    await rig.lab.control({
      http: [{ server: '*', match: 'GET servers', fault: 'status:429', times: 2, headers: { 'Retry-After': '2' } }],
    });
    await revert(run);
    expect(await ended(run)).toMatchObject(reverted);
  });

  it('a watcher that somebody terminated is started again by the next resize, for all of them', async () => {
    const run = await openedWatched(rig);
    const watchers = rig.client.workflow.list({ query: "WorkflowType = 'watchCloud' AND ExecutionStatus = 'Running'" });
    for await (const { workflowId } of watchers) await rig.client.workflow.getHandle(workflowId).terminate('to try it');
    // The run counts on a watcher that is no more.
    expect(await run.status()).toMatchObject({ watched: false });
    await revert(run);
    await openedWatched(rig);
    expect(await ended(run)).toMatchObject(reverted);
  });

  it('a cloud that does not know changes is compared with its lists before', async () => {
    await rig.lab.control({ lists: { changesSince: 400 } });
    const run = await openedWatched(rig);
    await revert(run);
    expect(await ended(run)).toMatchObject(reverted);
  });
});
