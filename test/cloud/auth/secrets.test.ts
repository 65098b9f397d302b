import { inspect } from 'node:util';

import { Secret } from '../../../src/cloud/auth/secret';
import type { Profile } from '../../../src/cloud/profile/profile';
import { failed } from '../failed';
import { cloudFor, FakeCloud, PASSWORD, profileFor, type Handler } from '../fake-cloud';
import { SERVER, UNAUTHORIZED } from '../recorded';

const ACTION = `/v2.1/servers/${SERVER}/action`;
const TOKENS = '/v3/auth/tokens';

/** Everything that can be got out of a value by printing it. */
function printed(value: unknown): string {
  const parts: string[] = [];
  for (let here = value; here !== undefined && here !== null; here = here instanceof Error ? here.cause : undefined) {
    parts.push(
      JSON.stringify(here),
      inspect(here, { depth: 20, showHidden: true, getters: true }),
      here instanceof Error ? (here.stack ?? '') : '',
    );
  }
  return parts.join('\n');
}

let fake: FakeCloud;
beforeEach(async () => {
  fake = await FakeCloud.start();
});
afterEach(() => fake.stop());

function expectNoSecret(text: string): void {
  expect(text).not.toContain(PASSWORD);
  expect(text).not.toContain(JSON.stringify(PASSWORD).slice(1, -1));
  expect(text).not.toContain(encodeURIComponent(PASSWORD));
  for (const token of fake.tokens) expect(text).not.toContain(token);
  expect(text).not.toMatch(/x-auth-token/i);
}

/** A cloud that gives back whatever it was sent, in the words of its error. */
const echo: Handler = ({ headers, body }) => ({
  status: 400,
  headers: { 'X-Compute-Request-Id': String(headers['x-auth-token'] ?? 'none') },
  body: { badRequest: { code: String(headers['x-auth-token'] ?? 'x'), message: `Bad ${body} with ${PASSWORD}` } },
});

describe('no secret is in', () => {
  it.each<[string, string, Handler]>([
    ['a refusal', ACTION, { status: 409, body: { conflictingRequest: { code: 409, message: 'busy' } } }],
    ['a refusal that echoes the request', ACTION, echo],
    ['a refused token', ACTION, UNAUTHORIZED],
    ['an answer that is no JSON', ACTION, ({ headers }) => ({ status: 404, body: String(headers['x-auth-token']) })],
    ['a broken connection', ACTION, 'reset'],
    ['a time-out', ACTION, 'hang'],
    ['a cut answer', ACTION, 'cut'],
    ['a redirect', ACTION, { status: 302, headers: { Location: 'http://x/' }, body: '' }],
    ['a refused log-in', TOKENS, UNAUTHORIZED],
    ['a refused log-in that echoes the request', TOKENS, echo],
    ['a log-in without an answer', TOKENS, 'reset'],
    ['a log-in without a token', TOKENS, { status: 201, body: { token: PASSWORD } }],
  ])('the failure after %s', async (_, path, handler) => {
    fake.on('POST', path, handler);
    const logged: unknown[] = [];
    const log = (...line: unknown[]) => void logged.push(line);
    const cloud = cloudFor(fake, {}, { httpTimeout: 300, log });
    const failure = await failed(cloud.post(SERVER, 'resize', { flavorId: 'f2' }));
    expect(failure.cause).toBeUndefined();
    expectNoSecret(printed(failure));
    expectNoSecret(printed(cloud));
    expectNoSecret(printed(logged));
    expect(logged.length).toBeGreaterThan(0);
  });

  it('what is left of a message that was cut in the middle of one', async () => {
    const cloud = cloudFor(fake);
    for (let before = 300; before < 420; before++) {
      const message = `${'x'.repeat(before)}${PASSWORD}`;
      fake.on('POST', ACTION, { status: 400, body: { badRequest: { code: 400, message } } });
      const failure = await failed(cloud.post(SERVER, 'resize', { flavorId: 'f2' }));
      expect(failure.message).not.toContain(PASSWORD.slice(0, 5));
    }
  });

  it('a cloud that has logged in', async () => {
    const cloud = cloudFor(fake);
    await cloud.identity();
    expect(fake.tokens).toHaveLength(1);
    expectNoSecret(printed(cloud));
  });

  describe.each<[string, Handler]>([
    ['the cloud says nothing of it', { status: 500, body: { computeFault: { code: 500, message: 'no' } } }],
    [
      'the gateway repeats what was signed',
      ({ headers }) => ({
        status: 401,
        body: {
          error_code: 'APIGW.0301',
          error_msg: `verify fail: ${JSON.stringify(headers)}`,
          request_id: 'AKIDEXAMPLE01',
        },
      }),
    ],
    ['it breaks the connection', 'reset'],
  ])('what access keys lead to when %s', (_, handler) => {
    it('and in the profile and the cloud', async () => {
      const login = {
        method: 'aksk' as const,
        accessKey: new Secret('AKIDEXAMPLE01'),
        secretKey: new Secret('sk-of-the-example'),
        securityToken: new Secret('st-of-the-example'),
        project: 'ff7da4b1fce74df593e7cf9622ce722e',
      };
      const profile = profileFor(fake, { login, computeEndpoint: `${fake.url}/v2.1` });
      fake.on('POST', ACTION, handler);
      const logged: unknown[] = [];
      const log = (...line: unknown[]) => void logged.push(line);
      const cloud = cloudFor(fake, profile, { httpTimeout: 300, log });
      const failure = await failed(cloud.post(SERVER, 'resize', { flavorId: 'f2' }));
      for (const value of [failure, cloud, logged, profile]) {
        expect(printed(value)).not.toMatch(/AKIDEXAMPLE01|[st][kt]-of-the-example|Signature=[0-9a-f]/);
      }
      const sent = JSON.stringify(fake.to(ACTION)[0]?.headers);
      expect(sent).toContain('AKIDEXAMPLE01');
      expect(sent).not.toContain('sk-of-the-example');
    });
  });

  it('a profile', () => {
    const key = new Secret('-----BEGIN PRIVATE KEY-----');
    const profile: Profile = profileFor(fake, { tls: { verify: true, cert: 'public', key } });
    expectNoSecret(printed(profile));
    expect(printed(profile)).not.toContain('PRIVATE KEY');
    expect(JSON.stringify(profile)).toContain('"password":"[hidden]"');
    expect(String(key)).toBe('[hidden]');
  });

  it('the name of an address with a password in it', async () => {
    const authUrl = `http://demo:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/v3`;
    const failure = await failed(cloudFor(fake, { authUrl }).identity());
    expect(failure.message).toContain('http://127.0.0.1:1');
    expectNoSecret(printed(failure));
  });
});
