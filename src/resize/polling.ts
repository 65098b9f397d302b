/** How often a server is looked at. A timer plus an activity is 11 events (measured), so waits grow. */

/** Milliseconds; each wait is the last one times `backoff`, up to `maximum`. */
export interface Pace {
  initial: number;
  maximum: number;
  backoff: number;
}

/** What a run is doing while it looks. */
export type Watching = 'resizing' | 'settling' | 'deciding' | 'operator';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Fast where an outage is under way or ends soon; slow where only people are waited for. */
const PACES: Readonly<Record<Watching, Pace>> = {
  resizing: { initial: 2 * SECOND, maximum: 30 * SECOND, backoff: 1.3 },
  settling: { initial: SECOND, maximum: 5 * SECOND, backoff: 1.3 },
  deciding: { initial: MINUTE, maximum: 5 * MINUTE, backoff: 1.3 },
  operator: { initial: 30 * SECOND, maximum: 5 * MINUTE, backoff: 1.3 },
};

/** The longest wait between two looks while the cloud works on the server, ms. */
export const LONGEST_UNDER_WAY = PACES.resizing.maximum;

/**
 * The pace for what is watched. What the request says about polling replaces it, everywhere.
 * @param asked from the request; milliseconds
 */
export function paceOf(watching: Watching, asked: { initial?: number; maximum?: number; backoff?: number } = {}): Pace {
  const usual = PACES[watching];
  const initial = asked.initial ?? Math.min(usual.initial, asked.maximum ?? usual.initial);
  return {
    initial,
    maximum: Math.max(asked.maximum ?? usual.maximum, initial),
    backoff: asked.backoff ?? usual.backoff,
  };
}

/**
 * While a watcher reports changes, the run observes for what it cannot see: a cell that is away, a resize that hangs, a
 * confirm that fails without a change of the server (its action log alone shows that).
 */
const PACES_WHILE_WATCHED: Readonly<Partial<Record<Watching, Pace>>> = {
  resizing: { initial: 15 * MINUTE, maximum: 15 * MINUTE, backoff: 1 },
  settling: { initial: 30 * SECOND, maximum: 2 * MINUTE, backoff: 1.3 },
  deciding: { initial: 60 * MINUTE, maximum: 60 * MINUTE, backoff: 1 },
};

/**
 * The pace while a watcher reports changes. A request that says how often its server is observed keeps to that.
 * @param asked from the request
 */
export function paceWhileWatched(watching: Watching, asked: Partial<Pace> = {}): Pace | undefined {
  return Object.keys(asked).length === 0 ? PACES_WHILE_WATCHED[watching] : undefined;
}

/** A wait is up to this part shorter or longer. */
const SPREAD = 0.1;

/**
 * The wait before look number `n` (0 is the first wait), in whole milliseconds.
 * @param chance at least 0 and below 1: spreads the waits, so that runs that began together do not look together for
 *   ever; 0.5 spreads nothing
 */
export function delayBefore(n: number, pace: Pace, chance: number): number {
  // The exponent is bounded: 1.3^n overflows long before a wait of weeks ends.
  const usual = Math.min(pace.maximum, pace.initial * pace.backoff ** Math.min(n, 200));
  const spread = 1 + SPREAD * (2 * chance - 1);
  return Math.min(Math.max(Math.round(usual * spread), 1), pace.maximum);
}

/** After this many looks a run continues as new, so that its history stays short (replay: measured 1.7 s for 372). */
export const OBSERVATIONS_PER_RUN = 150;
