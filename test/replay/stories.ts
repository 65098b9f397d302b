/** The runs whose histories are kept for replay, told on the simulator. */
import type { ResizeRun } from '../../src';
import type { SimulatorOptions } from '../../src/simulator';
import { observedUntilContinued } from '../story/crashes';
import { SimulatedLab } from '../simulator/lab';
import { ended, untilPhase, type Rig, type WorkerProcess } from '../story/rig';

/** Tells one story; its history is exported when it has returned. */
type Story = (rig: Rig, worker: { current: WorkerProcess }) => Promise<ResizeRun>;

const opened = async (rig: Rig, change: Parameters<Rig['start']>[0] = {}) => {
  const run = await rig.start(change);
  await untilPhase(run, 'awaiting-decision');
  return run;
};
const toTheEnd = async (run: ResizeRun) => {
  await ended(run);
  return run;
};

/** The clouds of the stories that need one of their own. */
export const CLOUDS: Readonly<Record<string, SimulatorOptions>> = {
  'stopped-first': { dialect: 'huawei', stoppedOnly: true },
};

export const STORIES: Readonly<Record<string, Story>> = {
  async approved(rig) {
    const run = await opened(rig);
    await run.approve({ by: 'bob', reason: 'CHG-1234' });
    return toTheEnd(run);
  },
  async 'rejected-by-signal'(rig) {
    const run = await opened(rig);
    await rig.client.workflow.getHandle(run.workflowId).signal('reject', { by: 'carol' });
    return toTheEnd(run);
  },
  'timed-out': async (rig) => toTheEnd(await rig.start({ decideWithin: '1s' })),
  'rolled-back-by-cloud': async (rig) => toTheEnd(await rig.start({ flavor: 'huge' })),
  async 'needs-operator-abandoned'(rig) {
    const server = await rig.lab.boot('abandoned');
    const run = await rig.start({ server });
    await rig.lab.control({ fail: { finish_migration: [server] } });
    await untilPhase(run, 'needs-operator');
    await run.abandon({ by: 'ana' });
    return toTheEnd(run);
  },
  async 'cancelled-in-the-window'(rig) {
    const run = await opened(rig);
    await run.cancel();
    return toTheEnd(run);
  },
  async 'answer-lost'(rig) {
    const server = await rig.lab.boot('answer-lost');
    await rig.lab.control({ http: [{ server, match: 'resize', fault: 'drop-after' }] });
    const run = await opened(rig, { server });
    await run.approve({ by: 'bob' });
    return toTheEnd(run);
  },
  async 'stopped-first'(rig) {
    if (!(rig.lab instanceof SimulatedLab)) throw new Error('this story is told on the simulator');
    const server = await rig.lab.simulator.boot('stopped-first', 'f1');
    const run = await opened(rig, { server, stopFirst: true });
    await run.approve({ by: 'bob' });
    return toTheEnd(run);
  },
  async adopted(rig) {
    const server = await rig.lab.boot('adopted');
    await rig.lab.act(server, { resize: { flavorRef: 'f2' } }, 'other');
    await rig.lab.waitFor(server, 'VERIFY_RESIZE');
    const run = await opened(rig, { server, adopt: true });
    await run.approve({ by: 'bob' });
    return toTheEnd(run);
  },
  async 'worker-killed'(rig, worker) {
    const run = await opened(rig);
    await worker.current.kill();
    worker.current = await rig.startWorker();
    await run.approve({ by: 'bob' });
    return toTheEnd(run);
  },
  async 'continued-as-new'(rig) {
    const run = await opened(rig);
    await observedUntilContinued(rig, run);
    await run.approve({ by: 'bob' });
    return toTheEnd(run);
  },
};
