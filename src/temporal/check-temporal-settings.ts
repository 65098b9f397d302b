/** Judges the settings for Temporal before anything connects, so that what cannot work is refused at once, by its name. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { ClientConfigProfile, ConfigDataSource } from '@temporalio/envconfig';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * @param profile what the variables and the config file say together
 * @param env where TEMPORAL_* were read, for the names of the settings
 * @returns one sentence about the first setting that cannot work; undefined when all may. It quotes no value: any of
 *   them may be a secret in the wrong place
 */
export function temporalSettingsProblem(profile: ClientConfigProfile, env: Env): string | undefined {
  const name = namesIn(env);
  const { address, namespace, apiKey, tls, grpcMeta = {} } = profile;
  const file = env['TEMPORAL_CONFIG_FILE'];
  const badHeader = Object.keys(grpcMeta).find((key) => !isHeader(key, grpcMeta[key]));
  const encrypts = tls === undefined ? apiKey !== undefined : tls.disabled !== true;
  const rules: [broken: boolean, sentence: string][] = [
    [
      file !== undefined && !existsSync(file),
      'TEMPORAL_CONFIG_FILE names a file that is not there; correct or unset it',
    ],
    ...['TEMPORAL_TLS', 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'].map((variable): [boolean, string] => [
      // The SDK takes any other word, such as True or yes, for false.
      !['true', 'false', '1', '0', undefined].includes(env[variable]),
      `${variable} must be "true" or "false"`,
    ]),
    [
      address !== undefined && !isAddress(address),
      `${name('TEMPORAL_ADDRESS', 'address')} must be a host and a port, such as localhost:7233, without http:// or https:// (TEMPORAL_TLS=true turns TLS on)`,
    ],
    [
      namespace !== undefined && !/^[^\s\p{Cc}]{1,255}$/u.test(namespace),
      `${name('TEMPORAL_NAMESPACE', 'namespace')} must be the name of a namespace, without spaces and line breaks`,
    ],
    [
      apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey),
      `${name('TEMPORAL_API_KEY', 'api_key')} has characters that no API key has, such as spaces or line breaks`,
    ],
    [
      apiKey !== undefined && !encrypts,
      `${name('TEMPORAL_API_KEY', 'api_key')} would be sent unencrypted, because TLS is off (${name('TEMPORAL_TLS', 'tls.disabled')}); turn TLS on, or leave out the key`,
    ],
    [
      badHeader !== undefined,
      `the header ${JSON.stringify(badHeader)} (TEMPORAL_GRPC_META_*, or grpc_meta in the Temporal config file) has characters that no header can carry`,
    ],
  ];
  const broken = rules.find(([isBroken]) => isBroken);
  if (broken !== undefined) return broken[1];
  return encrypts && tls !== undefined ? certificateProblem(tls, name) : undefined;
}

/** The name of a setting: its variable where that is set, else its key in the config file. */
type Name = (variable: string, key: string) => string;

const namesIn =
  (env: Env): Name =>
  (variable, key) =>
    env[variable] === undefined
      ? `${key} in [profile.${env['TEMPORAL_PROFILE'] ?? 'default'}] of the Temporal config file`
      : variable;

const ADDRESS = /^(?:[^\s:/@?#[\]]+|\[[0-9a-f:.]+\])(?::(?<port>\d{1,5}))?$/i;

function isAddress(address: string): boolean {
  const match = ADDRESS.exec(address);
  const port = Number(match?.groups?.['port'] ?? 7233);
  return match !== null && port >= 1 && port <= 65_535;
}

/** gRPC over HTTP/2: names in lower case, values in ASCII, except under names that end in -bin. */
function isHeader(key: string, value: string | undefined): boolean {
  return /^[0-9a-z_.-]+$/.test(key) && (key.endsWith('-bin') || /^[\x20-\x7e]*$/.test(value ?? ''));
}

/** What is wrong with the files or texts of TLS. */
function certificateProblem(tls: NonNullable<ClientConfigProfile['tls']>, name: Name): string | undefined {
  try {
    const parse = <T>(source: ConfigDataSource | undefined, setting: string, what: string, read: (pem: Buffer) => T) =>
      source === undefined ? undefined : parsePem(source, settingOf(source, setting, name), what, read);
    parse(tls.serverCACert, 'server_ca_cert', 'certificate', (pem) => new X509Certificate(pem));
    const certificate = parse(tls.clientCert, 'client_cert', 'certificate', (pem) => new X509Certificate(pem));
    const key = parse(tls.clientKey, 'client_key', 'private key without a passphrase', (pem) => createPrivateKey(pem));
    return pairProblem(certificate, key);
  } catch (error) {
    if (error instanceof Unusable) return error.message;
    throw error;
  }
}

class Unusable extends Error {}

function settingOf(source: ConfigDataSource, setting: string, name: Name): string {
  const form = 'path' in source ? 'path' : 'data';
  return name(`TEMPORAL_TLS_${setting}_${form}`.toUpperCase(), `tls.${setting}_${form}`);
}

function parsePem<T>(source: ConfigDataSource, setting: string, what: string, read: (pem: Buffer) => T): T {
  const pem = contentOf(source, setting);
  try {
    return read(pem);
  } catch {
    const holder = 'path' in source ? `${setting} names a file that holds` : `${setting} holds`;
    throw new Unusable(`${holder} no ${what} in PEM form`);
  }
}

function contentOf(source: ConfigDataSource, setting: string): Buffer {
  if (!('path' in source)) return Buffer.from(source.data);
  try {
    return readFileSync(source.path);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new Unusable(`${setting} names a file that cannot be read (${code}); it must be the path of a PEM file`);
  }
}

/** The SDK drops the one where the other is missing, and TLS then fails for a reason that nobody sees. */
function pairProblem(certificate: X509Certificate | undefined, key: KeyObject | undefined): string | undefined {
  if (certificate === undefined && key === undefined) return undefined;
  if (key === undefined) return 'TEMPORAL_TLS_CLIENT_CERT_* is set without TEMPORAL_TLS_CLIENT_KEY_*; set both or none';
  if (certificate === undefined)
    return 'TEMPORAL_TLS_CLIENT_KEY_* is set without TEMPORAL_TLS_CLIENT_CERT_*; set both or none';
  return certificate.checkPrivateKey(key)
    ? undefined
    : 'TEMPORAL_TLS_CLIENT_KEY_* is not the key of the certificate in TEMPORAL_TLS_CLIENT_CERT_*';
}
