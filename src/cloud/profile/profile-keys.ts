/** The keys of clouds.yaml: openstacksdk's documentation, "Configuring OpenStack SDK Applications". */

/** Under `auth`. */
export const AUTH_KEYS = [
  'auth_url',
  'username',
  'user_id',
  'password',
  'user_domain_name',
  'user_domain_id',
  'project_name',
  'project_id',
  'tenant_name',
  'tenant_id',
  'project_domain_name',
  'project_domain_id',
  'domain_name',
  'domain_id',
  'default_domain',
  'default_domain_id',
  'default_domain_name',
  'application_credential_id',
  'application_credential_name',
  'application_credential_secret',
  'token',
  'access_key',
  'secret_key',
  'security_token',
  'ak',
  'sk',
] as const;

export type AuthKey = (typeof AUTH_KEYS)[number];

/** Keys of a profile that are used here and hold a text. */
export const TEXT_KEYS = [
  'auth_type',
  'profile',
  'region_name',
  'interface',
  'endpoint_type',
  'cacert',
  'cert',
  'key',
  'compute_endpoint_override',
  'endpoint_override',
] as const;

export type TextKey = (typeof TEXT_KEYS)[number];

/** Keys of openstacksdk that concern other services or other programs: left alone. */
const LEFT_ALONE = [
  'auth',
  'verify',
  'insecure',
  'regions',
  'vendor_hook',
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
  'message',
  'status',
  'api_timeout',
  'rate_limit',
  'metrics',
  'cache',
] as const;

/** Under `durable_resize`, which is this program's own. */
export const OWN_KEYS = ['auto_confirm_window', 'requests_per_second'] as const;

/** `<service>_api_version` and the like exist for every service, and all but compute's are nothing to us. */
const PER_SERVICE =
  /^[a-z0-9_]+_(api_version|endpoint_override|default_microversion|min_version|max_version|service_type|service_name|interface|region_name|connect_retries|status_code_retries)$/;

/** What people write for keys that are named otherwise. */
const OTHERWISE = new Map([
  ['region', 'region_name'],
  ['user', 'username'],
  ['user_name', 'username'],
  ['project', 'project_name'],
  ['tenant', 'project_name'],
  ['url', 'auth_url'],
]);

const PROFILE_KEYS: readonly string[] = [...TEXT_KEYS, ...LEFT_ALONE, 'durable_resize'];

/** For an unknown key of a profile: the known one that was probably meant; undefined when none is near. */
export function meantProfileKey(key: string): string | undefined {
  if (PROFILE_KEYS.includes(key) || PER_SERVICE.test(key)) return undefined;
  const otherwise = OTHERWISE.get(key);
  if (otherwise !== undefined) return otherwise;
  const near = nearest(key, [...PROFILE_KEYS, ...AUTH_KEYS]);
  // Two letters off in a key of four would be a match for anything.
  return near.distance <= 2 && near.distance * 3 <= Math.max(key.length, near.word.length) ? near.word : undefined;
}

/** The known key under `auth` that is nearest to an unknown one. */
export function nearestAuthKey(key: string): string {
  return OTHERWISE.get(key) ?? nearest(key, AUTH_KEYS).word;
}

/** The known key under `durable_resize` that is nearest to an unknown one. */
export function nearestOwnKey(key: string): string {
  return nearest(key, OWN_KEYS).word;
}

function nearest(key: string, words: readonly string[]): { word: string; distance: number } {
  return words
    .map((word) => ({ word, distance: editDistance(key, word) }))
    .reduce((best, next) => (next.distance < best.distance ? next : best));
}

/** Levenshtein: how many letters must be put in, left out or changed. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of Array.from(from).entries()) {
    const next = [line + 1];
    for (const [column, other] of Array.from(to).entries()) {
      const changed = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
