/** Finding resizes by id and name, and listing them, with and without the project's search attributes. */
import { randomUUID } from 'node:crypto';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { ResizeClient } from '../../src/client/resize-client';
import type { RunStatus } from '../../src/client/run-status';
import type { ResizeStatus } from '../../src/resize/outcome';
import { request, startWorld, TIMING, until, type World } from './stand-in';

const QUEUE = 'find';
const NAME = defineSearchAttributeKey('ResizeServerName', SearchAttributeType.KEYWORD);
const PHASE = defineSearchAttributeKey('ResizePhase', SearchAttributeType.KEYWORD);

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
  const listed = (runId: string, holds: (status: RunStatus) => boolean = () => true) =>
    until(async () => (await resizes.list()).some((one) => one.runId === runId && holds(one)));
  const inPhase = (phase: string) => (status: RunStatus) => status.phase === phase;

  /** A resize that recorded this status; another server, and perhaps another cloud, each time. */
  async function recorded(name: string, more: Partial<ResizeStatus> = {}, memo?: unknown): Promise<string> {
    const id = randomUUID();
    const phase = more.phase ?? 'awaiting-decision';
    const status: ResizeStatus = {
      workflowId: `resize-${id}`,
      runId: '',
      phase,
      cloud: 'c',
      server: { id, name },
      to: { name: 'f' },
      requestedBy: 'ana',
      requestedAt: new Date().toISOString(),
      live: false,
      onTimeout: 'revert',
      decisions: [],
      checks: [],
      message: 'm',
      ...more,
    };
    const { firstExecutionRunId } = await world.client.workflow.start('resizeServer', {
      workflowId: `resize-${id}`,
      taskQueue: 'nobody',
      memo: { status: memo ?? status },
      ...(searchAttributes &&
        memo === undefined && {
          typedSearchAttributes: [
            { key: NAME, value: name },
            { key: PHASE, value: phase },
          ],
        }),
    });
    await listed(firstExecutionRunId);
    return id;
  }

  async function over(name: string, more: Partial<ResizeStatus> = {}): Promise<string> {
    const id = await recorded(name, { phase: 'closed', ...more });
    const { runId } = await world.client.workflow.getHandle(`resize-${id}`).describe();
    await world.client.workflow.getHandle(`resize-${id}`).terminate('only the name matters');
    await listed(runId, ({ execution }) => execution === 'terminated');
    return id;
  }

  it('lists every resize, newest first, without the runs that continued as new', async () => {
    const first = await resizes.start(request('continue'));
    await until(async () => (await first.recorded()).phase === 'awaiting-decision');
    const newest = world.client.workflow.getHandle(first.workflowId);
    const { runId: began } = await newest.describe();
    await newest.signal('observeNow');
    // A vote for the run that is about to give way would be lost with it: the stand-in carries none on.
    await until(async () => (await newest.describe()).runId !== began);
    await first.approve({ by: 'bob' });
    await first.wait();
    const second = await resizes.start(request('decide'));
    await listed(first.runId, inPhase('closed'));
    await listed(second.runId, inPhase('awaiting-decision'));

    const all = await resizes.list();
    expect(all.slice(0, 2).map((one) => one.runId)).toEqual([second.runId, first.runId]);
    const open = await resizes.list({ open: true });
    expect(open.map((one) => one.runId)).toContain(second.runId);
    expect(open.every((one) => one.execution === 'running')).toBe(true);
    const closed = await resizes.list({ phase: 'closed' });
    expect(closed.map((one) => one.runId)).toEqual([first.runId]);
    expect(closed[0]).toMatchObject({ outcome: 'confirmed', cause: 'approved', live: false });
  });

  it('lists no more than asked for: the open ones, then the newest', async () => {
    const open = await recorded('limit-1');
    await over('limit-2');
    expect((await resizes.list({ limit: 1 })).map(({ server }) => server.id)).toEqual([open]);
    expect(await resizes.list({ limit: 2 })).toHaveLength(2);
    expect((await resizes.list({ limit: null, phase: null, open: null } as object)).length).toBeGreaterThan(2);
  });

  it.each([
    [{ phase: 'waiting' }, 'phase'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ limit: '3' }, 'limit'],
    [{ waitingFor: ' ' }, 'waitingFor'],
    [{ waitingFor: 7 }, 'waitingFor'],
  ])('refuses to list %j', async (filter, field) => {
    await expect(resizes.list(filter as object)).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(`^${field}: `) as string,
    });
  });

  it('lists what waits for a person, also where the record has no room for the names of all approvers', async () => {
    const approvers = ['bob', ...Array.from({ length: 49 }, (_, n) => `${'n'.repeat(100)}-${n}`)];
    const run = await resizes.start({ ...request('decide'), approvals: { required: 2, approvers } });
    await listed(run.runId, inPhase('awaiting-decision'));
    expect((await run.recorded()).approvals).toEqual({ required: 2 });
    const waitsFor = async (name: string) =>
      (await resizes.list({ waitingFor: name })).some(({ runId }) => runId === run.runId);
    expect([await waitsFor('BOB'), await waitsFor('mallory'), await waitsFor('ana')]).toEqual([true, false, false]);
    await run.reject({ by: 'bob' });
    await listed(run.runId, inPhase('closed'));
    expect(await waitsFor('bob')).toBe(false);
  });

  it('finds a resize by id, workflow id and name', async () => {
    const run = await resizes.start(request('decide', { server: 'db-01' }));
    await listed(run.runId, inPhase('awaiting-decision'));
    for (const server of [run.server, run.workflowId, 'db-01', ' db-01 ']) {
      expect((await resizes.get(server)).runId).toBe(run.runId);
    }
    await run.approve({ by: 'bob' });
    await run.wait();
    await listed(run.runId, inPhase('closed'));
    expect((await resizes.get('db-01')).runId).toBe(run.runId);
  });

  it.each([
    ['looks like a workflow id', 'resize-me'],
    ['has quotation marks', `bob's "own"`],
    ['has a backslash', 'a\\b'],
    ['is a condition of a query', "x' OR ResizeServerName != 'x"],
  ])('finds a server whose name %s', async (_what, name) => {
    const server = await recorded(name);
    expect((await resizes.get(name)).server).toBe(server);
  });

  describe('of several servers of a name', () => {
    it('takes the one whose resize runs', async () => {
      await over('app-01');
      const server = await recorded('app-01');
      expect((await resizes.get('app-01')).server).toBe(server);
    });

    it('takes the one that was resized last when all are over, and names the others', async () => {
      const [newest, older] = [
        await over('web-03', { requestedAt: '2026-01-02T00:00:00Z' }),
        await over('web-03', { requestedAt: '2026-01-01T00:00:00Z', cloud: 'old' }),
      ];
      const run = await resizes.get('web-03');
      expect([run.server, run.namesakes]).toEqual([newest, [{ id: older, cloud: 'old' }]]);
    });

    it('lists the ids when the resizes of several run', async () => {
      const servers = [await recorded('cache'), await recorded('cache')];
      const failure: unknown = await resizes.get('cache').catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'AmbiguousName', exitCode: 2 });
      for (const server of servers) expect((failure as Error).message).toContain(server);
    });
  });

  it.each([['no-such-name'], [randomUUID()], [`resize-${randomUUID()}`]])('does not find %s', async (server) => {
    await expect(resizes.get(server)).rejects.toMatchObject({ code: 'NotFound', exitCode: 6 });
  });

  it('reads no more runs than it needs, where the namespace has the search attributes', async () => {
    if (!searchAttributes) return;
    const [server, other] = [await recorded('one-of-many'), await recorded('another')];
    const read: string[] = [];
    const { workflow } = world.client;
    const list = workflow.list.bind(workflow);
    const spy = jest.spyOn(workflow, 'list').mockImplementation((options) => {
      const found = list(options);
      return Object.assign(found, {
        async *[Symbol.asyncIterator]() {
          for await (const info of list(options)) {
            read.push(info.workflowId);
            yield info;
          }
        },
      });
    });
    const client = await ResizeClient.connect({ client: world.client, taskQueue: QUEUE, timing: TIMING });
    expect((await client.get('one-of-many')).server).toBe(server);
    spy.mockRestore();
    expect(read).toContain(`resize-${server}`);
    expect(read).not.toContain(`resize-${other}`);
  });

  describe('a record that is no status', () => {
    it.each([
      ['a text', 'status'],
      ['an array', [1]],
      ['nothing but nulls', { phase: null, server: null, message: null }],
      ['an unknown phase', { phase: 'waiting' }],
      ['a server without an id', { phase: 'closed', server: {} }],
      ['a decision that is none', { decisions: [{}] }],
    ])('does not keep others from being listed: %s', async (_what, memo) => {
      const whole = typeof memo === 'object' && !Array.isArray(memo) ? { ...(await resizes.list())[0], ...memo } : memo;
      const id = await recorded('odd', {}, whole);
      const found = (await resizes.list()).find(({ server }) => server.id === id);
      expect(found).toMatchObject({
        phase: 'preparing',
        message: expect.stringMatching(/^the memo 'status' of this run cannot be read \(.+\): see the run/) as string,
      });
    });

    it('has its other fields read where one that may be missing is null or of another kind', async () => {
      const odd = {
        ...(await resizes.list())[0],
        ...{ from: { name: 'f', vcpus: null }, reason: null, outageSeconds: 'long', revertLoses: 'the-lot' },
        ...{ advice: { you: null }, ofALaterVersion: { kept: true } },
      };
      const id = await recorded('odd', {}, odd);
      const found = (await resizes.list()).find((one) => one.workflowId === `resize-${id}`);
      expect(found).toMatchObject({ from: { name: 'f' }, ofALaterVersion: { kept: true } });
      for (const field of ['reason', 'outageSeconds', 'revertLoses', 'advice']) expect(found).not.toHaveProperty(field);
    });
  });
});
