import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';

import { ownKeysOf } from './own-keys';
import { ProfileError } from './profile-error';
import { AUTH_KEYS, meantProfileKey, nearestAuthKey, type AuthKey, type TextKey } from './profile-keys';
import type { InDomain, Login, Named, Profile } from './profile';
import { Secret } from '../auth/secret';
import type { Tls } from '../http/transport';

/** A profile as it was written, files merged, keys with "_" only. */
export type Settings = Record<string, unknown>;

/** Where a profile was written, for messages. */
export interface Origin {
  name: string;
  /** The file (or `environment`) that holds the key at this path. */
  fileOf: (path: readonly string[]) => string;
  /** How the key at this path is written there: auth.password, or OS_PASSWORD. */
  keyOf: (path: readonly string[]) => string;
  /** Unknown keys are someone else's: an environment holds OS_* variables of other programs. */
  lenient: boolean;
  /** Files named in the profile are relative to this folder. */
  cwd: string;
}

export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks a profile. @throws ProfileError for the first thing that is wrong with it */
export function checkProfile(settings: Settings, origin: Origin): Profile {
  const reader = new Reader(settings, origin);
  reader.refuseUnknown();
  const { login, warnings } = loginOf(reader);
  const region = reader.text('region_name') ?? reader.firstRegion();
  const computeEndpoint = reader.text('compute_endpoint_override') ?? reader.text('endpoint_override');
  return {
    name: origin.name,
    source: origin.fileOf([]),
    ...(login.method === 'aksk' ? {} : { authUrl: reader.url(['auth', 'auth_url'], reader.required('auth_url')) }),
    login,
    ...(region === undefined ? {} : { region }),
    interface: interfaceOf(reader),
    ...(computeEndpoint === undefined
      ? {}
      : { computeEndpoint: reader.url(['compute_endpoint_override'], computeEndpoint) }),
    tls: tlsOf(reader),
    ...ownKeysOf(settings['durable_resize'], (path, what) => reader.error(['durable_resize', ...path], what)),
    warnings,
  };
}

/** Reads keys with their types; knows how to say where one is. */
class Reader {
  readonly #settings: Settings;
  readonly #auth: Settings;
  readonly #origin: Origin;

  constructor(settings: Settings, origin: Origin) {
    this.#settings = settings;
    this.#origin = origin;
    const auth = settings['auth'] ?? {};
    if (!isSettings(auth)) throw this.error(['auth'], 'must be a mapping of keys');
    this.#auth = auth;
  }

  error(path: readonly string[], what: string): ProfileError {
    const { name, fileOf, keyOf } = this.#origin;
    return new ProfileError(`Profile ${name} in ${fileOf(path)}: ${keyOf(path)} ${what}.`);
  }

  refuseUnknown(): void {
    if (this.#origin.lenient) return;
    for (const key of Object.keys(this.#settings)) {
      const meant = meantProfileKey(key);
      if (meant === undefined) continue;
      const where = (AUTH_KEYS as readonly string[]).includes(meant) ? `auth.${meant}` : meant;
      throw this.error([key], `is not a known key; the nearest known one is ${where}`);
    }
    for (const key of Object.keys(this.#auth)) {
      if ((AUTH_KEYS as readonly string[]).includes(key)) continue;
      throw this.error(['auth', key], `is not a known key; the nearest known one is ${nearestAuthKey(key)}`);
    }
  }

  auth(key: AuthKey): string | undefined {
    return this.#textAt(['auth', key], this.#auth[key]);
  }

  required(key: AuthKey, instead = ''): string {
    const value = this.auth(key);
    if (value === undefined) throw this.error(['auth', key], `is missing${instead}`);
    return value;
  }

  text(key: TextKey): string | undefined {
    return this.#textAt([key], this.#settings[key]);
  }

  /** True, false or absent; an environment variable says it in words. */
  flag(key: 'verify' | 'insecure'): boolean | undefined {
    const value = this.#settings[key];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'boolean') return value;
    const word = typeof value === 'string' ? value.toLowerCase() : '';
    if (['true', 'yes', 'on', '1'].includes(word)) return true;
    if (['false', 'no', 'off', '0'].includes(word)) return false;
    throw this.error([key], 'must be true or false');
  }

  firstRegion(): string | undefined {
    const regions = this.#settings['regions'];
    const first: unknown = Array.isArray(regions) ? regions[0] : undefined;
    return this.#textAt(['regions'], isSettings(first) ? first['name'] : first);
  }

  url(path: readonly string[], value: string): string {
    const scheme = URL.canParse(value) ? new URL(value).protocol : '';
    if (scheme !== 'http:' && scheme !== 'https:') throw this.error(path, 'must be an http:// or https:// address');
    return value;
  }

  file(key: 'cacert' | 'cert' | 'key'): string | undefined {
    const named = this.text(key);
    if (named === undefined) return undefined;
    try {
      return readFileSync(resolve(this.#origin.cwd, named.replace(/^~(?=\/)/, homedir())), 'utf8');
    } catch {
      throw this.error([key], `names the file ${named}, which cannot be read`);
    }
  }

  #textAt(path: readonly string[], value: unknown): string | undefined {
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string') return value;
    throw this.error(path, typeof value === 'number' ? 'must be text: put it in quotes' : 'must be text');
  }
}

function interfaceOf(reader: Reader): Profile['interface'] {
  const written = reader.text('interface') ?? reader.text('endpoint_type') ?? 'public';
  const known = (['public', 'internal', 'admin'] as const).find((one) => one === written.replace(/URL$/, ''));
  if (known === undefined) throw reader.error(['interface'], 'must be public, internal or admin');
  return known;
}

function tlsOf(reader: Reader): Tls {
  const ca = reader.file('cacert');
  const cert = reader.file('cert');
  const key = reader.file('key') ?? cert;
  return {
    verify: reader.flag('verify') ?? !(reader.flag('insecure') ?? false),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key: new Secret(key) }),
  };
}

const METHODS = new Map<string, Login['method']>([
  ['password', 'password'],
  ['v3password', 'password'],
  ['v3applicationcredential', 'application_credential'],
  ['token', 'token'],
  ['v3token', 'token'],
  ['aksk', 'aksk'],
]);

function loginOf(reader: Reader): { login: Login; warnings: string[] } {
  const type = reader.text('auth_type') ?? guessType(reader);
  const method = METHODS.get(type);
  switch (method) {
    case 'password': {
      const project = projectOf(reader);
      if (project === undefined) {
        throw reader.error(['auth', 'project_name'], 'is missing (or project_id): servers belong to a project');
      }
      const user = userOf(reader);
      return {
        login: { method: 'password', user, password: new Secret(reader.required('password')), project },
        warnings: [],
      };
    }
    case 'application_credential': {
      const secret = new Secret(reader.required('application_credential_secret'));
      const id = reader.auth('application_credential_id');
      if (id !== undefined) return { login: { method: 'application_credential', id, secret }, warnings: [] };
      const name = reader.required('application_credential_name', ' (or application_credential_id)');
      return { login: { method: 'application_credential', name, user: userOf(reader), secret }, warnings: [] };
    }
    case 'token': {
      const project = projectOf(reader);
      const token = new Secret(reader.required('token'));
      return {
        login: { method: 'token', token, ...(project === undefined ? {} : { project }) },
        warnings: [
          'This profile logs in with a token, which expires and cannot be renewed: use a password or an application credential for resizes that wait for people.',
        ],
      };
    }
    case 'aksk':
      return { login: keysOf(reader), warnings: [] };
    case undefined:
      throw reader.error(
        ['auth_type'],
        `is a method not supported by this version; use one of ${[...METHODS.keys()].join(', ')}`,
      );
  }
}

/** Access keys as the vendor's tools name them: access_key and secret_key, or ak and sk. */
function keysOf(reader: Reader): Login {
  const accessKey = reader.auth('access_key') ?? reader.auth('ak') ?? reader.required('access_key', ' (or ak)');
  const secretKey = reader.auth('secret_key') ?? reader.auth('sk') ?? reader.required('secret_key', ' (or sk)');
  const securityToken = reader.auth('security_token');
  const project = reader.auth('project_id') ?? reader.required('project_id', ': access keys name no project');
  if ((reader.text('compute_endpoint_override') ?? reader.text('endpoint_override')) === undefined) {
    throw reader.error(['compute_endpoint_override'], 'is missing: with access keys there is no catalog to find it in');
  }
  return {
    method: 'aksk',
    accessKey: new Secret(accessKey),
    secretKey: new Secret(secretKey),
    ...(securityToken !== undefined && { securityToken: new Secret(securityToken) }),
    project,
  };
}

function guessType(reader: Reader): string {
  if (reader.auth('password') !== undefined) return 'password';
  if (reader.auth('application_credential_secret') !== undefined) return 'v3applicationcredential';
  if (reader.auth('token') !== undefined) return 'token';
  // Last: beside a password they are there for other services, such as object storage.
  const keys = ['access_key', 'ak', 'secret_key', 'sk'] as const;
  return keys.some((key) => reader.auth(key) !== undefined) ? 'aksk' : 'password';
}

/** The domain of a user or project: its own, else the one for both, else the default domain as openstacksdk has it. */
function domainOf(reader: Reader, of: 'user' | 'project'): Named {
  const id = reader.auth(`${of}_domain_id`);
  if (id !== undefined) return { id };
  const name = reader.auth(`${of}_domain_name`);
  if (name !== undefined) return { name };
  const bothId = reader.auth('domain_id') ?? reader.auth('default_domain_id') ?? reader.auth('default_domain');
  const bothName = reader.auth('domain_name') ?? reader.auth('default_domain_name');
  return bothName === undefined ? { id: bothId ?? 'default' } : { name: bothName };
}

function userOf(reader: Reader): InDomain {
  const id = reader.auth('user_id');
  if (id !== undefined) return { id };
  return { name: reader.required('username', ' (or user_id)'), domain: domainOf(reader, 'user') };
}

function projectOf(reader: Reader): InDomain | undefined {
  const id = reader.auth('project_id') ?? reader.auth('tenant_id');
  if (id !== undefined) return { id };
  const name = reader.auth('project_name') ?? reader.auth('tenant_name');
  return name === undefined ? undefined : { name, domain: domainOf(reader, 'project') };
}
