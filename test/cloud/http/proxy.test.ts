import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { proxyFor } from '../../../src/cloud/http/proxy';
import { failed } from '../failed';
import { cloudFor, FakeCloud, PROJECT } from '../fake-cloud';
import { ACCEPTED, SERVER } from '../recorded';

const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]);
const before = VARIABLES.map((name) => [name, process.env[name]] as const);

function environment(variables: Record<string, string>): void {
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, variables);
}
afterEach(() => {
  environment({});
  for (const [name, value] of before) if (value !== undefined) process.env[name] = value;
});

describe('the proxy of an address', () => {
  it.each([
    ['https://cloud.example/v3', { HTTPS_PROXY: 'proxy:3128' }, 'http://proxy:3128'],
    ['https://cloud.example/v3', { https_proxy: 'proxy.example' }, 'http://proxy.example'],
    ['https://cloud.example/v3', { HTTPS_PROXY: 'ann:pass@proxy:3128' }, 'http://proxy:3128'],
    ['https://cloud.example/v3', { HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128'],
    ['https://cloud.example/v3', { HTTPS_PROXY: 'https://proxy:3128' }, 'https://proxy:3128'],
    ['https://cloud.example/v3', { ALL_PROXY: 'proxy:3128' }, 'http://proxy:3128'],
    ['http://cloud.example/v3', { HTTP_PROXY: 'proxy:3128' }, 'http://proxy:3128'],
    ['http://cloud.example/v3', { HTTPS_PROXY: 'proxy:3128' }, undefined],
    ['https://cloud.example/v3', { HTTPS_PROXY: 'proxy:3128', NO_PROXY: '.example' }, undefined],
    ['https://cloud.example/v3', {}, undefined],
  ])('of %s with %j is %s', (url, variables, origin) => {
    environment(variables);
    expect(proxyFor(url)?.origin).toBe(origin);
  });

  it('may have credentials, which are no part of its name', () => {
    environment({ HTTPS_PROXY: 'http://ann:p%40ss@proxy:3128' });
    const proxy = proxyFor('https://cloud.example');
    expect(proxy?.config.auth).toEqual({ username: 'ann', password: 'p@ss' });
    expect(proxy?.secret?.reveal()).toBe('p@ss');
  });

  it.each(['http://', 'socks5://proxy:1080', 'http://proxy:port'])(
    'that is %j is a fault of the set-up, told without quoting it',
    async (proxy) => {
      const unasked = await FakeCloud.start();
      environment({ HTTPS_PROXY: proxy });
      const cloud = cloudFor(unasked, { authUrl: 'https://cloud.example' });
      const { trouble, sent } = await failed(cloud.post(SERVER, 'confirmResize'));
      await unasked.stop();
      expect(trouble).toMatchObject({ kind: 'configuration', advice: expect.stringContaining('NO_PROXY') as string });
      expect(trouble.message).toContain('HTTPS_PROXY');
      expect(sent).toBe(false);
    },
  );
});

describe('a cloud behind a proxy', () => {
  let proxy: Server;
  let fake: FakeCloud;
  let secure: FakeCloud;
  let ca: string;
  /** The request lines and credentials that the proxy got. */
  let got: { line: string; authorization: string | undefined }[];
  const tunnels = new Set<Socket>();

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'durable-resize-proxy-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=cloud', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', cert];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...files, ...subject], { stdio: 'pipe' });
    ca = readFileSync(cert, 'utf8');
    secure = await FakeCloud.start({ key: readFileSync(key, 'utf8'), cert: ca });
    rmSync(folder, { recursive: true });
    proxy = createServer((incoming, answer) => {
      got.push({
        line: `${incoming.method ?? ''} ${incoming.url ?? ''}`,
        authorization: incoming.headers['proxy-authorization'],
      });
      const { method, headers } = incoming;
      incoming.pipe(
        request(incoming.url ?? '', { ...(method !== undefined && { method }), headers }, (upstream) => {
          answer.writeHead(upstream.statusCode ?? 502, upstream.headers);
          upstream.pipe(answer);
        }),
      );
    });
    proxy.on('connect', (incoming, socket: Socket) => {
      got.push({ line: `CONNECT ${incoming.url ?? ''}`, authorization: incoming.headers['proxy-authorization'] });
      const [host = '', port = ''] = (incoming.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [socket, upstream]) {
        tunnels.add(end);
        end.on('error', () => undefined);
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    for (const socket of tunnels) socket.destroy();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
    await secure.stop();
  });
  beforeEach(async () => {
    got = [];
    fake = await FakeCloud.start();
  });
  afterEach(() => fake.stop());
  const address = () => `127.0.0.1:${(proxy.address() as AddressInfo).port}`;

  it('is reached through a tunnel where it speaks TLS, so that the proxy sees no token', async () => {
    environment({ HTTPS_PROXY: address() });
    secure.on('POST', `/v2.1/servers/${SERVER}/action`, ACCEPTED);
    const cloud = cloudFor(secure, { tls: { verify: true, ca } });
    expect((await cloud.identity()).project).toBe(PROJECT);
    await cloud.post(SERVER, 'confirmResize');
    const { host } = new URL(secure.url);
    expect(new Set(got.map(({ line }) => line))).toEqual(new Set([`CONNECT ${host}`]));
  });

  it('is not trusted through the tunnel without its authority', async () => {
    environment({ HTTPS_PROXY: address() });
    const { trouble, sent } = await failed(cloudFor(secure).identity());
    expect(trouble.message).toContain('certificate');
    expect(sent).toBe(false);
  });

  it('is asked for by its whole address where it speaks plain HTTP, with the credentials of the proxy', async () => {
    environment({ HTTP_PROXY: `http://ann:secret-of-the-proxy@${address()}` });
    expect((await cloudFor(fake).identity()).project).toBe(PROJECT);
    expect(got[0]?.line).toBe(`POST ${fake.url}/v3/auth/tokens`);
    expect(got[0]?.authorization).toBe(`Basic ${Buffer.from('ann:secret-of-the-proxy').toString('base64')}`);
  });

  it('that cannot be reached: the failure names the proxy, and nothing was sent', async () => {
    environment({ HTTPS_PROXY: 'ann:secret-of-the-proxy@127.0.0.1:1' });
    const { trouble, sent } = await failed(cloudFor(secure).identity());
    expect(trouble.message).toMatch(
      /^No answer to "log in to cloud lab" from https:.* through the proxy http:\/\/127\.0\.0\.1:1: /,
    );
    expect(trouble.advice).toContain('HTTPS_PROXY');
    expect(JSON.stringify(trouble)).not.toContain('secret-of-the-proxy');
    expect(sent).toBe(false);
  });
});
