import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

import { LineCounter, parseDocument } from 'yaml';

import { checkProfile, isSettings, type Origin, type Settings } from './check-profile';
import type { Profile } from './profile';
import { ProfileError } from './profile-error';
import { AUTH_KEYS } from './profile-keys';

/** The clouds that this worker can reach. One bad profile does not hinder the others. */
export interface Profiles {
  /** Names of all profiles, in the order of the file; also of those that are not usable. */
  names(): string[];
  /** What is wrong with a profile; undefined when nothing is. Reads the files it names; asks no cloud. */
  check(name: string): ProfileError | undefined;
  /** A profile, checked. @throws ProfileError */
  open(name: string): Profile;
}

/** The profile that consists of OS_* variables. */
const ENVIRONMENT = 'envvars';

/**
 * Reads clouds.yaml (OS_CLIENT_CONFIG_FILE, else the first of ./, ~/.config/openstack/ and /etc/openstack/), what
 * belongs to it (secure.yaml or OS_CLIENT_SECURE_FILE, clouds-public.yaml), and the OS_* variables.
 * @param env default: the environment of this process
 * @param cwd where `./` is; default: the current folder
 * @throws ProfileError when a file is named and not there, or no YAML
 */
export function loadProfiles(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): Profiles {
  const entries = new Map<string, () => Profile>();
  const main = mainFile(env, cwd);
  if (main !== undefined) addFile(entries, main, env, cwd);
  const variables = fromEnvironment(env, cwd);
  if (variables !== undefined) {
    const name = env['OS_CLOUD_NAME'] || ENVIRONMENT;
    if (entries.has(name)) {
      entries.set(name, () => {
        throw new ProfileError(
          `Profile ${name} is both in ${main ?? 'a file'} and in the OS_* variables of the environment; rename or unset one of them.`,
        );
      });
    } else {
      entries.set(name, () => checkProfile(variables.settings, { ...variables.origin, name }));
    }
  }
  const open = (name: string): Profile => {
    const entry = entries.get(name);
    if (entry !== undefined) return entry();
    const known = entries.size === 0 ? 'there is none' : `there are: ${[...entries.keys()].join(', ')}`;
    throw new ProfileError(`There is no profile ${name} in ${main ?? 'any clouds.yaml or the environment'}; ${known}.`);
  };
  return {
    names: () => [...entries.keys()],
    check: (name) => {
      try {
        open(name);
        return undefined;
      } catch (error) {
        if (error instanceof ProfileError) return error;
        throw error;
      }
    },
    open,
  };
}

function mainFile(env: NodeJS.ProcessEnv, cwd: string): string | undefined {
  const named = env['OS_CLIENT_CONFIG_FILE'];
  if (named !== undefined && named !== '') return mustExist('OS_CLIENT_CONFIG_FILE', resolve(cwd, named));
  const home = env['HOME'] || homedir();
  const config = env['XDG_CONFIG_HOME'] || join(home, '.config');
  const folders = [cwd, join(config, 'openstack'), '/etc/openstack'];
  return folders.map((folder) => eitherYaml(folder, 'clouds')).find((file) => file !== undefined);
}

function mustExist(variable: string, file: string): string {
  if (existsSync(file)) return file;
  throw new ProfileError(`${variable} names the file ${file}, which is not there; correct or unset it.`);
}

function eitherYaml(folder: string, name: string): string | undefined {
  return [join(folder, `${name}.yaml`), join(folder, `${name}.yml`)].find((file) => existsSync(file));
}

function addFile(entries: Map<string, () => Profile>, main: string, env: NodeJS.ProcessEnv, cwd: string): void {
  const folder = dirname(main);
  const named = env['OS_CLIENT_SECURE_FILE'];
  const secure =
    named === undefined || named === ''
      ? eitherYaml(folder, 'secure')
      : mustExist('OS_CLIENT_SECURE_FILE', resolve(cwd, named));
  const clouds = cloudsOf(main, 'clouds');
  const secrets = secure === undefined ? {} : cloudsOf(secure, 'clouds');
  for (const name of new Set([...Object.keys(clouds), ...Object.keys(secrets)])) {
    const written = clouds[name] ?? {};
    entries.set(name, () => {
      if (!isSettings(written)) throw new ProfileError(`Profile ${name} in ${main}: must be a mapping of keys.`);
      const secret = normalised(secrets[name]);
      const own = merge(normalised(written), secret);
      const vendor = vendorOf(name, own, main);
      return checkProfile(merge(vendor.settings, own), {
        name,
        cwd,
        lenient: false,
        fileOf: (path) => {
          if (path.length > 0 && secure !== undefined && has(secret, path)) return secure;
          return path.length > 0 && !has(own, path) && has(vendor.settings, path) ? vendor.file : main;
        },
        keyOf: (path) => path.join('.'),
      });
    });
  }
}

/** The vendor's defaults that `profile:` names, from the clouds-public.yaml beside the file. */
function vendorOf(name: string, own: Settings, main: string): { settings: Settings; file: string } {
  const wanted = own['profile'];
  const file = eitherYaml(dirname(main), 'clouds-public') ?? join(dirname(main), 'clouds-public.yaml');
  if (typeof wanted !== 'string' || wanted === '') return { settings: {}, file };
  const vendors = existsSync(file) ? cloudsOf(file, 'public-clouds') : {};
  const found = vendors[wanted];
  if (!isSettings(found)) {
    throw new ProfileError(
      `Profile ${name} in ${main}: profile names the vendor ${wanted}, which is not in ${file}; add it there or write its keys here.`,
    );
  }
  return { settings: normalised(found), file };
}

/** The mapping under the one top key of such a file. */
function cloudsOf(file: string, top: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    // Only the place: the parser's message quotes the line, which may hold a password.
    const { line, col } = lines.linePos(error.pos[0]);
    throw new ProfileError(`${file} is not valid YAML at line ${line}, column ${col}; correct it there.`);
  }
  const content: unknown = document.toJS();
  const clouds = isSettings(content) ? content[top] : undefined;
  if (content === null || content === undefined || clouds === null) return {};
  if (!isSettings(clouds)) {
    throw new ProfileError(
      `${basename(file)} (${file}) has no mapping "${top}:" at its top; put the profiles under it.`,
    );
  }
  return clouds;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new ProfileError(`${file} cannot be read; check its permissions.`);
  }
}

/** As openstacksdk does: "-" in keys is "_", and keys of `auth` may stand in the profile itself. */
function normalised(written: unknown): Settings {
  if (!isSettings(written)) return {};
  const profile = underscored(written);
  if (profile['auth'] !== undefined && profile['auth'] !== null && !isSettings(profile['auth'])) return profile;
  const auth = underscored(isSettings(profile['auth']) ? profile['auth'] : {});
  for (const key of AUTH_KEYS) {
    if (profile[key] === undefined) continue;
    auth[key] ??= profile[key];
    Reflect.deleteProperty(profile, key);
  }
  return { ...profile, auth };
}

function underscored(written: Settings): Settings {
  return Object.fromEntries(Object.entries(written).map(([key, value]) => [key.replaceAll('-', '_'), value]));
}

function merge(below: Settings, above: Settings): Settings {
  const merged: Settings = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = merged[key];
    merged[key] = isSettings(under) && isSettings(value) ? merge(under, value) : value;
  }
  return merged;
}

function has(settings: Settings, path: readonly string[]): boolean {
  let here: unknown = settings;
  for (const key of path) here = isSettings(here) ? here[key] : undefined;
  return here !== undefined;
}

/** Variables that choose a profile or a file make no profile by themselves. */
const SELECTORS = ['OS_CLOUD', 'OS_CLOUD_NAME', 'OS_CLIENT_CONFIG_FILE', 'OS_CLIENT_SECURE_FILE', 'OS_REGION_NAME'];

/** One of these makes a profile of the variables. */
const MARKS = ['auth_url', 'username', 'user_id', 'application_credential_id', 'token', 'access_key', 'ak'];

/** Names of Huawei's own SDKs for what OS_* variables are called here. */
const HUAWEI_VARIABLES: Readonly<Record<string, string>> = {
  HUAWEICLOUD_SDK_AK: 'access_key',
  HUAWEICLOUD_SDK_SK: 'secret_key',
  HUAWEICLOUD_SDK_SECURITY_TOKEN: 'security_token',
  HUAWEICLOUD_SDK_PROJECT_ID: 'project_id',
};

function fromEnvironment(
  env: NodeJS.ProcessEnv,
  cwd: string,
): { settings: Settings; origin: Omit<Origin, 'name'> } | undefined {
  const variables = Object.entries(env).filter(
    ([name, value]) => name.startsWith('OS_') && !SELECTORS.includes(name) && value !== undefined && value !== '',
  );
  const own: Settings = Object.fromEntries(variables.map(([name, value]) => [name.slice(3).toLowerCase(), value]));
  // Those of the SDKs are there for other programs too: they say nothing without an endpoint for this one.
  const foreign = 'compute_endpoint_override' in own && !('auth_url' in own) ? huaweiKeys(env) : {};
  const written = { ...foreign, ...own };
  if (!MARKS.some((key) => key in written)) return undefined;
  const region = env['OS_REGION_NAME'];
  return {
    settings: normalised({ ...written, ...(region === undefined ? {} : { region_name: region }) }),
    origin: {
      cwd,
      lenient: true,
      fileOf: () => 'environment',
      keyOf: (path) => `OS_${(path.at(-1) ?? '').toUpperCase()}`,
    },
  };
}

function huaweiKeys(env: NodeJS.ProcessEnv): Settings {
  const given = Object.entries(HUAWEI_VARIABLES).map(([name, key]) => [key, env[name]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ''));
}
