/** What is not used of a catalog need not be right. */
import { computeCatalog } from '../../../src/cloud/auth/catalog';
import { failed } from '../failed';
import { cloudFor, FakeCloud, type Answer } from '../fake-cloud';

const compute = (...endpoints: unknown[]) => [{ type: 'compute', name: 'nova', endpoints }];
const nova = { interface: 'public', url: 'https://nova/v2.1', region: 'R', region_id: 'R' };
const found = (written: unknown, profile: Parameters<typeof computeCatalog>[1] = {}) =>
  computeCatalog(written, profile).flatMap(({ endpoints }) => endpoints);

describe('a catalog', () => {
  it.each<[string, unknown]>([
    [
      'another service has an endpoint without interface',
      [{ type: 'dns', endpoints: [{ url: 'x' }] }, ...compute(nova)],
    ],
    ['another service has no endpoints', [{ type: 'dns' }, { type: 'x', endpoints: null }, ...compute(nova)]],
    ['a service has no type', [{ endpoints: [] }, ...compute(nova)]],
    ['entries are no services', [null, 7, 'x', [], ...compute(nova)]],
    ['an endpoint has no url', compute({ ...nova, url: null }, { interface: 'public' }, { ...nova, url: '' }, nova)],
    ['an endpoint has no interface', compute({ url: 'https://other/' }, { ...nova, interface: null }, nova)],
    ['an endpoint is none', compute(null, 'x', nova)],
    ['the service has no name', [{ ...compute(nova)[0], name: null }]],
    ['the region is a number elsewhere', compute({ ...nova, region: 7 })],
    ['region_id is empty beside region', compute({ ...nova, region_id: '' })],
    ['region_id is null beside region', compute({ ...nova, region_id: null })],
  ])('of which %s serves all the same', (_, catalog) => {
    expect(found(catalog)).toEqual([{ interface: 'public', url: 'https://nova/v2.1', region: 'R' }]);
  });

  it.each([undefined, null, {}, 'x', []])('that is %j has nothing', (catalog) => {
    expect(found(catalog)).toEqual([]);
  });

  it('has no region where it says none', () => {
    expect(found(compute({ ...nova, region: '', region_id: null }))).toEqual([
      { interface: 'public', url: 'https://nova/v2.1' },
    ]);
  });

  it('is searched for the type and the name that the profile gives', () => {
    const two = [
      ...compute(nova),
      { type: 'compute', name: 'other', endpoints: [{ ...nova, url: 'https://other/' }] },
      { type: 'computev21', endpoints: [{ ...nova, url: 'https://v21/' }] },
    ];
    expect(found(two, { serviceName: 'other' }).map(({ url }) => url)).toEqual(['https://other/']);
    expect(found(two, { serviceType: 'computev21', serviceName: 'nova' }).map(({ url }) => url)).toEqual([
      'https://v21/',
    ]);
  });

  it('has an endpoint in region * for every region, after the one of the region itself', () => {
    const everywhere = { ...nova, url: 'https://any/', region: '*', region_id: '*' };
    expect(found(compute(everywhere), { region: 'R' })).toEqual([
      { interface: 'public', url: 'https://any/', region: 'R' },
    ]);
    expect(found(compute(everywhere, nova), { region: 'R' }).map(({ url }) => url)).toEqual([nova.url, 'https://any/']);
    expect(found(compute(everywhere))).toEqual([{ interface: 'public', url: 'https://any/' }]);
    expect(found(compute(everywhere, nova)).map(({ url }) => url)).toEqual([nova.url]);
  });
});

describe('logging in', () => {
  let fake: FakeCloud;
  beforeEach(async () => {
    fake = await FakeCloud.start();
  });
  afterEach(() => fake.stop());

  const answer = (change: object): Answer => {
    const { body, ...rest } = fake.tokenAnswer('gAAAAAB-x');
    return { ...rest, body: { token: { ...(body as { token: object }).token, ...change } } };
  };

  it('works with a catalog that is odd elsewhere, and with nulls for what is not given', async () => {
    const catalog = [{ type: 'dns', endpoints: [{ url: null }] }, ...compute(fake.endpoint('public'))];
    fake.on(
      'POST',
      '/v3/auth/tokens',
      answer({ catalog, issued_at: null, user: null, expires_at: '2999-01-01T00:00:00Z' }),
    );
    expect(await cloudFor(fake).identity()).toMatchObject({ region: 'RegionOne' });
  });

  it('uses the first of two endpoints of one interface and region, and names it when it cannot be reached', async () => {
    const gone = { ...fake.endpoint('public'), url: 'http://127.0.0.1:1/v2.1' };
    fake.on('POST', '/v3/auth/tokens', answer({ catalog: compute(gone, fake.endpoint('public')) }));
    const { trouble } = await failed(cloudFor(fake).identity());
    expect(trouble).toMatchObject({ kind: 'no-answer' });
    expect(trouble.message).toContain('http://127.0.0.1:1');
  });
});
