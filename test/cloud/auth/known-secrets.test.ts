import { createHash } from 'node:crypto';

import type { Cloud } from '../../../src/cloud';
import { KnownSecrets } from '../../../src/cloud/auth/known-secrets';
import { Secret } from '../../../src/cloud/auth/secret';
import { failed } from '../failed';
import { cloudFor, FakeCloud, PASSWORD, PROJECT } from '../fake-cloud';
import { SERVER } from '../recorded';

const SPECIAL = 'gé"heim\\ \'&<pass>+/wörd=';

/** A text in base64 behind so many other bytes, which move its place in the encoded bytes. */
const behind = (before: string, text: string, code: 'base64' | 'base64url') =>
  Buffer.from(`${before}${text}:rest`).toString(code);

const python = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** In what shapes a text may be found in the answer of a gateway. */
const SHAPES: [string, (text: string) => string][] = [
  ['as it is', (text) => text],
  ['in JSON', (text) => JSON.stringify(text)],
  ['in JSON within JSON', (text) => JSON.stringify(JSON.stringify(text))],
  [
    'in JSON without letters beyond ASCII',
    (text) => JSON.stringify(text).replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
  ],
  ["in Python's notation", python],
  ['in a URL', (text) => encodeURIComponent(text)],
  ['in a URL, in small letters', (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase())],
  ['in a form', (text) => new URLSearchParams({ text }).toString()],
  [
    'in HTML',
    (text) =>
      text.replace(/[&<>"']/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one] ?? '&#39;'),
  ],
  ['in hexadecimal', (text) => Buffer.from(text).toString('hex')],
  ['in hexadecimal, in capitals', (text) => Buffer.from(text).toString('hex').toUpperCase()],
  ...['', 'u', 'us', 'use'].flatMap((before): [string, (text: string) => string][] => [
    [`in base64 behind "${before}"`, (text) => behind(before, text, 'base64')],
    [`in base64 of URLs behind "${before}"`, (text) => behind(before, text, 'base64url')],
    [`in base64 in a URL behind "${before}"`, (text) => encodeURIComponent(behind(before, text, 'base64'))],
  ]),
];

describe.each(SHAPES)('a secret %s', (_, shape) => {
  it.each([PASSWORD, SPECIAL, 'gAAAAAB-token-1', 'NnkkWpzhZjNQ1ApCPYkprm5pOWq'])('is taken out: %.20s', (text) => {
    const secrets = new KnownSecrets();
    secrets.keep(new Secret(text));
    const said = shape(text);
    const clean = secrets.redact(`before ${said} after`);
    expect(clean).toMatch(/^before .*\[hidden\].* after$/);
    // What is left of base64 are the ends, in which the neighbours have a part.
    expect(clean.length).toBeLessThan('before [hidden] after'.length + 22);
  });
});

describe('what is known', () => {
  it('is taken out whole where one secret begins with another', () => {
    const secrets = new KnownSecrets();
    secrets.keep(new Secret('geheim'));
    secrets.keep(new Secret('geheim-and-more'));
    expect(secrets.redact('geheim-and-more, geheim')).toBe('[hidden], [hidden]');
  });

  it('is searched for in little time, whatever a cloud says', () => {
    const secrets = new KnownSecrets();
    secrets.keep(new Secret('\\'.repeat(12)));
    secrets.keep(new Secret('"\\'.repeat(12)));
    const began = performance.now();
    secrets.redact('\\'.repeat(1_000));
    secrets.redact('"\\'.repeat(1_000));
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it.each([2_000, 20_000, 100_000])('may be as long as a signed token: %i characters', (length) => {
    const secrets = new KnownSecrets();
    const digests = Array.from({ length: Math.ceil(length / 88) }, (_, at) => createHash('sha512').update(`${at}`));
    const text = digests
      .map((digest) => digest.digest('base64'))
      .join('')
      .replaceAll('=', '-')
      .slice(0, length);
    secrets.keepUntil(new Secret(text), Date.now() + 60_000);
    expect(secrets.redact(`a ${text} b ${JSON.stringify({ text })}`)).toBe('a [hidden] b {"text":"[hidden]"}');
    for (const code of ['base64', 'base64url'] as const) {
      expect(secrets.redact(behind('user:', text, code)).length).toBeLessThan(40);
    }
  });

  it('leaves words alone that are too short to be a secret', () => {
    const secrets = new KnownSecrets();
    secrets.keep(new Secret('a'));
    secrets.keep(new Secret(''));
    expect(secrets.redact('a cat')).toBe('a cat');
  });

  it('is a token as long as it can be valid, however many there are', () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(0);
    try {
      const secrets = new KnownSecrets();
      for (let one = 0; one < 300; one++) secrets.keepUntil(new Secret(`token-${one}!`), 60_000);
      expect(secrets.redact('token-0! token-299!')).toBe('[hidden] [hidden]');
      clock.mockReturnValue(60_001);
      secrets.keepUntil(new Secret('next'), 120_000);
      expect(secrets.redact('token-0! next')).toBe('token-0! [hidden]');
    } finally {
      clock.mockRestore();
    }
  });

  it('are at most a thousand tokens, and Fernet tokens by their look', () => {
    const secrets = new KnownSecrets();
    const fernet = (one: number) => `gAAAAABm${String(one).padStart(40, 'x')}==`;
    for (let one = 0; one < 1_010; one++) secrets.keepUntil(new Secret(`plain-${one}!`), Date.now() + 60_000 + one);
    expect(secrets.redact('plain-9! plain-10!')).toBe('plain-9! [hidden]');
    expect(secrets.redact(`token ${fernet(7)}, "${fernet(8)}"`)).toBe('token [hidden], "[hidden]"');
  });
});

describe('after 50 renewals of the token', () => {
  const ACTION = `/v2.1/servers/${SERVER}/action`;
  let fake: FakeCloud;
  beforeEach(async () => {
    fake = await FakeCloud.start();
  });
  afterEach(() => fake.stop());

  const told = async (cloud: Cloud, message: string): Promise<string> => {
    fake.on('POST', ACTION, { status: 409, body: { conflictingRequest: { code: 409, message } } });
    return (await failed(cloud.post(SERVER, 'confirmResize'))).message;
  };

  it('what a cloud repeats holds no secret of the profile and no token, in any shape', async () => {
    const key = new Secret('-----BEGIN PRIVATE KEY-----\nMIIgeheim\n');
    const cloud = cloudFor(fake, {
      authUrl: fake.url.replace('//', `//gate:${encodeURIComponent('gate keeper')}@`),
      tls: { verify: true, cert: 'public', key },
      otherSecrets: [new Secret('secret-of-another-method')],
    });
    fake.tokenLife = 0;
    while (fake.tokens.length < 50) await cloud.identity();
    fake.tokenLife = 3600;
    await cloud.identity();
    for (const text of [PASSWORD, key.reveal(), 'gate keeper', 'secret-of-another-method', ...fake.tokens]) {
      for (const shapes of [SHAPES.slice(0, 11), SHAPES.slice(11)]) {
        const message = await told(cloud, shapes.map(([, shape]) => `<${shape(text)}>`).join(' '));
        expect(message.match(/<[^<>]*\[hidden\][^<>]{0,16}>/g)).toHaveLength(shapes.length);
      }
    }
  });

  it('it holds no access key either', async () => {
    const login = {
      method: 'aksk' as const,
      accessKey: new Secret('AKIDEXAMPLE01'),
      secretKey: new Secret('sk-of-the-example'),
      securityToken: new Secret('st-of-the-example'),
      project: PROJECT,
    };
    const cloud = cloudFor(fake, { login, computeEndpoint: `${fake.url}/v2.1` });
    const message = await told(cloud, 'AKIDEXAMPLE01 sk-of-the-example st-of-the-example');
    expect(message).toMatch(/^\[hidden\] \[hidden\] \[hidden\] \(/);
  });
});

it.each([
  ['quotes', '"'.repeat(1999)],
  ['backslashes', '\\'.repeat(1999)],
  ['other letters', 'ä'.repeat(1999)],
  ['all of them', '"ä\\'.repeat(666)],
])('a long secret of %s is found in JSON, and a text that nearly is it is searched in no time', (_, text) => {
  const secrets = new KnownSecrets();
  secrets.keep(new Secret(text));
  expect(secrets.redact(JSON.stringify({ echo: text }))).not.toContain(JSON.stringify(text).slice(1, -1));
  // It returns at all: with two ways to match a character it would not within a year.
  expect(secrets.redact(JSON.stringify(JSON.stringify(`${text.slice(0, -1)}x`)))).toMatch(/x/);
});
