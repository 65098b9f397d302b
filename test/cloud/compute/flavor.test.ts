import type { Flavor } from '../../../src/resize/observation';
import { failed } from '../failed';
import { cloudFor, FakeCloud, inTurn, PROJECT, type Answer } from '../fake-cloud';
import { APACHE_404, FLAVOR_BODY, SERVER_BODY } from '../recorded';

const LIST = '/v2.1/flavors/detail';
const NOT_BY_ID: Answer = {
  status: 404,
  body: { itemNotFound: { code: 404, message: 'Flavor x could not be found.' } },
};
const LARGE = { id: 'f2', name: 'm1.large', vcpus: 2, ram: 1024, disk: 1, ephemeral: 0 };

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
  fake.on('GET', /\/flavors\//, NOT_BY_ID);
  fake.on('GET', '/v2.1/flavors/f2', { status: 200, body: { flavor: FLAVOR_BODY } });
  listed(FLAVOR_BODY);
});
afterEach(() => fake.stop());

function listed(...flavors: object[]): void {
  fake.on('GET', LIST, { status: 200, body: { flavors } });
}
const find = (reference: string, profile: Parameters<typeof cloudFor>[1] = {}) =>
  cloudFor(fake, profile).findFlavor(reference);

describe('a flavor', () => {
  it('is found by its id first', async () => {
    expect(await find('f2')).toEqual(LARGE);
    expect(fake.to(LIST)).toHaveLength(0);
  });

  it('is found by its name, on any page', async () => {
    const other = { ...FLAVOR_BODY, id: 'f1', name: 'm1.small' };
    fake.on('GET', LIST, ({ query }) =>
      query.get('marker') === 'f1'
        ? { status: 200, body: { flavors: [FLAVOR_BODY] } }
        : { status: 200, body: { flavors: [other], flavors_links: [{ rel: 'next', href: 'x' }] } },
    );
    expect(await find('m1.large')).toEqual(LARGE);
  });

  it.each([[null], [undefined], [{ rel: 'next' }], [[null, { href: 'x' }]]])(
    'is found in a list beside a flavor without a name and the links %j',
    async (links) => {
      const nameless = { ...FLAVOR_BODY, id: 'f1', name: null };
      fake.on('GET', LIST, { status: 200, body: { flavors: [nameless, FLAVOR_BODY], flavors_links: links } });
      expect(await find('m1.large')).toEqual(LARGE);
      expect(await find('f1')).toMatchObject({ id: 'f1', name: 'f1' });
    },
  );

  it('that was found is not read again for the resize that follows, nor for a server that has it', async () => {
    fake.on('GET', '/v2.1/servers/s1', { status: 200, body: { server: { ...SERVER_BODY, id: 's1' } } });
    const cloud = cloudFor(fake);
    expect(await cloud.findFlavor('m1.large')).toEqual(LARGE);
    expect(await cloud.findFlavor('m1.large')).toEqual(LARGE);
    expect((await cloud.serverById('s1')).flavor).toEqual(LARGE);
    expect(fake.to(/flavors/)).toHaveLength(2);
  });

  it('is read again by its name after two minutes: the name can go to another one', async () => {
    const cloud = cloudFor(fake);
    await cloud.findFlavor('m1.large');
    listed({ ...FLAVOR_BODY, id: 'f9' });
    const later = Date.now() + 121_000;
    jest.spyOn(Date, 'now').mockImplementation(() => later);
    expect(await cloud.findFlavor('m1.large')).toMatchObject({ id: 'f9' });
    jest.restoreAllMocks();
  });

  it('that nobody knew a moment ago is looked for again', async () => {
    const cloud = cloudFor(fake);
    expect(await cloud.findFlavor('m1.new')).toBeUndefined();
    listed({ ...FLAVOR_BODY, id: 'f9', name: 'm1.new' });
    expect(await cloud.findFlavor('m1.new')).toMatchObject({ id: 'f9' });
  });

  it('that is disabled is unknown, by id and by name', async () => {
    const disabled = { ...FLAVOR_BODY, 'OS-FLV-DISABLED:disabled': true };
    fake.on('GET', '/v2.1/flavors/f2', { status: 200, body: { flavor: disabled } });
    listed(disabled);
    expect(await find('f2')).toBeUndefined();
    expect(await find('m1.large')).toBeUndefined();
  });

  it('that nobody knows is undefined; a cloud that cannot answer is a failure', async () => {
    fake.on('GET', LIST, inTurn({ status: 200, body: { flavors: [] } }, { status: 503, body: '' }));
    const cloud = cloudFor(fake);
    expect(await cloud.findFlavor('x')).toBeUndefined();
    expect((await failed(cloud.findFlavor('x'))).trouble.kind).toBe('server-error');
  });

  it('may have its numbers written as text, or in no usable way', async () => {
    fake.on('GET', '/v2.1/flavors/f2', { status: 200, body: { flavor: { ...FLAVOR_BODY, vcpus: '2', ram: null } } });
    const seen = await find('f2');
    expect(seen).toMatchObject({ vcpus: 2 });
    expect(seen).not.toHaveProperty('ram');
  });

  it('that is private is found by an administrator', async () => {
    fake.on('GET', LIST, ({ query }) => ({
      status: 200,
      body: { flavors: query.get('is_public') === 'None' ? [FLAVOR_BODY] : [] },
    }));
    expect(await find('m1.large')).toEqual(LARGE);
  });

  it.each([400, 403])('is found where the cloud answers %i to the question for private ones', async (status) => {
    fake.on('GET', LIST, ({ query }) =>
      query.has('is_public')
        ? { status, body: { badRequest: { code: status, message: 'Invalid is_public filter [None]' } } }
        : { status: 200, body: { flavors: [FLAVOR_BODY] } },
    );
    expect(await find('m1.large')).toEqual(LARGE);
  });
});

describe('a name that is no part of a path', () => {
  const RESOURCE: Answer = {
    status: 404,
    body: { itemNotFound: { code: 404, message: 'The resource could not be found.' } },
  };

  it.each<[string, string, Answer]>([
    ['c1/large', 'JSON of no flavor', NOT_BY_ID],
    ['c1/large', 'JSON of no resource', RESOURCE],
    ['c1/large', 'a page of Apache’s', APACHE_404],
    ['c1/large', 'a plain 404', { status: 404, headers: { 'Content-Type': 'text/plain' }, body: '404 Not Found' }],
    ['c1\\large', 'a refusal', { status: 400, headers: { 'Content-Type': 'text/html' }, body: '<html>' }],
    ['large & small?', 'a redirect', { status: 301, headers: { Location: '/flavors/' }, body: '' }],
    ['.', 'nothing, it is not asked for', NOT_BY_ID],
    ['detail', 'nothing, it is not asked for', NOT_BY_ID],
    ['größe', 'JSON of no flavor', NOT_BY_ID],
  ])('%s is found in the list, though to its id the answer is %s', async (name, _, answer) => {
    listed(FLAVOR_BODY, { ...FLAVOR_BODY, id: 'f3', name });
    if (name !== 'detail') fake.on('GET', /^\/v2.1\/flavors\/(?!detail$)/, answer);
    expect(await find(name)).toMatchObject({ id: 'f3', name });
  });

  it('may be an id: it is found in the list as well', async () => {
    fake.on('GET', '/v2.1/flavors/f2', APACHE_404);
    expect(await find('f2')).toEqual(LARGE);
  });

  it('of a cloud whose list is no list either is a fault of the set-up', async () => {
    fake.on('GET', /\/flavors\//, RESOURCE);
    expect((await failed(find('m1.large'))).trouble).toMatchObject({
      kind: 'configuration',
      advice: expect.stringContaining('check auth_url') as string,
    });
  });
});

describe('a flavor given by its URI', () => {
  const endpoint = (path: string) => ({ computeEndpoint: `${fake.url}${path}` });

  it.each([
    ['with the project', `/v2.1/${PROJECT}/flavors/f2`],
    ['without the project', '/v2.1/flavors/f2'],
    ['with a slash at the end', `/v2.1/${PROJECT}/flavors/f2/`],
    ['in another version of 2', '/v2/flavors/f2'],
    ['as the bookmark of Nova’s links', '/flavors/f2'],
    ['as the bookmark of old links', `/${PROJECT}/flavors/f2`],
    ['with the prefix of another product', `/v2.1/AUTH_${PROJECT}/flavors/f2`],
    ['with its id encoded', '/v2.1/flavors/%66%32'],
  ])('%s is found by the id in it, absolute or as a path', async (_, path) => {
    fake.on('GET', `/v2.1/${PROJECT}/flavors/f2`, { status: 200, body: { flavor: FLAVOR_BODY } });
    expect(await find(`${fake.url}${path}`)).toEqual(LARGE);
    expect(await find(path)).toEqual(LARGE);
    expect(await find(`${fake.url}${path}`, endpoint(`/v2.1/${PROJECT}`))).toEqual(LARGE);
  });

  it.each(['/compute/v2.1/flavors/f2', `/compute/v2.1/${PROJECT}/flavors/f2`, '/compute/flavors/f2', '/flavors/f2'])(
    'is found where the API is below a path: %s',
    async (path) => {
      const version = { version: { id: 'v2.1', version: '2.93' } };
      fake.on('GET', '/compute/v2.1/', { status: 200, body: version });
      fake.on('GET', '/compute/v2.1/flavors/f2', { status: 200, body: { flavor: FLAVOR_BODY } });
      expect(await find(`${fake.url}${path}`, endpoint('/compute/v2.1'))).toEqual(LARGE);
    },
  );

  it('may have any id that a cloud gives', async () => {
    const id = 's3.medium.2';
    fake.on('GET', `/v2.1/flavors/${id}`, { status: 200, body: { flavor: { ...FLAVOR_BODY, id } } });
    expect(await find(`${fake.url}/v2.1/${PROJECT}/flavors/${id}`)).toMatchObject({ id });
  });

  it('names an id, not a name; one that is not there is undefined', async () => {
    expect(await find(`${fake.url}/v2.1/flavors/m1.large`)).toBeUndefined();
  });

  it('is found though the links say http and the API speaks https: a proxy ends TLS', async () => {
    const there = fake.url.replace('http:', 'https:');
    expect(await find(`${there}/v2.1/flavors/f2`)).toEqual(LARGE);
  });

  it.each<[string, (url: string) => string, RegExp]>([
    [
      'of another host',
      () => 'https://ecs.example/v2.1/p/flavors/f2',
      /^flavor https:\/\/ecs\.example\/.* is on host ecs\.example, but/,
    ],
    ['of another port', () => 'http://127.0.0.1:1/v2.1/flavors/f2', /is on host 127\.0\.0\.1:1, but/],
    [
      'of another project',
      (url) => `${url}/v2.1/0123/flavors/f2`,
      /is of project 0123, but this cloud profile is of project ff7da4/,
    ],
    ['of a server', (url) => `${url}/v2.1/servers/f2`, /is not the URI of a flavor/],
    ['of an image', (url) => `${url}/v2.1/${PROJECT}/images/f2`, /is not the URI of a flavor/],
    ['of a part of a flavor', (url) => `${url}/v2.1/flavors/f2/os-extra_specs`, /is not the URI of a flavor/],
    ['of the list', (url) => `${url}/v2.1/flavors/detail`, /is not the URI of a flavor/],
    ['of all flavors', (url) => `${url}/v2.1/flavors/`, /is not the URI of a flavor/],
    ['of the host alone', (url) => url, /is not the URI of a flavor/],
    ['that climbs', (url) => `${url}/v2.1/flavors/../servers/f2`, /is not the URI of a flavor/],
    ['of another version', (url) => `${url}/v3/flavors/f2`, /is not of version 2/],
    ['with a query', (url) => `${url}/v2.1/flavors/f2?force=1`, /has a query or a fragment/],
    ['with a fragment', (url) => `${url}/v2.1/flavors/f2#x`, /has a query or a fragment/],
    ['with credentials', (url) => `${url.replace('//', '//ann:secret@')}/v2.1/flavors/f2`, /has credentials/],
    ['of another scheme', () => 'ftp://127.0.0.1/flavors/f2', /is no http or https URI/],
    ['that is none', () => 'https://[/flavors/f2', /cannot be read/],
    ['that is wrongly encoded', (url) => `${url}/v2.1/flavors/%E0%A4%A`, /not encoded/],
  ])('%s is refused in a sentence, and nothing is asked for', async (_, uri, words) => {
    const found = await find(uri(fake.url));
    expect(found).toMatchObject({ message: expect.stringMatching(words) as string });
    expect((found as { advice: { you: string } }).advice.you).toMatch(/\.$/);
    expect(JSON.stringify(found)).not.toMatch(/secret|force/);
    expect(fake.to(/flavors/)).toHaveLength(0);
  });

  it.each(['a/flavors', 'flavors/f9', 'http:large', 'https', '/large'])('is not meant by the name %s', async (name) => {
    listed({ ...FLAVOR_BODY, name });
    expect((await find(name)) as Flavor).toMatchObject({ id: 'f2', name });
  });
});
