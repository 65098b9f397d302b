import axios from 'axios';
import { parse } from 'yaml';
import { startSimulator } from '../../src/simulator';
import { simulate } from '../../src/simulator/command';
import { at } from '../contract/raw';
import { SimulatedLab } from './lab';

test('the command prints a clouds.yaml that works, and what to do with it', async () => {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const simulator = await simulate(['--port', '0', '--step', '10', '--servers', '2'], {
    stdout: (text) => stdout.push(text),
    stderr: (text) => stderr.push(text),
  });
  try {
    const clouds = at(parse(stdout.join('')), 'clouds') as Record<string, { auth: Record<string, string> }>;
    const { auth } = clouds['lab'] ?? {};
    const { auth: application } = clouds['lab-app'] ?? {};
    const identities = [
      {
        methods: ['password'],
        password: {
          user: { name: auth?.['username'], password: auth?.['password'], domain: { id: auth?.['user_domain_id'] } },
        },
      },
      {
        methods: ['application_credential'],
        application_credential: {
          id: application?.['application_credential_id'],
          secret: application?.['application_credential_secret'],
        },
      },
    ];
    for (const identity of identities) {
      const login = await axios.post<unknown>(`${auth?.['auth_url'] ?? ''}/auth/tokens`, { auth: { identity } });
      const compute = (at(login.data, 'token', 'catalog') as { type: string; endpoints: { url: string }[] }[]).find(
        ({ type }) => type === 'compute',
      );
      const { data } = await axios.get<unknown>(`${compute?.endpoints[0]?.url ?? ''}/servers/detail`, {
        headers: { 'X-Auth-Token': String(login.headers['x-subject-token']) },
      });
      const servers = (at(data, 'servers') as { name: string; status: string }[]).map(
        ({ name, status }) => `${name} ${status}`,
      );
      expect(servers.sort()).toEqual(['web-01 ACTIVE', 'web-02 ACTIVE']);
    }
    expect(stderr.join('')).toContain(simulator.url);
    expect(stderr.join('')).toContain('OS_CLIENT_CONFIG_FILE');
  } finally {
    await simulator.close();
  }
});

test('--host is where it listens, and the name in the profiles and in the catalog', async () => {
  const stdout: string[] = [];
  const simulator = await simulate(['--port', '0', '--host', 'localhost', '--servers', '0'], {
    stdout: (text) => stdout.push(text),
    stderr: () => undefined,
  });
  try {
    expect(at(parse(stdout.join('')), 'clouds', 'lab', 'auth', 'auth_url')).toMatch(/^http:\/\/localhost:\d+\//);
    const { id, secret } = simulator.applicationCredential;
    const identity = { methods: ['application_credential'], application_credential: { id, secret } };
    const { data } = await axios.post<unknown>(`${simulator.authUrl}/auth/tokens`, { auth: { identity } });
    expect(JSON.stringify(at(data, 'token', 'catalog'))).toContain(simulator.computeUrl);
    expect(simulator.computeUrl).toMatch(/^http:\/\/localhost:\d+\//);
  } finally {
    await simulator.close();
  }
});

test.each([
  ['nova', ['lab', 'lab-app'], '2.93'],
  ['huawei', ['lab', 'lab-app', 'lab-aksk'], '2.60'],
])('in the dialect %s it offers the profiles %j', async (dialect, profiles, newest) => {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const simulator = await simulate(['--port', '0', '--servers', '0', '--dialect', dialect], {
    stdout: (text) => stdout.push(text),
    stderr: (text) => stderr.push(text),
  });
  try {
    const clouds = at(parse(stdout.join('')), 'clouds') as Record<string, unknown>;
    expect(Object.keys(clouds)).toEqual(profiles);
    for (const name of profiles) expect(stderr.join('')).toContain(name);
    const { data } = await axios.get<unknown>(`${simulator.computeUrl}/`);
    expect(at(data, 'version', 'version')).toBe(newest);
    if (dialect === 'huawei') {
      const { accessKeys, computeUrl, projectId } = simulator;
      expect(clouds['lab-aksk']).toEqual({
        auth: { access_key: accessKeys.accessKey, secret_key: accessKeys.secretKey, project_id: projectId },
        compute_endpoint_override: `${computeUrl}/${projectId}`,
        region_name: 'RegionOne',
      });
    }
  } finally {
    await simulator.close();
  }
});

test('it ends at once, with a request unanswered and a resize half done, and the port is free again', async () => {
  const first = new SimulatedLab(await startSimulator({ timings: { step: 10 }, confirmWindow: 60 }));
  const id = await first.boot('half-done');
  await first.control({
    delay: { finish_migration: { [id]: 60 } },
    http: [{ server: id, match: 'GET server', fault: 'hang-before', seconds: 60 }],
  });
  await first.act(id, { resize: { flavorRef: 'f2' } });
  const decided = await first.boot('to-be-confirmed');
  await first.act(decided, { resize: { flavorRef: 'f3' } });
  await first.waitFor(decided, 'VERIFY_RESIZE');
  const arrived = async (): Promise<number> => (await first.counters(id))['GET server'] ?? 0;
  const before = await arrived();
  const unanswered = expect(first.server(id)).rejects.toMatchObject({ code: 'ECONNRESET' });
  while ((await arrived()) === before) await new Promise(setImmediate);
  const rejections: unknown[] = [];
  const note = (reason: unknown): number => rejections.push(reason);
  process.on('unhandledRejection', note);
  const began = Date.now();
  await first.stop();
  await unanswered;
  expect(Date.now() - began).toBeLessThan(1000);
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  expect(rejections).toEqual([]);

  const port = Number(new URL(first.simulator.url).port);
  const second = await startSimulator({ port });
  await expect(startSimulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await second.close();
});
