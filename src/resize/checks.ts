/** The checks of a server's health: what a request asks for, and what was found. Durations are milliseconds. */
import * as v from 'valibot';
import { duration, durationOrZero } from './duration';
import { InvalidRequest } from './invalid-request';
import { LONGEST_PATTERN, syntaxFaultOf } from './pattern';
import { unknownPlaceholder, withSamples } from './placeholders';
import { pathOf, quote, sentenceFor, text, withoutNulls } from './wire-json';

export const VERDICTS = ['pass', 'fail', 'inconclusive'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** When a check runs: before the resize, after it, while people decide, and once more before a confirm by itself. */
export type CheckTime = 'baseline' | 'proof' | 'watch' | 'last-round';

/** What a check found at one time. */
export interface Finding {
  verdict: Verdict;
  /** No verdict was reached, and the check says that this counts as one: a `pass` that nobody has seen. */
  assumed?: true;
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

/** What is said of a field that checks do not have. */
export const NO_SUCH_FIELD = 'no such field; see docs/checks.md for the fields of checks';

/** The fields that are durations, wherever they are. */
export const CHECK_DURATIONS = ['initialDelay', 'interval', 'timeout', 'grace', 'proofWithin', 'watchEvery', 'for'];

/** Most checks of one request: each is an activity of its own. */
const MOST_CHECKS = 20;
/** All of them as JSON, in characters: the input is in the history. */
const LARGEST = 32_768;
/** Between two tries, and of one try, ms: a checked server is not asked faster. */
const SHORTEST = 100;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const within = (least: number, most: number, words: string) =>
  v.check<number, string>((value) => value >= least && value <= most, `must be ${words}`);
const count = v.pipe(v.number(), v.integer(), within(1, 100, 'a whole number from 1 to 100'));
/** A lone number is milliseconds. One that is too short was meant as seconds. */
const pause = v.pipe(
  durationOrZero,
  v.check((ms) => ms === 0 || ms >= SHORTEST, `must be 0s, or ${SHORTEST} ms or more`),
);

const templated = (longest: number) =>
  v.pipe(
    text(longest),
    v.check(
      (given) => unknownPlaceholder(given) === undefined,
      ({ input }) =>
        `${quote(unknownPlaceholder(input) ?? '')} is no placeholder; there are {address}, {address:NETWORK}, {name} and {id}`,
    ),
  );

/** Has a URL user or password in it, or what would be taken for that once a placeholder is filled in? */
const hasUserInfo = (given: string): boolean => /^\w+:\/\/[^/?#]*@/.test(given.replaceAll('\\', '/'));

const url = v.pipe(
  templated(2000),
  // First, and without a quotation: what stands there is a secret.
  v.check(
    (given) => !hasUserInfo(given),
    'has user or password in it; a worker adds them (DURABLE_RESIZE_CHECK_HEADERS, see docs/checks.md)',
  ),
  v.check((given) => /^https?:\/\//i.test(given) && URL.canParse(withSamples(given)), 'is not an http or https URL'),
  v.check((given) => !/[{}]/.test(withSamples(given)), 'has braces that are no placeholder; write them as %7B and %7D'),
);

/** What holds a secret by its name. A secret in a request would be kept in the history, for all to read. */
const SECRET_HEADER = /auth|cookie|token|secret|passw|api-?key|credential|session/i;
/** Set by the client from the request itself; another value would make it ambiguous where it ends. */
const FRAMING_HEADER =
  /^(connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*)$/i;

const headerName = v.pipe(
  v.string(),
  v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/),
  v.check(
    (name) => !SECRET_HEADER.test(name),
    'may be a secret, and a request holds none; a worker adds it (DURABLE_RESIZE_CHECK_HEADERS, see docs/checks.md)',
  ),
  v.check((name) => !FRAMING_HEADER.test(name), 'is set by the HTTP client; leave it out'),
);
/** It is not quoted when it is wrong: it may be a secret under a name of its own. */
const headerValue = v.pipe(
  v.string(),
  v.check((value) => /^[\t\x20-\x7e]{0,500}$/.test(value), 'must be one line of at most 500 ASCII characters'),
);
const headers = v.pipe(
  v.record(headerName, headerValue),
  v.check((given) => Object.keys(given).length <= 20, 'has more than 20 headers'),
);

const body = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(LONGEST_PATTERN),
  v.check(
    (given) => syntaxFaultOf(given) === undefined,
    ({ input }) => `${quote(JSON.stringify(input))} is no regular expression (${syntaxFaultOf(input) ?? ''})`,
  ),
);

const http = v.pipe(
  v.strictObject({
    url,
    /** What reads only: a check changes nothing. */
    method: v.optional(
      v.pipe(
        v.string(),
        v.toUpperCase(),
        v.check(
          (given) => ['GET', 'HEAD'].includes(given),
          'must be GET or HEAD: a check changes nothing (a test that does is a webhook)',
        ),
      ),
      'GET',
    ),
    status: v.optional(
      v.pipe(
        v.array(v.pipe(v.number(), v.integer(), within(100, 599, 'an HTTP status, 100 to 599'))),
        v.minLength(1),
        v.maxLength(20),
      ),
      () => [200],
    ),
    /** Found anywhere in the first 64 KiB of the body. */
    body: v.exactOptional(body),
    headers: v.exactOptional(headers),
  }),
  v.forward(
    v.check(({ method, body }) => method === 'GET' || body === undefined, 'an answer to HEAD has no body; use GET'),
    ['body'],
  ),
);

const tcp = v.strictObject({
  host: v.pipe(
    templated(255),
    v.check((given) => /^[\w.:%-]+$/.test(withSamples(given)), 'is not a host name or an address'),
  ),
  port: v.pipe(v.number(), v.integer(), within(1, 65_535, 'a port, 1 to 65535')),
});

const prometheus = v.pipe(
  v.strictObject({
    url,
    query: templated(2000),
    below: v.exactOptional(v.pipe(v.number(), v.finite())),
    above: v.exactOptional(v.pipe(v.number(), v.finite())),
    /** The condition must hold for the whole of this time. */
    for: v.exactOptional(v.pipe(duration, within(SHORTEST, 24 * HOUR, 'from 100 ms to 24 hours'))),
  }),
  v.check(({ below, above }) => (below === undefined) !== (above === undefined), 'needs one of below and above'),
);

const webhook = v.strictObject({ url });

/** What a check does, by its kind. */
const PROBES = {
  http: v.exactOptional(http),
  tcp: v.exactOptional(tcp),
  prometheus: v.exactOptional(prometheus),
  webhook: v.exactOptional(webhook),
};
export const CHECK_KINDS = ['http', 'tcp', 'prometheus', 'webhook'] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

const kindsIn = (check: object) => CHECK_KINDS.filter((kind) => kind in check);

const checkSchema = v.pipe(
  v.strictObject({
    ...PROBES,
    /** Unique in the request, and shown everywhere. */
    name: v.pipe(
      text(60),
      v.check((name) => !/\p{Cc}/u.test(name), 'has control characters in it'),
    ),
    /** Before the first try after the resize. */
    initialDelay: v.optional(v.pipe(pause, within(0, HOUR, 'at most an hour')), 0),
    /** Between two tries. */
    interval: v.optional(v.pipe(duration, within(SHORTEST, HOUR, 'from 100 ms to an hour')), '5s'),
    /** Of one try. */
    timeout: v.optional(v.pipe(duration, within(SHORTEST, MINUTE, 'from 100 ms to a minute')), '3s'),
    /** So many in a row pass. */
    successes: v.optional(count, 1),
    /** So many in a row fail. */
    failures: v.optional(count, 3),
    /** What no verdict counts as. */
    inconclusive: v.optional(v.picklist(['ask', 'pass', 'fail']), 'ask'),
  }),
  v.check(
    (check) => kindsIn(check).length === 1,
    ({ input }) => {
      const kinds = kindsIn(input);
      return kinds.length === 0
        ? `does nothing; give it one of ${CHECK_KINDS.join(', ')}`
        : `does ${kinds.join(' and ')}; make each a check of its own`;
    },
  ),
);

/** The input field `checks`: what it may hold, and its defaults. docs/checks.md tells what they are for. */
export const checksSchema = v.pipe(
  v.strictObject({
    checks: v.pipe(
      v.array(checkSchema),
      v.check((checks) => checks.length > 0, 'is empty; name a check, or leave checks out'),
      v.check((checks) => checks.length <= MOST_CHECKS, `has more than ${MOST_CHECKS} checks`),
      v.checkItems(
        ({ name }, index, all) => all.findIndex((other) => other.name === name) === index,
        ({ input }) => `the name ${JSON.stringify(input.name)} is used twice`,
      ),
    ),
    /** After the window opened: until then a failure does not count. */
    grace: v.optional(pause, '60s'),
    /** A proof that is not in by then is inconclusive. */
    proofWithin: v.optional(v.pipe(duration, within(SHORTEST, 24 * HOUR, 'from 100 ms to 24 hours')), '5m'),
    /** How often each check runs while people decide; 0: not at all. */
    watchEvery: v.optional(v.pipe(pause, within(0, 24 * HOUR, 'at most 24 hours')), '30s'),
    onWatchFailure: v.optional(v.picklist(['ask', 'revert']), 'ask'),
  }),
  v.forward(
    v.check(
      ({ grace, proofWithin }) => grace <= proofWithin / 2,
      'is more than half of proofWithin, so a failure could hardly be proven',
    ),
    ['grace'],
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const late = dataset.value.checks.find((check) => firstVerdictAfter(check) >= dataset.value.proofWithin);
    if (late !== undefined)
      addIssue({
        message: `check ${JSON.stringify(late.name)} cannot pass within proofWithin: shorten its initialDelay and for, or give more time`,
      });
  }),
  v.check((checks) => JSON.stringify(checks).length <= LARGEST, `is longer than ${LARGEST} characters as JSON`),
);

/** What holds for all checks of a request, as it was given: what it does not say is absent. */
export const givenChecksSchema = v.object({
  checks: v.array(v.object({ name: v.pipe(v.string(), v.trim()) })),
  grace: v.exactOptional(pause),
  proofWithin: v.exactOptional(duration),
  watchEvery: v.exactOptional(pause),
  onWatchFailure: v.exactOptional(v.picklist(['ask', 'revert'])),
});
export type GivenChecks = v.InferOutput<typeof givenChecksSchema>;

/** The earliest that a check can pass after the resize. */
const firstVerdictAfter = ({ initialDelay, interval, successes, prometheus: asked }: Check): number =>
  Math.max(initialDelay, asked?.for ?? 0) + (successes - 1) * interval;

/** The input field `checks` as it travels. */
export type ChecksInput = v.InferInput<typeof checksSchema>;
/** The same with its defaults; durations in milliseconds. */
export type Checks = v.InferOutput<typeof checksSchema>;
/** One check with its defaults. Placeholders are not filled in yet. */
export type Check = v.InferOutput<typeof checkSchema>;

/**
 * Checks the object by itself, as a file has it.
 * @throws InvalidRequest with one sentence; places begin at the object, `checks[2].http.url`
 */
export function checkChecks(given: unknown): Checks {
  const parsed = v.safeParse(checksSchema, withoutNulls(given));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new InvalidRequest(sentenceFor(issue, 'the file', NO_SUCH_FIELD), pathOf(issue));
}

/** What a check does. */
export const kindOf = (check: Check): CheckKind => kindsIn(check)[0] ?? 'webhook';
