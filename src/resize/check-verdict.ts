/** How the tries of a check become a verdict. Pure: when a try was made comes with the call. */
import type { Check, CheckTime, Finding, Verdict } from './checks';
import { present } from './present';

/** What one try of a check found. */
export interface Try {
  verdict: Verdict;
  reason?: string;
  figure?: string;
}

/** The tries so far: how many in a row found the same, and the newest. */
export interface Streak {
  verdict: Verdict;
  length: number;
  last: Try;
}

/** When a check runs, and its times; milliseconds after the check began. */
export interface Course {
  when: CheckTime;
  /** Failures of tries that begin earlier do not count. */
  grace: number;
  /** Without a verdict it ends then. */
  within: number;
}

/** The longest reason or figure, in characters: what a checked server says is not kept at any length. */
const LONGEST = 200;

/**
 * How a check goes that was asked for. Only a proof waits for a server to come up. At other times the server is as it
 * is, and a verdict needs no longer than a mix of successes and failures that just misses one.
 */
export function courseOf(
  check: Pick<Check, 'interval' | 'timeout' | 'successes' | 'failures'>,
  { when, grace, within }: { when: CheckTime; grace?: number | undefined; within?: number | undefined },
): Course {
  const { interval, timeout, successes, failures } = check;
  const longest = (successes + failures) * (interval + timeout);
  if (when === 'proof') return { when, grace: grace ?? 0, within: within ?? longest };
  return { when, grace: 0, within: Math.min(within ?? longest, longest) };
}

/**
 * Adds a try.
 * @param begun when the try began, ms after the check did
 */
export function withTry(streak: Streak | undefined, found: Try, begun: number, { grace }: Course): Streak {
  const ignored = found.verdict === 'fail' && begun < grace;
  const length = ignored ? 0 : streak?.verdict === found.verdict ? streak.length + 1 : 1;
  return { verdict: found.verdict, length, last: found };
}

/** The verdict that the tries have led to; undefined while it takes more of them. */
export function verdictOf(
  { verdict, length }: Streak,
  { successes, failures }: Pick<Check, 'successes' | 'failures'>,
  { when }: Course,
): Verdict | undefined {
  switch (verdict) {
    case 'pass':
      return length >= successes ? 'pass' : undefined;
    case 'fail':
      return length >= failures ? 'fail' : undefined;
    case 'inconclusive':
      // A proof has its time, in which data may still come.
      return when !== 'proof' && length >= failures ? 'inconclusive' : undefined;
  }
}

/** What a verdict counts as, by the check's own word for none. */
export const countsAs = ({ inconclusive }: Pick<Check, 'inconclusive'>, verdict: Verdict): Verdict =>
  verdict === 'inconclusive' && inconclusive !== 'ask' ? inconclusive : verdict;

/**
 * What a check found.
 * @param verdict undefined when its time is over
 * @param now ISO 8601
 */
export function findingOf(
  check: Pick<Check, 'inconclusive'>,
  { within }: Course,
  { verdict, streak, now }: { verdict: Verdict | undefined; streak: Streak | undefined; now: string },
): Finding {
  const last = streak?.last;
  const tooLate = verdict === undefined ? `no verdict within ${seconds(within)}` : undefined;
  const reason = [tooLate, tooLate === undefined ? last?.reason : lastTry(last)].filter((part) => part !== undefined);
  const reached = verdict ?? 'inconclusive';
  const counted = countsAs(check, reached);
  const assumed = counted !== reached;
  if (assumed) reason.push(`counts as ${counted}, as the check says`);
  return present({
    verdict: counted,
    assumed: assumed ? (true as const) : undefined,
    reason: reason.length === 0 ? undefined : capped(reason.join('; ')),
    figure: last?.figure === undefined ? undefined : capped(last.figure),
    at: now,
  });
}

function lastTry(last: Try | undefined): string | undefined {
  if (last === undefined) return 'it was not tried';
  return `the last try: ${last.verdict}${last.reason === undefined ? '' : `, ${last.reason}`}`;
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** On one line, and no longer than is kept. */
export function capped(text: string, longest = LONGEST): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1).replace(/\p{Cs}$/u, '')}…`;
}
