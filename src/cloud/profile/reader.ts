import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';

import type { AuthKey, SCOPE_KEYS } from './auth-keys';
import { isSettings, type Origin, type Settings } from './layers';
import type { ProfileError } from './profile-error';
import type { TextKey } from './profile-keys';

/** Reads keys with their types; knows how to say where one is. */
export class Reader {
  /** What is used all the same, one sentence each. */
  readonly warnings: string[];
  readonly settings: Settings;
  readonly underAuth: Settings;
  readonly #origin: Origin;
  readonly #cwd: string;
  readonly #unknownVendor: boolean;

  constructor(settings: Settings, origin: Origin, more: { cwd: string; unknownVendor: boolean; warnings: string[] }) {
    this.settings = settings;
    this.warnings = [...more.warnings];
    this.#origin = origin;
    this.#cwd = more.cwd;
    this.#unknownVendor = more.unknownVendor;
    const auth = settings['auth'] ?? {};
    if (!isSettings(auth)) throw this.error(['auth'], 'must be a mapping of keys');
    this.underAuth = auth;
  }

  error(path: readonly string[], what: string): ProfileError {
    return this.#origin.error(path, what);
  }

  warn(path: readonly string[], what: string): void {
    this.warnings.push(`${this.#origin.keyOf(path)} ${what}.`);
  }

  auth(key: AuthKey | (typeof SCOPE_KEYS)[number]): string | undefined {
    return this.#textAt(['auth', key], this.underAuth[key]);
  }

  /** The first of these keys that is given. */
  firstAuth(...keys: AuthKey[]): string | undefined {
    return keys.map((key) => this.auth(key)).find((value) => value !== undefined);
  }

  required(key: AuthKey, instead = ''): string {
    const value = this.auth(key);
    if (value !== undefined) return value;
    const vendor = this.#unknownVendor ? '; the vendor that profile names is not known and gives none' : '';
    throw this.error(['auth', key], `is missing${instead}${vendor}`);
  }

  text(key: TextKey): string | undefined {
    return this.#textAt([key], this.settings[key]);
  }

  /** True, false or absent; an environment variable says it in words. */
  flag(key: 'verify' | 'insecure' | 'has_compute'): boolean | undefined {
    const value = this.settings[key];
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'boolean') return value;
    const word = typeof value === 'string' ? value.toLowerCase() : '';
    if (['true', 'yes', 'on', '1'].includes(word)) return true;
    if (['false', 'no', 'off', '0'].includes(word)) return false;
    const isFile = key === 'verify' && /[./]/.test(word);
    const instead = isFile ? ' (cacert names the file with the certificate authority)' : '';
    throw this.error([key], `must be true or false${instead}`);
  }

  /** An address; `{region_name}` and the like in it stand for keys of the profile, as for openstacksdk. */
  url(path: readonly string[], written: string): string {
    const value = written.trim().replace(/\{(\w+)\}/g, (_, key: string) => {
      const filled = this.settings[key];
      if (typeof filled === 'string' && filled !== '') return filled;
      throw this.error(path, 'holds a word in braces that is no key of this profile, as region_name is one');
    });
    const scheme = URL.canParse(value) ? new URL(value).protocol : '';
    if (scheme !== 'http:' && scheme !== 'https:') throw this.error(path, 'must be an http:// or https:// address');
    return value;
  }

  /** The text of a PEM file. @param kind what has to be in it, as its first line says */
  pem(key: 'cacert' | 'cert' | 'key', kind: RegExp): string | undefined {
    const named = this.text(key);
    if (named === undefined) return undefined;
    if (/[\r\n]|\\n|-----BEGIN/.test(named)) {
      throw this.error([key], 'must be the path of a PEM file, not its text: put the text into a file and name that');
    }
    let text: string;
    try {
      text = readFileSync(resolve(this.#cwd, named.replace(/^~(?=\/)/, homedir())), 'utf8');
    } catch {
      throw this.error([key], `names ${fileNamed(key, named)} cannot be read`);
    }
    if (!kind.test(text))
      throw this.error([key], `names a file without ${key === 'key' ? 'a key' : 'a certificate'} in PEM`);
    return text;
  }

  #textAt(path: readonly string[], value: unknown): string | undefined {
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'string') return value;
    throw this.error(path, typeof value === 'number' ? 'must be text: put it in quotes' : 'must be text');
  }
}

/** A path is shown only where it can hardly be anything else; what stands under `key` may always be the key. */
function fileNamed(key: 'cacert' | 'cert' | 'key', named: string): string {
  const isPath = key !== 'key' && /^[\w.~/ -]{1,200}\.(pem|crt|cer|cert)$/i.test(named);
  return isPath ? `the file ${named}, which` : 'a file that';
}
