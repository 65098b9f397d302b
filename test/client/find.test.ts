/** Finding resizes by id and name, and listing them, with and without the project's search attributes. */
import { randomUUID } from 'node:crypto';
import type { ResizeClient } from '../../src/client/resize-client';
import { request, startWorld, until, type World } from './stand-in';

const QUEUE = 'find';

describe.each([
  ['with search attributes', true],
  ['in a namespace without search attributes', false],
])('%s', (_, searchAttributes) => {
  let world: World;
  let resizes: ResizeClient;
  beforeAll(async () => {
    world = await startWorld(searchAttributes);
    resizes = await world.connect(QUEUE);
    await world.workers(QUEUE);
  });
  afterAll(() => world.stop());

  /** Visibility is a moment behind. */
  const listed = (runId: string, phase: string) =>
    until(async () => (await resizes.list()).some((one) => one.runId === runId && one.phase === phase));

  /** A running resize of a server with this name, whatever its id: another cloud may have one of the same name. */
  async function running(name: string): Promise<string> {
    const id = randomUUID();
    const { server } = await resizes.start(request('decide', { server: id }));
    const handle = world.client.workflow.getHandle(`resize-${server}`);
    const { runId } = await handle.describe();
    await listed(runId, 'awaiting-decision');
    await handle.terminate('only the name matters');
    const memo = {
      status: { phase: 'awaiting-decision', requestedAt: new Date().toISOString(), message: 'm', cloud: 'c' },
    };
    const again = await world.client.workflow.start('resizeServer', {
      workflowId: `resize-${server}`,
      taskQueue: 'nobody',
      memo: { status: { ...memo.status, server: { id, name }, to: { name: 'f' }, decisions: [], checks: [] } },
    });
    await listed(again.firstExecutionRunId, 'awaiting-decision');
    return server;
  }

  it('lists every resize, newest first, without the runs that continued as new', async () => {
    const first = await resizes.start(request('continue'));
    await until(async () => (await first.recorded()).phase === 'awaiting-decision');
    await world.client.workflow.getHandle(first.workflowId).signal('observeNow');
    await first.approve({ by: 'bob' });
    await first.wait();
    const second = await resizes.start(request('decide'));
    await listed(first.runId, 'closed');
    await listed(second.runId, 'awaiting-decision');

    const all = await resizes.list();
    expect(all.slice(0, 2).map((one) => one.runId)).toEqual([second.runId, first.runId]);
    const open = await resizes.list({ open: true });
    expect(open.map((one) => one.runId)).toContain(second.runId);
    expect(open.every((one) => one.execution === 'running')).toBe(true);
    const closed = await resizes.list({ phase: 'closed' });
    expect(closed.map((one) => one.runId)).toEqual([first.runId]);
    expect(closed[0]).toMatchObject({ outcome: 'confirmed', cause: 'approved', live: false });
  });

  it('refuses a phase that there is none of', async () => {
    await expect(resizes.list({ phase: 'waiting' as 'closed' })).rejects.toMatchObject({ code: 'InvalidRequest' });
  });

  it('finds a resize by id, workflow id and name', async () => {
    const run = await resizes.start(request('decide', { server: 'db-01' }));
    await listed(run.runId, 'awaiting-decision');
    for (const server of [run.server, run.workflowId, 'db-01', ' db-01 ']) {
      expect((await resizes.get(server)).runId).toBe(run.runId);
    }
    await run.approve({ by: 'bob' });
    await run.wait();
    await listed(run.runId, 'closed');
    expect((await resizes.get('db-01')).runId).toBe(run.runId);
  });

  it('takes a name that looks like a workflow id for a name', async () => {
    const server = await running('resize-me');
    expect((await resizes.get('resize-me')).server).toBe(server);
  });

  it('takes the running one of two servers of a name', async () => {
    const over = await resizes.start(request('decide', { server: 'app-01' }));
    await over.approve({ by: 'bob' });
    await over.wait();
    const server = await running('app-01');
    expect((await resizes.get('app-01')).server).toBe(server);
  });

  it('lists the ids of a name that several running ones have', async () => {
    const servers = [await running('cache'), await running('cache')];
    const failure: unknown = await resizes.get('cache').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'AmbiguousName', exitCode: 2 });
    for (const server of servers) expect((failure as Error).message).toContain(server);
  });

  it.each([['no-such-name'], [randomUUID()], [`resize-${randomUUID()}`]])('does not find %s', async (server) => {
    await expect(resizes.get(server)).rejects.toMatchObject({ code: 'NotFound', exitCode: 6 });
  });
});
