import { AUTH_ALIASES, AUTH_KEYS, BESIDE_FIRST, SCOPE_KEYS } from './auth-keys';
import { ProfileError } from './profile-error';

/** A profile as it was written, keys with "_" only. */
export type Settings = Record<string, unknown>;

/** One place in which a profile is written: what stands in a higher layer counts more. */
export interface Layer {
  settings: Settings;
  /** The file, or `environment`. */
  file: string;
  /** How the key at this path is written there: auth.password, or OS_PASSWORD. */
  keyOf: (path: readonly string[]) => string;
}

/** Where a profile is written, for messages. */
export class Origin {
  readonly name: string;
  /** From the lowest to the highest. */
  readonly #layers: readonly Layer[];
  /** The file that is named where no other one is known. */
  readonly #main: Layer;

  constructor(name: string, layers: readonly Layer[], main: Layer) {
    this.name = name;
    this.#layers = layers;
    this.#main = main;
  }

  get source(): string {
    return this.#main.file;
  }

  /** How the key at this path is written. */
  keyOf(path: readonly string[]): string {
    return this.#layerOf(path).keyOf(path);
  }

  #layerOf(path: readonly string[]): Layer {
    return this.#layers.findLast(({ settings }) => has(settings, path)) ?? this.#main;
  }

  /** The sentence that a profile cannot be used because of the key at this path. */
  error(path: readonly string[], what: string): ProfileError {
    const layer = this.#layerOf(path);
    // A key that is no word may be a mistake in the YAML, with a value in it.
    const key = path.every((part) => /^[\w<]{1,60}$/.test(part)) ? layer.keyOf(path) : `${path[0]}, a key in it,`;
    return new ProfileError(`Profile ${this.name} in ${layer.file}: ${path.length === 0 ? '' : `${key} `}${what}.`);
  }
}

/** A layer out of what was written: as openstacksdk does, "-" in keys is "_", and keys of `auth` may stand beside it. */
export function layerOf(written: Settings, file: string, keyOf: Layer['keyOf'] = (path) => path.join('.')): Layer {
  return { settings: normalised(written), file, keyOf };
}

/** What the layers say together, mapping by mapping. */
export function combined(layers: readonly Layer[]): Settings {
  return layers.map(({ settings }) => settings).reduce(merge, {});
}

export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function normalised(written: Settings): Settings {
  const { auth: under, ...profile } = given(written);
  if (under !== undefined && !isSettings(under)) return { ...profile, auth: under };
  const auth = renamed(under ?? {});
  const beside = renamed(profile);
  for (const key of [...AUTH_KEYS, ...SCOPE_KEYS]) {
    if (beside[key] === undefined) continue;
    if (auth[key] === undefined || BESIDE_FIRST.includes(key)) auth[key] = beside[key];
    Reflect.deleteProperty(beside, key);
  }
  return { ...beside, auth };
}

/** Without the keys that are null, which are not given; in all mappings, with "_" in their keys. */
function given(written: Settings): Settings {
  const entries = Object.entries(written).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [key.replaceAll('-', '_'), isSettings(value) ? given(value) : value]),
  );
}

function renamed(written: Settings): Settings {
  const old = Object.keys(AUTH_ALIASES);
  const current = Object.fromEntries(Object.entries(written).filter(([key]) => !old.includes(key)));
  for (const [key, now] of Object.entries(AUTH_ALIASES)) {
    if (written[key] !== undefined) current[now] ??= written[key];
  }
  return current;
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
