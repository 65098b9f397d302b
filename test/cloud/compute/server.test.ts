import { failed } from '../failed';
import { cloudFor, FakeCloud, inTurn, PROJECT, type Answer } from '../fake-cloud';
import { APACHE_404, FLAVOR_BODY, GONE, SERVER, serverAnswer } from '../recorded';

const PATH = `/v2.1/servers/${SERVER}`;

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
  fake.on('GET', PATH, serverAnswer());
  fake.on('GET', '/v2.1/flavors/f2', { status: 200, body: { flavor: FLAVOR_BODY } });
});
afterEach(() => fake.stop());

describe('a server', () => {
  it('is shown as Nova recorded it, with its flavor looked up', async () => {
    expect(await cloudFor(fake).serverById(SERVER)).toEqual({
      id: SERVER,
      name: 'ks1',
      status: 'VERIFY_RESIZE',
      vmState: 'resized',
      taskState: null,
      updated: '2026-11-21T21:00:02Z',
      powerState: 'running',
      flavor: { id: 'f2', name: 'm1.large', vcpus: 2, ram: 1024, disk: 1, ephemeral: 0 },
      locked: false,
      project: PROJECT,
      bootsFromVolume: false,
    });
  });

  it.each([
    ['RESIZED', '', 'verify_resize'],
    ['resized', undefined, 'VERIFY_RESIZE'],
  ])('with vm_state %j and task_state %j means the same on every cloud', async (vmState, task, status) => {
    const states = { 'OS-EXT-STS:vm_state': vmState, 'OS-EXT-STS:task_state': task, status };
    fake.on('GET', PATH, serverAnswer(states));
    const seen = await cloudFor(fake).serverById(SERVER);
    expect(seen).toMatchObject({ status: 'VERIFY_RESIZE', vmState: 'resized', taskState: null });
  });

  it.each([null, '', 'None', 'none', 'NULL', ' - ', 'n/a'])('with the task state %j has no task', async (task) => {
    fake.on('GET', PATH, serverAnswer({ 'OS-EXT-STS:task_state': task }));
    expect((await cloudFor(fake).serverById(SERVER)).taskState).toBeNull();
  });

  it.each([{}, null, undefined, '', { id: null }, { id: '' }, { original_name: null }, { links: [] }])(
    'that shows its flavor as %j is seen all the same; which flavor it has is not known',
    async (flavor) => {
      fake.on('GET', PATH, serverAnswer({ flavor }));
      const seen = await cloudFor(fake).serverById(SERVER);
      expect(seen).toMatchObject({ status: 'VERIFY_RESIZE', vmState: 'resized', flavor: { unknown: true } });
    },
  );

  it.each([
    ['name', null, { name: SERVER }],
    ['name', undefined, { name: SERVER }],
    ['tenant_id', null, { project: '' }],
    ['locked', 'no', {}],
    ['metadata', 'none', {}],
    ['fault', { code: 500, message: null }, { fault: { code: 500, message: 'the cloud gives no reason' } }],
    ['fault', { code: 'x', message: 'm', created: 1 }, { fault: { message: 'm' } }],
    ['fault', 'broken', {}],
  ])('is seen though its %s, which is for people, is %j', async (field, value, shown) => {
    fake.on('GET', PATH, serverAnswer({ [field]: value }));
    expect(await cloudFor(fake).serverById(SERVER)).toMatchObject({ status: 'VERIFY_RESIZE', ...shown });
  });

  it.each([
    [0, 'none'],
    [1, 'running'],
    [3, 'paused'],
    [4, 'shutdown'],
    [6, 'crashed'],
    [7, 'suspended'],
    [9, 'unknown'],
    [null, 'unknown'],
    ['on', 'unknown'],
  ])('with power state %j is %s', async (power, word) => {
    fake.on('GET', PATH, serverAnswer({ 'OS-EXT-STS:power_state': power, 'OS-EXT-STS:task_state': 'Powering-Off' }));
    expect(await cloudFor(fake).serverById(SERVER)).toMatchObject({ powerState: word, taskState: 'powering-off' });
  });

  it('in ERROR shows its fault', async () => {
    const fault = { code: 500, created: '2026-11-21T20:50:32Z', message: 'Virtual Interface creation failed' };
    fake.on('GET', PATH, serverAnswer({ status: 'ERROR', fault: { ...fault, details: 'Traceback' } }));
    expect((await cloudFor(fake).serverById(SERVER)).fault).toEqual(fault);
  });

  it('without an image boots from a volume; where no image is shown it cannot be told', async () => {
    fake.on('GET', PATH, inTurn(serverAnswer({ image: '' }), serverAnswer({ image: undefined })));
    const cloud = cloudFor(fake);
    expect((await cloud.serverById(SERVER)).bootsFromVolume).toBe(true);
    expect(await cloud.serverById(SERVER)).not.toHaveProperty('bootsFromVolume');
  });

  it.each([
    ['1', 'prepaid'],
    [1, 'prepaid'],
    ['2', 'spot'],
    ['0', undefined],
    ['monthly', undefined],
    [undefined, undefined],
  ])('with charging_mode %j in its metadata is paid for: %s', async (mode, billing) => {
    fake.on('GET', PATH, serverAnswer({ metadata: { charging_mode: mode, vpc_id: 'v' } }));
    expect((await cloudFor(fake).serverById(SERVER)).billing).toBe(billing);
  });

  it('shows its addresses by network, fixed ones first', async () => {
    const address = (addr: string, type?: string) => ({ addr, version: 4, 'OS-EXT-IPS:type': type });
    const addresses = {
      blue: [address('203.0.113.9', 'floating'), address('10.0.0.5', 'fixed'), address('10.0.0.6')],
      red: [],
      odd: 'none',
    };
    fake.on(
      'GET',
      PATH,
      inTurn(serverAnswer({ addresses }), serverAnswer({ addresses: null }), serverAnswer({ addresses: undefined })),
    );
    const cloud = cloudFor(fake);
    const addressesOf = async () => (await cloud.serverWithAddresses(SERVER)).addresses;
    expect(await addressesOf()).toEqual({ blue: ['10.0.0.5', '10.0.0.6', '203.0.113.9'] });
    expect(await addressesOf()).toEqual({});
    expect(await addressesOf()).toEqual({});
  });

  it.each([null, 'none', [], undefined])('is shown though its metadata are %j', async (metadata) => {
    fake.on('GET', PATH, serverAnswer({ metadata }));
    expect(await cloudFor(fake).serverById(SERVER)).not.toHaveProperty('billing');
  });

  it('below 2.9 does not show whether it is locked', async () => {
    fake.on('GET', PATH, serverAnswer({ locked: undefined }));
    expect(await cloudFor(fake).serverById(SERVER)).not.toHaveProperty('locked');
  });

  it('is looked at again and again with one read of its flavor', async () => {
    const cloud = cloudFor(fake);
    await cloud.serverById(SERVER);
    await cloud.serverById(SERVER);
    expect(fake.to('/v2.1/flavors/f2')).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    [
      'deleted meanwhile',
      { status: 404, body: { itemNotFound: { code: 404, message: 'Flavor f2 could not be found.' } } },
    ],
    ['private to others', { status: 403, body: { forbidden: { code: 403, message: 'no' } } }],
    ['not found by its address', APACHE_404],
  ])('whose flavor is %s shows the id as its name', async (_, answer) => {
    fake.on('GET', '/v2.1/flavors/f2', answer);
    expect((await cloudFor(fake).serverById(SERVER)).flavor).toEqual({ id: 'f2', name: 'f2' });
  });

  it('that shows its flavor itself needs no look-up', async () => {
    const flavor = { vcpus: 2, ram: 1024, disk: 1, ephemeral: 0, swap: 0, original_name: 'f2', extra_specs: {} };
    fake.on('GET', PATH, serverAnswer({ flavor }));
    const seen = await cloudFor(fake).serverById(SERVER);
    expect(seen.flavor).toEqual({ name: 'f2', vcpus: 2, ram: 1024, disk: 1, ephemeral: 0 });
    expect(fake.to('/v2.1/flavors/f2')).toHaveLength(0);
  });

  it('that is not there is not-found', async () => {
    fake.on('GET', PATH, GONE);
    const { trouble } = await failed(cloudFor(fake).serverById(SERVER));
    expect(trouble).toMatchObject({ kind: 'not-found', status: 404, tried: `read server ${SERVER}` });
  });

  it.each(['', '.', '..'])('with the id %j is not asked for', async (id) => {
    expect((await failed(cloudFor(fake).serverById(id))).trouble.kind).toBe('not-found');
  });

  it.each([
    ['no id', { id: undefined }],
    ['no vm_state', { 'OS-EXT-STS:vm_state': undefined }],
    ['no status', { status: null }],
    ['a task state that is a list', { 'OS-EXT-STS:task_state': ['x'] }],
  ])('with %s is no answer of the API', async (_, broken) => {
    fake.on('GET', PATH, serverAnswer(broken));
    const { trouble } = await failed(cloudFor(fake).serverById(SERVER));
    expect(trouble.kind).toBe('garbage');
    expect(trouble.message).toMatch(/server\.|missing/);
  });
});

describe('servers by name', () => {
  const named = (...names: string[]) => names.map((name, index) => ({ id: `id-${name}-${index}`, name, links: [] }));

  it('are those with exactly this name, though the filter of the cloud finds parts of it', async () => {
    fake.on('GET', '/v2.1/servers', {
      status: 200,
      body: { servers: named('web-07', 'web-070', 'old-web-07', 'WEB-07') },
    });
    expect(await cloudFor(fake).serversByName('web-07')).toEqual([{ id: 'id-web-07-0', name: 'web-07' }]);
    expect(fake.to('/v2.1/servers')[0]?.query.get('name')).toBe('web-07');
  });

  it('are found though another server has no name', async () => {
    const servers = [{ id: 'x', name: null }, { id: 'y' }, ...named('web-07')];
    fake.on('GET', '/v2.1/servers', { status: 200, body: { servers } });
    expect(await cloudFor(fake).serversByName('web-07')).toHaveLength(1);
  });

  it('may be several', async () => {
    fake.on('GET', '/v2.1/servers', { status: 200, body: { servers: named('twin', 'twin') } });
    expect(await cloudFor(fake).serversByName('twin')).toHaveLength(2);
  });

  it('are found though the name is no regular expression for itself', async () => {
    fake.on('GET', '/v2.1/servers', { status: 200, body: { servers: named('db(1)+master.example', 'db') } });
    expect(await cloudFor(fake).serversByName('db(1)+master.example')).toHaveLength(1);
    expect(fake.to('/v2.1/servers')[0]?.query.get('name')).toBe('example');
  });

  it('are found on a later page, however small the pages are', async () => {
    const next = [{ rel: 'next', href: 'http://inner-host/v2.1/servers?marker=id-a-1' }];
    fake.on('GET', '/v2.1/servers', ({ query }) =>
      query.get('marker') === null
        ? { status: 200, body: { servers: named('b', 'a'), servers_links: next } }
        : { status: 200, body: { servers: query.get('marker') === 'id-a-1' ? named('a') : [] } },
    );
    expect(await cloudFor(fake).serversByName('a')).toEqual([
      { id: 'id-a-1', name: 'a' },
      { id: 'id-a-0', name: 'a' },
    ]);
  });

  it('end though the cloud gives the same page for ever', async () => {
    const next = [{ rel: 'next', href: 'http://inner-host/' }];
    fake.on('GET', '/v2.1/servers', { status: 200, body: { servers: named('a'), servers_links: next } });
    expect(await cloudFor(fake).serversByName('b')).toEqual([]);
    expect(fake.to('/v2.1/servers')).toHaveLength(2);
  });
});

describe('servers of a status', () => {
  const waiting = (id: string, more: object = {}) => ({
    id,
    name: id,
    status: 'VERIFY_RESIZE',
    tenant_id: PROJECT,
    flavor: { id: 'f2' },
    ...more,
  });

  it('are one list with what is told of each, and one read of each flavor', async () => {
    const servers = ['a', 'b', 'c'].map((id) => waiting(id));
    fake.on('GET', '/v2.1/servers/detail', { status: 200, body: { servers } });
    const found = await cloudFor(fake).serversWithStatus('VERIFY_RESIZE');
    expect(found[2]).toEqual({
      id: 'c',
      name: 'c',
      project: PROJECT,
      flavor: { id: 'f2', name: 'm1.large', vcpus: 2, ram: 1024, disk: 1, ephemeral: 0 },
    });
    expect(fake.to('/v2.1/servers/detail')[0]?.query.get('status')).toBe('VERIFY_RESIZE');
    expect(fake.to(/servers|flavors/)).toHaveLength(2);
  });

  it('are those of the status though the cloud does not know the filter, and an odd one hides no other', async () => {
    const servers = [
      waiting('a', { status: 'ACTIVE' }),
      waiting('b', { name: null, flavor: {}, tenant_id: null }),
      waiting('c', { status: 'verify_resize' }),
      waiting('d', { status: null }),
    ];
    fake.on('GET', '/v2.1/servers/detail', { status: 200, body: { servers } });
    const found = await cloudFor(fake).serversWithStatus('VERIFY_RESIZE');
    expect(found.map(({ id, name }) => [id, name])).toEqual([
      ['b', 'b'],
      ['c', 'c'],
    ]);
    expect(found[0]?.flavor).toMatchObject({ unknown: true });
  });
});
