import { assemble, type Surroundings } from './assemble';
import { findConfigFiles, readMapping, readVendors, type ConfigFiles } from './config-files';
import { environmentLayer } from './environment';
import { isSettings, layerOf, type Layer } from './layers';
import type { Profile } from './profile';
import { ProfileError } from './profile-error';

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
  const files = findConfigFiles(env, cwd);
  const surroundings = { cwd, vendors: () => readVendors(env, cwd, files?.main) };
  const entries = files === undefined ? new Map<string, () => Profile>() : inFiles(files, surroundings);
  const variables = environmentLayer(env);
  if (variables !== undefined) {
    const name = env['OS_CLOUD_NAME'] || ENVIRONMENT;
    const twice = entries.has(name);
    entries.set(name, () => {
      if (!twice) return assemble(name, [variables], { ...surroundings, lenient: true });
      throw new ProfileError(
        `Profile ${name} is both in ${files?.main ?? 'a file'} and in the OS_* variables of the environment; rename or unset one of them.`,
      );
    });
  }
  const open = (name: string): Profile => {
    const entry = entries.get(name);
    if (entry !== undefined) return entry();
    const known = entries.size === 0 ? 'there is none' : `there are: ${[...entries.keys()].join(', ')}`;
    const where = files?.main ?? 'any clouds.yaml or the environment';
    throw new ProfileError(`There is no profile ${name} in ${where}; ${known}.`);
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

/** The profiles of clouds.yaml, each with its keys of secure.yaml above it. */
function inFiles(
  { main, secure }: ConfigFiles,
  surroundings: Omit<Surroundings, 'lenient'>,
): Map<string, () => Profile> {
  const clouds = readMapping(main, 'clouds');
  const secrets = secure === undefined ? {} : readMapping(secure, 'clouds');
  const names = new Set([...Object.keys(clouds), ...Object.keys(secrets)]);
  const layer = (name: string, written: unknown, file: string): Layer => {
    if (isSettings(written ?? {})) return layerOf(isSettings(written) ? written : {}, file);
    throw new ProfileError(`Profile ${name} in ${file}: must be a mapping of keys.`);
  };
  const open = (name: string): Profile => {
    const above = secure === undefined ? [] : [layer(name, secrets[name], secure)];
    return assemble(name, [layer(name, clouds[name], main), ...above], { ...surroundings, lenient: false });
  };
  return new Map([...names].map((name) => [name, () => open(name)]));
}
