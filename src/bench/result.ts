/** What a benchmark has found, as it is written down. */

/** One figure: a value for each round. */
export interface Figure {
  what: string;
  /** ms, s, MB, calls/s and so on. */
  unit: string;
  /** Empty when it could not be measured; `note` says why. */
  rounds: number[];
  /** The goal. */
  atMost?: number;
  /** It was not measured, but follows from this. */
  computed?: string;
  /** The measurement ended before the value was reached: it is more than this. */
  beyond?: true;
  note?: string;
}

/** A line of a chart: what share of the changes is known after so many seconds. */
export interface Curve {
  name: string;
  /** Milliseconds, ascending. */
  values: number[];
}

/** What one measurement has found. */
export interface Section {
  name: SectionName;
  title: string;
  /** What was done, in sentences. */
  about: string[];
  figures: Figure[];
  curves?: Curve[];
  /** Why it could not be measured to its end. */
  failed?: string;
  /** Seconds. */
  took: number;
}

/** The sections, in the order in which they are measured. */
export const SECTIONS = ['cost', 'lag', 'many', 'crowd', 'kill', 'lengths'] as const;
export type SectionName = (typeof SECTIONS)[number];

export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  /** Averages over 1 minute: before the first and after the last measurement. */
  load: [before: number, after: number];
  os: string;
  node: string;
  temporal: string;
  sdk: string;
}

/** One run of `npm run bench`. */
export interface Result {
  at: string;
  commit: string;
  /** Whether files differ from the commit. */
  changed: boolean;
  machine: Machine;
  options: { rounds: number; runs: number; full: boolean; sections: readonly SectionName[] };
  took: number;
  sections: Section[];
}

/** What the figure says of a goal: reached, short, or nothing as it could not be measured. */
export function verdictOf(figure: Figure): 'reached' | 'short' | 'not measured' | undefined {
  if (figure.atMost === undefined) return undefined;
  if (figure.rounds.length === 0) return 'not measured';
  return figure.beyond !== true && median(figure.rounds) <= figure.atMost ? 'reached' : 'short';
}

/** The middle value; of an even number of values the mean of both. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length / 2;
  const [low = NaN, high = NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

/**
 * The smallest of the values that this share of them does not exceed ("nearest rank").
 * @param share 0.5 is the median, 0.99 the 99th percentile
 */
export function percentile(values: readonly number[], share: number): number {
  return ascending(values)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? NaN;
}

export const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
