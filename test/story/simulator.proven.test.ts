import { startLab } from '../simulator/lab';
import { startRig, untilPhase, type Rig } from './rig';

describe('deciders, on a Temporal server without log-in', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig(await startLab());
  });

  afterAll(() => rig.stop());

  it('a worker that wants them proven starts no resize, and says what to set', async () => {
    const worker = await rig.startWorker({ DURABLE_RESIZE_DECIDERS: 'proven' });
    const server = await rig.lab.boot('nobody');
    const started = rig.start({ server });
    await expect(started).rejects.toMatchObject({
      exitCode: 12,
      message: expect.stringContaining('Temporal recorded no log-in with it') as unknown,
    });
    await expect(started).rejects.toThrow('frontend.enablePrincipalPropagation set to true');
    expect(await rig.lab.actions(server)).toEqual([expect.objectContaining({ action: 'create' })]);
    await worker.stop();
  });

  it('they are claimed, and the status says so', async () => {
    await rig.startWorker();
    const run = await rig.start();
    expect(await untilPhase(run, 'awaiting-decision')).toMatchObject({ deciders: 'claimed' });
    const { message, status } = await run.reject({ by: 'bob' });
    expect(message).toContain('reject by bob (claimed)');
    expect(status.decisions).toMatchObject([{ by: 'bob', via: 'update', counted: true }]);
    expect(status.requester).toBeUndefined();
  });
});
