import type { ResizeRun } from '../../src';
import type { Phase } from '../../src/resize/outcome';
import { until } from '../nova/wait';
import { ended, startRig, truth, untilPhase, usual, type Lab, type Rig, type WorkerProcess } from './rig';

/**
 * Processes are killed at the worst moments: the resize goes on, and nothing is asked twice.
 * @param decideWithin long enough for three resizes to be in the window at once
 */
export function crashes(startLab: () => Promise<Lab>, decideWithin: `${number}s` = '8s'): void {
  let lab: Lab;
  /** Several tests share a kill: a worker process takes a second of CPU. They go on side by side, as most is waiting. */
  let struck: ReturnType<typeof strike>;
  let crossed: ReturnType<typeof crossTheDeadline>;
  let released: ReturnType<typeof release>;
  const rigs: Rig[] = [];
  beforeAll(async () => {
    lab = await startLab();
    struck = strike();
    crossed = crossTheDeadline();
    released = release();
    for (const each of [struck, crossed, released]) each.catch(() => undefined); // the tests that await it fail
  });
  afterAll(async () => {
    await Promise.all(rigs.map((rig) => rig.stop()));
    await lab.stop?.();
  });

  /** A rig of its own, whose worker is killed without the others' noticing. */
  const startAlone = async (env?: NodeJS.ProcessEnv): Promise<{ rig: Rig; worker: WorkerProcess }> => {
    const rig = await startRig(lab, { keepsLab: true });
    rigs.push(rig);
    return { rig, worker: await rig.startWorker(env) };
  };

  const confirmed = { flavor: 'f2', status: 'ACTIVE', taskState: null, resize: 1, confirm: 1, revert: 0 };
  const reverted = { flavor: 'f1', status: 'ACTIVE', taskState: null, resize: 1, confirm: 0, revert: 1 };

  const cases: readonly Case[] = [
    {
      moment: 'while it prepares',
      until: 'preparing',
      decision: 'approve',
      http: { match: 'GET server', seconds: 0.4 },
    },
    { moment: 'while the cloud resizes', until: 'resizing', decision: 'approve', delay: 'finish_migration' },
    { moment: 'while people decide', until: 'awaiting-decision', decision: 'approve' },
    { moment: 'while it is confirmed', until: 'confirming', decision: 'approve', delay: 'confirm_migration' },
    { moment: 'while it is reverted', until: 'reverting', decision: 'reject', delay: 'finish_revert_migration' },
    { moment: 'between the POST of the resize and its record', decision: 'approve', posts: 'resize' },
    { moment: 'between the POST of the confirm and its record', decision: 'approve', posts: 'confirmResize' },
    { moment: 'between the POST of the revert and its record', decision: 'reject', posts: 'revertResize' },
  ];

  /** All cases are brought to their moment, and one kill -9 hits them all; another worker takes over. */
  const strike = async () => {
    const { rig, worker } = await startAlone();
    const told = new Map(await Promise.all(cases.map(async (each) => [each, await bringTo(rig, each)] as const)));
    await worker.kill();
    await rig.startWorker();
    return told;
  };

  /** Resizes that wait for a decision when the worker is killed; another one comes when the time of all is up. */
  const crossTheDeadline = async () => {
    const { rig, worker } = await startAlone();
    const opened = async (change: { lateGrace?: number } = {}) => {
      const run = await rig.start({ decideWithin, ...change });
      const { decisionDeadline } = await untilPhase(run, 'awaiting-decision');
      return { run, decisionDeadline };
    };
    const all = await Promise.all([opened(), opened(), opened({ lateGrace: 100 })]);
    const [decided, inGrace, late] = all;
    await worker.kill();
    const vote = await decided.run.approve({ by: 'bob' });
    for (const { decisionDeadline } of all) await past(decisionDeadline, 200);
    await rig.startWorker();
    return { vote, decided: decided.run, inGrace: inGrace.run, late: late.run };
  };

  it.concurrent(
    'the worker is away across the deadline, and a decision was sent before it: the decision counts',
    async () => {
      const { vote, decided: run } = await crossed;
      expect(vote.judged).toBe(false);
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
      expect(await truth(lab, run.server)).toEqual(confirmed);
    },
  );

  it.concurrent('the worker is away across the deadline for less than the grace: it is reverted, as said', async () => {
    const { inGrace: run } = await crossed;
    expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'decision-timeout' });
    expect(await truth(lab, run.server)).toEqual(reverted);
  });

  it.concurrent(
    'the worker is away across the deadline for longer than the grace: nothing automatic happens',
    async () => {
      const { late: run } = await crossed;
      const held = await until('the run to hold', async () => {
        const status = await run.recorded();
        return status.overdue ? status : undefined;
      });
      expect(held.message).toMatch(/was away from .* across the deadline/);
      expect(await truth(lab, run.server)).toMatchObject({ status: 'VERIFY_RESIZE', confirm: 0, revert: 0 });
      await run.approve({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
    },
  );

  /** A resize that a worker in observe mode holds, until a worker without the brake comes. */
  const release = async () => {
    const { rig, worker } = await startAlone({ DURABLE_RESIZE_MODE: 'observe' });
    const run = await rig.start();
    const held = await until('the brake to be told', async () => {
      const status = await run.recorded();
      return status.brake ? status : undefined;
    });
    const then = await truth(lab, run.server);
    await worker.stop();
    await rig.startWorker();
    return { rig, run, held, then };
  };

  it.concurrent('a worker in observe mode sends nothing and says so; without the brake it goes on', async () => {
    const { run, held, then } = await released;
    expect(held.phase).toBe('resizing');
    expect(then).toMatchObject({ flavor: 'f1', resize: 0 });
    await untilPhase(run, 'awaiting-decision');
    await run.reject({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'reverted' });
  });

  it.concurrent(
    'a long watch continues as new and forgets nothing',
    async () => {
      const { rig } = await released;
      const run = await rig.start({ requestedBy: usual.requestedBy });
      await untilPhase(run, 'awaiting-decision');
      const handle = rig.client.workflow.getHandle(run.workflowId);
      await handle.signal('approve', { by: 'eve', run: 'another' });
      const first = run.runId;
      await observedUntilContinued(rig, run);
      const { decisionDeadline } = await run.status();
      expect(decisionDeadline).toBeDefined();
      // A decision made for the first run is one for this resize.
      await run.approve({ by: 'bob', run: first });
      const end = await ended(run);
      expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
      expect(end.decisions.map(({ by, counted }) => [by, counted])).toEqual([
        ['eve', false],
        ['bob', true],
      ]);
    },
    120_000,
  );

  describe('kill -9 of the worker, with a resize in each phase and one in each request', () => {
    it.concurrent.each(cases)('$moment', async (each) => {
      const brought = (await struck).get(each);
      if (brought === undefined) throw new Error('it was not brought to its moment');
      const { run, server } = brought;
      const early =
        ['preparing', 'resizing', 'awaiting-decision'].includes(each.until ?? '') || each.posts === 'resize';
      if (early) {
        await untilPhase(run, 'awaiting-decision');
        await run[each.decision]({ by: 'bob' });
      }
      expect(await ended(run)).toMatchObject({ outcome: each.decision === 'approve' ? 'confirmed' : 'reverted' });
      expect(await truth(lab, server)).toEqual(each.decision === 'approve' ? confirmed : reverted);
      const counted = await lab.counters(server);
      expect((counted['POST confirmResize'] ?? 0) + (counted['POST revertResize'] ?? 0)).toBe(1);
      expect(counted['POST resize']).toBe(1);
    });
  });
}

/** A run that only waits stays short; each observation that somebody asks for makes it longer. */
export async function observedUntilContinued(rig: Rig, run: ResizeRun): Promise<void> {
  const first = run.runId;
  await until(
    'another run of the same resize',
    async () => {
      await rig.client.workflow.getHandle(run.workflowId).signal('observeNow');
      return (await run.recorded()).runId === first ? undefined : true;
    },
    { within: 60_000 },
  );
}

/** Waits until this moment is over: the one thing that is a matter of the clock. */
async function past(moment: string | undefined, more = 0): Promise<void> {
  const then = Date.parse(moment ?? '') + more;
  await until('the deadline to pass', () => Promise.resolve(Date.now() > then ? true : undefined), { within: 60_000 });
}

interface Case {
  moment: string;
  until?: Phase;
  decision: 'approve' | 'reject';
  /** A driver call that takes long enough to be killed in. */
  delay?: 'finish_migration' | 'confirm_migration' | 'finish_revert_migration';
  http?: { match: string; seconds: number };
  /** A request whose answer is kept back until the worker is dead. */
  posts?: 'resize' | 'confirmResize' | 'revertResize';
}

async function bringTo(rig: Rig, { moment, until: phase, decision, delay, http, posts }: Case) {
  const { lab } = rig;
  const server = await lab.boot(moment.replaceAll(' ', '-'));
  const run = await rig.start({ server });
  await lab.control({
    ...(delay && { delay: { [delay]: { [server]: 6 } } }),
    http: [
      ...(http ? [{ server, fault: 'hang-before' as const, times: 20, ...http }] : []),
      ...(posts ? [{ server, match: posts, fault: 'hang-after' as const, seconds: 30 }] : []),
    ],
  });
  if (phase === 'confirming' || phase === 'reverting' || posts === 'confirmResize' || posts === 'revertResize') {
    await untilPhase(run, 'awaiting-decision');
    await run[decision]({ by: 'bob' });
  }
  if (phase !== undefined) await untilPhase(run, phase);
  // The phase is recorded before the request leaves.
  const sent = phase === 'resizing' ? 'resize' : posts;
  if (sent !== undefined) {
    await until(`the ${sent} to be carried out`, async () =>
      (await lab.counters(server))[`POST ${sent}`] === 1 ? true : undefined,
    );
  }
  return { server, run };
}
