/** The checks of a server's health: what a request asks for, and what was found. Durations are milliseconds. */

export const VERDICTS = ['pass', 'fail', 'inconclusive'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** When a check runs: before the resize, after it, while people decide, and once more before a confirm by itself. */
export type CheckTime = 'baseline' | 'proof' | 'watch' | 'last-round';

/** What one check does; exactly one of these fields is there. Placeholders are not filled in yet. */
export interface Probe {
  http?: { url: string; method: string; status: number[]; body?: string; headers?: Record<string, string> };
  tcp?: { host: string; port: number };
  prometheus?: { url: string; query: string; below?: number; above?: number; for?: number };
  webhook?: { url: string };
}
export type CheckKind = keyof Probe;

/** One check as a request has it, with its defaults. */
export interface Check extends Probe {
  name: string;
  /** Before the first try after the resize. */
  initialDelay: number;
  /** Between two tries. */
  interval: number;
  /** Of one try. */
  timeout: number;
  /** So many in a row pass. */
  successes: number;
  /** So many in a row fail. */
  failures: number;
  /** What no verdict counts as. */
  inconclusive: 'ask' | 'pass' | 'fail';
}

/** The input field `checks`, with its defaults. */
export interface Checks {
  checks: Check[];
  /** After the window opened: until then a failure does not count. */
  grace: number;
  /** A proof that is not in by then is inconclusive. */
  proofWithin: number;
  /** How often each check runs while people decide; 0: not at all. */
  watchEvery: number;
  onWatchFailure: 'ask' | 'revert';
}

/** What a check found at one time. */
export interface Finding {
  verdict: Verdict;
  /** Why, where the figure does not say it. */
  reason?: string;
  /** What was measured: "200 in 31 ms", "0.002". */
  figure?: string;
  /** ISO 8601 UTC, by the worker's clock: for display. */
  at: string;
}

/** One check in the status. */
export interface CheckStatus {
  name: string;
  kind: CheckKind;
  baseline?: Verdict;
  proof?: Verdict;
  watch?: Verdict;
  /** Of the newest finding. */
  reason?: string;
  figure?: string;
  at?: string;
}
