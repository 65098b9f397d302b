import { failed } from '../failed';
import { cloudFor, FakeCloud } from '../fake-cloud';
import { action, event, GONE, SERVER } from '../recorded';

const LOG = `/v2.1/servers/${SERVER}/os-instance-actions`;

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
});
afterEach(() => fake.stop());

/** Puts an action in the log, alone, with its events (undefined: they are hidden). */
function logged(name: string, events: object[] | undefined, message: string | null = null): void {
  fake.on('GET', LOG, { status: 200, body: { instanceActions: [action(name, 'req-1', message)] } });
  const instanceAction = { ...action(name, 'req-1', message), ...(events === undefined ? {} : { events }) };
  fake.on('GET', `${LOG}/req-1`, { status: 200, body: { instanceAction } });
}

const moved = [
  event('compute_resize_instance', 3, 4),
  event('compute_prep_resize', 2, 3),
  event('cold_migrate', 1, 2),
  event('conductor_migrate_server', 1, 2),
];

describe('how an action ended', () => {
  it.each([
    ['resize', 'before its first event', [], 'running'],
    ['resize', 'while the scheduler looks for a host', [event('conductor_migrate_server', 1)], 'running'],
    ['resize', 'between two hosts, when all events have finished', moved.slice(1), 'running'],
    ['resize', 'after the copy, when all events have finished', moved, 'running'],
    ['resize', 'while it finishes', [event('compute_finish_resize', 5), ...moved], 'running'],
    ['resize', 'after it finished', [event('compute_finish_resize', 5, 6), ...moved], 'success'],
    ['migrate', 'after it finished', [event('compute_finish_resize', 5, 6), ...moved], 'success'],
    ['confirmResize', 'at once', [], 'running'],
    ['confirmResize', 'while it runs', [event('compute_confirm_resize', 7)], 'running'],
    ['confirmResize', 'after it finished', [event('compute_confirm_resize', 7, 9)], 'success'],
    ['revertResize', 'between the hosts', [event('compute_revert_resize', 7, 8)], 'running'],
    [
      'revertResize',
      'after it finished',
      [event('compute_finish_revert_resize', 8, 9), event('compute_revert_resize', 7, 8)],
      'success',
    ],
    ['delete', 'after it finished', [event('compute_terminate_instance', 7, 8)], 'success'],
    ['rebuild', 'after it finished', [event('compute_rebuild_instance', 7, 8)], 'success'],
    [
      'confirmResize',
      'between cells, before the conductor is done',
      [
        event('compute_confirm_snapshot_based_resize_at_source', 7, 8),
        event('conductor_confirm_snapshot_based_resize', 6),
      ],
      'running',
    ],
    [
      'confirmResize',
      'between cells, after the conductor is done',
      [
        event('compute_confirm_snapshot_based_resize_at_source', 7, 8),
        event('conductor_confirm_snapshot_based_resize', 6, 9),
      ],
      'success',
    ],
    [
      'resize',
      'between cells, while the conductor is not done',
      [event('compute_finish_snapshot_based_resize_at_dest', 7, 8), event('conductor_migrate_server', 1)],
      'running',
    ],
  ])('%s, %s', async (name, _, events, result) => {
    logged(name, events);
    expect((await cloudFor(fake).actions(SERVER))[0]?.result).toBe(result);
  });

  it('shows whose it was, when, and when its last event finished', async () => {
    logged('resize', [event('compute_finish_resize', 5, 6), ...moved]);
    expect(await cloudFor(fake).actions(SERVER)).toEqual([
      {
        action: 'resize',
        requestId: 'req-1',
        userId: '69a1c95ecff746abac4ea0d263685188',
        projectId: 'ff7da4b1fce74df593e7cf9622ce722e',
        startTime: '2026-11-21T20:48:24.955865Z',
        result: 'success',
        finishTime: '2026-11-21T20:48:06.123456Z',
      },
    ]);
  });

  it('with an event that failed is an error, named after the first that did', async () => {
    const failedEvents = [
      { ...event('cold_migrate', 1, 2, 'Error') },
      { ...event('conductor_migrate_server', 1, 3, 'Error') },
    ];
    logged('resize', failedEvents.reverse(), 'Error');
    expect((await cloudFor(fake).actions(SERVER))[0]).toMatchObject({ result: 'error', failedEvent: 'cold_migrate' });
  });

  it('with the message "Error" is an error though the events do not show it', async () => {
    logged('resize', [event('conductor_migrate_server', 1)], 'Error');
    expect((await cloudFor(fake).actions(SERVER))[0]).toMatchObject({ result: 'error' });
  });

  it('is unknown where events are hidden, unless the message says that it failed', async () => {
    logged('confirmResize', undefined);
    expect((await cloudFor(fake).actions(SERVER))[0]?.result).toBe('unknown');
    logged('confirmResize', undefined, 'Error');
    expect((await cloudFor(fake).actions(SERVER))[0]?.result).toBe('error');
  });

  it.each([
    ['forbidden', { status: 403, body: { forbidden: { code: 403, message: "Policy doesn't allow it." } } }],
    ['gone', { status: 404, body: { itemNotFound: { code: 404, message: 'Action req-1 could not be found' } } }],
    [
      'not offered',
      { status: 404, body: { itemNotFound: { code: 404, message: 'The resource could not be found.' } } },
    ],
    ['a page of a gateway’s', { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html>' }],
  ])('is unknown where the detail is %s', async (_, answer) => {
    logged('resize', []);
    fake.on('GET', `${LOG}/req-1`, answer);
    expect((await cloudFor(fake).actions(SERVER))[0]?.result).toBe('unknown');
  });
});

describe('what a read of the log costs', () => {
  const DETAIL = /os-instance-actions\/req-/;
  /** A long past: so many resizes that were confirmed, with what people did in between; newest first. */
  function past(resizes: number): Record<string, unknown>[] {
    return Array.from({ length: resizes }, (_, n) => [
      action('lock', `req-lock-${n}`),
      action('confirmResize', `req-confirm-${n}`),
      action('resize', `req-resize-${n}`),
    ]).flat();
  }
  function logOf(entries: Record<string, unknown>[], running: string[] = []): void {
    const sizeOf = (query: URLSearchParams) => Number(query.get('limit') ?? entries.length);
    fake.on('GET', LOG, ({ query }) => {
      const from = entries.findIndex((one) => one['request_id'] === query.get('marker')) + 1;
      const page = entries.slice(from, from + sizeOf(query));
      const links = from + page.length < entries.length && query.has('limit') ? [{ rel: 'next', href: 'x' }] : [];
      return { status: 200, body: { instanceActions: page, links } };
    });
    fake.on('GET', DETAIL, ({ path }) => {
      const id = path.slice(path.lastIndexOf('/') + 1);
      const entry = entries.find((one) => one['request_id'] === id);
      const end = entry?.['action'] === 'resize' ? 'compute_finish_resize' : 'compute_confirm_resize';
      const events = running.includes(id) ? [event(end, 5)] : [event(end, 5, 6)];
      return { status: 200, body: { instanceAction: { ...entry, events } } };
    });
  }
  const requests = () => fake.to(/os-instance-actions/).length;

  it.each([1, 40, 400])('the newest entry: one request after %i earlier resizes', async (resizes) => {
    logOf(past(resizes));
    expect(await cloudFor(fake).newestAction(SERVER)).toBe('req-lock-0');
    expect(requests()).toBe(1);
    expect(fake.to(LOG)[0]?.query.get('limit')).toBe('1');
  });

  it('the newest entry: one request below 2.58 too, where the list has no pages', async () => {
    fake.on('GET', '/v2.1/', { status: 200, body: { version: { id: 'v2.1', version: '2.57' } } });
    logOf(past(40));
    expect(await cloudFor(fake).newestAction(SERVER)).toBe('req-lock-0');
    expect(fake.to(/os-instance-actions/).map(({ path, query }) => path + query.toString())).toEqual([LOG]);
  });

  it('there may be no entry', async () => {
    logOf([]);
    expect(await cloudFor(fake).newestAction(SERVER)).toBeUndefined();
    expect(await cloudFor(fake).lastTouchingAction(SERVER)).toBeUndefined();
  });

  it('what is new: one page, and one detail for each action that matters', async () => {
    logOf(past(400));
    const seen = await cloudFor(fake).actions(SERVER, 'req-lock-1');
    expect(seen.map(({ requestId, result }) => [requestId, result])).toEqual([
      ['req-lock-0', 'unknown'],
      ['req-confirm-0', 'success'],
      ['req-resize-0', 'success'],
    ]);
    expect(requests()).toBe(3);
  });

  it('what is new, where the log has lost what was known: the newest details only', async () => {
    logOf(past(400));
    const seen = await cloudFor(fake).actions(SERVER, 'req-gone');
    expect(seen).toHaveLength(1200);
    expect(fake.to(DETAIL)).toHaveLength(30);
    expect(seen.at(-1)?.result).toBe('unknown');
  });

  it('what has ended is read once, what runs is read again', async () => {
    logOf(past(3), ['req-confirm-0']);
    const cloud = cloudFor(fake);
    for (let look = 0; look < 3; look++) {
      const [, confirm, resize] = await cloud.actions(SERVER, 'req-lock-1');
      expect([confirm?.result, resize?.result]).toEqual(['running', 'success']);
    }
    expect(fake.to(`${LOG}/req-confirm-0`)).toHaveLength(3);
    expect(fake.to(`${LOG}/req-resize-0`)).toHaveLength(1);
  });

  it('the last action that touches a resize: one page and its detail, with what came before it', async () => {
    logOf([action('detach_volume', 'req-volume'), ...past(400)]);
    const last = await cloudFor(fake).lastTouchingAction(SERVER);
    expect(last).toMatchObject({ action: { action: 'confirmResize', result: 'success' }, before: 'req-resize-0' });
    expect(requests()).toBe(2);
  });

  it('the last action that touches a resize is found behind many others, within some pages', async () => {
    const volumes = (count: number) => Array.from({ length: count }, (_, n) => action('attach_volume', `req-v-${n}`));
    logOf([...volumes(1500), ...past(1)]);
    expect((await cloudFor(fake).lastTouchingAction(SERVER))?.action.requestId).toBe('req-confirm-0');
    logOf([...volumes(9000), ...past(1)]);
    const before = requests();
    expect(await cloudFor(fake).lastTouchingAction(SERVER)).toBeUndefined();
    expect(requests() - before).toBe(3);
  });
});

describe('the action log', () => {
  beforeEach(() => {
    const entries = [
      action('lock', 'req-4'),
      action('confirmResize', 'req-3'),
      action('resize', 'req-2'),
      action('create', 'req-1'),
    ];
    fake.on('GET', LOG, { status: 200, body: { instanceActions: entries } });
    fake.on('GET', /os-instance-actions\/req-\d$/, ({ path }) => {
      const id = path.slice(path.lastIndexOf('/') + 1);
      return {
        status: 200,
        body: { instanceAction: { ...entries.find((one) => one['request_id'] === id), events: [] } },
      };
    });
  });
  const ids = async (newerThan?: string) =>
    (await cloudFor(fake).actions(SERVER, newerThan)).map(({ requestId }) => requestId);

  it('is given newest first, in the order of the cloud', async () => {
    expect(await ids()).toEqual(['req-4', 'req-3', 'req-2', 'req-1']);
  });

  it('is given down to what was known', async () => {
    expect(await ids('req-2')).toEqual(['req-4', 'req-3']);
    expect(await ids('req-4')).toEqual([]);
  });

  it('is given whole when what was known is not in it', async () => {
    expect(await ids('req-gone')).toHaveLength(4);
  });

  it('costs one read for the list and one for each action that matters', async () => {
    await ids('req-2');
    expect(fake.to(/os-instance-actions/).map(({ path }) => path)).toEqual([LOG, `${LOG}/req-3`]);
  });

  it('is read page by page where it has pages', async () => {
    fake.on('GET', LOG, ({ query }) =>
      query.get('marker') === null
        ? {
            status: 200,
            body: { instanceActions: [action('lock', 'req-9')], links: [{ rel: 'next', href: 'http://inner/' }] },
          }
        : { status: 200, body: { instanceActions: [action('unlock', 'req-8')] } },
    );
    expect(await ids()).toEqual(['req-9', 'req-8']);
    expect(fake.to(LOG)[1]?.query.get('marker')).toBe('req-9');
  });

  it('is asked for without paging below 2.58', async () => {
    fake.on('GET', '/v2.1/', { status: 200, body: { version: { id: 'v2.1', version: '2.57' } } });
    await ids();
    expect(fake.to(LOG)[0]?.query.toString()).toBe('');
  });

  it('of a cloud that hides it is a failure, for the caller to judge', async () => {
    const message = "Policy doesn't allow os_compute_api:os-instance-actions:list to be performed.";
    fake.on('GET', LOG, { status: 403, body: { forbidden: { code: 403, message } } });
    expect((await failed(cloudFor(fake).actions(SERVER))).trouble).toMatchObject({ kind: 'forbidden' });
    fake.on('GET', LOG, GONE);
    expect((await failed(cloudFor(fake).actions(SERVER))).trouble).toMatchObject({ kind: 'not-found' });
  });
});
