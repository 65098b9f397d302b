/** What is told of a resize, with and without a worker, running and over; and waiting for its end. */
import type { ResizeClient } from '../../src/client/resize-client';
import type { RunStatus } from '../../src/client/run-status';
import { request, startWorld, until, type World } from './stand-in';

let world: World;
let resizes: ResizeClient;
const QUEUE = 'status';

beforeAll(async () => {
  world = await startWorld();
  resizes = await world.connect(QUEUE);
  await world.workers(QUEUE);
});
afterAll(() => world.stop());

const temporally = (run: { workflowId: string }) => world.client.workflow.getHandle(run.workflowId);

describe('status', () => {
  it('of a running resize comes from a worker', async () => {
    const run = await resizes.start(request('decide'));
    await until(async () => (await run.status()).phase === 'awaiting-decision');
    expect(await run.status()).toMatchObject({ live: true, message: 'live: please decide', execution: 'running' });
  });

  it('is what was last recorded, and says so, when no worker answers', async () => {
    const workers = await world.workers('alone');
    const client = await world.connect('alone');
    const run = await client.start(request('decide'));
    await until(async () => (await run.recorded()).phase === 'awaiting-decision');
    await workers.stop();
    const before = Date.now();
    expect(await run.status()).toMatchObject({ live: false, phase: 'awaiting-decision', message: 'please decide' });
    expect(Date.now() - before).toBeLessThan(3000);
  });

  it('of a resize that no worker has taken up yet is what it was started with', async () => {
    const workers = await world.workers('early', { activities: false });
    await world.workers('early', { workflows: false });
    const client = await world.connect('early');
    const input = request('decide');
    const run = await client.start(input);
    await run.approve({ by: 'bob' });
    await run.wait();
    await workers.stop();
    await world.client.workflow.start('resizeServer', {
      workflowId: run.workflowId,
      taskQueue: 'early',
      args: [input],
      memo: { status: { ...(await run.status()), phase: 'preparing', outcome: undefined, message: 'accepted' } },
    });
    const fresh = await client.get(input.server);
    expect(await fresh.status()).toMatchObject({ live: false, phase: 'preparing', runId: fresh.runId });
  });

  it('of one that completed is its result', async () => {
    const run = await resizes.start(request('decide'));
    await run.reject({ by: 'bob' });
    await run.wait();
    const status = await run.status();
    expect(status).toMatchObject({ outcome: 'reverted', message: 'in full', execution: 'completed', live: false });
  });

  it('of one that failed is in its failure', async () => {
    const run = await resizes.start(request('roll back'));
    await temporally(run).signal('observeNow');
    await run.wait();
    expect(await run.status()).toMatchObject({
      outcome: 'rolled-back-by-cloud',
      message: 'in full',
      execution: 'failed',
    });
  });

  it('of one that failed as no resize should says so', async () => {
    const run = await resizes.start(request('break'));
    const status = await run.wait();
    expect(status.outcome).toBeUndefined();
    expect(status).toMatchObject({ execution: 'failed', message: expect.stringContaining('a mistake') as string });
  });

  it('of one that was terminated is its last phase, and how to look after the server', async () => {
    const run = await resizes.start(request('decide'));
    await until(async () => (await run.recorded()).phase === 'awaiting-decision');
    await temporally(run).terminate('by hand');
    expect(await run.wait()).toMatchObject({
      phase: 'awaiting-decision',
      execution: 'terminated',
      message: expect.stringContaining('the server may be in VERIFY_RESIZE, and no run watches it') as string,
    });
  });

  it('can be had of a run that was started by other means', async () => {
    const { server } = request('decide');
    await world.client.workflow.start('resizeServer', { workflowId: `resize-${server}`, taskQueue: 'no-worker' });
    const run = await resizes.get(server);
    expect(await run.status()).toMatchObject({ live: false, phase: 'preparing', server: { id: server } });
  });
});

describe('wait', () => {
  it('tells of each change and returns the end', async () => {
    const run = await resizes.start(request('decide'));
    const phases: string[] = [];
    const end = run.wait({ onChange: (status) => phases.push(status.phase) });
    await until(() => phases.includes('awaiting-decision'));
    await run.approve({ by: 'bob' });
    expect(await end).toMatchObject({ outcome: 'confirmed' });
    expect(phases.at(-1)).toBe('closed');
  });

  it('returns when an operator is needed, unless it is to stay', async () => {
    const run = await resizes.start(request('operator'));
    expect(await run.wait()).toMatchObject({ phase: 'needs-operator', advice: { you: 'look' } });
    let needed = false;
    const end = run.wait({
      throughOperator: true,
      onChange: (status) => (needed ||= status.phase === 'needs-operator'),
    });
    await until(() => needed);
    await run.abandon({ by: 'op' });
    expect(await end).toMatchObject({ outcome: 'needs-operator', phase: 'closed' });
  });

  it('returns what is known when its time is over', async () => {
    const run = await resizes.start(request('decide'));
    expect(await run.wait({ timeout: 300 })).toMatchObject({ execution: 'running' });
    await expect(run.wait({ timeout: '10' })).rejects.toMatchObject({ code: 'InvalidRequest' });
  });

  it('works while no worker is there', async () => {
    const workers = await world.workers('quiet');
    const client = await world.connect('quiet');
    const run = await client.start(request('operator'));
    await until(async () => (await run.recorded()).phase === 'needs-operator');
    await workers.stop();
    expect(await run.wait()).toMatchObject({ phase: 'needs-operator', live: false });
  });

  it('follows continue-as-new', async () => {
    const run = await resizes.start(request('continue'));
    const runs = new Set<string>();
    const end = run.wait({ onChange: (status) => runs.add(status.runId) });
    await until(() => runs.size === 1);
    await temporally(run).signal('observeNow');
    await until(() => runs.size === 2);
    await run.approve({ by: 'bob' });
    expect(await end).toMatchObject({ outcome: 'confirmed' });
  });

  it('does not mistake a later resize of the same server for its own', async () => {
    const input = request('continue');
    const old = await resizes.start(input);
    // A second object for the same resize, which has not seen it continue as new.
    const unaware = await resizes.get(old.server);
    await temporally(old).signal('observeNow');
    await until(async () => (await old.recorded()).runId !== unaware.runId);
    await old.approve({ by: 'bob' });
    await old.wait();
    const next = await resizes.start(input);
    expect(await unaware.wait()).toMatchObject({ outcome: 'confirmed', runId: old.runId });
    expect(await next.recorded()).toMatchObject({ execution: 'running' });
  });

  it('stops when it is told to, and leaves the resize alone', async () => {
    const run = await resizes.start(request('decide'));
    const stop = new AbortController();
    const end = run.wait({ signal: stop.signal, onChange: () => stop.abort() });
    await expect(end).rejects.toMatchObject({ code: 'Interrupted', exitCode: 130 });
    expect(await run.recorded()).toMatchObject({ execution: 'running' });
  });

  it('asks a worker at each look when somebody watches', async () => {
    const run = await resizes.start(request('decide'));
    const seen: RunStatus[] = [];
    const stop = new AbortController();
    const end = run.wait({ live: true, signal: stop.signal, onChange: (status) => seen.push(status) });
    await until(() => seen.some((status) => status.live));
    stop.abort();
    await expect(end).rejects.toMatchObject({ code: 'Interrupted' });
  });
});
