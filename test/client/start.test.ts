/** Starting a resize: what is refused before anything runs, one run per server, the same key. */
import { randomUUID } from 'node:crypto';
import { ResizeClient } from '../../src/client/resize-client';
import { ResizeError } from '../../src/client/resize-error';
import type { StartInput } from '../../src/client/start';
import type { Timing } from '../../src/client/temporal-link';
import { CLOUD, request, startWorld, TIMING, until, type World } from './stand-in';

let world: World;
let resizes: ResizeClient;
const QUEUE = 'start';

beforeAll(async () => {
  world = await startWorld();
  resizes = await world.connect(QUEUE);
  await world.workers(QUEUE);
});
afterAll(() => world.stop());

const workflowsNamed = async (type: string): Promise<number> =>
  (await world.client.workflow.count(`WorkflowType = '${type}'`)).count;

describe('inspect', () => {
  it('finds the server by its name and tells what a revert would lose', async () => {
    const found = await resizes.inspect({ cloud: CLOUD, server: 'web-07', flavor: 'm1.large' });
    expect(found).toMatchObject({ server: { name: 'web-07' }, to: { name: 'm1.large' }, revertLoses: 'local-disks' });
  });

  it.each([
    ['nobody', 'NotFound', 6],
    ['twins', 'AmbiguousName', 2],
    ['revoked', 'NotAuthenticated', 4],
  ])('tells of server %s that it is %s', async (server, code, exitCode) => {
    await expect(resizes.inspect({ cloud: CLOUD, server, flavor: 'm1.large' })).rejects.toMatchObject({
      name: 'ResizeError',
      code,
      exitCode,
    });
  });

  it('passes the candidates of an ambiguous name on', async () => {
    const failure = await resizes.inspect({ cloud: CLOUD, server: 'twins', flavor: 'f' }).catch((e: unknown) => e);
    expect(failure).toMatchObject({ details: { servers: [{ id: 'a', name: 'twins' }] } });
  });

  it('asks once who polls, for many questions in a row', async () => {
    const asked = jest.spyOn(world.client.workflowService, 'describeTaskQueue');
    const client = await world.connect(QUEUE);
    for (const server of ['web-01', 'web-02', 'web-03']) await client.inspect({ cloud: CLOUD, server, flavor: 'f' });
    expect(asked.mock.calls).toHaveLength(2);
    asked.mockRestore();
  });

  it('fails at once when nobody polls for the cloud', async () => {
    const before = Date.now();
    await expect(resizes.inspect({ cloud: 'prdo', server: 'web-07', flavor: 'f' })).rejects.toMatchObject({
      code: 'NoWorker',
      message: expect.stringContaining("no worker serves cloud 'prdo' (misspelt, or its worker is down)") as string,
    });
    expect(Date.now() - before).toBeLessThan(1000);
  });

  /** A client that soon takes a worker that does not poll for gone. */
  const impatient = (queue: string, timing: Partial<Timing>) =>
    ResizeClient.connect({ ...world.options(queue), timing: { ...TIMING, pickUp: 300, ...timing } });
  const inspection = { cloud: CLOUD, server: 'web-07', flavor: 'f' };

  it('says the same when the worker that is still listed is gone, and leaves no inspection behind', async () => {
    const workers = await world.workers('gone');
    await workers.stop();
    const client = await impatient('gone', { workerGone: 500 });
    await expect(client.inspect(inspection)).rejects.toMatchObject({
      code: 'NoWorker',
      exitCode: 1,
      message: expect.stringMatching(/no worker serves cloud 'prod' .*a worker last polled gone \d+ s ago/) as string,
    });
    await until(async () => (await world.client.workflow.count("TaskQueue = 'gone'")).count === 1);
    const open = "TaskQueue = 'gone' AND ExecutionStatus = 'Running'";
    await until(async () => (await world.client.workflow.count(open)).count === 0);
  });

  it('says the same when only the worker of the cloud is gone', async () => {
    const queue = 'half-gone';
    await world.workers(queue, { activities: false });
    await polledOnce(queue);
    const client = await impatient(queue, { workerGone: 500 });
    await expect(client.inspect(inspection)).rejects.toMatchObject({ code: 'NoWorker' });
  });

  it('waits for a worker that is there and busy, tells what is known, and says so in the end', async () => {
    const queue = 'busy';
    await world.workers(queue, { activities: false });
    await polledOnce(queue);
    const client = await impatient(queue, { busy: 1500 });
    const heard: string[] = [];
    const failure: unknown = await client
      .inspect(inspection, (message) => heard.push(message))
      .catch((e: unknown) => e);
    expect(failure).toMatchObject({
      code: 'Busy',
      exitCode: 8,
      message: expect.stringMatching(
        /the workers of cloud 'prod' are busy: none took up the inspection of web-07 within \d s; a worker last polled busy-prod \d+ s ago; nothing was started/,
      ) as string,
    });
    expect(heard.at(-1)).toMatch(/has no answer yet: it has waited in busy-prod for \d s; a worker last polled/);
    const open = "TaskQueue = 'busy' AND ExecutionStatus = 'Running'";
    await until(async () => (await world.client.workflow.count(open)).count === 0);
  });

  it('asks Temporal once in each wait for an answer that does not come', async () => {
    const queue = 'asked-once';
    await world.workers(queue, { activities: false });
    await polledOnce(queue);
    const asked = jest.spyOn(world.client.workflowService, 'getWorkflowExecutionHistory');
    const client = await impatient(queue, { busy: 1500 });
    await expect(client.inspect(inspection)).rejects.toMatchObject({ code: 'Busy' });
    // Six waits of 300 ms, and one more where the machine is slow.
    expect(asked.mock.calls.length).toBeLessThanOrEqual(7);
    asked.mockRestore();
  });

  it('has the answer of a worker that came after a while', async () => {
    const queue = 'later';
    await world.workers(queue, { activities: false });
    await polledOnce(queue);
    const client = await impatient(queue, {});
    let came: Promise<unknown> | undefined;
    const found = await client.inspect(inspection, () => void (came ??= world.workers(queue, { workflows: false })));
    expect(found).toMatchObject({ server: { name: 'web-07' } });
    await came;
  });

  it('takes null for a field that is not given', async () => {
    const nulls = { ...inspection, expect: null, adopt: null } as unknown as typeof inspection;
    expect(await resizes.inspect(nulls)).toMatchObject({ server: { name: 'web-07' } });
    const nothing = null as unknown as string;
    await expect(resizes.inspect({ ...inspection, flavor: nothing })).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: 'flavor: is missing, or is no text',
    });
    for (const input of [{ cloud: nothing }, null as unknown as { cloud: string }]) {
      await expect(resizes.orphans(input)).rejects.toMatchObject({ code: 'InvalidRequest' });
    }
    await expect(resizes.start(null as unknown as StartInput)).rejects.toMatchObject({ code: 'InvalidRequest' });
    await expect(resizes.scheduleOrphans({ cloud: CLOUD }, nothing)).rejects.toMatchObject({ code: 'InvalidRequest' });
  });

  it('does not believe an answer that is no inspection', async () => {
    await expect(resizes.inspect({ ...inspection, server: 'odd' })).rejects.toMatchObject({
      code: 'Unexpected',
      message: expect.stringMatching(
        /^the answer of the inspection cannot be read \(.*cloud.*\): check that .* the same version$/,
      ) as string,
    });
  });
});

/** For about five minutes Temporal lists a worker of the cloud that polls no more, like one that has no time to. */
async function polledOnce(queue: string): Promise<void> {
  await (await world.workers(queue, { workflows: false })).stop();
}

describe('start', () => {
  it.each([
    ['an unknown field', { colour: 'red' }, /colour: no such field/],
    ['a bad duration', { decideWithin: '30' }, /decideWithin: "30" is not a duration/],
    ['what this version lacks', { decideUntil: '18:00' }, /decideUntil: not supported by this version/],
    ['a gate that can never open', { approvals: { approvers: ['ana'] } }, /^approvals\.required: is 1, but only 0 of/],
    ['a newer version', { version: 2 }, /newer than this program understands/],
    ['no requester', { requestedBy: '' }, /requestedBy/],
  ])('refuses %s before anything is started', async (_, more, message) => {
    const before = await workflowsNamed('inspectServer');
    const input = { ...request('decide'), ...more };
    await expect(resizes.start(input)).rejects.toMatchObject({
      code: 'InvalidRequest',
      exitCode: 2,
      message: expect.stringMatching(message) as string,
    });
    expect(await workflowsNamed('inspectServer')).toBe(before);
  });

  it('starts one workflow that says who, what and why to those who look at Temporal', async () => {
    const run = await resizes.start({ ...request('decide', { server: 'web-09' }), decideWithin: '20 minutes' });
    expect(run.workflowId).toBe(`resize-${run.server}`);
    const described = await world.client.workflow.getHandle(run.workflowId).describe();
    expect(await described.staticSummary()).toBe('web-09: m1.small -> m1.large (prod), requested by ana');
    expect(await described.staticDetails()).toContain('nobody decides within 20 minutes: the resize is reverted');
    expect(described.memo?.['status']).toMatchObject({ server: { name: 'web-09' }, from: { name: 'm1.small' } });
    expect(described.raw.executionConfig?.workflowRunTimeout?.seconds?.toNumber() ?? 0).toBe(0);
    expect(described.raw.executionConfig?.workflowExecutionTimeout?.seconds?.toNumber() ?? 0).toBe(0);
  });

  it('takes null for a field that is not given', async () => {
    const run = await resizes.start({
      ...request('decide'),
      ...({ key: null, expect: { project: null }, polling: null, approvals: null } as object),
    });
    expect(await run.recorded()).toMatchObject({ execution: 'running' });
  });

  it('finds the running resize of the server instead of starting a second', async () => {
    const first = await resizes.start(request('decide'));
    await expect(resizes.start(request('decide', { server: first.server }))).rejects.toMatchObject({
      code: 'Conflict',
      exitCode: 3,
      details: { workflowId: first.workflowId, runId: first.runId, phase: expect.any(String) as string },
    });
  });

  it('tells of a running resize before it tells what would be refused', async () => {
    const { server } = await resizes.start(request('decide'));
    await expect(resizes.start(request('decide', { server, flavor: 'm1.small' }))).rejects.toMatchObject({
      code: 'Conflict',
    });
  });

  it('refuses what the inspection refuses, and starts nothing', async () => {
    const input = request('decide', { flavor: 'm1.small' });
    await expect(resizes.start(input)).rejects.toMatchObject({
      code: 'Refused',
      exitCode: 12,
      message: expect.stringContaining('m1.small already. Choose another flavor') as string,
    });
    await expect(resizes.get(input.server)).rejects.toMatchObject({ code: 'NotFound', exitCode: 6 });
  });

  it('returns the run of the same key, running or over, even where a new one would be refused', async () => {
    const input = request('decide', { key: 'change-1' });
    const first = await resizes.start(input);
    expect(first.sameKey).toBe(false);
    const again = await resizes.start(input);
    expect([again.runId, again.sameKey]).toEqual([first.runId, true]);
    await first.approve({ by: 'bob' });
    await first.wait();
    const later = await resizes.start({ ...input, flavor: 'm1.small' });
    expect([later.runId, later.sameKey]).toEqual([first.runId, true]);
  });

  it('starts a new resize for another key once the earlier is over', async () => {
    const input = request('decide', { key: 'one' });
    const first = await resizes.start(input);
    await expect(resizes.start({ ...input, key: 'two' })).rejects.toMatchObject({ code: 'Conflict' });
    await first.approve({ by: 'bob' });
    await first.wait();
    const second = await resizes.start({ ...input, key: 'two' });
    expect(second.runId).not.toBe(first.runId);
  });

  it('ends each of many starts at a slow worker in a run or in "busy", never in "no worker"', async () => {
    const queue = 'slow';
    await world.workers(queue, { slow: 100 });
    const client = await ResizeClient.connect({
      ...world.options(queue),
      timing: { ...TIMING, pickUp: 300, workerGone: 10_000, busy: 1000 },
    });
    const left = Array.from({ length: 40 }, () => request('decide')).values();
    const ends: string[] = [];
    const starter = async () => {
      for (const input of left) {
        ends.push(
          await client.start(input).then(
            () => 'run',
            (error: unknown) => (error instanceof ResizeError ? error.code : String(error)),
          ),
        );
      }
    };
    await Promise.all(Array.from({ length: 20 }, starter));
    const runs = ends.filter((end) => end === 'run').length;
    expect(ends.filter((end) => end === 'Busy')).toHaveLength(40 - runs);
    expect(runs).toBeGreaterThan(0);
    const started = "TaskQueue = 'slow' AND WorkflowType = 'resizeServer'";
    await until(async () => (await world.client.workflow.count(started)).count === runs);
  });

  it('asks Temporal for a run of before only where one could matter', async () => {
    const asked = jest.spyOn(world.client.workflowService, 'describeWorkflowExecution');
    const input = request('decide');
    await resizes.start(input);
    expect(asked.mock.calls).toHaveLength(0);
    await expect(resizes.start({ ...input, key: 'change-2' })).rejects.toMatchObject({ code: 'Conflict' });
    expect(asked.mock.calls).toHaveLength(1);
    asked.mockRestore();
  });

  it('lets one of many starts at once win, and the others see it', async () => {
    const input = request('decide');
    const starts = await Promise.allSettled(Array.from({ length: 5 }, () => resizes.start(input)));
    expect(starts.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    for (const one of starts) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'Conflict' });
  });

  it('gives all of many starts at once with one key the same run', async () => {
    const input = request('decide', { key: randomUUID() });
    const runs = await Promise.all(Array.from({ length: 5 }, () => resizes.start(input)));
    expect(new Set(runs.map((run) => run.runId)).size).toBe(1);
  });
});
