import { until } from '../nova/wait';
import { startLab, type SimulatedLab } from '../simulator/lab';
import { ended, startRig, truth, untilPhase, type Rig } from './rig';

const rigWhoseProfileSays = async (lab: SimulatedLab, said: object): Promise<Rig> =>
  startRig(lab, { profile: { durable_resize: said } });

describe('a cloud that confirms by itself, and a profile that says so', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await rigWhoseProfileSays(await startLab(), { auto_confirm_window: 3600 });
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  it('a gate that would outlast it is refused at the start, and nothing is touched', async () => {
    const server = await rig.lab.boot('outlasted');
    const start = (decideWithin: string) =>
      rig.resizes.start({ cloud: 'lab', server, flavor: 'f2', requestedBy: 'ana', decideWithin });
    await expect(start('2h')).rejects.toMatchObject({
      code: 'Refused',
      message: expect.stringMatching(/confirms a resize by itself after 3600 s.*--decide-within 3569s/) as string,
    });
    expect(await truth(rig.lab, server)).toMatchObject({ flavor: 'f1', resize: 0 });
  });

  it('it is refused by the run too, whoever starts it', async () => {
    const server = await rig.lab.boot('started-directly');
    const { client, lab } = rig;
    const workflowId = `resize-${server}`;
    const input = { cloud: 'lab', server, flavor: 'f2', requestedBy: 'ana', onTimeout: 'hold' };
    const run = client.workflow.execute('resizeServer', { workflowId, taskQueue: 'durable-resize', args: [input] });
    await expect(run).rejects.toMatchObject({
      cause: { type: 'Refused', message: /onTimeout hold would wait longer/ },
    });
    expect(await truth(lab, server)).toMatchObject({ flavor: 'f1', resize: 0 });
  });

  it('a resize that is taken over has what is left of the window', async () => {
    const server = await rig.lab.boot('taken-over');
    await rig.lab.act(server, { resize: { flavorRef: 'f2' } }, 'other');
    await rig.lab.waitFor(server, 'VERIFY_RESIZE');
    await until('a moment of the window to have gone by', async () => {
      const refused = rig.start({ server, adopt: true, decideWithin: '3569900ms' });
      const error = await refused.then(
        () => new Error('it was taken over'),
        (reason: unknown) => reason,
      );
      return error instanceof Error && error.message.includes('have gone by') ? true : undefined;
    });
    const run = await rig.start({ server, adopt: true, decideWithin: '50 minutes' });
    await untilPhase(run, 'awaiting-decision');
    await run.approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  });
});

describe('a cloud with a limit that its profile names', () => {
  let rig: Rig;
  let lab: SimulatedLab;
  beforeAll(async () => {
    lab = await startLab();
    rig = await rigWhoseProfileSays(lab, { requests_per_second: 10 });
    await rig.startWorker();
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  const arrived = () =>
    Object.values(lab.simulator.control({}).counters)
      .flatMap((counts) => Object.entries(counts))
      .reduce((sum, [, count]) => sum + count, 0);

  it('gets no more than that from two workers that have more to ask, and everything still ends', async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, (_, n) => lab.simulator.boot(`limited-${n}`, 'f1')));
    const runs = await Promise.all(
      servers.map((server) => rig.start({ server, polling: { initial: 100, maximum: 100 } })),
    );
    let last = { at: performance.now(), arrived: arrived() };
    const perSecond: number[] = [];
    const timer = setInterval(() => {
      const now = { at: performance.now(), arrived: arrived() };
      perSecond.push((now.arrived - last.arrived) / ((now.at - last.at) / 1000));
      last = now;
    }, 1000);
    for (const run of runs) await run.approve({ by: 'bob' });
    for (const run of runs) expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
    clearInterval(timer);
    expect(perSecond.length).toBeGreaterThan(3);
    expect(perSecond.reduce((sum, each) => sum + each, 0) / perSecond.length).toBeLessThanOrEqual(10);
    // Each of the two workers evens out its own requests only: ten each, in one second; what both ask is evened out by
    // the task queue, over time.
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(20);
  });
});

describe('a cloud that asks to slow down', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig(await startLab());
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  it('is left alone by all runs until then, the status says so, and they go on by themselves', async () => {
    const [one, other] = [await rig.start(), await rig.start()];
    for (const run of [one, other]) await untilPhase(run, 'awaiting-decision');
    const looks = async () => (await rig.lab.counters(one.server))['GET server'] ?? 0;
    const before = await looks();
    await rig.lab.control({
      http: [{ server: one.server, match: 'GET server', fault: 'status:429', headers: { 'Retry-After': '12' } }],
    });
    await until('one run to be told', async () => ((await looks()) > before ? true : undefined));
    const told = async () => {
      const { message } = await other.status();
      return message.includes('the cloud asks to slow down until') ? message : undefined;
    };
    await other.approve({ by: 'bob' });
    await until('the other run to say so', told, { within: 10_000 });
    expect((await rig.lab.counters(other.server))['POST confirmResize'] ?? 0).toBe(0);
    expect(await ended(other)).toMatchObject({ outcome: 'confirmed' });
    await one.approve({ by: 'bob' });
    expect(await ended(one)).toMatchObject({ outcome: 'confirmed' });
  });
});
