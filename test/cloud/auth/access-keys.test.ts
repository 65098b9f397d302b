import type { Profile } from '../../../src/cloud/profile/profile';
import { Secret } from '../../../src/cloud/auth/secret';
import { isSigned } from '../../../src/simulator/huawei/signature';
import { demoKeys } from '../../../src/simulator/identity/users';
import { failed } from '../failed';
import { cloudFor, FakeCloud, inTurn, PROJECT, type Asked } from '../fake-cloud';
import { ACCEPTED, SERVER, serverAnswer } from '../recorded';

const ACTION = new RegExp(`/servers/${SERVER}/action$`);
const REFUSED = {
  status: 401,
  body: { error_code: 'APIGW.0301', error_msg: 'Incorrect IAM authentication information', request_id: 'f00d' },
};

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
  fake.on('GET', /\/servers\/[^/]+$/, serverAnswer({ flavor: { original_name: 'f2' } }));
  fake.on('POST', ACTION, ACCEPTED);
});
afterEach(() => fake.stop());

const cloudWithKeys = (more: { securityToken?: Secret } = {}, profile: Partial<Profile> = {}) =>
  cloudFor(fake, {
    login: {
      method: 'aksk',
      accessKey: new Secret(demoKeys.accessKey),
      secretKey: new Secret(demoKeys.secretKey),
      project: PROJECT,
      ...more,
    },
    computeEndpoint: `${fake.url}/v2.1`,
    ...profile,
  });

/** By the rules of the vendor, as the simulator keeps them. */
function signed({ method, path, query, body, headers }: Asked): boolean {
  return isSigned({ method, path, query: query.toString(), body }, (name) => headers[name] as string | undefined);
}

describe('a cloud that is used with access keys', () => {
  it('is asked for no token, and knows the project but no user', async () => {
    const cloud = cloudWithKeys({}, { region: 'eu-de' });
    expect(await cloud.identity()).toEqual({ project: PROJECT, region: 'eu-de' });
    expect(fake.to(/tokens/)).toEqual([]);
  });

  it('gets every request signed: those for the version, for lists with their query, and actions with their body', async () => {
    const name = 'a name (with signs) & more';
    fake.on('GET', '/v2.1/servers', { status: 200, body: { servers: [] } });
    const cloud = cloudWithKeys();
    await cloud.serverById(SERVER);
    await cloud.serversByName(name);
    await cloud.post(SERVER, 'resize', { flavorId: 'größer' });
    expect(fake.asked.map(({ path }) => path)).toContain('/v2.1/');
    expect(fake.asked.map(signed)).toEqual(fake.asked.map(() => true));
    for (const { headers } of fake.asked) {
      expect(headers).not.toHaveProperty('x-auth-token');
      expect(headers['x-project-id']).toBe(PROJECT);
    }
  });

  it('may have its address end with the project', async () => {
    await cloudWithKeys({}, { computeEndpoint: `${fake.url}/v2.1/%(project_id)s` }).post(SERVER, 'confirmResize');
    const [asked] = fake.to(ACTION);
    expect(asked?.path).toBe(`/v2.1/${PROJECT}/servers/${SERVER}/action`);
    expect(asked !== undefined && signed(asked)).toBe(true);
  });

  it('gets the token of temporary keys, signed with the rest', async () => {
    await cloudWithKeys({ securityToken: new Secret('temporary') }).post(SERVER, 'confirmResize');
    const [asked] = fake.to(ACTION);
    expect(asked?.headers['x-security-token']).toBe('temporary');
    expect(asked?.headers.authorization).toContain('x-security-token');
    expect(asked !== undefined && signed(asked)).toBe(true);
  });

  it('is not asked again when it refuses a signature: five refusals in a row lock the key', async () => {
    fake.on('POST', ACTION, REFUSED);
    const failure = await failed(cloudWithKeys().post(SERVER, 'confirmResize'));
    expect(failure).toMatchObject({ sent: false, trouble: { kind: 'not-authenticated', code: 'APIGW.0301' } });
    expect(failure.trouble.requestId).toBe('f00d');
    expect(failure.trouble.advice).toMatch(/clock of the worker/);
    expect(fake.to(ACTION)).toHaveLength(1);
  });

  it('is used on after it refused a signature once', async () => {
    fake.on('POST', ACTION, inTurn(REFUSED, ACCEPTED));
    const cloud = cloudWithKeys();
    await failed(cloud.post(SERVER, 'confirmResize'));
    await cloud.post(SERVER, 'confirmResize');
    expect(fake.to(ACTION)).toHaveLength(2);
  });

  it('gets the time of each request, not of the first one', async () => {
    const cloud = cloudWithKeys();
    await cloud.serverById(SERVER);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 20 * 60_000);
    try {
      await cloud.serverById(SERVER);
    } finally {
      clock.mockRestore();
    }
    const times = fake.to(/servers/).map(({ headers }) => headers['x-sdk-date']);
    expect(times[0]).toMatch(/^\d{8}T\d{6}Z$/);
    expect(times[1]).not.toBe(times[0]);
  });
});
