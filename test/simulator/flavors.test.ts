import { openCloud, type Cloud } from '../../src/cloud';
import { Secret } from '../../src/cloud/auth/secret';
import { at, send } from '../contract/raw';
import { startHuaweiLab } from './huawei-lab';
import { startLab, type SimulatedLab } from './lab';

const LARGE = { id: '4', name: 'm1.large' };

describe.each([
  ['Nova', startLab],
  ['the dialect of Huawei', startHuaweiLab],
] as const)('a flavor, on %s', (_, start) => {
  let lab: SimulatedLab;
  beforeAll(async () => {
    const size = { vcpus: 2, ram: 64, disk: 1 };
    const odd = { id: 'odd', name: 'c1/large', ...size };
    lab = await start({ flavors: [odd, { id: 'p1', name: 'private', public: false, ...size }] });
  });
  afterAll(() => lab.stop());

  const cloudOf = (user: string, computeEndpoint?: string): Cloud => {
    const { authUrl, password, projectName } = lab.addresses;
    const domain = { id: 'default' };
    return openCloud(
      {
        name: 'lab',
        source: 'clouds.yaml',
        authUrl,
        login: {
          method: 'password',
          user: { name: user, domain },
          password: new Secret(password),
          project: { name: projectName, domain },
        },
        interface: 'public',
        tls: { verify: true },
        warnings: [],
        ...(computeEndpoint !== undefined && { computeEndpoint }),
      },
      { httpTimeout: 2_000 },
    );
  };

  it('is found by id, by name, and by each form of its URI', async () => {
    const { computeUrl, projectId } = lab.addresses;
    const { body } = await send(lab, 'demo', 'GET', `/flavors/${LARGE.id}`, { microversion: null });
    const links = at(body, 'flavor', 'links') as { href: string }[];
    const uris = [
      `${computeUrl}/flavors/${LARGE.id}`,
      `${computeUrl}/${projectId}/flavors/${LARGE.id}`,
      `${computeUrl}/${projectId}/flavors/${LARGE.id}/`,
      ...links.map(({ href }) => href),
    ];
    for (const endpoint of [undefined, `${computeUrl}/${projectId}`]) {
      const cloud = cloudOf('demo', endpoint);
      for (const reference of [LARGE.id, LARGE.name, ...uris]) {
        expect([reference, await cloud.findFlavor(reference)]).toEqual([reference, expect.objectContaining(LARGE)]);
      }
    }
  });

  it('is found by a name that is no part of a path', async () => {
    expect(await cloudOf('demo').findFlavor('c1/large')).toMatchObject({ id: 'odd' });
  });

  it('that is private is found by an administrator only', async () => {
    expect(await cloudOf('admin').findFlavor('private')).toMatchObject({ id: 'p1' });
    expect(await cloudOf('demo').findFlavor('private')).toBeUndefined();
    expect(await cloudOf('demo').findFlavor('p1')).toBeUndefined();
  });
});
