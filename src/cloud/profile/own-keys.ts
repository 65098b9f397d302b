import * as v from 'valibot';

import type { ProfileError } from './profile-error';
import { OWN_KEYS, unknownOwnKey } from './profile-keys';

/** A year: what is longer is no window but a mistake. */
const LONGEST_WINDOW = 365 * 24 * 60 * 60;

const within = (lowest: number, highest: number, what: string) =>
  v.optional(v.pipe(v.number(what), v.minValue(lowest, what), v.maxValue(highest, what)));

const OwnKeys = v.object({
  // The worker keeps to a limit in whole activities, which need a few requests each: below 1 it could not work.
  requests_per_second: within(1, 100_000, 'must be a number, at least 1'),
  auto_confirm_window: within(
    0,
    LONGEST_WINDOW,
    'must be a number of seconds (0: the cloud does not confirm by itself)',
  ),
  policy: v.optional(
    v.pipe(v.string('must be the name of a policy'), v.regex(/^[\w.-]{1,64}$/, 'must be the name of a policy')),
  ),
} satisfies Record<(typeof OWN_KEYS)[number], unknown>);

/** What a profile says to this program alone, under `durable_resize`; nulls are left out already. */
export function ownKeysOf(
  written: unknown,
  error: (path: readonly string[], what: string) => ProfileError,
): { requestsPerSecond?: number | undefined; autoConfirmWindow?: number | undefined; policy?: string | undefined } {
  if (written === undefined) return {};
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    throw error([], 'must be a mapping of keys');
  }
  for (const key of Object.keys(written)) {
    if (!(OWN_KEYS as readonly string[]).includes(key)) throw error([key], unknownOwnKey(key));
  }
  const result = v.safeParse(OwnKeys, written);
  if (!result.success) {
    const [issue] = result.issues;
    throw error([v.getDotPath(issue) ?? ''], issue.message);
  }
  const { requests_per_second: requestsPerSecond, auto_confirm_window: window, policy } = result.output;
  const autoConfirmWindow = window === undefined || window === 0 ? undefined : window * 1000;
  return { requestsPerSecond, autoConfirmWindow, policy };
}
