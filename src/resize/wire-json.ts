/** JSON as other programs write it. */
import * as v from 'valibot';

/**
 * The same value without the fields that are null: clients in Python, Java and .NET write null for a field that is not
 * set, so null means "not given" wherever people's or services' JSON is read.
 */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  // A Uint8Array or a Date is no JSON object; a schema refuses it as it is.
  if (Object.prototype.toString.call(value) !== '[object Object]') return value;
  const given = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(given.map(([name, field]) => [name, withoutNulls(field)]));
}

/** A text of people: trimmed, not empty, and not longer than what is kept of it. */
export const text = (longest: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(longest));

/** The longest quotation of what was given, in characters. */
const LONGEST_QUOTE = 80;

/** What was given, as far as a sentence needs it. */
export const quote = (given: string) =>
  given.length <= LONGEST_QUOTE ? given : `${given.slice(0, LONGEST_QUOTE - 1)}…`;

/** Where in the input it is, key by key. */
export const pathOf = (issue: v.BaseIssue<unknown>): (string | number)[] =>
  (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));

/** `checks[2].http.url` */
export const placeOf = (path: readonly (string | number)[]): string =>
  path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');

/**
 * One sentence for the first thing that is wrong: which field, and why.
 * @param whole what all of it is called: "input", "payload"
 */
export function sentenceFor(issue: v.BaseIssue<unknown>, whole: string, unknownField = 'no such field'): string {
  const field = placeOf(pathOf(issue)) || whole;
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${field}: ${unknownField}`;
  if (issue.kind === 'transformation' || ['check', 'check_items', 'raw_check'].includes(issue.type))
    return `${field}: ${issue.message}`;
  if (issue.received === 'undefined') return `${field}: is missing`;
  if (issue.type === 'min_length') return `${field}: is empty`;
  if (issue.type === 'max_length') return `${field}: is longer than ${String(issue.requirement)} characters`;
  return `${field}: ${quote(issue.received)} is not valid here (expected ${issue.expected ?? 'something else'})`;
}
