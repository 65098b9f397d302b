import { createSecureContext } from 'node:tls';

import { Secret } from '../auth/secret';
import type { Tls } from '../http/transport';
import { present } from '../../resize/present';
import { SECRET_KEYS } from './auth-keys';
import type { Origin, Settings } from './layers';
import { loginOf, methodOf } from './login';
import { ownKeysOf } from './own-keys';
import type { Profile } from './profile';
import { remarkOnAuthKey, remarkOnKey, type Remark } from './profile-keys';
import { Reader } from './reader';

/** Checks a profile that was put together. @throws ProfileError for the first thing that is wrong with it */
export function checkProfile(
  settings: Settings,
  origin: Origin,
  more: { cwd: string; lenient: boolean; unknownVendor: boolean; warnings: string[] },
): Profile {
  const reader = new Reader(settings, origin, more);
  const method = methodOf(reader);
  remarks(reader, more.lenient);
  const login = loginOf(reader, method);
  if (reader.flag('has_compute') === false)
    throw reader.error(['has_compute'], 'says that there is no compute service');
  const computeEndpoint = endpointOf(reader, method === 'aksk');
  checkVersion(reader);
  const own = ownKeysOf(settings['durable_resize'], (path, what) => reader.error(['durable_resize', ...path], what));
  return {
    name: origin.name,
    source: origin.source,
    login,
    interface: interfaceOf(reader),
    tls: tlsOf(reader),
    ...present({
      authUrl: method === 'aksk' ? undefined : reader.url(['auth', 'auth_url'], reader.required('auth_url')),
      region: reader.text('compute_region_name') ?? reader.text('region_name'),
      serviceType: reader.text('compute_service_type'),
      serviceName: reader.text('compute_service_name'),
      computeEndpoint,
    }),
    ...present({ ...own, requestsPerSecond: own.requestsPerSecond ?? rateOf(reader) }),
    otherSecrets: SECRET_KEYS.flatMap((key) => reader.auth(key) ?? []).map((text) => new Secret(text)),
    warnings: reader.warnings,
  };
}

/** Refuses keys that nothing knows, and warns of those that openstacksdk uses and this program does not. */
function remarks(reader: Reader, lenient: boolean): void {
  const all: [string[], Remark][] = [
    ...Object.keys(reader.settings).map((key): [string[], Remark] => [[key], remarkOnKey(key)]),
    ...Object.keys(reader.underAuth).map((key): [string[], Remark] => [['auth', key], remarkOnAuthKey(key)]),
  ];
  for (const [path, remark] of all) {
    if (remark === undefined) continue;
    if ('warning' in remark) reader.warn(path, remark.warning);
    else if (!lenient) throw reader.error(path, remark.refused);
    else if (path[0]?.startsWith('compute_')) reader.warn(path, remark.refused);
  }
}

/** `compute_endpoint_override`, or what openstacksdk takes in its place; `endpoint_override` is taken here alone. */
function endpointOf(reader: Reader, required: boolean): string | undefined {
  const keys = ['compute_endpoint_override', 'compute_endpoint', 'endpoint_override'] as const;
  const key = keys.find((one) => reader.text(one) !== undefined);
  if (key === undefined) {
    if (!required) return undefined;
    throw reader.error(['compute_endpoint_override'], 'is missing: with access keys there is no catalog to find it in');
  }
  if (key === 'endpoint_override') {
    reader.warnings.push(
      'endpoint_override is used for the compute API here and ignored by openstacksdk: name it compute_endpoint_override.',
    );
  }
  return reader.url([key], reader.text(key) ?? '');
}

/** One of the interfaces of a catalog: that of compute, else that of all services; `endpoint_type` is its older name. */
function interfaceOf(reader: Reader): Profile['interface'] {
  const [old, now] = [interfaceAt(reader, 'endpoint_type'), interfaceAt(reader, 'interface')];
  const [oldOfCompute, ofCompute] = [
    interfaceAt(reader, 'compute_endpoint_type'),
    interfaceAt(reader, 'compute_interface'),
  ];
  if (oldOfCompute !== undefined && ofCompute !== undefined && oldOfCompute !== ofCompute) {
    throw reader.error(['compute_interface'], 'and compute_endpoint_type name two interfaces: leave out one of them');
  }
  const found = ofCompute ?? oldOfCompute;
  if (found === undefined && old !== undefined && now !== undefined && old !== now) {
    reader.warnings.push('endpoint_type and interface name two interfaces: endpoint_type counts, as for openstacksdk.');
  }
  return found ?? old ?? now ?? 'public';
}

function interfaceAt(
  reader: Reader,
  key: 'interface' | 'endpoint_type' | 'compute_interface' | 'compute_endpoint_type',
): Profile['interface'] | undefined {
  const written = reader.text(key);
  if (written === undefined) return undefined;
  const known = (['public', 'internal', 'admin'] as const).find((one) => one === written.replace(/URL$/, ''));
  if (known === undefined) throw reader.error([key], 'must be public, internal or admin');
  return known;
}

/** A microversion of its own would be a version that nobody asked for: each request has the one that it needs. */
function checkVersion(reader: Reader): void {
  const written = reader.settings['compute_api_version'];
  if (written === undefined || written === '') return;
  const version = typeof written === 'number' ? String(written) : written;
  const parts = typeof version === 'string' ? /^v?2(?:\.(\d+|latest))?$|^latest$/.exec(version) : null;
  if (parts === null)
    throw reader.error(['compute_api_version'], 'must be 2 or 2.1: the compute API that is spoken here');
  if (parts[1] === undefined || ['0', '1', 'latest'].includes(parts[1])) return;
  reader.warnings.push(
    'compute_api_version names a microversion, which is not used: each request asks for the one that it needs.',
  );
}

/** openstacksdk's `rate_limit: { compute: N }`, in requests a second: used where this program's own key is not given. */
function rateOf(reader: Reader): number | undefined {
  const limits = reader.settings['rate_limit'];
  const ofCompute: unknown =
    typeof limits === 'object' && limits !== null
      ? Object.entries(limits).find(([key]) => key === 'compute')?.[1]
      : undefined;
  if (ofCompute === undefined || ofCompute === null) return undefined;
  if (typeof ofCompute === 'number' && ofCompute >= 1) return ofCompute;
  throw reader.error(['rate_limit', 'compute'], 'must be a number of requests a second, at least 1');
}

function tlsOf(reader: Reader): Tls {
  // The one that checks less counts, as for openstacksdk ("Insecure is the most aggressive setting, so it wins").
  const verify = reader.flag('insecure') !== true && reader.flag('verify') !== false;
  if (!verify && reader.text('cacert') !== undefined) {
    reader.warnings.push('cacert is not used, because this profile has certificates not verified (verify, insecure).');
  }
  const ca = verify ? reader.pem('cacert', /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/) : undefined;
  return { verify, ...present({ ca }), ...clientCertificate(reader) };
}

function clientCertificate(reader: Reader): Pick<Tls, 'cert' | 'key'> {
  if (reader.text('cert') === undefined) {
    if (reader.text('key') !== undefined) reader.warnings.push('key is not used, because this profile has no cert.');
    return {};
  }
  const cert = reader.pem('cert', /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/) ?? '';
  // A file may hold both.
  const key = reader.pem('key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/) ?? cert;
  try {
    createSecureContext({ cert, key });
  } catch {
    throw reader.error(
      ['cert'],
      'and its key cannot be used: they do not belong together, or the key has a pass phrase',
    );
  }
  return { cert, key: new Secret(key) };
}
