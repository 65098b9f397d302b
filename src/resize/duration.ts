/** Durations as requests write them. */
import ms from 'ms';
import * as v from 'valibot';
import { InvalidRequest } from './invalid-request';
import { quote } from './wire-json';

/** Milliseconds, or a text such as `30 minutes`, `90s`, `2h`. */
export type DurationInput = number | string;

/** The longest duration accepted: Temporal's timers and a person's patience both end before it. */
const LONGEST = 365 * 24 * 60 * 60 * 1000;

/** @returns whole milliseconds, zero or more, or undefined for what is no duration */
function millisecondsIn(input: DurationInput): number | undefined {
  // A bare "30" in a text would mean 30 ms: nobody means that. `ms` throws for an empty text.
  const bare = typeof input === 'string' && /^[\d.\s]*$/.test(input);
  const value = Math.round(typeof input === 'number' ? input : bare ? Number.NaN : ms(input.trim() as ms.StringValue));
  return Number.isFinite(value) && value >= 0 && value <= LONGEST ? value : undefined;
}

const notADuration = (input: unknown) =>
  `${quote(JSON.stringify(input))} is not a duration; write for example "90s", "30 minutes" or "2h" (at most a year)`;

/**
 * Reads a duration.
 * @param input milliseconds, or a text such as `30 minutes`
 * @param field what it is for, for the message
 * @returns milliseconds, whole and above zero
 * @throws InvalidRequest
 */
export function readDuration(input: DurationInput, field: string): number {
  const value = millisecondsIn(input);
  if (value === undefined || value === 0) throw new InvalidRequest(`${field}: ${notADuration(input)}`);
  return value;
}

const durationFrom = (least: number) =>
  v.pipe(
    v.union([v.number(), v.string()]),
    v.rawTransform<DurationInput, number>(({ dataset, addIssue, NEVER }) => {
      const value = millisecondsIn(dataset.value);
      if (value !== undefined && value >= least) return value;
      addIssue({ message: notADuration(dataset.value) });
      return NEVER;
    }),
  );

/** Above zero. */
export const duration = durationFrom(1);
/** Zero, or more. */
export const durationOrZero = durationFrom(0);
