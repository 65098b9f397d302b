/** Resizes with checks: what a server of HTTP, here on this machine, says of a resized server decides. */
import type { ResizeInput, ResizeRun } from '../../src';
import { until } from '../nova/wait';
import { ended, startRig, truth, untilPhase, type Lab, type Rig } from './rig';
import { Service } from './service';

export function checks(startLab: () => Promise<Lab>): void {
  let rig: Rig;
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
    rig = await startRig(await startLab());
    // Only here may a check reach this machine.
    await rig.startWorker({ DURABLE_RESIZE_CHECK_NETWORKS: '127.0.0.0/8' });
  });
  afterAll(async () => {
    await rig.stop();
    await service.stop();
  });

  const web = () => ({
    name: 'web',
    http: { url: `http://127.0.0.1:${service.port}/{id}` },
    interval: '100ms',
    timeout: '2s',
    failures: 2,
  });
  const checked = (more: Partial<NonNullable<ResizeInput['checks']>> = {}) => ({
    checks: [web()],
    grace: '0s',
    watchEvery: '200ms',
    ...more,
  });

  let serial = 0;
  /** A resize of a server of its own, which the service knows by its id. */
  async function start(input: Partial<ResizeInput> = {}, status = 200): Promise<ResizeRun> {
    const server = await rig.lab.boot(`checked-${++serial}`);
    service.answers(server, status);
    return rig.start({ server, checks: checked(), ...input });
  }

  it.concurrent('a server that proves healthy waits for people, with the figures', async () => {
    const run = await start();
    await untilPhase(run, 'awaiting-decision');
    const { checks: found, message } = await run.status();
    expect(found).toMatchObject([{ name: 'web', kind: 'http', baseline: 'pass', proof: 'pass' }]);
    expect(found[0]?.figure).toMatch(/^200 in \d+ ms$/);
    expect(message).toContain('its check passed');
    await run.approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
  });

  it.concurrent('an unhealthy one is reverted without asking, and the figure says why', async () => {
    const run = await start({ checks: checked({ grace: '1s' }) });
    await untilPhase(run, 'resizing', 'verifying', 'awaiting-decision');
    service.answers(run.server, 503);
    const end = await ended(run);
    expect(end).toMatchObject({
      outcome: 'reverted',
      cause: 'unhealthy',
      checks: [{ baseline: 'pass', proof: 'fail' }],
    });
    expect(end.message).toMatch(/check web failed at .*: 503 in \d+ ms/);
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f1', status: 'ACTIVE', revert: 1, confirm: 0 });
  });

  it.concurrent('one that was unhealthy before is not reverted for it: people are asked', async () => {
    const run = await start({}, 500);
    const status = await untilPhase(run, 'awaiting-decision');
    // The watch that follows says "fails", and asks louder.
    expect(status.message).toMatch(/check web (is inconclusive|fails): 500/);
    expect(status.checks).toMatchObject([{ baseline: 'fail', proof: 'inconclusive' }]);
    await run.reject({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'rejected' });
  });

  it.concurrent(
    'one that fails while people decide is told louder, and told no more when it is well again',
    async () => {
      const run = await start();
      await untilPhase(run, 'awaiting-decision');
      service.answers(run.server, 502);
      await until('the question to say it', async () => {
        const { message, phase } = await run.recorded();
        return /^check web fails: 502/.test(message) && phase === 'awaiting-decision' ? true : undefined;
      });
      service.answers(run.server, 200);
      await until('the question to say it no more', async () =>
        /fails/.test((await run.recorded()).message) ? undefined : true,
      );
      await run.approve({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
    },
  );

  it.concurrent('one that fails while people decide is reverted where the request says so', async () => {
    const run = await start({ checks: checked({ onWatchFailure: 'revert' }), approvals: { required: 2 } });
    await untilPhase(run, 'awaiting-decision');
    await run.approve({ by: 'bob' });
    service.answers(run.server, 500);
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'reverted', cause: 'unhealthy' });
    expect(end.decisions).toMatchObject([{ by: 'bob', counted: false, why: 'the watch failed' }]);
  });

  it.concurrent('one whose checks pass for long enough is confirmed by itself', async () => {
    const run = await start({ autoConfirm: true, bakeFor: '1s', decideWithin: '5m' });
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'confirmed', cause: 'policy', decisions: [] });
    expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', confirm: 1, revert: 0 });
  });

  it.concurrent('a reject while the proof is out reverts at once', async () => {
    const run = await start({ checks: checked({ checks: [{ ...web(), initialDelay: '1m' }] }) });
    await untilPhase(run, 'verifying');
    await run.reject({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'rejected' });
  });

  it.concurrent('a watch that runs for long adds no event, however often it tries', async () => {
    const run = await start();
    await untilPhase(run, 'awaiting-decision');
    const events = async () =>
      Number((await rig.client.workflow.getHandle(run.workflowId).describe()).raw.workflowExecutionInfo?.historyLength);
    const tried = service.tries(run.server);
    await until('the watch to have begun', () =>
      Promise.resolve(service.tries(run.server) > tried + 2 ? true : undefined),
    );
    const before = await events();
    const since = service.tries(run.server);
    await until('many tries', () => Promise.resolve(service.tries(run.server) > since + 15 ? true : undefined));
    expect(await events()).toBe(before);
    await run.approve({ by: 'bob' });
    await ended(run);
  });
}
