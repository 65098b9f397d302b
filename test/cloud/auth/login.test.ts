import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Secret } from '../../../src/cloud/auth/secret';
import { tokenUrl } from '../../../src/cloud/auth/keystone';
import { failed } from '../failed';
import { cloudFor, FakeCloud, inTurn, PASSWORD, PROJECT, USER } from '../fake-cloud';
import { SERVER, serverAnswer, UNAUTHORIZED } from '../recorded';

const TOKENS = '/v3/auth/tokens';
const complete = { flavor: { original_name: 'f2', vcpus: 2, ram: 1024, disk: 1 } };

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
  fake.on('GET', `/v2.1/servers/${SERVER}`, serverAnswer(complete));
});
afterEach(() => fake.stop());

describe('logging in', () => {
  it('asks nothing of the cloud until something is asked of it', async () => {
    const cloud = cloudFor(fake);
    expect(fake.asked).toHaveLength(0);
    await cloud.identity();
    expect(fake.to(TOKENS)).toHaveLength(1);
  });

  it('says whose eyes the cloud is seen with', async () => {
    expect(await cloudFor(fake).identity()).toEqual({ project: PROJECT, region: 'RegionOne', userId: USER });
  });

  it('sends user, password and project with their domains', async () => {
    await cloudFor(fake).identity();
    expect(JSON.parse(fake.to(TOKENS)[0]?.body ?? '')).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'demo', domain: { id: 'default' }, password: PASSWORD } },
        },
        scope: { project: { name: 'lab', domain: { id: 'default' } } },
      },
    });
  });

  it('asks for no scope with an application credential, because Keystone refuses that', async () => {
    const secret = new Secret('NnkkWpzhZjNQ1ApCPYkprm5pOWq');
    await cloudFor(fake, { login: { method: 'application_credential', id: '92c8d6e9', secret } }).identity();
    expect(JSON.parse(fake.to(TOKENS)[0]?.body ?? '')).toEqual({
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { id: '92c8d6e9', secret: 'NnkkWpzhZjNQ1ApCPYkprm5pOWq' },
        },
      },
    });
  });

  it('names the user of an application credential that is given by name', async () => {
    const login = {
      method: 'application_credential' as const,
      name: 'resizer',
      user: { id: USER },
      secret: new Secret('NnkkWpzh'),
    };
    await cloudFor(fake, { login }).identity();
    expect(fake.to(TOKENS)[0]?.body).toContain(`{"name":"resizer","user":{"id":"${USER}"},"secret":"NnkkWpzh"}`);
  });

  it('exchanges a token for one of the project', async () => {
    const login = { method: 'token' as const, token: new Secret('given-token'), project: { id: PROJECT } };
    await cloudFor(fake, { login }).identity();
    expect(JSON.parse(fake.to(TOKENS)[0]?.body ?? '')).toEqual({
      auth: { identity: { methods: ['token'], token: { id: 'given-token' } }, scope: { project: { id: PROJECT } } },
    });
  });

  it.each([
    ['http://keystone:5000', 'http://keystone:5000/v3/auth/tokens'],
    ['http://keystone:5000/', 'http://keystone:5000/v3/auth/tokens'],
    ['http://keystone/identity/v3', 'http://keystone/identity/v3/auth/tokens'],
    ['http://keystone:5000/v3/', 'http://keystone:5000/v3/auth/tokens'],
    ['http://keystone:5000/v2.0', 'http://keystone:5000/v3/auth/tokens'],
  ])('finds the token address of auth_url %s', (authUrl, address) => {
    expect(tokenUrl(authUrl)).toBe(address);
  });

  it('says that the credentials are wrong, and that nothing was sent to the compute API', async () => {
    fake.on('POST', TOKENS, {
      ...UNAUTHORIZED,
      headers: { 'x-openstack-request-id': 'req-c41cdcf1-d3c7-4c5a-b782-9afd425e3108' },
    });
    const failure = await failed(cloudFor(fake).post(SERVER, 'confirmResize'));
    expect(failure.trouble).toMatchObject({
      kind: 'not-authenticated',
      status: 401,
      requestId: 'req-c41cdcf1-d3c7-4c5a-b782-9afd425e3108',
    });
    expect(failure.message).toContain('The request you have made requires authentication');
    expect(failure.sent).toBe(false);
  });

  it.each([
    ['a token of no project', { token: { expires_at: '2026-11-21T21:00:01.000000Z' } }, 'configuration'],
    ['an answer without a token', { versions: [] }, 'garbage'],
    ['a token without a usable end', { token: { expires_at: 'soon', project: { id: PROJECT } } }, 'garbage'],
  ])('refuses %s', async (_, body, kind) => {
    fake.on('POST', TOKENS, { status: 201, headers: { 'X-Subject-Token': 'gAAAAAB-x' }, body });
    expect((await failed(cloudFor(fake).identity())).trouble.kind).toBe(kind);
  });

  it('refuses an application credential of another project than the profile names', async () => {
    const login = { method: 'application_credential' as const, id: 'a1', secret: new Secret('secret-1') };
    const { trouble } = await failed(cloudFor(fake, { login: { ...login, project: { id: 'other' } } }).identity());
    expect(trouble).toMatchObject({ kind: 'configuration' });
    expect(trouble.message).toContain('belongs to project lab, and this profile names another one');
    const named = { name: 'lab', domain: { id: 'default' } };
    expect((await cloudFor(fake, { login: { ...login, project: named } }).identity()).project).toBe(PROJECT);
  });

  it.each([
    [503, 'Nothing was changed. The log-in is tried again by itself'],
    [500, 'Nothing was changed. The log-in is tried again by itself'],
    [400, 'Check user, project and their domains in this profile.'],
    [403, 'Correct the credentials of this profile'],
    [401, 'Correct the credentials of this profile'],
  ])('gives advice that fits a log-in: HTTP %s', async (status, advice) => {
    fake.on('POST', TOKENS, { status, body: { error: { code: status, message: 'no', title: 'No' } } });
    const { trouble } = await failed(cloudFor(fake).serverById(SERVER));
    expect(trouble.advice).toContain(advice);
    expect(trouble.advice).not.toMatch(/may have been done|sent again: the request/);
  });

  it('goes on after Keystone was down for a moment', async () => {
    fake.on(
      'POST',
      TOKENS,
      inTurn({ status: 503, headers: { 'Retry-After': '1' }, body: 'busy' }, fake.tokenAnswer('gAAAAAB-late')),
    );
    const cloud = cloudFor(fake);
    const failure = await failed(cloud.serverById(SERVER));
    expect(failure.trouble.kind).toBe('server-error');
    expect(failure.sent).toBe(false);
    expect((await cloud.serverById(SERVER)).id).toBe(SERVER);
  });
});

describe('one token', () => {
  it('is shared by requests that come at the same time', async () => {
    const cloud = cloudFor(fake);
    await Promise.all([cloud.serverById(SERVER), cloud.serverById(SERVER), cloud.identity()]);
    await cloud.serverById(SERVER);
    expect(fake.to(TOKENS)).toHaveLength(1);
    expect(fake.to('/v2.1/')).toHaveLength(1);
  });

  it('is renewed before it ends, a minute before or at half of a short life, by the clock of the cloud', async () => {
    const cloud = cloudFor(fake);
    const realNow = Date.now;
    const clock = jest.spyOn(Date, 'now');
    try {
      fake.tokenLife = 3600;
      await cloud.serverById(SERVER);
      clock.mockImplementation(() => realNow() + 3_530_000);
      await cloud.serverById(SERVER);
      expect(fake.to(TOKENS)).toHaveLength(1);
      clock.mockImplementation(() => realNow() + 3_545_000);
      fake.tokenLife = 20;
      await cloud.serverById(SERVER);
      await cloud.serverById(SERVER);
      expect(fake.to(TOKENS)).toHaveLength(2);
      clock.mockImplementation(() => realNow() + 3_556_000);
      await cloud.serverById(SERVER);
      expect(fake.to(TOKENS)).toHaveLength(3);
    } finally {
      clock.mockRestore();
    }
  });

  it('is renewed once for all requests that were answered with 401', async () => {
    const cloud = cloudFor(fake);
    await cloud.serverById(SERVER);
    fake.on('GET', `/v2.1/servers/${SERVER}`, ({ headers }) =>
      headers['x-auth-token'] === fake.tokens[0] ? UNAUTHORIZED : serverAnswer(complete),
    );
    await Promise.all([cloud.serverById(SERVER), cloud.serverById(SERVER), cloud.serverById(SERVER)]);
    expect(fake.to(TOKENS)).toHaveLength(2);
  });

  it('is renewed on a plain-text 401 and on a provider code for a bad token', async () => {
    fake.on(
      'GET',
      `/v2.1/servers/${SERVER}`,
      inTurn(
        { status: 401, headers: { 'Content-Type': 'text/plain' }, body: 'Authentication required' },
        serverAnswer(complete),
        { status: 400, body: { error_msg: 'Invalid token.', error_code: 'Common.0013' } },
        serverAnswer(complete),
      ),
    );
    const cloud = cloudFor(fake);
    await cloud.serverById(SERVER);
    await cloud.serverById(SERVER);
    expect(fake.to(TOKENS)).toHaveLength(3);
  });

  it('that is refused again right after its renewal is the failure not-authenticated; the next request logs in', async () => {
    fake.on('GET', `/v2.1/servers/${SERVER}`, inTurn(UNAUTHORIZED, UNAUTHORIZED, serverAnswer(complete)));
    const cloud = cloudFor(fake);
    const failure = await failed(cloud.serverById(SERVER));
    expect(failure.trouble.kind).toBe('not-authenticated');
    expect(failure.trouble.advice).toContain('access rules');
    expect(fake.to(`/v2.1/servers/${SERVER}`)).toHaveLength(2);
    expect(fake.to(TOKENS)).toHaveLength(2);
    await cloud.serverById(SERVER);
    expect(fake.to(TOKENS)).toHaveLength(3);
  });
});

describe('a cloud with a certificate of its own authority', () => {
  let folder: string;
  let secure: FakeCloud;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'durable-resize-tls-'));
    const file = (name: string) => join(folder, name);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-subj', '/CN=lab CA');
    openssl('req', ...key, '-keyout', file('key.pem'), '-out', file('csr.pem'), '-subj', '/CN=cloud');
    const extension = file('san.cnf');
    execFileSync('sh', ['-c', `echo subjectAltName=IP:127.0.0.1 > ${extension}`]);
    const ca = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
    openssl('x509', '-req', '-in', file('csr.pem'), ...ca, '-out', file('cert.pem'), '-extfile', extension);
    secure = await FakeCloud.start({
      key: readFileSync(file('key.pem'), 'utf8'),
      cert: readFileSync(file('cert.pem'), 'utf8'),
    });
  });
  afterAll(async () => {
    await secure.stop();
    rmSync(folder, { recursive: true });
  });

  it('is refused when the authority is unknown, with the advice to name it', async () => {
    const { trouble, sent } = await failed(cloudFor(secure).identity());
    expect(trouble.kind).toBe('no-answer');
    expect(trouble.message).toContain('certificate');
    expect(trouble.advice).toContain('cacert');
    expect(sent).toBe(false);
  });

  it('is taken with cacert', async () => {
    const ca = readFileSync(join(folder, 'ca.pem'), 'utf8');
    expect((await cloudFor(secure, { tls: { verify: true, ca } }).identity()).project).toBe(PROJECT);
  });

  it('is taken without verification', async () => {
    expect((await cloudFor(secure, { tls: { verify: false } }).identity()).project).toBe(PROJECT);
  });
});
