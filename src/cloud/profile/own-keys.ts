import type { Profile } from './profile';
import { nearestOwnKey, OWN_KEYS } from './profile-keys';

/** A year: what is longer is no window but a mistake. */
const LONGEST_WINDOW = 365 * 24 * 60 * 60;

/** The worker keeps to a limit in whole activities, which need a few requests each: below this it could not work. */
const LOWEST_LIMIT = 1;

/** What a profile says to this program alone, under `durable_resize`. @throws what `error` makes */
export function ownKeysOf(
  written: unknown,
  error: (path: readonly string[], what: string) => Error,
): Pick<Profile, 'requestsPerSecond' | 'autoConfirmWindow'> {
  if (written === undefined || written === null) return {};
  if (typeof written !== 'object' || Array.isArray(written)) throw error([], 'must be a mapping of keys');
  const given = new Map<string, unknown>(
    Object.entries(written).map(([key, value]) => [key.replaceAll('-', '_'), value]),
  );
  for (const key of given.keys()) {
    if ((OWN_KEYS as readonly string[]).includes(key)) continue;
    throw error([key], `is not a known key; the nearest known one is durable_resize.${nearestOwnKey(key)}`);
  }
  const number = (key: (typeof OWN_KEYS)[number], lowest: number, highest: number, what: string) => {
    const value = given.get(key);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && value >= lowest && value <= highest) return value;
    throw error([key], what);
  };
  const perSecond = number('requests_per_second', LOWEST_LIMIT, 100_000, 'must be a number, at least 1');
  const window = number(
    'auto_confirm_window',
    0,
    LONGEST_WINDOW,
    'must be a number of seconds (0: the cloud does not confirm by itself)',
  );
  return {
    ...(perSecond !== undefined && { requestsPerSecond: perSecond }),
    ...(window !== undefined && window > 0 && { autoConfirmWindow: window * 1000 }),
  };
}
