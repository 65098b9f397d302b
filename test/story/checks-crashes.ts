/** Processes end while checks run: each check has one verdict, and the resize ends by it, once. */
import type { ResizeInput, ResizeRun, ResizeStatus } from '../../src';
import type { CheckTime } from '../../src/resize/checks';
import { until } from '../nova/wait';
import { tasksOf, type Input } from '../race/history';
import { observedUntilContinued } from './crashes';
import { ended, startRig, truth, untilPhase, type Lab, type Rig, type RigOptions, type WorkerProcess } from './rig';
import { Service } from './service';

// Only here may a check reach this machine.
const NETWORKS = { DURABLE_RESIZE_CHECK_NETWORKS: '127.0.0.0/8' };

export function checksCrashes(startLab: () => Promise<Lab>): void {
  let lab: Lab;
  let service: Service;
  let killed: ReturnType<typeof kill>;
  let crashed: ReturnType<typeof crashTemporal>;
  const rigs: Rig[] = [];
  beforeAll(async () => {
    lab = await startLab();
    service = await Service.start();
    killed = kill();
    crashed = crashTemporal();
    for (const each of [killed, crashed]) each.catch(() => undefined); // the tests that await it fail
  });
  afterAll(async () => {
    await Promise.all(rigs.map((rig) => rig.stop()));
    await lab.stop?.();
    await service.stop();
  });

  const startAlone = async (options: RigOptions = {}): Promise<{ rig: Rig; worker: WorkerProcess }> => {
    const rig = await startRig(lab, { keepsLab: true, ...options });
    rigs.push(rig);
    return { rig, worker: await rig.startWorker(NETWORKS) };
  };

  let serial = 0;
  /** @param watch how often the check runs while people decide */
  const begin = async (rig: Rig, input: Partial<ResizeInput> = {}, watch = '200ms'): Promise<ResizeRun> => {
    const server = await lab.boot(`checked-on-${++serial}`);
    // Long enough to see it resize.
    await lab.control({ delay: { finish_migration: { [server]: 1 } } });
    const web = { name: 'web', http: { url: `http://127.0.0.1:${service.port}/{id}` }, interval: '100ms' };
    const checks = {
      // A service that lets a check wait must not fail it.
      checks: [{ ...web, timeout: '40s', failures: 2 }],
      grace: '0s',
      watchEvery: watch,
      onWatchFailure: 'revert' as const,
    };
    return rig.start({ server, checks, ...input });
  };
  const held = ({ server }: ResizeRun) =>
    until('the check to wait for the service', () => Promise.resolve(service.waiting(server) > 0 || undefined));

  /** Up to the proof, which waits for the service. */
  const proving = async (rig: Rig, input: Partial<ResizeInput> = {}) => {
    const run = await begin(rig, input);
    await untilPhase(run, 'resizing', 'verifying');
    service.holds(run.server);
    await untilPhase(run, 'verifying');
    await held(run);
    return run;
  };
  /** Up to the decision, with the watch under way. */
  const watching = async (rig: Rig, input: Partial<ResizeInput> = {}) => {
    const run = await begin(rig, input);
    await untilPhase(run, 'awaiting-decision');
    const tried = service.tries(run.server);
    await until('the watch', () => Promise.resolve(service.tries(run.server) > tried + 1 || undefined));
    return run;
  };
  /** Up to the round before it confirms itself, which waits for the service. */
  const lastRound = async (rig: Rig) => {
    // The watch comes too seldom to be in the way.
    const run = await begin(rig, { autoConfirm: true, bakeFor: '4s' }, '10m');
    await untilPhase(run, 'awaiting-decision');
    // Before, after, and the first of the watch.
    await until('the watch', () => Promise.resolve(service.tries(run.server) >= 3 || undefined));
    service.holds(run.server);
    await held(run);
    return run;
  };

  /** One kill -9 hits a check of each kind; then a worker is stopped in order while a proof is out. */
  const kill = async () => {
    const { rig, worker } = await startAlone();
    const [proven, unproven, watched, last] = await Promise.all([
      proving(rig, { approvals: { required: 2 } }),
      proving(rig),
      watching(rig, { approvals: { required: 2 } }),
      lastRound(rig),
    ]);
    await proven.approve({ by: 'bob' });
    await watched.approve({ by: 'bob' });
    await worker.kill();
    service.answers(proven.server, 200);
    service.answers(unproven.server, 503);
    service.answers(watched.server, 502);
    service.answers(last.server, 200);
    const second = await rig.startWorker(NETWORKS);
    const stopped = await proving(rig);
    await second.stop();
    service.answers(stopped.server, 200);
    await rig.startWorker(NETWORKS);
    return { rig, proven, unproven, watched, last, stopped };
  };

  /** kill -9 of the Temporal server while a proof is out, and in the watch of another resize. */
  const crashTemporal = async () => {
    const { rig } = await startAlone({ temporal: 'durable' });
    const [proven, watched] = await Promise.all([proving(rig), watching(rig)]);
    await rig.crashTemporal();
    service.answers(proven.server, 200);
    service.answers(watched.server, 502);
    return { rig, proven, watched };
  };

  const confirmed = { flavor: 'f2', status: 'ACTIVE', taskState: null, resize: 1, confirm: 1, revert: 0 };
  const reverted = { flavor: 'f1', status: 'ACTIVE', taskState: null, resize: 1, confirm: 0, revert: 1 };

  /** What the checks said in the newest run, as the history has it. */
  const verdicts = async (rig: Rig, run: ResizeRun, when: CheckTime): Promise<string[]> => {
    const { events } = await rig.client.workflow.getHandle(run.workflowId).fetchHistory();
    const inputs = tasksOf(events ?? []).flatMap((task) => task.inputs);
    const said = (input: Input) => (input.is === 'verdict' && input.when === when ? [input.verdict] : []);
    return inputs.flatMap(said);
  };

  const endOf = async (run: ResizeRun): Promise<{ end: ResizeStatus; cloud: Record<string, unknown> }> => ({
    end: await ended(run),
    cloud: await truth(lab, run.server),
  });

  describe('kill -9 of the worker', () => {
    it.concurrent('while the proof is out: it has one verdict, and the votes count', async () => {
      const { rig, proven: run } = await killed;
      await untilPhase(run, 'awaiting-decision');
      expect((await run.status()).checks).toMatchObject([{ baseline: 'pass', proof: 'pass' }]);
      await run.approve({ by: 'eve' });
      const { end, cloud } = await endOf(run);
      expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
      expect(end.decisions).toMatchObject([
        { by: 'bob', counted: true },
        { by: 'eve', counted: true },
      ]);
      expect([cloud, await verdicts(rig, run, 'proof')]).toEqual([confirmed, ['pass']]);
    });

    it.concurrent('while the proof is out that then fails: reverted once, without asking', async () => {
      const { rig, unproven: run } = await killed;
      const { end, cloud } = await endOf(run);
      expect(end).toMatchObject({ outcome: 'reverted', cause: 'unhealthy', checks: [{ proof: 'fail' }] });
      expect([cloud, await verdicts(rig, run, 'proof')]).toEqual([reverted, ['fail']]);
    });

    it.concurrent('in the watch that then fails: reverted once, and the vote is void', async () => {
      const { rig, watched: run } = await killed;
      const { end, cloud } = await endOf(run);
      expect(end).toMatchObject({ outcome: 'reverted', cause: 'unhealthy' });
      expect(end.decisions).toMatchObject([{ by: 'bob', counted: false, why: 'the watch failed' }]);
      expect([cloud, await verdicts(rig, run, 'watch')]).toEqual([reverted, ['fail']]);
    });

    it.concurrent(
      'in the last round before it confirms itself: confirmed once, when that round has passed',
      async () => {
        const { rig, last: run } = await killed;
        const { end, cloud } = await endOf(run);
        expect(end).toMatchObject({ outcome: 'confirmed', cause: 'policy', decisions: [] });
        expect([cloud, await verdicts(rig, run, 'last-round')]).toEqual([confirmed, ['pass']]);
      },
    );
  });

  it.concurrent('a worker that is stopped while the proof is out leaves it to the next one', async () => {
    const { rig, stopped: run } = await killed;
    await untilPhase(run, 'awaiting-decision');
    await run.reject({ by: 'bob' });
    const { end, cloud } = await endOf(run);
    expect(end).toMatchObject({ outcome: 'reverted', cause: 'rejected', checks: [{ proof: 'pass' }] });
    expect([cloud, await verdicts(rig, run, 'proof')]).toEqual([reverted, ['pass']]);
  });

  it.concurrent('a crash of Temporal while the proof is out: it has one verdict', async () => {
    const { rig, proven: run } = await crashed;
    await untilPhase(run, 'awaiting-decision');
    await run.approve({ by: 'bob' });
    const { end, cloud } = await endOf(run);
    expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved', checks: [{ proof: 'pass' }] });
    expect([cloud, await verdicts(rig, run, 'proof')]).toEqual([confirmed, ['pass']]);
  });

  it.concurrent('a crash of Temporal in the watch that then fails: reverted once', async () => {
    const { rig, watched: run } = await crashed;
    const { end, cloud } = await endOf(run);
    expect(end).toMatchObject({ outcome: 'reverted', cause: 'unhealthy' });
    expect([cloud, await verdicts(rig, run, 'watch')]).toEqual([reverted, ['fail']]);
  });

  it.concurrent(
    'a run that continues as new while the proof is out runs it again, and keeps the early vote',
    async () => {
      const { rig } = await killed;
      const run = await proving(rig, { approvals: { required: 2 } });
      await run.approve({ by: 'bob' });
      await observedUntilContinued(rig, run);
      expect((await run.recorded()).phase).toBe('verifying');
      service.answers(run.server, 200);
      await untilPhase(run, 'awaiting-decision');
      expect(await run.status()).toMatchObject({ votesMissing: 1, checks: [{ baseline: 'pass', proof: 'pass' }] });
      await run.approve({ by: 'eve' });
      const { end, cloud } = await endOf(run);
      expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
      expect([cloud, await verdicts(rig, run, 'proof')]).toEqual([confirmed, ['pass']]);
    },
    120_000,
  );

  it.concurrent(
    'a run that continues as new in the watch goes on watching, and keeps proof, deadline and votes',
    async () => {
      const { rig } = await killed;
      const run = await watching(rig, { approvals: { required: 2 } });
      await run.approve({ by: 'bob' });
      const { decisionDeadline } = await run.status();
      await observedUntilContinued(rig, run);
      const carried = await run.status();
      expect(carried).toMatchObject({ votesMissing: 1, decisionDeadline, checks: [{ proof: 'pass' }] });
      service.answers(run.server, 502);
      const { end, cloud } = await endOf(run);
      expect(end).toMatchObject({ outcome: 'reverted', cause: 'unhealthy' });
      expect(end.decisions).toMatchObject([{ by: 'bob', counted: false, why: 'the watch failed' }]);
      expect([cloud, await verdicts(rig, run, 'proof')]).toEqual([reverted, []]);
    },
    120_000,
  );
}
