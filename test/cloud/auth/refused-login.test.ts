/** Credentials that were refused are not sent again by each look of each run: a few failures lock an account. */
import { Secret } from '../../../src/cloud/auth/secret';
import { failed } from '../failed';
import { cloudFor, FakeCloud, inTurn, PROJECT } from '../fake-cloud';
import { SERVER, serverAnswer, UNAUTHORIZED } from '../recorded';

const TOKENS = '/v3/auth/tokens';
const MINUTE = 60_000;
const START = Date.parse('2026-11-25T12:00:00Z');

let fake: FakeCloud;
let clock: jest.SpyInstance<number, []>;
beforeEach(async () => {
  fake = await FakeCloud.start();
  fake.on('GET', `/v2.1/servers/${SERVER}`, serverAnswer({ flavor: { original_name: 'f2' } }));
  clock = jest.spyOn(Date, 'now').mockReturnValue(START);
});
afterEach(async () => {
  clock.mockRestore();
  await fake.stop();
});

const refuse = () => fake.on('POST', TOKENS, UNAUTHORIZED);
const accept = () => fake.on('POST', TOKENS, fake.tokenAnswer('gAAAAAB-good'));

const application = { method: 'application_credential' as const, id: 'a1', secret: new Secret('secret-1') };
const token = { method: 'token' as const, token: new Secret('given-token') };

describe('a log-in that was refused', () => {
  it.each([
    ['a password', {}],
    ['an application credential', { login: application }],
    ['a token', { login: token }],
  ])('is sent once, however many looks there are: %s', async (_, profile) => {
    refuse();
    const cloud = cloudFor(fake, profile);
    await Promise.all([failed(cloud.serverById(SERVER)), failed(cloud.identity())]);
    for (let look = 0; look < 5; look++) await failed(cloud.serverById(SERVER));
    await failed(cloud.post(SERVER, 'confirmResize'));
    expect(fake.asked.map(({ path }) => path)).toEqual([TOKENS]);
  });

  it('is told of with the time, what the cloud said, and what to do', async () => {
    refuse();
    const cloud = cloudFor(fake);
    const first = await failed(cloud.serverById(SERVER));
    clock.mockReturnValue(START + 5 * MINUTE);
    const later = await failed(cloud.post(SERVER, 'confirmResize'));
    for (const { trouble, sent } of [first, later]) {
      expect(sent).toBe(false);
      expect(trouble).toMatchObject({ kind: 'not-authenticated', status: 401, tried: 'log in to cloud lab' });
      expect(trouble.message).toMatch(
        /^The log-in to cloud lab was refused at 2026-11-25T12:00:00Z and is not tried again before 2026-11-25T12:10:00Z: The request you have made requires authentication/,
      );
      expect(trouble.advice).toMatch(
        /^Correct the credentials of this profile on the worker and restart it\..* say retry\./,
      );
    }
  });

  it('is sent again after 10 minutes, an hour and six hours, and then not any more', async () => {
    refuse();
    const cloud = cloudFor(fake);
    await failed(cloud.identity());
    const sent: number[] = [];
    for (let minute = 1; minute < 500; minute++) {
      clock.mockReturnValue(START + minute * MINUTE);
      const before = fake.asked.length;
      await failed(cloud.identity());
      if (fake.asked.length > before) sent.push(minute);
    }
    expect(sent).toEqual([10, 70, 430]);
    clock.mockReturnValue(START + 365 * 24 * 60 * MINUTE);
    expect((await failed(cloud.identity())).message).toContain('and is not tried again: The request');
    expect(fake.to(TOKENS)).toHaveLength(4);
  });

  it('is sent again at once when somebody says so, and works then', async () => {
    refuse();
    const cloud = cloudFor(fake);
    await failed(cloud.serverById(SERVER));
    cloud.forgetRefusedLogin();
    await failed(cloud.serverById(SERVER));
    await failed(cloud.serverById(SERVER));
    expect(fake.to(TOKENS)).toHaveLength(2);
    accept();
    cloud.forgetRefusedLogin();
    expect((await cloud.serverById(SERVER)).id).toBe(SERVER);
  });

  it('is remembered too when the token was to be renewed', async () => {
    const cloud = cloudFor(fake);
    await cloud.serverById(SERVER);
    fake.on('GET', `/v2.1/servers/${SERVER}`, UNAUTHORIZED);
    refuse();
    for (let look = 0; look < 5; look++) await failed(cloud.serverById(SERVER));
    expect(fake.to(TOKENS)).toHaveLength(2);
    expect(fake.to(`/v2.1/servers/${SERVER}`)).toHaveLength(2);
  });

  it('is remembered too when the account may not log in (403)', async () => {
    fake.on('POST', TOKENS, { status: 403, body: { error: { code: 403, message: 'The account is locked.' } } });
    const cloud = cloudFor(fake);
    await failed(cloud.identity());
    expect((await failed(cloud.identity())).trouble).toMatchObject({ kind: 'forbidden' });
    expect(fake.to(TOKENS)).toHaveLength(1);
  });

  it.each([
    ['was not answered for another reason', { status: 503, body: 'busy' }],
    ['got no answer', 'reset' as const],
    [
      'was answered with a page of a load balancer',
      { status: 502, headers: { 'Content-Type': 'text/html' }, body: '<html>' },
    ],
  ])('is not one that %s: it is sent by the next look', async (_, answer) => {
    fake.on('POST', TOKENS, inTurn(answer, fake.tokenAnswer('gAAAAAB-late')));
    const cloud = cloudFor(fake);
    expect((await failed(cloud.serverById(SERVER))).message).not.toContain('refused at');
    clock.mockReturnValue(START + MINUTE);
    expect((await cloud.serverById(SERVER)).id).toBe(SERVER);
  });
});

describe('a signature of access keys that was refused', () => {
  const REFUSED = {
    status: 401,
    body: { error_code: 'APIGW.0301', error_msg: 'Incorrect IAM authentication information', request_id: 'f00d' },
  };
  const login = {
    method: 'aksk' as const,
    accessKey: new Secret('AKIDEXAMPLE01'),
    secretKey: new Secret('sk-of-the-example'),
    project: PROJECT,
  };
  const withKeys = () => cloudFor(fake, { login, computeEndpoint: `${fake.url}/v2.1` });

  it('three times in a row is not sent a fourth time: five lock the key', async () => {
    fake.on('GET', `/v2.1/servers/${SERVER}`, REFUSED);
    const cloud = withKeys();
    for (let look = 0; look < 6; look++) await failed(cloud.serverById(SERVER));
    expect(fake.to(`/v2.1/servers/${SERVER}`)).toHaveLength(3);
    const { trouble } = await failed(cloud.post(SERVER, 'confirmResize'));
    expect(trouble).toMatchObject({ kind: 'not-authenticated', code: 'APIGW.0301', requestId: 'f00d' });
    expect(trouble.message).toContain('was refused at 2026-11-25T12:00:00Z and is not tried again before');
    cloud.forgetRefusedLogin();
    await failed(cloud.serverById(SERVER));
    expect(fake.to(`/v2.1/servers/${SERVER}`)).toHaveLength(4);
  });

  it('now and then is sent again: a row ends with a success', async () => {
    const good = serverAnswer({ flavor: { original_name: 'f2' } });
    fake.on('GET', `/v2.1/servers/${SERVER}`, inTurn(REFUSED, REFUSED, good, REFUSED, REFUSED, good));
    const cloud = withKeys();
    for (let look = 0; look < 6; look++) await cloud.serverById(SERVER).catch(() => undefined);
    expect(fake.to(`/v2.1/servers/${SERVER}`)).toHaveLength(6);
  });

  it('on the way to the version of the API counts as well', async () => {
    fake.on('GET', '/v2.1/', REFUSED);
    const cloud = withKeys();
    for (let look = 0; look < 6; look++) await failed(cloud.serverById(SERVER));
    expect(fake.to('/v2.1/')).toHaveLength(3);
  });
});
