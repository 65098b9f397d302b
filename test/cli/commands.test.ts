/** The commands on running resizes: what they print, what they ask, what they exit with. */
import type { RunStatus } from '../../src/client/run-status';
import type { ResizeClient } from '../../src/client/resize-client';
import { ORPHANS, request, startWorld, until, type World } from '../client/stand-in';
import type { Orphan } from '../../src/workflows/messages';
import { call as callWith, type Setting } from './captured-terminal';

let world: World;
let resizes: ResizeClient;
const QUEUE = 'commands';

beforeAll(async () => {
  world = await startWorld();
  resizes = await world.connect(QUEUE);
  await world.workers(QUEUE);
});
afterAll(() => world.stop());

const call = (line: string | readonly string[], setting: Setting = {}) =>
  callWith(line, { connect: world.options(QUEUE), ...setting });

/** A resize that waits for a decision. */
async function waiting(script: Parameters<typeof request>[0] = 'decide') {
  const run = await resizes.start(request(script));
  await until(async () => (await run.recorded()).phase !== 'preparing');
  return run;
}

describe('start', () => {
  it('tells what will happen when, what a revert loses, the ids, and how to go on', async () => {
    const { code, out, err } = await call(
      'start plan-01 m1.large --cloud prod --reason decide --requested-by ana --decide-within 20m --on-timeout hold',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^server +plan-01 \(/m);
    expect(out).toMatch(/m1\.small \(1 vCPU, 2 GiB RAM, 20 GiB disk\) -> m1\.large/);
    expect(out).toMatch(/20 minutes to decide.*nothing happens: it waits on/);
    expect(out).toMatch(/a revert loses +what is written to its local disks/);
    const run = await resizes.get(/resize-\S+/.exec(out)?.[0] ?? '');
    expect(out).toContain(run.runId);
    for (const next of ['wait', 'approve', 'reject', 'cancel']) {
      expect(err).toContain(`durable-resize ${next} ${run.server}`);
    }
  });

  it('tells who decides, and how many of them', async () => {
    const plain = await call('start solo m1.large --cloud prod --requested-by ana');
    expect(plain.out).toMatch(/^who decides +any one person, the requester \(ana\) included$/m);
    const { code, out } = await call(
      'start gated m1.large --cloud prod --requested-by ana --approvals 2 --approver bob --approver eve --approver joe',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^who decides +2 of bob, eve, joe; ana, the requester, may reject, and not approve$/m);
    const run = await resizes.get(/resize-\S+/.exec(out)?.[0] ?? '');
    expect(await run.recorded()).toMatchObject({ votesMissing: 2, approvals: { required: 2, approvedBy: [] } });
    expect((await call(`status ${run.server}`)).out).toMatch(/^who decides +2 of bob, eve, joe; ana/m);
    expect((await call(`cancel ${run.server}`)).err).toContain('later it does not count (use reject)');
  });

  it('takes one approver as one who decides alone, and the requester where that is allowed', async () => {
    const { server } = request('decide');
    const line = `start ${server} m1.large --cloud prod --requested-by ana --approver ana --allow-requester -f json`;
    expect((await call(line)).json()).toMatchObject({
      approvals: { required: 1, approvers: ['ana'], allowRequester: true },
    });
  });

  it('prints one JSON object and nothing else with -f json -q', async () => {
    const { server } = request('decide');
    const result = await call(`start ${server} m1.large --os-cloud prod -f json -q`, {
      env: { DURABLE_RESIZE_USER: 'ci' },
    });
    expect([result.code, result.err]).toEqual([0, '']);
    expect(result.json()).toMatchObject({ requestedBy: 'ci', server: { id: server }, execution: 'running' });
  });

  it('takes the cloud from OS_CLOUD and the person from the system', async () => {
    const { server } = request('decide');
    const result = await call(`start ${server} m1.large -f json`, { env: { OS_CLOUD: 'prod' } });
    expect(result.json()).toMatchObject({ cloud: 'prod', requestedBy: 'user@host' });
  });

  it('only looks with --dry-run', async () => {
    const { server } = request('decide');
    const { code, out, err } = await call(`start ${server} m1.large --cloud prod --dry-run`);
    expect(code).toBe(0);
    expect(out).toMatch(/server shows +ACTIVE/);
    expect(err).toContain('nothing was started');
    await expect(resizes.get(server)).rejects.toMatchObject({ code: 'NotFound' });
  });

  it.each([[''], [' --dry-run']])('exits with 12 when it would be refused%s', async (option) => {
    const { server } = request('decide');
    const table = await call(`start ${server} m1.small --cloud prod${option}`);
    expect(table.code).toBe(12);
    expect(table.err).toContain('it has flavor m1.small already. Choose another flavor');
    const json = await call(`start ${server} m1.small --cloud prod -f json${option}`);
    expect([json.code, json.err]).toEqual([12, '']);
    expect(json.json()).toMatchObject({
      error: { code: 'Refused', details: { inspection: { server: { id: server } } } },
    });
  });

  it.each([
    ['nobody', 6, 'NotFound'],
    ['twins', 2, 'AmbiguousName'],
    ['revoked', 4, 'NotAuthenticated'],
  ])('exits for server %s with %d', async (server, code, name) => {
    const result = await call(`start ${server} m1.large --cloud prod -f json`);
    expect(result.code).toBe(code);
    expect(result.json()).toMatchObject({ error: { code: name } });
  });

  it('exits with 1 when no worker serves the cloud', async () => {
    const { code, err } = await call('start web-07 m1.large --cloud prdo');
    expect(code).toBe(1);
    expect(err).toContain("no worker serves cloud 'prdo' (misspelt, or its worker is down)");
  });

  it('exits with 3 and the ids when a resize of the server is running', async () => {
    const run = await waiting();
    const result = await call(`start ${run.server} m1.large --cloud prod -f json`);
    expect(result.code).toBe(3);
    expect(result.json()).toMatchObject({
      error: {
        code: 'Conflict',
        details: { workflowId: run.workflowId, runId: run.runId, phase: 'awaiting-decision' },
      },
    });
  });

  it('returns the run of the same key and says so', async () => {
    const { server } = request('decide');
    const line = `start ${server} m1.large --cloud prod --key change-7`;
    await call(line);
    const { code, out, err } = await call(line);
    expect([code, out]).toEqual([0, expect.stringContaining(server)]);
    expect(err).toContain('key change-7: this resize was started by an earlier call; nothing new was started');
  });

  it('waits for the end with --wait and exits with its code', async () => {
    const { server } = request('decide');
    const result = call(`start ${server} m1.large --cloud prod --reason decide --wait -f json`);
    await until(async () => (await resizes.get(server).catch(() => undefined)) !== undefined);
    await (await resizes.get(server)).reject({ by: 'bob' });
    const { code, json, err } = await result;
    expect(code).toBe(10);
    expect(json()).toMatchObject({ outcome: 'reverted' });
    expect(err).toMatch(/closed: /);
  });
});

describe('approve and reject', () => {
  it('print a line for each server, try all, and exit with the first failure', async () => {
    const [one, two] = [await waiting(), await waiting()];
    const { code, out, err } = await call(`approve ${one.server} no-such ${two.server} --by bob --reason ok`);
    expect(code).toBe(6);
    expect(out.trim().split('\n')).toHaveLength(2);
    expect(out).toContain(`${one.server}: approve by bob (claimed) is recorded`);
    expect(err).toMatch(/^durable-resize: no-such: .*no-such/m);
    for (const run of [one, two]) expect(await run.wait()).toMatchObject({ outcome: 'confirmed' });
  });

  it('print a JSON array, failures included', async () => {
    const run = await waiting();
    const result = await call(['reject', run.server, 'no-such', '--by', 'bob', '-f', 'json']);
    expect([result.code, result.err]).toEqual([6, '']);
    expect(result.json()).toMatchObject([
      { server: run.server, judged: true, status: { decisions: [{ by: 'bob', decision: 'reject' }] } },
      { server: 'no-such', error: { code: 'NotFound' } },
    ]);
  });

  it('exit with the code of the refusal', async () => {
    const run = await waiting();
    expect((await call(`approve ${run.server} --by ana`)).code).toBe(4);
    expect((await call(`approve ${run.server} --by bob --run another`)).code).toBe(3);
    await call(`approve ${run.server} --by bob`);
    await run.wait();
    const late = await call(`reject ${run.server} --by eve --yes`);
    expect(late.code).toBe(7);
    expect(late.err).toMatch(/too late: .*confirmed.*bob/);
  });

  it('exit with 0 when Temporal keeps the vote for a worker that is away', async () => {
    const workers = await world.workers('away');
    const client = await world.connect('away');
    const run = await client.start(request('decide'));
    await until(async () => (await run.recorded()).phase === 'awaiting-decision');
    await workers.stop();
    const { code, out } = await call(`approve ${run.server} --by bob`, { connect: world.options('away') });
    expect(code).toBe(0);
    expect(out).toContain('recorded by Temporal, not yet judged');
  });

  it('asks on a terminal before it rejects, and shows the price', async () => {
    const run = await waiting();
    const no = await call(`reject ${run.server} --by bob`, { answer: '' });
    expect([no.code, no.out, no.questions.length]).toEqual([1, '', 1]);
    expect(no.err).toMatch(/goes back to m1\.small; a revert loses what is written to its local disks/);
    expect((await run.status()).decisions).toEqual([]);
    const yes = await call(`reject ${run.server} --by bob`, { answer: 'y' });
    expect(yes.code).toBe(0);
    expect(await run.wait()).toMatchObject({ outcome: 'reverted' });
  });

  it('does not ask with --yes, and not for an approve', async () => {
    const [one, two] = [await waiting(), await waiting()];
    const results = [
      await call(`reject ${one.server} --by bob --yes`, { answer: 'n' }),
      await call(`approve ${two.server} --by bob`, { answer: 'n' }),
    ];
    expect(results.map(({ code, questions }) => [code, questions])).toEqual([
      [0, []],
      [0, []],
    ]);
  });

  it('refuses to reject on a terminal when it may not ask, and does it where no terminal is', async () => {
    const run = await waiting();
    expect((await call(`reject ${run.server} --by bob --no-input`, { answer: 'y' })).code).toBe(2);
    expect((await run.status()).decisions).toEqual([]);
    expect((await call(`reject ${run.server} --by bob --no-input`)).code).toBe(0);
  });
});

describe('status', () => {
  it('shows who decided as claimed, and what was asked for', async () => {
    const run = await waiting();
    await run.approve({ by: 'bob', reason: 'fine' });
    await run.wait();
    const { code, out, err } = await call(`status ${run.server}`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^phase +closed: confirmed \(approved\)$/m);
    expect(out).toMatch(/^decisions +approve by bob \(claimed\) at .*: fine$/m);
    expect(out).toMatch(/^requested +by ana \(claimed\) at /m);
  });

  it('is one JSON object', async () => {
    const run = await waiting();
    const result = await call(`status ${run.workflowId} -f json`);
    expect(result.json()).toMatchObject({ runId: run.runId, live: true, execution: 'running' });
  });

  it('says which of several servers of a name it is', async () => {
    const { client } = world;
    const named = async (requestedAt: string) => {
      const { server } = request('decide');
      const status = { ...(await (await waiting()).recorded()), server: { id: server, name: 'web-03' }, requestedAt };
      const run = { workflowId: `resize-${server}`, taskQueue: 'nobody', memo: { status } };
      await client.workflow.start('resizeServer', run);
      await client.workflow.getHandle(run.workflowId).terminate('deleted');
      return server;
    };
    const [older, newer] = [await named('2026-01-01T00:00:00Z'), await named('2026-01-02T00:00:00Z')];
    await until(async () => (await call('status web-03')).err.includes(older));
    const { code, out, err } = await call('status web-03');
    expect([code, out]).toEqual([0, expect.stringContaining(newer)]);
    expect(err).toContain(
      `web-03: this is server ${newer}; the resizes of others of this name are over: ${older} (prod)\n`,
    );
  });

  it('exits with 6 when there is none', async () => {
    expect((await call('status no-such')).code).toBe(6);
  });
});

describe('wait', () => {
  const ends: [string, number, (server: string) => Promise<unknown>][] = [
    ['approved', 0, async (server) => (await resizes.get(server)).approve({ by: 'bob' })],
    ['rejected', 10, async (server) => (await resizes.get(server)).reject({ by: 'bob' })],
    ['cancelled', 14, async (server) => (await resizes.get(server)).cancel()],
    ['terminated', 21, (server) => world.client.workflow.getHandle(`resize-${server}`).terminate()],
  ];
  it.each(ends)('exits for a resize that was %s with %d', async (_, code, end) => {
    const run = await waiting();
    const result = call(`wait ${run.server} -f json`);
    await end(run.server);
    expect((await result).code).toBe(code);
    expect((await result).json()).toMatchObject({ workflowId: run.workflowId });
  });

  it('says how to find a server whose resize was terminated, as this program was called', async () => {
    const run = await waiting();
    await world.client.workflow.getHandle(run.workflowId).terminate();
    const { out, err } = await call(`wait ${run.server}`, { env: { npm_lifecycle_event: 'starter' } });
    expect(out).toContain('terminated from outside: the server may be in VERIFY_RESIZE, and no run watches it');
    expect(err).toContain('npm run -s starter -- orphans --cloud prod\n');
  });

  it('exits with 11 when the cloud rolled back, and 1 when the workflow failed as none should', async () => {
    const run = await waiting('roll back');
    await world.client.workflow.getHandle(run.workflowId).signal('observeNow');
    expect((await call(`wait ${run.server}`)).code).toBe(11);
    const broken = await resizes.start(request('break'));
    expect((await call(`wait ${broken.server}`)).code).toBe(1);
  });

  it('exits with 20 when an operator is needed, who goes on with retry or ends it with abandon', async () => {
    const [one, two] = [await waiting('operator'), await waiting('operator')];
    await until(async () => (await two.recorded()).phase === 'needs-operator');
    const needed = await call(`wait ${one.server}`);
    expect(needed.code).toBe(20);
    expect(needed.out).toMatch(/^what you can do +look$/m);
    expect(needed.err).toContain(`to give up:                   durable-resize abandon ${one.server}\n`);
    const retried = await call(`retry ${one.server} --by op`);
    expect([retried.code, retried.out]).toEqual([0, expect.stringMatching(/^phase +awaiting-decision$/m)]);
    expect(retried.err).toContain(
      'retry by op (claimed) is recorded; the resize has gone on to phase awaiting-decision',
    );
    expect((await call(`retry ${one.server} --by op`)).code).toBe(2);
    const through = call(`wait ${two.server} --through-operator`);
    const abandoned = await call(`abandon ${two.server} --by op --reason enough`);
    expect([abandoned.code, abandoned.out]).toEqual([0, expect.stringMatching(/^phase +closed: needs-operator$/m)]);
    expect((await through).code).toBe(20);
  });

  it('exits with 5 when its time is over, and says how to come back', async () => {
    const run = await waiting();
    const { code, out, err } = await call(`wait ${run.server} --timeout 300ms`);
    expect(code).toBe(5);
    expect(out).toMatch(/^phase +awaiting-decision$/m);
    expect(err).toContain(`still running after 300ms; to come back: durable-resize wait ${run.server}`);
  });

  it('exits with 130 on Ctrl-C, and the resize goes on', async () => {
    const run = await waiting();
    const stop = new AbortController();
    const { code, out, err } = await call(`wait ${run.server}`, {
      interrupted: stop.signal,
      env: { npm_lifecycle_event: 'starter' },
      onErr: () => stop.abort(),
    });
    expect([code, out]).toEqual([130, '']);
    expect(err).toContain('the resize goes on');
    expect(err).toContain(`npm run -s starter -- wait ${run.server}`);
    expect(await run.recorded()).toMatchObject({ execution: 'running' });
  });
});

describe('extend', () => {
  it('says until when there is time now, and shows the status', async () => {
    const run = await waiting();
    const { code, out, err } = await call(`extend ${run.server} 30m --by bob --reason CHG-1`);
    expect(code).toBe(0);
    expect(err).toMatch(/extend by bob \(claimed\) is recorded; decide until \d{4}-/);
    expect(out).toMatch(/^phase +awaiting-decision$/m);
    const json = await call(`extend ${run.server} 1h --by bob -f json -q`);
    expect(json.json()).toMatchObject({ decisionDeadline: expect.any(String) as string });
  });

  it('exits with 2 for what is no duration, 4 for whom may not, 7 when it is decided, 6 without a resize', async () => {
    const run = await waiting();
    const bad = await call(`extend ${run.server} soon`);
    expect([bad.code, bad.err]).toEqual([2, expect.stringContaining('duration: "soon" is not a duration')]);
    expect((await call(`extend ${run.server}`)).code).toBe(2);
    expect((await call(`extend ${run.server} 30m --by joe`)).code).toBe(4);
    await run.approve({ by: 'bob' });
    await run.wait();
    const late = await call(`extend ${run.server} 30m --by bob`);
    expect([late.code, late.err]).toEqual([7, expect.stringContaining('too late: this resize has ended as confirmed')]);
    expect((await call('extend no-such-server 30m')).code).toBe(6);
  });
});

describe('cancel and list', () => {
  it('asks the resize to stop', async () => {
    const run = await waiting();
    const { code, err } = await call(`cancel ${run.server}`);
    expect([code, err]).toEqual([0, expect.stringContaining('recorded the cancel')]);
    expect(await run.wait()).toMatchObject({ outcome: 'cancelled' });
    expect((await call(`cancel ${run.server}`)).code).toBe(7);
  });

  it('lists what is running, as a table and as a JSON array', async () => {
    const run = await waiting();
    const open = async () => (await call('list --open -f json')).json() as RunStatus[];
    await until(async () => (await open()).some((one) => one.runId === run.runId && one.phase !== 'preparing'));
    const { code, out } = await call('list --open --phase awaiting-decision');
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^SERVER +CLOUD +FLAVOR +PHASE/);
    expect(out).toMatch(new RegExp(`m1\\.small -> m1\\.large +awaiting-decision .*${run.server}`));
  });

  it('lists what waits for the vote of a person', async () => {
    const approvals = { required: 2, approvers: ['bob', 'ana'], allowRequester: true };
    const [asked, other] = [
      await resizes.start({ ...request('decide'), approvals }),
      await resizes.start({ ...request('decide'), approvals: { approvers: ['joe'] } }),
    ];
    const servers = async (name: string) => {
      const list = (await call(['list', '--waiting-for', name, '-f', 'json'])).json() as RunStatus[];
      return list.map(({ server }) => server.id).filter((id) => [asked.server, other.server].includes(id));
    };
    await until(async () => (await servers(' BOB ')).length > 0);
    await until(async () => (await servers('joe')).length > 0);
    expect(await servers('bob')).toEqual([asked.server]);
    expect(await servers('ana')).toEqual([asked.server]);
    expect(await servers('joe')).toEqual([other.server]);
    expect(await servers('mallory')).toEqual([]);
    await asked.reject({ by: 'bob' });
    await until(async () => (await servers('ana')).length === 0);
  });

  it('lists no more than asked for, and says that there are more', async () => {
    await Promise.all([waiting(), waiting()]);
    await until(async () => ((await call('list -f json')).json() as unknown[]).length > 1);
    const { code, out, err } = await call('list --limit 1');
    expect([code, out.trim().split('\n').length]).toEqual([0, 2]);
    expect(err).toContain('there are more than these 1; --limit N shows more');
    const json = await call('list --limit 1 -f json');
    expect(json.json()).toHaveLength(1);
    expect(json.err).toContain('there are more');
  });

  it('says on stderr that there are none', async () => {
    const none = await call('list --phase reverting');
    expect([none.code, none.out]).toEqual([0, '']);
    expect(none.err).toContain('no such resizes');
    expect((await call('list --phase reverting -f json')).json()).toEqual([]);
  });
});

describe('orphans', () => {
  const orphan = (id: string, name: string, lastRun?: Orphan['lastRun']): Orphan => ({
    id,
    name,
    project: 'p1',
    flavor: { name: 'm1.large' },
    action: { name: 'resize', requestId: 'req-1', userId: 'u1', finishTime: '2026-01-02T03:04:05.000000Z' },
    ...(lastRun && { lastRun }),
  });

  it('are listed with how the last resize of ours ended, and how to take them over', async () => {
    const runId = '00000000-0000-4000-8000-000000000000';
    ORPHANS.push(
      orphan('00000000-0000-4000-8000-000000000001', 'given', { runId, closed: 'failed', outcome: 'needs-operator' }),
      orphan('00000000-0000-4000-8000-000000000002', 'killed', { runId, closed: 'terminated' }),
      orphan('00000000-0000-4000-8000-000000000003', 'strange'),
      { ...orphan('00000000-0000-4000-8000-000000000004', 'odd'), flavor: { name: '--wait; reboot' } },
    );
    const { code, out, err } = await call('orphans --cloud prod');
    expect(code).toBe(0);
    const [head, ...rows] = out.trim().split('\n');
    expect(head).toMatch(/^SERVER +SERVER ID +FLAVOR +BY +WAITS SINCE +OUR LAST RUN$/);
    const last = ['needs-operator', 'terminated', 'none', 'none'];
    expect(rows.map((row) => row.split(/ {2,}/).slice(-2))).toEqual(last.map((how) => ['2026-01-02 03:04:05Z', how]));
    expect(err.split('\n')).toContain(
      'to take over given: durable-resize start 00000000-0000-4000-8000-000000000001 m1.large --adopt --cloud prod',
    );
    expect(err).toContain(
      "durable-resize start --adopt --cloud prod -- 00000000-0000-4000-8000-000000000004 '--wait; reboot'\n",
    );
    const [first] = (await call('orphans --cloud prod -f json')).json() as unknown[];
    expect(first).toMatchObject({ lastRun: { closed: 'failed', outcome: 'needs-operator' } });
  });
});

describe('text of others', () => {
  const EVIL = 'web\u001b[2J\r\nto approve:  evil \u202e\u009b31m $(reboot)';
  const SHOWN = 'web\\x1b[2J\\r\\nto approve:  evil \\u202e\\x9b31m $(reboot)';

  it('moves no cursor and makes no line of its own, in whatever a command prints', async () => {
    const by = { by: EVIL, reason: EVIL };
    const started = await call(['start', EVIL, EVIL, '--cloud', 'prod', '--requested-by', EVIL, '--key', EVIL]);
    const { server } = await resizes.get(/resize-\S+/.exec(started.out)?.[0] ?? '');
    await until(async () => (await (await resizes.get(server)).recorded()).phase !== 'preparing');
    const calls = [
      started,
      await call(['start', EVIL, EVIL, '--cloud', 'prod', '--key', EVIL]),
      await call(['start', EVIL, 'f', '--cloud', EVIL]),
      await call(['start', EVIL, 'f', '--cloud', 'prod']),
      await call(['start', 'web-07', 'f', '--cloud', 'prod', '--decide-within', EVIL]),
      await call(['status', server]),
      await call(['status', EVIL, EVIL]),
      await call(['status', `${EVIL} not there`]),
      await call(['list', '--open']),
      await call(['wait', server, '--timeout', '300ms']),
      await call(['wait', server, '--timeout', '300ms'], { rewritable: true }),
      await call(['reject', server, '--by', 'bob'], { answer: 'n' }),
      await call(['approve', server, EVIL, '--by', EVIL, '--reason', EVIL]),
      await call(['approve', server, '--run', EVIL, ...Object.values(by).flatMap((text) => ['--by', text])]),
      await call([EVIL]),
    ];
    for (const { out, err } of calls) {
      const written = `${out}${err}`.replaceAll('\r\u001b[2K', '');
      expect(written).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
      expect(written).not.toMatch(/^to approve: {2}evil/m);
    }
    expect(calls.map(({ out, err }) => `${out}${err}`).join('')).toContain(SHOWN);
  });

  it('is exact in JSON, and moves no cursor there either', async () => {
    const { server } = request('decide');
    const started = await call(['start', server, EVIL, '--cloud', 'prod', '-f', 'json', '-q']);
    expect(started.json()).toMatchObject({ to: { name: EVIL } });
    expect(started.out).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });
});
