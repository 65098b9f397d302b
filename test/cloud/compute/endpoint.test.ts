import { failed } from '../failed';
import { cloudFor, FakeCloud, PROJECT, type Answer, type Mischief } from '../fake-cloud';
import { SERVER, serverAnswer } from '../recorded';

const complete = { flavor: { original_name: 'f2' } };
const ANY_SERVER = new RegExp(`/servers/${SERVER}$`);

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
  fake.on('GET', ANY_SERVER, serverAnswer(complete));
});
afterEach(() => fake.stop());

function catalog(...endpoints: object[]): void {
  fake.on('POST', '/v3/auth/tokens', () => fake.tokenAnswer('gAAAAAB-x', endpoints));
}

async function pathAsked(profile: Parameters<typeof cloudFor>[1] = {}): Promise<string | undefined> {
  await cloudFor(fake, profile).serverById(SERVER);
  return fake.to(ANY_SERVER)[0]?.path;
}

describe('the compute endpoint', () => {
  it('is the one of the catalog', async () => {
    expect(await pathAsked()).toBe(`/v2.1/servers/${SERVER}`);
  });

  it('keeps the project id that the catalog appends, and asks for its version without it', async () => {
    catalog(fake.endpoint('public', 'RegionOne', `/v2.1/${PROJECT}`));
    expect(await pathAsked()).toBe(`/v2.1/${PROJECT}/servers/${SERVER}`);
    expect(fake.asked.map(({ path }) => path)).toContain('/v2.1/');
    expect(fake.to(ANY_SERVER)[0]?.headers['openstack-api-version']).toBe('compute 2.46');
  });

  it('may have no version in its address', async () => {
    catalog(fake.endpoint('public', 'RegionOne', '/compute/'));
    fake.on('GET', '/compute/', {
      status: 300,
      body: {
        versions: [
          { id: 'v2.0', status: 'SUPPORTED', version: '', min_version: '', links: [] },
          { id: 'v2.1', status: 'CURRENT', version: '2.60', min_version: '2.1', links: [] },
        ],
      },
    });
    expect(await pathAsked()).toBe(`/compute/v2.1/servers/${SERVER}`);
    expect(fake.to(ANY_SERVER)[0]?.headers['openstack-api-version']).toBe('compute 2.46');
  });

  it('is taken by region and interface', async () => {
    catalog(
      fake.endpoint('public', 'one', '/one/v2.1'),
      fake.endpoint('internal', 'one', '/inside/v2.1'),
      fake.endpoint('public', 'two', '/two/v2.1'),
    );
    expect(await pathAsked({ region: 'two' })).toBe(`/two/v2.1/servers/${SERVER}`);
    expect(await pathAsked({ interface: 'internal' })).toBe(`/two/v2.1/servers/${SERVER}`);
    expect(fake.to(ANY_SERVER)[1]?.path).toBe(`/inside/v2.1/servers/${SERVER}`);
    expect(await cloudFor(fake, { interface: 'internal' }).identity()).toMatchObject({ region: 'one' });
  });

  it('is asked for by name where there are several regions', async () => {
    catalog(fake.endpoint('public', 'one'), fake.endpoint('public', 'two'));
    const { trouble } = await failed(cloudFor(fake).identity());
    expect(trouble).toMatchObject({ kind: 'configuration', advice: expect.stringContaining('region_name') as string });
    expect(trouble.message).toContain('one, two');
  });

  it('that is not in the catalog is a fault of the profile, which says what there is', async () => {
    const { trouble, sent } = await failed(cloudFor(fake, { region: 'Mars' }).post(SERVER, 'revertResize'));
    expect(trouble.kind).toBe('configuration');
    expect(trouble.message).toContain('no compute endpoint "public" in region Mars; it has public in region RegionOne');
    expect(sent).toBe(false);
  });

  it('of the profile goes before the catalog, with the project put in', async () => {
    catalog();
    const computeEndpoint = `${fake.url}/mine/v2.1/%(project_id)s`;
    expect(await pathAsked({ computeEndpoint })).toBe(`/mine/v2.1/${PROJECT}/servers/${SERVER}`);
  });
});

describe('microversions', () => {
  const version = (newest: string) => ({
    status: 200,
    body: { version: { id: 'v2.1', status: 'CURRENT', version: newest, min_version: '' } },
  });

  async function headersSent(): Promise<Record<string, (string | string[] | undefined)[]>> {
    const log = `/v2.1/servers/${SERVER}/os-instance-actions`;
    const action = `/v2.1/servers/${SERVER}/action`;
    fake.on('GET', log, { status: 200, body: { instanceActions: [] } });
    fake.on('POST', action, { status: 202, body: '' });
    const cloud = cloudFor(fake);
    await cloud.serverById(SERVER);
    await cloud.actions(SERVER);
    await cloud.post(SERVER, 'confirmResize');
    const of = (path: string | RegExp) => {
      const headers = fake.to(path)[0]?.headers ?? {};
      return [headers['openstack-api-version'], headers['x-openstack-nova-api-version']];
    };
    return { server: of(ANY_SERVER), log: of(log), action: of(action) };
  }

  it('reads a server at 2.46 and acts at 2.58 on a new cloud', async () => {
    expect(await headersSent()).toEqual({
      server: ['compute 2.46', undefined],
      log: ['compute 2.58', undefined],
      action: ['compute 2.58', undefined],
    });
  });

  it('uses the maximum of an older cloud', async () => {
    fake.on('GET', '/v2.1/', version('2.53'));
    expect(await headersSent()).toMatchObject({
      server: ['compute 2.46', undefined],
      log: ['compute 2.53', undefined],
    });
  });

  it('sends the older header too where the newer one is not known yet', async () => {
    fake.on('GET', '/v2.1/', version('2.21'));
    expect(await headersSent()).toMatchObject({ server: ['compute 2.21', '2.21'], action: ['compute 2.21', '2.21'] });
  });

  it('sends none to a cloud without microversions', async () => {
    fake.on('GET', '/v2.1/', version(''));
    expect(await headersSent()).toMatchObject({ server: [undefined, undefined], log: [undefined, undefined] });
  });

  it('asks the list of all versions where the endpoint does not show its own', async () => {
    fake.on('GET', '/v2.1/', { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<html>' });
    fake.on('GET', '/', { status: 200, body: { versions: [{ id: 'v2.1', status: 'CURRENT', version: '2.60' }] } });
    expect(await headersSent()).toMatchObject({
      server: ['compute 2.46', undefined],
      log: ['compute 2.58', undefined],
    });
  });

  const HTML = { 'Content-Type': 'text/html' };
  describe.each<[string, Answer]>([
    ['a refusal of a gateway', { status: 403, body: { error_msg: 'no', error_code: 'APIG.0101' } }],
    ['a 404 page of a load balancer', { status: 404, headers: HTML, body: '<html>404</html>' }],
    ['a 404 of the API', { status: 404, body: { itemNotFound: { code: 404, message: 'no' } } }],
    ['a page with 200', { status: 200, headers: HTML, body: '<html>Welcome</html>' }],
    ['other JSON', { status: 200, body: { hello: 'world' } }],
    ['a list without this version', { status: 200, body: { versions: [{ id: 'v3' }] } }],
    ['an empty body', { status: 200, body: '' }],
    ['a redirect', { status: 302, headers: { Location: '/login' }, body: '' }],
    ['501', { status: 501, body: '' }],
  ])('of a cloud that answers %s to the question for its version', (_, answer) => {
    const sent = () => fake.to(ANY_SERVER).map(({ headers }) => headers['openstack-api-version']);
    beforeEach(() => {
      fake.on('GET', '/v2.1/', answer);
      fake.on('GET', '/', answer);
    });

    it('are done without, which is said', async () => {
      const said: string[] = [];
      await cloudFor(fake, {}, { log: (level, message) => said.push(`${level}: ${message}`) }).serverById(SERVER);
      expect(said).toContainEqual(expect.stringMatching(/^warn: .*without microversions/));
      expect(sent()).toEqual([undefined]);
    });

    it('are asked for again after a minute, and used from then on', async () => {
      const cloud = cloudFor(fake);
      await cloud.serverById(SERVER);
      fake.on('GET', '/v2.1/', version('2.93'));
      await cloud.serverById(SERVER);
      const later = Date.now() + 61_000;
      const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
      try {
        await Promise.all([cloud.serverById(SERVER), cloud.serverById(SERVER)]);
        clock.mockImplementation(() => later + 120_000);
        await cloud.serverById(SERVER);
      } finally {
        clock.mockRestore();
      }
      expect(sent()).toEqual([undefined, undefined, 'compute 2.46', 'compute 2.46', 'compute 2.46']);
      // Twice at first (the endpoint, the list above it), then once: what was learnt is not asked for again.
      expect(fake.to(/^(\/v2.1)?\/$/)).toHaveLength(3);
    });
  });

  it('are asked for again in vain: what works without is not stopped by that', async () => {
    const cloud = cloudFor(fake);
    fake.on('GET', '/v2.1/', { status: 404, body: '' });
    await cloud.serverById(SERVER);
    fake.on('GET', '/v2.1/', { status: 500, body: '' });
    const later = Date.now() + 61_000;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
    try {
      await cloud.serverById(SERVER);
      await cloud.serverById(SERVER);
    } finally {
      clock.mockRestore();
    }
    expect(fake.to('/v2.1/')).toHaveLength(2);
  });

  it.each<[string, Answer | Mischief, string]>([
    ['401', { status: 401, body: '' }, 'not-authenticated'],
    ['429', { status: 429, body: '' }, 'rate-limited'],
    ['500', { status: 500, body: '' }, 'server-error'],
    ['504', { status: 504, body: '' }, 'server-error'],
    ['nothing', 'reset', 'no-answer'],
  ])('are not given up for %s to the question for the version: it is a failure', async (_, answer, kind) => {
    fake.on('GET', '/v2.1/', answer);
    const failure = await failed(cloudFor(fake).post(SERVER, 'confirmResize'));
    expect(failure).toMatchObject({ trouble: { kind }, sent: false });
  });

  it('asks again after the version document was out of reach', async () => {
    const cloud = cloudFor(fake);
    fake.on('GET', '/v2.1/', { status: 502, body: 'Bad Gateway' });
    expect(await failed(cloud.serverById(SERVER))).toMatchObject({ trouble: { kind: 'server-error' }, sent: false });
    fake.on('GET', '/v2.1/', version('2.93'));
    await cloud.serverById(SERVER);
  });

  it('asks again after the cloud was put back to an older version', async () => {
    const cloud = cloudFor(fake);
    const message = 'Version 2.46 is not supported by the API. Minimum is 2.1 and maximum is 2.38.';
    fake.on('GET', ANY_SERVER, ({ headers }) =>
      headers['openstack-api-version'] === 'compute 2.38'
        ? serverAnswer(complete)
        : { status: 406, body: { computeFault: { code: 406, message } } },
    );
    expect((await failed(cloud.serverById(SERVER))).trouble).toMatchObject({ kind: 'configuration', status: 406 });
    fake.on('GET', '/v2.1/', version('2.38'));
    await cloud.serverById(SERVER);
  });
});

it('says who asks', async () => {
  await cloudFor(fake).serverById(SERVER);
  expect(fake.to(ANY_SERVER)[0]?.headers['user-agent']).toMatch(/^durable-resize\/\d+\.\d+\.\d+$/);
});
