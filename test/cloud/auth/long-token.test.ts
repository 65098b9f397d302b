/** Signed tokens carry the catalog, and come and go in a header: Node's own limit for all headers is 16 KiB. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { failed } from '../failed';
import { cloudFor, FakeCloud } from '../fake-cloud';
import { SERVER, serverAnswer } from '../recorded';

const LONG = 'MIIK'.padEnd(20_000, 'x');

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
  fake.on('GET', `/v2.1/servers/${SERVER}`, serverAnswer({ flavor: { original_name: 'f2' } }));
});
afterEach(() => fake.stop());

describe('a token of 20,000 characters', () => {
  /** In front of the fake cloud, which is Node and has its limits: takes long headers, and tells what it got. */
  let gate: Server;
  const got: string[] = [];
  beforeEach(async () => {
    got.length = 0;
    gate = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
      got.push(String(request.headers['x-auth-token'] ?? ''));
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('end', () => {
        void fetch(`${fake.url}${request.url ?? ''}`, {
          method: request.method ?? 'GET',
          headers: { 'content-type': 'application/json' },
          ...(request.method === 'POST' && { body: Buffer.concat(body).toString() }),
        }).then(async (answer) => {
          const text = (await answer.text()).replaceAll(fake.url, addressOf(gate));
          const token = answer.headers.has('x-subject-token') ? { 'x-subject-token': LONG } : {};
          response.writeHead(answer.status, { 'content-type': 'application/json', ...token }).end(text);
        });
      });
    });
    await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => gate.close(resolve)));

  it('logs in, and goes out with each request', async () => {
    const cloud = cloudFor(fake, { authUrl: addressOf(gate) });
    expect((await cloud.serverById(SERVER)).id).toBe(SERVER);
    expect(got.filter((token) => token === LONG).length).toBeGreaterThan(0);
    gate.closeAllConnections();
  });
});

describe('a header that somebody does not take', () => {
  const long = () => {
    const answer = fake.tokenAnswer('x');
    // As long as the fake cloud itself takes.
    fake.on('POST', '/v3/auth/tokens', { ...answer, headers: { 'X-Subject-Token': LONG.slice(0, 10_000) } });
  };

  it.each([
    [431, ''],
    [400, '<html>Size of a request header field exceeds server limit.</html>'],
    [400, '<html>Request Header Or Cookie Too Large</html>'],
  ])('is named: HTTP %s %s', async (status, body) => {
    long();
    fake.on('GET', `/v2.1/servers/${SERVER}`, { status, headers: { 'Content-Type': 'text/html' }, body });
    const { trouble } = await failed(cloudFor(fake).serverById(SERVER));
    expect(trouble).toMatchObject({ kind: 'configuration', status });
    expect(trouble.message).toMatch(
      /^The compute API takes no header as long as X-Auth-Token: the token has 10000 characters/,
    );
    expect(trouble.advice).toContain('shorter tokens');
  });

  it('in an answer is named too', async () => {
    fake.on('POST', '/v3/auth/tokens', {
      ...fake.tokenAnswer('x'),
      headers: { 'X-Subject-Token': 'x'.repeat(300_000) },
    });
    expect((await failed(cloudFor(fake).identity())).message).toContain(
      'has headers of more than 256 KB (a token comes in the header X-Subject-Token)',
    );
  });
});

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
