import { layerOf, type Layer, type Settings } from './layers';

/** Variables that choose a profile or a file make no profile by themselves. */
const SELECTORS = ['OS_CLOUD', 'OS_CLOUD_NAME', 'OS_CLIENT_CONFIG_FILE', 'OS_CLIENT_SECURE_FILE'];

/** One of these makes a profile of the variables. */
const MARKS = ['auth_url', 'username', 'user_id', 'application_credential_id', 'token', 'access_key', 'ak'];

/** Names of Huawei's own SDKs for what OS_* variables are called here. */
const HUAWEI_VARIABLES: Readonly<Record<string, string>> = {
  HUAWEICLOUD_SDK_AK: 'access_key',
  HUAWEICLOUD_SDK_SK: 'secret_key',
  HUAWEICLOUD_SDK_SECURITY_TOKEN: 'security_token',
  HUAWEICLOUD_SDK_PROJECT_ID: 'project_id',
};

/** The profile that OS_* variables make; undefined when they make none. An empty variable is not set. */
export function environmentLayer(env: NodeJS.ProcessEnv): Layer | undefined {
  const variables = Object.entries(env).filter(
    ([name, value]) => name.startsWith('OS_') && !SELECTORS.includes(name) && value !== undefined && value !== '',
  );
  const own: Settings = Object.fromEntries(variables.map(([name, value]) => [name.slice(3).toLowerCase(), value]));
  // Those of the SDKs are there for other programs too: they say nothing without an endpoint for this one.
  const foreign = 'compute_endpoint_override' in own && !('auth_url' in own) ? huaweiKeys(env) : {};
  const written = { ...foreign, ...own };
  if (!MARKS.some((key) => key in written)) return undefined;
  return layerOf(written, 'environment', (path) => `OS_${(path.at(-1) ?? '').toUpperCase()}`);
}

function huaweiKeys(env: NodeJS.ProcessEnv): Settings {
  const given = Object.entries(HUAWEI_VARIABLES).map(([name, key]) => [key, env[name]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ''));
}
