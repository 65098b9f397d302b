/** Does a condition hold for what was measured? Pure. */
import type { Try } from '../resize/check-verdict';

export type Limit = { below: number } | { above: number };

export interface Sample {
  /** Epoch ms. */
  at: number;
  value: number;
}
/** Oldest first. */
export type Series = readonly Sample[];

/** What was asked for, epoch ms: samples each `step` from `start` to `end`; and how long it must hold, ms. */
export interface Span {
  start: number;
  end: number;
  step: number;
  wanted: number;
}

/** Of every series the newest sample. */
export function holdsNow(all: readonly Series[], limit: Limit): Try {
  const newest = all.flatMap((series) => series.slice(-1)).map(({ value }) => value);
  if (newest.length === 0) return { verdict: 'inconclusive', reason: 'the query has no data' };
  if (newest.some(Number.isNaN)) return { verdict: 'inconclusive', reason: 'the query gives no number (NaN)' };
  const worst = worstOf(newest, limit);
  const figure = inShort(worst);
  return holds(worst, limit)
    ? { verdict: 'pass', figure }
    : { verdict: 'fail', figure, reason: `not ${inWords(limit)}` };
}

/** Every series, for the whole span. What does not hold now fails; what holds, and not for long enough, is open. */
export function heldFor(all: readonly Series[], limit: Limit, { start, end, step, wanted }: Span): Try {
  // A series that has ended says nothing about now.
  const now = holdsNow(
    all.filter((series) => (series.at(-1)?.at ?? 0) >= end - 1.5 * step),
    limit,
  );
  if (now.verdict !== 'pass') return now;
  const open = (reason: string): Try => ({ ...now, verdict: 'inconclusive', reason });
  const values = all.flatMap((series) => series.map(({ value }) => value));
  if (values.some(Number.isNaN)) return open(`not a number (NaN) at times in the last ${seconds(wanted)}`);
  const figure = inShort(worstOf(values, limit));
  if (!holds(worstOf(values, limit), limit)) {
    return {
      verdict: 'inconclusive',
      figure,
      reason: `${inWords(limit)} now, and not for all of the last ${seconds(wanted)}`,
    };
  }
  if (end - start < wanted) return open(`${inWords(limit)} for ${seconds(end - start)} of ${seconds(wanted)}`);
  const gap = all.some((series) => hasGap(series, { start, end, step }));
  return gap ? open(`no data at times in the last ${seconds(wanted)}`) : { verdict: 'pass', figure };
}

function hasGap(series: Series, { start, end, step }: Omit<Span, 'wanted'>): boolean {
  const times = [start - step, ...series.map(({ at }) => at), end + step];
  return times.some((at, index) => index > 0 && at - (times[index - 1] ?? at) > 2.5 * step);
}

const worstOf = (values: readonly number[], limit: Limit) =>
  values.reduce((one, other) => ('below' in limit ? Math.max(one, other) : Math.min(one, other)));

const holds = (value: number, limit: Limit) => ('below' in limit ? value < limit.below : value > limit.above);

const inWords = (limit: Limit) => ('below' in limit ? `below ${limit.below}` : `above ${limit.above}`);

const inShort = (value: number) => String(Number(value.toPrecision(4)));

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
