/** Settings for Temporal that cannot work are refused by their names, before anything connects, and never quoted. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readTemporalConfig, TemporalConfigError } from '../../src/temporal/temporal-config';
import { temporaryFolder } from '../scripts/processes';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const at = (name: string) => path.join(folder, name);
const write = (name: string, text: string) => {
  writeFileSync(at(name), text);
  return at(name);
};
for (const name of ['ana', 'bob']) {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', at(`${name}.key`)];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', at(`${name}.crt`), '-subj', `/CN=${name}`], {
    stdio: 'ignore',
  });
}
const noFile = write('empty.toml', '[profile.default]\n');

const read = (env: Record<string, string>) => readTemporalConfig({ TEMPORAL_CONFIG_FILE: noFile, ...env });

const sentenceOf = (env: Record<string, string>): string => {
  try {
    read(env);
  } catch (error) {
    if (error instanceof TemporalConfigError) return error.message;
    throw error;
  }
  return '';
};

const secret = 'pw-4711';

test.each([
  ['TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: 'http://localhost:7233' }],
  ['TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: `ana:${secret}@localhost:7233` }],
  ['TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: 'localhost:99999' }],
  ['TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: 'localhost:port' }],
  ['TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: 'local host' }],
  ['TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: ':7233' }],
  ['TEMPORAL_NAMESPACE', { TEMPORAL_NAMESPACE: `shop\n${secret}` }],
  ['TEMPORAL_TLS', { TEMPORAL_TLS: 'True' }],
  ['TEMPORAL_API_KEY', { TEMPORAL_API_KEY: `${secret}\n` }],
  ['TEMPORAL_API_KEY', { TEMPORAL_API_KEY: secret, TEMPORAL_TLS: 'false' }],
  ['TEMPORAL_GRPC_META_', { TEMPORAL_GRPC_META_TENANT: `${secret}\n` }],
  ['TEMPORAL_CONFIG_FILE', { TEMPORAL_CONFIG_FILE: at('missing.toml') }],
  ['TEMPORAL_TLS_SERVER_CA_CERT_PATH', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: at('missing.pem') }],
  ['TEMPORAL_TLS_SERVER_CA_CERT_PATH', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: folder }],
  ['TEMPORAL_TLS_SERVER_CA_CERT_PATH', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: noFile }],
  ['TEMPORAL_TLS_SERVER_CA_CERT_DATA', { TEMPORAL_TLS_SERVER_CA_CERT_DATA: secret }],
  ['TEMPORAL_TLS_CLIENT_KEY_PATH', { TEMPORAL_TLS_CLIENT_KEY_PATH: readFileSync(at('ana.key'), 'utf8') }],
  ['TEMPORAL_TLS_CLIENT_KEY_DATA', { TEMPORAL_TLS_CLIENT_KEY_DATA: secret }],
  ['TEMPORAL_TLS_CLIENT_CERT_DATA', { TEMPORAL_TLS_CLIENT_CERT_DATA: secret }],
  ['TEMPORAL_TLS_CLIENT_KEY_', { TEMPORAL_TLS_CLIENT_CERT_PATH: at('ana.crt') }],
  ['TEMPORAL_TLS_CLIENT_CERT_', { TEMPORAL_TLS_CLIENT_KEY_PATH: at('ana.key') }],
  [
    'TEMPORAL_TLS_CLIENT_KEY_',
    { TEMPORAL_TLS_CLIENT_CERT_PATH: at('ana.crt'), TEMPORAL_TLS_CLIENT_KEY_PATH: at('bob.key') },
  ],
])('%s is named when it cannot work: %j', (name, env) => {
  const sentence = sentenceOf(env);
  expect(sentence).toMatch(/^[^\n]+$/);
  expect(sentence).toContain(name);
  expect(sentence).not.toContain(secret);
  expect(sentence).not.toContain('PRIVATE KEY');
});

test('a key of the config file is named as it stands there', () => {
  const file = write('prod.toml', `[profile.prod]\napi_key = "${secret}"\n[profile.prod.tls]\ndisabled = true\n`);
  expect(sentenceOf({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod' })).toBe(
    'api_key in [profile.prod] of the Temporal config file would be sent unencrypted, because TLS is off (tls.disabled in [profile.prod] of the Temporal config file); turn TLS on, or leave out the key',
  );
});

test('a config file in the place of its path is not quoted', () => {
  const sentence = sentenceOf({ TEMPORAL_CONFIG_FILE: `[profile.default]\napi_key = "${secret}"\n` });
  expect(sentence).toMatch(/TEMPORAL_CONFIG_FILE/);
  expect(sentence).not.toContain(secret);
});

test.each(['localhost', 'temporal.example.com:7233', '127.0.0.1:7233', '[::1]:7233', 'name.a2dd6.tmprl.cloud:7233'])(
  '%s is an address',
  (address) => expect(read({ TEMPORAL_ADDRESS: address }).connectionOptions.address).toBe(address),
);

test('certificates, as files and as texts, are taken', () => {
  const text = (name: string) => readFileSync(at(name), 'utf8');
  const files = { TEMPORAL_TLS_CLIENT_CERT_PATH: at('ana.crt'), TEMPORAL_TLS_CLIENT_KEY_PATH: at('ana.key') };
  const texts = { TEMPORAL_TLS_CLIENT_CERT_DATA: text('ana.crt'), TEMPORAL_TLS_CLIENT_KEY_DATA: text('ana.key') };
  for (const env of [files, texts]) {
    const { tls } = read({ ...env, TEMPORAL_TLS_SERVER_CA_CERT_PATH: at('bob.crt') }).connectionOptions;
    expect(tls).toMatchObject({ clientCertPair: { crt: expect.any(Uint8Array) as unknown } });
  }
});

test('an empty variable counts as not set', () => {
  const names = ['ADDRESS', 'NAMESPACE', 'API_KEY', 'TLS', 'PROFILE', 'TLS_CLIENT_KEY_PATH', 'TLS_SERVER_CA_CERT_DATA'];
  const empty = Object.fromEntries(names.map((name) => [`TEMPORAL_${name}`, '']));
  expect(read(empty)).toEqual(read({}));
  expect(read(empty).connectionOptions.tls).toBeUndefined();
});
