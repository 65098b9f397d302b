import * as v from 'valibot';
import type { Try } from '../resize/check-verdict';
import type { Check } from '../resize/checks';
import { filledQuery, filledUrl } from '../resize/placeholders';
import type { Asked, Probe, Surroundings } from './probe';
import { heldFor, holdsNow, type Limit, type Series } from './samples';

/** A thousand samples of a hundred series. */
const LARGEST = 4 * 1024 * 1024;

/** Prometheus HTTP API, "Expression query result formats": a time in seconds, and the value as a text. */
const sample = v.pipe(
  v.tuple([v.number(), v.string()]),
  v.transform(([at, value]) => ({ at: at * 1000, value: numberIn(value) })),
);
const resultSchema = v.variant('resultType', [
  v.object({
    resultType: v.literal('vector'),
    result: v.pipe(
      v.array(v.object({ value: sample })),
      v.transform((all) => all.map(({ value }) => [value])),
    ),
  }),
  v.object({
    resultType: v.literal('matrix'),
    result: v.pipe(
      v.array(v.object({ values: v.array(sample) })),
      v.transform((all) => all.map(({ values }) => values)),
    ),
  }),
  v.object({
    resultType: v.literal('scalar'),
    result: v.pipe(
      sample,
      v.transform((only) => [[only]]),
    ),
  }),
]);
const answerSchema = v.variant('status', [
  v.object({ status: v.literal('success'), data: resultSchema }),
  v.object({ status: v.literal('error'), error: v.optional(v.string(), 'no reason given') }),
]);

type Options = NonNullable<Check['prometheus']>;

/** Asks Prometheus whether a condition holds, or has held. What it cannot answer is inconclusive. */
export const probePrometheus: Probe<Options> = async (options, asked, surroundings) => {
  const limit: Limit = options.below === undefined ? { above: options.above ?? 0 } : { below: options.below };
  const query = filledQuery(options.query, asked.target);
  if (options.for === undefined) {
    const series = await seriesOf('query', { query }, options, asked, surroundings);
    return 'verdict' in series ? series : holdsNow(series.found, limit);
  }
  const now = Date.now();
  const wanted = now - options.for;
  const start = Math.max(wanted, asked.since ?? wanted);
  const step = stepOf(options.for, asked.interval);
  const range = { query, start: String(start / 1000), end: String(now / 1000), step: String(step / 1000) };
  const series = await seriesOf('query_range', range, options, asked, surroundings);
  return 'verdict' in series ? series : heldFor(series.found, limit, { start, end: now, step, wanted: options.for });
};

/** As often as the check looks, at least ten times and at most a thousand times in the whole span. */
const stepOf = (span: number, interval: number) => Math.max(Math.min(interval, span / 10), span / 1000, 100);

async function seriesOf(
  endpoint: 'query' | 'query_range',
  parameters: Record<string, string>,
  options: Options,
  { target, timeout, signal }: Asked,
  { http, headers }: Surroundings,
): Promise<Try | { found: Series[] }> {
  const url = new URL(filledUrl(options.url, target));
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/${endpoint}`;
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const answer = await http.send({ url, method: 'GET', follow: true, largest: LARGEST, timeout, signal });
  if ('verdict' in answer) return noVerdict(`Prometheus: ${answer.reason ?? 'no answer'}`);
  if (answer.cut) return noVerdict(`the answer of Prometheus is larger than ${LARGEST / 1024 / 1024} MiB`);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), answerSchema), answer.body);
  if (!parsed.success) return noVerdict(`status ${answer.status} is no answer of Prometheus with numbers`);
  if (parsed.output.status === 'error') return noVerdict(`Prometheus: ${headers.redact(parsed.output.error)}`);
  return { found: parsed.output.data.result };
}

/** As Go writes numbers. */
function numberIn(text: string): number {
  return /^[+-]?Inf$/.test(text) ? Number(`${text.startsWith('-') ? '-' : ''}Infinity`) : Number(text);
}

const noVerdict = (reason: string): Try => ({ verdict: 'inconclusive', reason });
