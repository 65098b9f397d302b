/** What the reading activities ask of a cloud, and what they make of clouds that do not offer everything. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

import { Checker } from '../../src/checks';
import { activitiesOf } from '../../src/activities';
import type { Prepared } from '../../src/activities/activity-answers';
import { workflowIdOf, type InspectRequest } from '../../src/resize/request';
import type { Orphan } from '../../src/workflows/messages';
import { cloudFor, FakeCloud, PROJECT, type Answer } from '../cloud/fake-cloud';
import { action, APACHE_404, event, FLAVOR_BODY, SERVER, SERVER_BODY, serverAnswer } from '../cloud/recorded';

const LOG = /\/os-instance-actions$/;
const DETAIL = /\/os-instance-actions\/.+$/;
const ACTIVE = { status: 'ACTIVE', 'OS-EXT-STS:vm_state': 'active', flavor: { id: 'f1' } };

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
  fake.on('GET', `/v2.1/servers/${SERVER}`, serverAnswer(ACTIVE));
  for (const id of ['f1', 'f2']) {
    fake.on('GET', `/v2.1/flavors/${id}`, { status: 200, body: { flavor: { ...FLAVOR_BODY, id, name: `m1.${id}` } } });
  }
  logged(4);
});
afterEach(() => fake.stop());

/** A log with so many earlier resizes, each of them confirmed but the newest one. */
function logged(resizes: number): void {
  const entries = Array.from({ length: resizes }, (_, n) => [
    ...(n === 0 ? [] : [action('confirmResize', `req-confirm-${n}`)]),
    action('resize', `req-resize-${n}`),
  ]).flat();
  fake.on('GET', LOG, ({ query }) => {
    const limit = Number(query.get('limit') ?? entries.length);
    const from = entries.findIndex((one) => one['request_id'] === query.get('marker')) + 1;
    const links = from + limit < entries.length ? [{ rel: 'next', href: 'x' }] : [];
    return { status: 200, body: { instanceActions: entries.slice(from, from + limit), links } };
  });
  fake.on('GET', DETAIL, ({ path }) => {
    const entry = entries.find((one) => path.endsWith(String(one['request_id'])));
    return { status: 200, body: { instanceAction: { ...entry, events: [event('compute_finish_resize', 5, 6)] } } };
  });
}

function activities(client?: Client) {
  const surroundings = {
    cloud: cloudFor(fake),
    observeOnly: false,
    timing: { read: 1, act: 1, settle: 1 },
    searchAttributes: () => [],
    checker: new Checker(),
  };
  const logger = new DefaultLogger('ERROR');
  const environment = new MockActivityEnvironment(undefined, { logger, ...(client && { client }) });
  const all = activitiesOf(surroundings);
  const input: InspectRequest = {
    version: 1,
    cloud: 'lab',
    server: SERVER,
    flavor: 'f2',
    resizeWithin: 7_200_000,
    settleWithin: 600_000,
    lateGrace: 300_000,
  };
  return {
    prepare: (change: Partial<InspectRequest> = {}): Promise<Prepared> =>
      environment.run((given: InspectRequest) => all.prepareResize(given), { ...input, ...change }),
    orphans: (): Promise<Orphan[]> => environment.run(() => all.findOrphans()),
  };
}

/** A Temporal that knows these runs, by server. */
function temporalWith(runs: Record<string, 'RUNNING' | 'TERMINATED'>): Client {
  const getHandle = (id: string) => ({
    describe: () => {
      const found = Object.entries(runs).find(([server]) => workflowIdOf(server) === id);
      if (found === undefined) return Promise.reject(new WorkflowNotFoundError('none', id, undefined));
      return Promise.resolve({ runId: `run-${found[0]}`, status: { name: found[1] } });
    },
  });
  const withAbortSignal = <T>(_: AbortSignal, work: () => T) => work();
  return { workflow: { getHandle }, withAbortSignal } as unknown as Client;
}

describe('to prepare a resize', () => {
  it.each([1, 40, 400])('the log costs one request after %i earlier resizes', async (resizes) => {
    logged(resizes);
    expect(await activities().prepare()).toMatchObject({ baseline: 'req-resize-0', logReadable: true });
    expect(fake.to(/os-instance-actions/)).toHaveLength(1);
    expect(fake.asked).toHaveLength(6);
  });

  it.each([1, 40, 400])('to adopt one it costs two after %i earlier resizes', async (resizes) => {
    logged(resizes);
    fake.on('GET', `/v2.1/servers/${SERVER}`, serverAnswer());
    const adopted = await activities().prepare({ adopt: true });
    expect(adopted).toMatchObject({ adopted: 'req-resize-0', logReadable: true });
    expect(adopted.baseline).toBe(resizes === 1 ? undefined : 'req-confirm-1');
    expect(adopted).not.toHaveProperty('refusal');
    expect(fake.to(/os-instance-actions/)).toHaveLength(2);
  });

  it.each<[string, Answer]>([
    ['403', { status: 403, body: { forbidden: { code: 403, message: "Policy doesn't allow it." } } }],
    ['404', { status: 404, body: { itemNotFound: { code: 404, message: `Instance ${SERVER} could not be found.` } } }],
    [
      '404 of no resource',
      { status: 404, body: { itemNotFound: { code: 404, message: 'The resource could not be found.' } } },
    ],
    ['404 of a gateway', { status: 404, body: { error_code: 'APIG.0101', error_msg: 'The API does not exist.' } }],
    ['a 404 page', APACHE_404],
    ['an empty 404', { status: 404, body: '' }],
    ['405', { status: 405, body: { badMethod: { code: 405, message: 'no' } } }],
    ['410', { status: 410, body: { gone: { code: 410, message: 'It was taken out.' } } }],
    ['501', { status: 501, body: '' }],
  ])('a log that is answered with %s is not offered: the ownership is unproven', async (_, answer) => {
    fake.on('GET', LOG, answer);
    const prepared = await activities().prepare();
    expect(prepared).toMatchObject({ logReadable: false, to: { id: 'f2' } });
    expect(prepared).not.toHaveProperty('refusal');
    fake.on('GET', `/v2.1/servers/${SERVER}`, serverAnswer());
    expect((await activities().prepare({ adopt: true })).refusal?.message).toMatch(/log .* cannot be read/);
  });

  it.each<[string, Answer, string]>([
    ['401', { status: 401, body: '' }, 'NotAuthenticated'],
    ['503', { status: 503, body: '' }, 'CloudUnreachable'],
    ['429', { status: 429, body: '' }, 'CloudUnreachable'],
  ])('a log that is answered with %s may be readable: it is a failure', async (_, answer, type) => {
    fake.on('GET', LOG, answer);
    await expect(activities().prepare()).rejects.toMatchObject({ type });
  });

  it('a flavor by its URI is the flavor with the id in it', async () => {
    const prepared = await activities().prepare({ flavor: `${fake.url}/v2.1/${PROJECT}/flavors/f2` });
    expect(prepared).toMatchObject({ to: { id: 'f2', name: 'm1.f2' } });
    expect(prepared).not.toHaveProperty('refusal');
  });

  it('a URI of something else is refused, in a sentence', async () => {
    const prepared = await activities().prepare({ flavor: 'https://ecs.example/v2.1/p/flavors/f2' });
    expect(prepared.refusal?.message).toMatch(/^flavor https:.* is on host ecs\.example/);
    expect(prepared).not.toHaveProperty('to');
  });

  it('a server that does not show its flavor is refused, in a sentence', async () => {
    fake.on('GET', `/v2.1/servers/${SERVER}`, serverAnswer({ ...ACTIVE, flavor: {} }));
    expect((await activities().prepare()).refusal?.message).toMatch(/does not show which flavor server ks1/);
  });
});

describe('to find orphans', () => {
  const waiting = (count: number) => {
    const servers = Array.from({ length: count }, (_, n) => ({ ...SERVER_BODY, id: `s${n}`, name: `web-${n}` }));
    fake.on('GET', '/v2.1/servers/detail', { status: 200, body: { servers } });
  };

  it('two lists, and two requests for each orphan, after 40 resizes each', async () => {
    logged(40);
    waiting(10);
    const found = await activities(temporalWith({ s1: 'RUNNING', s2: 'TERMINATED' })).orphans();
    expect(found.map(({ id }) => id)).toEqual(['s0', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9']);
    expect(found[1]).toEqual({
      id: 's2',
      name: 'web-2',
      project: PROJECT,
      flavor: expect.objectContaining({ id: 'f2', name: 'm1.f2' }) as object,
      action: {
        name: 'resize',
        requestId: 'req-resize-0',
        userId: '69a1c95ecff746abac4ea0d263685188',
        finishTime: '2026-11-21T20:48:06.123456Z',
      },
      lastRun: { runId: 'run-s2', closed: 'terminated' },
    });
    expect(fake.to('/v2.1/servers/detail')).toHaveLength(2);
    expect(fake.to(/os-instance-actions/)).toHaveLength(2 * 9);
    // The log-in, the version and the flavor that all of them have.
    expect(fake.asked).toHaveLength(3 + 2 + 2 * 9);
  });

  it('one list where a run holds each gate', async () => {
    waiting(2);
    expect(await activities(temporalWith({ s0: 'RUNNING', s1: 'RUNNING' })).orphans()).toEqual([]);
    expect(fake.to(/servers/)).toHaveLength(1);
  });

  it('none is one that was confirmed while the runs were asked for', async () => {
    waiting(1);
    let lists = 0;
    const body = { servers: [{ ...SERVER_BODY, id: 's0' }] };
    fake.on('GET', '/v2.1/servers/detail', () => ({ status: 200, body: lists++ === 0 ? body : { servers: [] } }));
    expect(await activities(temporalWith({})).orphans()).toEqual([]);
  });

  it.each<[string, Answer]>([
    ['forbidden', { status: 403, body: { forbidden: { code: 403, message: 'no' } } }],
    ['a page', APACHE_404],
    ['broken', { status: 500, body: '' }],
  ])('an orphan whose log is %s is reported without its last action', async (_, answer) => {
    waiting(1);
    fake.on('GET', LOG, answer);
    expect(await activities(temporalWith({})).orphans()).toMatchObject([{ id: 's0', flavor: { name: 'm1.f2' } }]);
  });

  it('many are found side by side, but not all at once', async () => {
    waiting(40);
    let underWay = 0;
    let most = 0;
    fake.on('GET', LOG, async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay--;
      return { status: 200, body: { instanceActions: [] } };
    });
    expect(await activities(temporalWith({})).orphans()).toHaveLength(40);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });
});
