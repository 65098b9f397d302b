import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { openCloud, type Cloud, type CloudSettings } from '../../src/cloud';
import type { Profile } from '../../src/cloud/profile/profile';
import { Secret } from '../../src/cloud/auth/secret';

export const PROJECT = 'ff7da4b1fce74df593e7cf9622ce722e';
export const USER = '69a1c95ecff746abac4ea0d263685188';
export const PASSWORD = 'correct horse "battery" staple';

// A proxy of the machine that runs the tests is not in their way.
process.env['NO_PROXY'] = '127.0.0.1,.invalid';

/** One request as it came in. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What to answer. A string body goes out as it is. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Instead of an answer. */
export type Mischief = 'hang' | 'reset' | 'cut' | 'drip';

export type Handler = Answer | Mischief | ((asked: Asked) => Answer | Mischief | Promise<Answer | Mischief>);

/** A Keystone and a Nova behind one real socket, with answers in the form that real ones were recorded to give. */
export class FakeCloud {
  readonly asked: Asked[] = [];
  readonly tokens: string[] = [];
  /** Seconds that a token lives by the cloud's clock. */
  tokenLife = 3600;
  readonly #routes: { method: string; path: RegExp; handler: Handler }[] = [];
  readonly #server: Server;
  readonly #scheme: string;

  private constructor(tls?: { key: string; cert: string }) {
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    this.#scheme = tls === undefined ? 'http' : 'https';
  }

  static async start(tls?: { key: string; cert: string }): Promise<FakeCloud> {
    const cloud = new FakeCloud(tls);
    await new Promise<void>((resolve) => cloud.#server.listen(0, '127.0.0.1', resolve));
    cloud.on('POST', '/v3/auth/tokens', () => cloud.#token());
    cloud.on('GET', '/v2.1/', {
      status: 200,
      body: { version: { id: 'v2.1', status: 'CURRENT', version: '2.93', min_version: '2.1', links: [] } },
    });
    return cloud;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The newest handler of a path wins. */
  on(method: string, path: string | RegExp, handler: Handler): void {
    const exact = typeof path === 'string' ? new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) : path;
    this.#routes.unshift({ method, path: exact, handler });
  }

  /** What came in for a path, leaving out the log-in and the version. */
  to(path: string | RegExp): Asked[] {
    return this.asked.filter((one) => (typeof path === 'string' ? one.path === path : path.test(one.path)));
  }

  #token(): Answer {
    const token = `gAAAAAB-token-${this.tokens.length + 1}`;
    this.tokens.push(token);
    return this.tokenAnswer(token);
  }

  tokenAnswer(token: string, endpoints: object[] = [this.endpoint('public')]): Answer {
    // A clock of its own, hours away from the worker's.
    const issued = Date.parse('2026-11-21T20:59:47Z');
    return {
      status: 201,
      headers: { 'X-Subject-Token': token },
      body: {
        token: {
          methods: ['password'],
          user: { domain: { id: 'default', name: 'Default' }, id: USER, name: 'demo', password_expires_at: null },
          audit_ids: ['vxZM8iPIROy5fCGDD7XWbw'],
          expires_at: new Date(issued + this.tokenLife * 1000).toISOString(),
          issued_at: new Date(issued).toISOString(),
          project: { domain: { id: 'default', name: 'Default' }, id: PROJECT, name: 'lab' },
          is_domain: false,
          roles: [{ id: 'ec3e48bc249f48d2bc040406af234295', name: 'member' }],
          catalog: [
            { endpoints: [{ ...this.endpoint('public'), url: `${this.url}/v3` }], type: 'identity', name: 'keystone' },
            { endpoints, id: 'f464a76f9e9d43e79a51b674deb60f28', type: 'compute', name: 'nova' },
          ],
        },
      },
    };
  }

  endpoint(kind: string, region = 'RegionOne', path = '/v2.1'): object {
    return { id: 'a964ae1f', interface: kind, region_id: region, url: `${this.url}${path}`, region };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://cloud');
    const asked: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    this.asked.push(asked);
    const route = this.#routes.find(({ method, path }) => method === asked.method && path.test(asked.path));
    const handler = route?.handler ?? {
      status: 404,
      body: { itemNotFound: { code: 404, message: 'The resource could not be found.' } },
    };
    const answer = typeof handler === 'function' ? await handler(asked) : handler;
    if (answer === 'hang') return;
    if (answer === 'reset') {
      request.socket.destroy();
      return;
    }
    if (answer === 'cut' || answer === 'drip') {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
      if (answer === 'cut') {
        response.write('{"server": {', () => request.socket.destroy());
        return;
      }
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
      return;
    }
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers });
    response.end(answer.status === 204 ? undefined : text);
  }
}

/** Gives one answer after the other; the last one for ever. */
export function inTurn(...answers: (Answer | Mischief)[]): Handler {
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)] ?? 'reset';
}

export function profileFor(fake: FakeCloud, more: Partial<Profile> = {}): Profile {
  return {
    name: 'lab',
    source: 'clouds.yaml',
    authUrl: fake.url,
    login: {
      method: 'password',
      user: { name: 'demo', domain: { id: 'default' } },
      password: new Secret(PASSWORD),
      project: { name: 'lab', domain: { id: 'default' } },
    },
    interface: 'public',
    tls: { verify: true },
    warnings: [],
    ...more,
  };
}

export function cloudFor(
  fake: FakeCloud,
  profile: Partial<Profile> = {},
  settings: Partial<CloudSettings> = {},
): Cloud {
  return openCloud(profileFor(fake, profile), { httpTimeout: 2_000, ...settings });
}
