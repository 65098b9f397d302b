import { startHuaweiLab, type HuaweiLab } from '../simulator/huawei-lab';
import { ended, startRig, truth, untilPhase, type Rig } from './rig';

describe.each([
  ['a cloud that resizes running servers', false],
  ['a cloud that resizes stopped servers only', true],
])('in the dialect of Huawei, %s', (_, stoppedOnly) => {
  let lab: HuaweiLab;
  let rig: Rig;
  beforeAll(async () => {
    lab = await startHuaweiLab({ stoppedOnly });
    rig = await startRig(lab);
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  it.concurrent.each([
    ['lab', 'approve', 'confirmed', { flavor: 'f2', confirm: 1, revert: 0 }],
    ['lab-aksk', 'approve', 'confirmed', { flavor: 'f2', confirm: 1, revert: 0 }],
    ['lab-aksk', 'reject', 'reverted', { flavor: 'f1', confirm: 0, revert: 1 }],
  ] as const)('by profile %s a server is resized, and %s leads to %s', async (cloud, decision, outcome, effect) => {
    const run = await rig.start({ cloud, stopFirst: true });
    await untilPhase(run, 'awaiting-decision');
    const { message } = await run.status();
    expect(/cannot be started or tested before the decision/.test(message)).toBe(stoppedOnly);
    await run[decision]({ by: 'bob' });
    const end = await ended(run);
    expect(end).toMatchObject({ outcome });
    expect(/started again/.test(end.message)).toBe(stoppedOnly);
    // Whether it was stopped for the resize or not: it runs again.
    expect(await truth(lab, run.server)).toEqual({ status: 'ACTIVE', taskState: null, resize: 1, ...effect });
  });

  it.concurrent('what it refuses by a code is said in its words', async () => {
    const server = await lab.boot('refused');
    await expect(rig.start({ server, flavor: 'nope' })).rejects.toMatchObject({ code: 'Refused' });
    if (!stoppedOnly) return;
    const run = await rig.start({ server });
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'refused' });
    expect(end.message).toMatch(/status does not meet requirements.*Ecs\.0100/);
    expect(end.advice?.you).toContain('--stop-first');
    expect(await truth(lab, server)).toMatchObject({ flavor: 'f1', status: 'ACTIVE', resize: 0 });
  });

  it.concurrent('a server that is paid by the month is refused before anything is sent', async () => {
    const server = await lab.simulator.boot('prepaid', 'f1', { charging_mode: '1' });
    await expect(rig.start({ server })).rejects.toMatchObject({ code: 'Refused', message: /paid by year or month/ });
    expect(await lab.counters(server)).not.toHaveProperty('POST resize');
  });

  it.concurrent(
    'a server that was off stays off, though its resize is refused for its state and might have it stopped',
    async () => {
      const server = await lab.boot('off', { stopped: true });
      lab.simulator.control({ http: [{ server, match: 'resize', fault: 'flow:Ecs.0100', times: 9 }] });
      const end = await ended(await rig.start({ server, stopFirst: true }));
      expect(end).toMatchObject({ outcome: 'refused', message: /Ecs\.0100/ });
      expect(await truth(lab, server)).toMatchObject({ flavor: 'f1', status: 'SHUTOFF', resize: 0 });
      expect(await lab.counters(server)).not.toHaveProperty('POST os-start');
    },
  );

  it.concurrent('while another command runs on the server, a resize is tried again when the cloud says', async () => {
    const server = await lab.boot('other-command', { stopped: true });
    const headers = { 'Retry-After': '1' };
    lab.simulator.control({ http: [{ server, match: 'resize', fault: 'flow:Ecs.0603', headers }] });
    const began = Date.now();
    const run = await rig.start({ server });
    await untilPhase(run, 'awaiting-decision');
    expect(Date.now() - began).toBeGreaterThan(1_000);
    expect(await lab.counters(server)).toMatchObject({ 'POST resize': 2 });
    await run.approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  });

  it.concurrent('a 202 that means "not now" counts neither as accepted nor as refused', async () => {
    // It is the same with both, and takes five seconds.
    if (stoppedOnly) return;
    const server = await lab.boot('flow');
    lab.simulator.control({ http: [{ server, match: 'resize', fault: 'flow:Common.0024' }] });
    const run = await rig.start({ server, cloud: 'lab-aksk' });
    await run.approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed', ownership: 'proven' });
    expect(await lab.counters(server)).toMatchObject({ 'POST resize': 2, 'POST confirmResize': 1 });
    expect(await truth(lab, server)).toMatchObject({ flavor: 'f2', resize: 1, confirm: 1 });
  });
});
