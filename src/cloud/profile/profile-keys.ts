import { AUTH_ALIASES, AUTH_KEYS, OF_OTHER_METHODS, SCOPE_KEYS, USE_CREDENTIAL } from './auth-keys';
import { nearest } from './nearest';

/** The keys of a profile: openstacksdk's documentation, "Configuring OpenStack SDK Applications", and its source. */

/** Those that are used here and hold a text. */
export const TEXT_KEYS = [
  'auth_type',
  'auth_plugin',
  'profile',
  'cloud',
  'region_name',
  'compute_region_name',
  'interface',
  'endpoint_type',
  'compute_interface',
  'compute_endpoint_type',
  'compute_service_type',
  'compute_service_name',
  'compute_endpoint_override',
  'compute_endpoint',
  'endpoint_override',
  'cacert',
  'cert',
  'key',
] as const;

export type TextKey = (typeof TEXT_KEYS)[number];

/** Those that are used here and hold something else. */
export const OTHER_KEYS = ['verify', 'insecure', 'compute_api_version', 'rate_limit', 'has_compute'] as const;

/** Under `durable_resize`, which is this program's own. */
export const OWN_KEYS = ['auto_confirm_window', 'policy', 'requests_per_second'] as const;

/** Keys of openstacksdk that concern other services or other programs: left alone. */
const LEFT_ALONE = [
  'vendor_hook',
  'auth_methods',
  'networks',
  'floating_ip_source',
  'nat_source',
  'nat_destination',
  'default_network',
  'external_network',
  'internal_network',
  'private',
  'image_format',
  'image_api_use_tasks',
  'disable_vendor_agent',
  'secgroup_source',
  'requires_floating_ip',
  'use_direct_get',
  'force_ipv4',
  'prefer_ipv6',
  'message',
  'status',
  'metrics',
  'cache',
  'timing',
] as const;

const KNOWN: readonly string[] = [
  ...TEXT_KEYS,
  ...OTHER_KEYS,
  ...LEFT_ALONE,
  'auth',
  'regions',
  'concurrency',
  'durable_resize',
];

/** Keys that openstacksdk uses for compute requests and this program does not: each with what holds instead. */
const NOT_USED: readonly (readonly [RegExp, string])[] = [
  [/timeout$/, 'the worker limits each request by DURABLE_RESIZE_HTTP_TIMEOUT'],
  [/^(compute_)?(connect|status_code)_(retries|retry_delay)$/, 'this program decides itself when it asks again'],
  [/^(compute_)?retriable_status_codes$/, 'this program decides itself when it asks again'],
  [/^compute_(default_microversion|(min|max)_(api_)?version)$/, 'each request asks for the version that it needs'],
  [/^concurrency$/, 'durable_resize.requests_per_second and DURABLE_RESIZE_MAX_ACTIVITIES limit the requests'],
];

/** Keys of this form exist for every service; those of other services are nothing to us. */
const PER_SERVICE =
  /^(?!compute_)[a-z0-9_]+_(api_version|endpoint_override|endpoint|endpoint_type|default_microversion|min_version|max_version|service_type|service_name|interface|region_name|connect_retries|connect_retry_delay|status_code_retries|status_code_retry_delay)$/;

/** What people write for keys that are named otherwise. */
const OTHERWISE = new Map([
  ['region', 'region_name'],
  ['compute_region', 'compute_region_name'],
  ['user', 'username'],
  ['project', 'project_name'],
  ['tenant', 'project_name'],
  ['url', 'auth_url'],
]);

/** What is said of a key in a profile; undefined when nothing is. */
export type Remark = { refused: string } | { warning: string } | undefined;

/** Judges a key of the profile itself. */
export function remarkOnKey(key: string): Remark {
  const notUsed = NOT_USED.find(([pattern]) => pattern.test(key));
  if (notUsed !== undefined) return { warning: `is not used: ${notUsed[1]}` };
  if (KNOWN.includes(key) || PER_SERVICE.test(key)) return undefined;
  if (isOneOf(OWN_KEYS, key)) return { refused: 'belongs under durable_resize' };
  if (key === '<<') return { refused: 'is in quotes, so it merges nothing: write it without them' };
  const meant = meantBy(key, [...KNOWN, ...AUTH_KEYS]);
  const where = isOneOf(AUTH_KEYS, meant) ? `auth.${meant}` : meant;
  if (where !== undefined) return { refused: `is not a known key; the nearest known one is ${where}` };
  return key.startsWith('compute_') ? { refused: 'is not a known key, and it concerns this program' } : undefined;
}

/** Judges a key under `auth`, where nothing unknown may be: a log-in of another kind could be meant. */
export function remarkOnAuthKey(key: string): Remark {
  if (isOneOf(AUTH_KEYS, key) || isOneOf(SCOPE_KEYS, key) || key in AUTH_ALIASES) return undefined;
  if (OF_OTHER_METHODS.test(key)) {
    return { refused: `belongs to a log-in that cannot be used here; ${USE_CREDENTIAL}` };
  }
  const elsewhere = OTHERWISE.get(key) ?? key;
  if (KNOWN.includes(elsewhere) || PER_SERVICE.test(key) || NOT_USED.some(([pattern]) => pattern.test(key))) {
    return { refused: elsewhere === key ? 'belongs beside auth, not under it' : `is ${elsewhere}, beside auth` };
  }
  if (isOneOf(OWN_KEYS, key)) return { refused: 'belongs under durable_resize, beside auth' };
  if (key === '<<') return { refused: 'is in quotes, so it merges nothing: write it without them' };
  const meant = meantBy(key, AUTH_KEYS);
  return { refused: `is not a known key${meant === undefined ? '' : `; the nearest known one is ${meant}`}` };
}

/** What is said of an unknown key under `durable_resize`. */
export function unknownOwnKey(key: string): string {
  const meant = meantBy(key, OWN_KEYS);
  return meant === undefined
    ? `is not a known key; there are ${OWN_KEYS.join(', ')}`
    : `is not a known key; the nearest known one is durable_resize.${meant}`;
}

/** The known key that was probably meant; undefined when none is near. */
function meantBy(key: string, known: readonly string[]): string | undefined {
  const otherwise = OTHERWISE.get(key);
  return otherwise !== undefined && known.includes(otherwise) ? otherwise : nearest(key, known);
}

function isOneOf<Key extends string>(keys: readonly Key[], key: string | undefined): key is Key {
  return (keys as readonly (string | undefined)[]).includes(key);
}
