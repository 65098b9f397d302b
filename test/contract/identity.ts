import axios from 'axios';
import type { NovaLab } from '../nova/nova-lab';
import { until } from '../nova/wait';
import type { StartLab } from './contract';
import { at, send, type Answer } from './raw';

const unauthorized = {
  error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
};

export function identity(lab: () => NovaLab, start: StartLab): void {
  const login = async (identified: object, scope?: object): Promise<Answer> => {
    const { status, headers, data } = await axios.post<unknown>(
      `${lab().addresses.authUrl}/auth/tokens`,
      { auth: { identity: identified, ...(scope && { scope }) } },
      { validateStatus: () => true },
    );
    return { status, headers: Object.fromEntries(Object.entries(headers)), body: data };
  };
  const domain = { id: 'default' };
  const byPassword = (name: string, password: string): object => ({
    methods: ['password'],
    password: { user: { name, domain, password } },
  });
  const project = (name: string): object => ({ project: { name, domain } });
  const byCredential = (secret?: string): object => {
    const { id, secret: right } = lab().addresses.applicationCredential;
    return { methods: ['application_credential'], application_credential: { id, secret: secret ?? right } };
  };

  it('a password gives a token with roles and a catalog', async () => {
    const answer = await login(byPassword('demo', 'secret'), project('lab'));
    expect(answer.status).toBe(201);
    expect(answer.headers['x-subject-token']).toMatch(/^.{20,}$/);
    const token = at(answer.body, 'token');
    expect(token).toMatchObject({
      methods: ['password'],
      user: { name: 'demo', id: lab().addresses.userIds.demo, domain: { id: 'default', name: 'Default' } },
      project: { name: 'lab', id: lab().addresses.projectId },
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as unknown,
    });
    expect((at(token, 'roles') as { name: string }[]).map(({ name }) => name).sort()).toEqual(['member', 'reader']);
    const catalog = at(token, 'catalog') as {
      type: string;
      endpoints: { interface: string; region: string; url: string }[];
    }[];
    const compute = catalog.find(({ type }) => type === 'compute');
    expect(compute?.endpoints.find((endpoint) => endpoint.interface === 'public')).toMatchObject({
      region: lab().addresses.region,
      region_id: lab().addresses.region,
      url: lab().addresses.computeUrl,
    });
    expect(catalog.map(({ type }) => type)).toContain('identity');
  });

  it.each([
    ['a wrong password', 'demo', 'wrong', 'lab'],
    ['an unknown user', 'nobody', 'secret', 'lab'],
    ['an unknown project', 'demo', 'secret', 'nowhere'],
  ])('%s: 401, and not a word about what is wrong', async (_, user, password, where) => {
    const answer = await login(byPassword(user, password), project(where));
    expect(answer).toMatchObject({ status: 401, body: unauthorized });
    expect(answer.headers['www-authenticate']).toBe(`Keystone uri="${lab().addresses.authUrl}"`);
  });

  it('an application credential: a token for its project; no scope may be asked for', async () => {
    const answer = await login(byCredential());
    expect(answer.status).toBe(201);
    expect(at(answer.body, 'token')).toMatchObject({
      methods: ['application_credential'],
      user: { name: 'demo' },
      project: { id: lab().addresses.projectId },
      application_credential: { id: lab().addresses.applicationCredential.id, restricted: true },
    });
    expect(await login(byCredential('wrong'))).toMatchObject({ status: 401, body: unauthorized });
    expect(await login(byCredential(), { project: { id: lab().addresses.projectId } })).toMatchObject({
      status: 401,
      body: { error: { message: expect.stringContaining('cannot request a scope') as unknown } },
    });
  });

  it('a token gives another token, that lives no longer', async () => {
    const first = await login(byPassword('demo', 'secret'), project('lab'));
    const second = await login(
      { methods: ['token'], token: { id: first.headers['x-subject-token'] } },
      { project: { id: lab().addresses.projectId } },
    );
    expect(second.status).toBe(201);
    expect(at(second.body, 'token', 'expires_at')).toBe(at(first.body, 'token', 'expires_at'));
  });

  it('a malformed login: 400', async () => {
    const answer = await axios.post(`${lab().addresses.authUrl}/auth/tokens`, {}, { validateStatus: () => true });
    expect(answer).toMatchObject({ status: 400, data: { error: { code: 400, title: 'Bad Request' } } });
  });

  it('the version of the identity API', async () => {
    const { data } = await axios.get<unknown>(`${lab().addresses.authUrl}/`);
    expect(data).toMatchObject({ version: { status: 'stable', id: expect.stringMatching(/^v3\./) as unknown } });
  });

  it('the compute API refuses garbage, and a token that was revoked', async () => {
    const list = (token: string): Promise<Answer> => send(lab(), 'demo', 'GET', '/servers', { token });
    const garbage = await list('garbage');
    expect(garbage).toMatchObject({ status: 401, body: unauthorized });
    expect(garbage.headers['www-authenticate']).toMatch(/^Keystone uri="/);

    const token = String((await login(byPassword('demo', 'secret'), project('lab'))).headers['x-subject-token']);
    expect((await list(token)).status).toBe(200);
    const headers = { 'X-Auth-Token': token, 'X-Subject-Token': token };
    expect((await axios.delete(`${lab().addresses.authUrl}/auth/tokens`, { headers })).status).toBe(204);
    expect(await list(token)).toMatchObject({ status: 401, body: unauthorized });
  });

  it('a token expires when it said it would, for reads and for actions', async () => {
    const short = await start('own');
    try {
      const token = await short.lab.token('demo');
      const id = '11111111-2222-3333-4444-555555555555';
      expect((await send(short.lab, 'demo', 'GET', '/servers', { token })).status).toBe(200);
      await until('the token to expire', async () => {
        const { status } = await send(short.lab, 'demo', 'GET', '/servers', { token });
        return status === 401 ? true : undefined;
      });
      const body = { confirmResize: null };
      expect(await send(short.lab, 'demo', 'POST', `/servers/${id}/action`, { token, body })).toMatchObject({
        status: 401,
        body: unauthorized,
      });
      expect((await send(short.lab, 'demo', 'GET', '/servers')).status).toBe(200);
    } finally {
      await short.stop();
    }
  });
}
