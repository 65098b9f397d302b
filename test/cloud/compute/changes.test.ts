import { failed } from '../failed';
import { cloudFor, FakeCloud, type Answer } from '../fake-cloud';
import { SERVER_BODY, UNAUTHORIZED } from '../recorded';

const LIST = '/v2.1/servers/detail';
const DATE = 'Sat, 21 Nov 2026 21:00:07 GMT';
const SINCE = '2026-11-21T20:59:58.250Z';

const body = (id: string, more: object = {}) => ({ ...SERVER_BODY, id, ...more });
const list = (...servers: unknown[]): Answer => ({ status: 200, headers: { Date: DATE }, body: { servers } });
const refusal = (status: number, fault: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: { [fault]: { code: status, message: 'No.' } },
});

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
});
afterEach(() => fake.stop());

describe('the servers that changed', () => {
  it('are asked for in whole seconds, and told with the time of the cloud', async () => {
    fake.on('GET', LIST, list(body('a')));
    expect(await cloudFor(fake).serversChangedSince(SINCE)).toEqual({
      cloudTime: '2026-11-21T21:00:07.000Z',
      rows: [
        {
          id: 'a',
          status: 'VERIFY_RESIZE',
          vmState: 'resized',
          taskState: null,
          locked: false,
          updated: '2026-11-21T21:00:02.000Z',
        },
      ],
    });
    expect(fake.to(LIST).map(({ query }) => query.get('changes-since'))).toEqual(['2026-11-21T20:59:58Z']);
  });

  it('are in one form, however the cloud writes them', async () => {
    const odd = {
      status: 'resize',
      'OS-EXT-STS:vm_state': 'ACTIVE',
      'OS-EXT-STS:task_state': 'Resize_Prep',
      updated: '2026-11-21T21:00:02.5',
    };
    fake.on('GET', LIST, list(body('a', odd), body('b', { 'OS-EXT-STS:task_state': '', locked: true })));
    const { rows } = await cloudFor(fake).serversChangedSince(SINCE);
    expect(rows).toMatchObject([
      { status: 'RESIZE', vmState: 'active', taskState: 'resize_prep', updated: '2026-11-21T21:00:02.500Z' },
      { taskState: null, locked: true },
    ]);
  });

  it('have deleted ones among them', async () => {
    fake.on('GET', LIST, list(body('a', { status: 'DELETED', 'OS-EXT-STS:vm_state': 'deleted' })));
    const { rows } = await cloudFor(fake).serversChangedSince(SINCE);
    expect(rows).toMatchObject([{ id: 'a', status: 'DELETED' }]);
  });

  it('are all there though a row is incomplete', async () => {
    const broken = { status: 7, updated: 'yesterday', locked: 'no', 'OS-EXT-STS:task_state': [] };
    fake.on('GET', LIST, list(null, { name: 'no id' }, { id: 'bare' }, body('odd', broken), body('whole')));
    const { rows } = await cloudFor(fake).serversChangedSince(SINCE);
    expect(rows).toEqual([
      { id: 'bare', status: 'UNKNOWN', taskState: null },
      { id: 'odd', status: 'UNKNOWN', vmState: 'resized', taskState: null },
      expect.objectContaining({ id: 'whole', status: 'VERIFY_RESIZE' }),
    ]);
  });

  it('come from all pages, with the time of the first', async () => {
    const next = [{ rel: 'next', href: 'http://inner-host/' }];
    fake.on('GET', LIST, ({ query }) =>
      query.get('marker') === null
        ? { status: 200, headers: { Date: DATE }, body: { servers: [body('b')], servers_links: next } }
        : { ...list(body('a')), headers: { Date: 'Sat, 21 Nov 2026 21:00:09 GMT' } },
    );
    const { rows, cloudTime } = await cloudFor(fake).serversChangedSince(SINCE);
    expect(rows.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(cloudTime).toBe('2026-11-21T21:00:07.000Z');
    expect(fake.to(LIST).map(({ query }) => [query.get('marker'), query.get('changes-since')])).toEqual([
      [null, '2026-11-21T20:59:58Z'],
      ['b', '2026-11-21T20:59:58Z'],
    ]);
  });

  const withMarkerGone = (times: number) => {
    let refused = 0;
    fake.on('GET', LIST, ({ query }) => {
      if (query.get('marker') === null) {
        const next = [{ rel: 'next', href: 'http://inner-host/' }];
        return { status: 200, body: { servers: [body('c'), body('b')], servers_links: next } };
      }
      return refused++ < times ? refusal(400, 'badRequest') : list(body('a'));
    });
  };

  it('are read again from the start where the server that marks a page was deleted', async () => {
    withMarkerGone(1);
    const { rows } = await cloudFor(fake).serversChangedSince(SINCE);
    expect(rows.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect(fake.to(LIST).map(({ query }) => query.get('marker'))).toEqual([null, 'b', null, 'b']);
  });

  it('are read again once only', async () => {
    withMarkerGone(2);
    const { trouble } = await failed(cloudFor(fake).serversChangedSince(SINCE));
    expect(trouble).toMatchObject({ kind: 'bad-request', status: 400 });
    expect(fake.to(LIST)).toHaveLength(4);
  });

  it.each<[number, string, Answer]>([
    [400, 'bad-request', refusal(400, 'badRequest')],
    [401, 'not-authenticated', UNAUTHORIZED],
    [403, 'forbidden', refusal(403, 'forbidden')],
    [
      404,
      'configuration',
      { status: 404, body: { notFound: { code: 404, message: 'The resource could not be found.' } } },
    ],
    [404, 'garbage', { status: 404, body: '<html>404</html>' }],
  ])('that the cloud refuses with %i end in a failure of kind %s', async (status, kind, answer) => {
    fake.on('GET', LIST, answer);
    const { trouble } = await failed(cloudFor(fake).serversChangedSince(SINCE));
    expect(trouble).toMatchObject({ status, kind });
  });

  it('obey the back-off that the cloud asks for, as every other request', async () => {
    fake.on('GET', LIST, refusal(429, 'overLimit', { 'Retry-After': '30' }));
    const cloud = cloudFor(fake);
    expect((await failed(cloud.serversChangedSince(SINCE))).trouble).toMatchObject({
      kind: 'rate-limited',
      status: 429,
      retryAfter: 30_000,
    });
    expect((await failed(cloud.serversChangedSince(SINCE))).trouble.kind).toBe('rate-limited');
    expect((await failed(cloud.serverById('a'))).trouble.kind).toBe('rate-limited');
    expect(fake.to(/servers/)).toHaveLength(1);
  });

  it('are not known where the cloud gives servers that did not change: it does not know the filter', async () => {
    const next = [{ rel: 'next', href: 'http://inner-host/' }];
    const servers = [body('new'), body('old', { updated: '2026-11-20T00:00:00Z' })];
    fake.on('GET', LIST, { status: 200, body: { servers, servers_links: next } });
    expect(await cloudFor(fake).serversChangedSince(SINCE)).toMatchObject({ rows: [], ignored: true });
    expect(fake.to(LIST)).toHaveLength(1);
  });

  it('may be a little older than asked for: hosts and databases round', async () => {
    fake.on('GET', LIST, list(body('a', { updated: '2026-11-21T20:59:30Z' })));
    const changed = await cloudFor(fake).serversChangedSince(SINCE);
    expect(changed.rows).toHaveLength(1);
    expect(changed.ignored).toBeUndefined();
  });
});

describe('the time of the cloud', () => {
  it('is that of a list of one server', async () => {
    fake.on('GET', '/v2.1/servers', { status: 200, headers: { Date: DATE }, body: { servers: [] } });
    expect(await cloudFor(fake).serversChangedSince(undefined)).toEqual({
      rows: [],
      cloudTime: '2026-11-21T21:00:07.000Z',
    });
    expect(fake.to(/servers/).map(({ path, query }) => `${path}?${query.toString()}`)).toEqual([
      '/v2.1/servers?limit=1',
    ]);
  });

  it('is not known where a gateway writes something else there', async () => {
    fake.on('GET', '/v2.1/servers', { status: 200, headers: { Date: 'now' }, body: { servers: [] } });
    expect(await cloudFor(fake).serversChangedSince(undefined)).toEqual({ rows: [] });
  });
});

describe('the servers under way', () => {
  const by = (answers: Record<string, Answer>) =>
    fake.on('GET', LIST, ({ query }) => answers[query.get('status') ?? ''] ?? list());

  it('are those that are resized or reverted or wait for a confirm, from one list each', async () => {
    by({
      RESIZE: list(body('a', { status: 'RESIZE', 'OS-EXT-STS:task_state': 'resize_prep' })),
      REVERT_RESIZE: list(body('b', { status: 'REVERT_RESIZE', 'OS-EXT-STS:task_state': 'resize_reverting' })),
      VERIFY_RESIZE: list(body('c', { status: 'VERIFY_RESIZE' })),
    });
    const rows = await cloudFor(fake).serversUnderWay();
    expect(rows.map(({ id, status }) => [id, status])).toEqual([
      ['a', 'RESIZE'],
      ['b', 'REVERT_RESIZE'],
      ['c', 'VERIFY_RESIZE'],
    ]);
    expect(fake.to(LIST)).toHaveLength(3);
  });

  it('are those by their task where the cloud shows UNKNOWN, and no others where it gives more than asked for', async () => {
    const servers = [
      body('a', { status: 'UNKNOWN', 'OS-EXT-STS:task_state': 'resize_migrating' }),
      body('b', { status: 'ACTIVE' }),
      body('c', { status: 'ACTIVE' }),
      body('d', { status: 'UNKNOWN', 'OS-EXT-STS:task_state': 'rebuilding' }),
    ];
    by({ RESIZE: list(...servers), REVERT_RESIZE: list(...servers) });
    expect((await cloudFor(fake).serversUnderWay()).map(({ id }) => id)).toEqual(['a']);
  });

  it('are not known where one of the lists fails', async () => {
    by({ REVERT_RESIZE: refusal(403, 'forbidden') });
    expect((await failed(cloudFor(fake).serversUnderWay())).trouble.status).toBe(403);
  });
});
