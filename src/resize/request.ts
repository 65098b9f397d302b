/** What a resize is asked for, and the one check that both the client and the workflow apply to it. */
import ms from 'ms';
import * as v from 'valibot';

/** Milliseconds, or a text such as `30 minutes`, `90s`, `2h`. */
export type DurationInput = number | string;

/** The highest `version` of the input that this code understands. */
export const REQUEST_VERSION = 1;

/** The longest duration accepted: Temporal's timers and a person's patience both end before it. */
const LONGEST = 365 * 24 * 60 * 60 * 1000;

/** What happens when nobody decides in time. */
export type OnTimeout = 'revert' | 'confirm' | 'hold';

/** The input of `resizeServer` as it travels. Defaults are filled in by {@link checkRequest}. */
export interface ResizeInput {
  /** @default 1 */
  version?: number;
  /** The name of a profile on the worker; never a secret. */
  cloud: string;
  /** The server's id. */
  server: string;
  /** Name or id of the target flavor. */
  flavor: string;
  requestedBy: string;
  reason?: string;
  /** Refused when the server turns out to be elsewhere. */
  expect?: { project?: string; region?: string };
  /** How long the cloud may take to VERIFY_RESIZE before an operator is asked. @default 2h */
  resizeWithin?: DurationInput;
  /** How long people have to decide, from the moment the proof is in. @default 30m */
  decideWithin?: DurationInput;
  /** @default 'revert' */
  onTimeout?: OnTimeout;
  /** How long a confirm or revert may take to show its effect before an operator is asked. @default 10m */
  settleWithin?: DurationInput;
  /** A deadline that is handled later than this does nothing by itself. @default 5m */
  lateGrace?: DurationInput;
  /** A caller's own name for this request: the same key again returns the same run. */
  key?: string;
  /** Take over a server that already waits in VERIFY_RESIZE, instead of resizing it. */
  adopt?: boolean;
  /** If the cloud wants the server stopped before a resize: stop it, and start it again afterwards. */
  stopFirst?: boolean;
  /** How often the server is looked at; milliseconds or texts. */
  polling?: { initial?: DurationInput; maximum?: DurationInput; backoff?: number };
}

/** A checked request: every default filled in, durations in milliseconds. */
export interface ResizeRequest {
  version: number;
  cloud: string;
  server: string;
  flavor: string;
  requestedBy: string;
  reason?: string;
  expect?: { project?: string; region?: string };
  resizeWithin: number;
  decideWithin: number;
  onTimeout: OnTimeout;
  settleWithin: number;
  lateGrace: number;
  key?: string;
  adopt?: boolean;
  stopFirst?: boolean;
  polling?: { initial?: number; maximum?: number; backoff?: number };
}

/** Thrown for an input that cannot be meant: one sentence says what, where and what to do. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
}

/** Parts of the design that this version refuses, never ignores. */
const NOT_YET = ['approvals', 'checks', 'autoConfirm', 'bakeFor', 'policy'] as const;

/**
 * Reads a duration.
 * @param input milliseconds, or a text such as `30 minutes`
 * @param field what it is for, for the message
 * @returns milliseconds, whole and above zero
 * @throws InvalidRequest
 */
export function readDuration(input: DurationInput, field: string): number {
  // A bare "30" in a text would mean 30 ms: nobody means that. `ms` throws for an empty text.
  const bare = typeof input === 'string' && /^[\d.\s]*$/.test(input);
  const value = Math.round(typeof input === 'number' ? input : bare ? Number.NaN : ms(input.trim() as ms.StringValue));
  if (!Number.isFinite(value) || value <= 0 || value > LONGEST) {
    throw new InvalidRequest(
      `${field}: ${quote(JSON.stringify(input))} is not a duration; write for example "90s", "30 minutes" or "2h" (at most a year)`,
    );
  }
  return value;
}

const text = (longest: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(longest));
const duration = v.union([v.number(), v.string()]);

const inputSchema = v.strictObject({
  version: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  cloud: text(100),
  server: text(200),
  flavor: text(255),
  requestedBy: text(200),
  reason: v.optional(text(2000)),
  expect: v.optional(v.strictObject({ project: v.optional(text(200)), region: v.optional(text(200)) })),
  resizeWithin: v.optional(duration),
  decideWithin: v.optional(duration),
  onTimeout: v.optional(v.picklist(['revert', 'confirm', 'hold'])),
  settleWithin: v.optional(duration),
  lateGrace: v.optional(duration),
  key: v.optional(text(200)),
  adopt: v.optional(v.boolean()),
  stopFirst: v.optional(v.boolean()),
  polling: v.optional(
    v.strictObject({
      initial: v.optional(duration),
      maximum: v.optional(duration),
      backoff: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(10))),
    }),
  ),
});

/** Is it a server's id (Nova and Huawei: a UUID), as opposed to a name? */
export function isServerId(value: string): boolean {
  return /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(value);
}

/**
 * The workflow id of the resize of a server: one running resize per server, whatever the cloud's nickname. Some clouds
 * find a server by its id in any letter case.
 */
export function workflowIdOf(server: string): string {
  return `resize-${server.toLowerCase()}`;
}

/**
 * Checks an input and fills in the defaults. The same function runs in the client, before anything is started, and in
 * the workflow, before its first command.
 * @throws InvalidRequest with one sentence
 */
export function checkRequest(input: unknown): ResizeRequest {
  const version = v.safeParse(v.object({ version: v.number() }), input);
  if (version.success && version.output.version > REQUEST_VERSION) {
    throw new InvalidRequest(
      `version: ${version.output.version} is newer than this program understands (${REQUEST_VERSION}); update the workers first`,
    );
  }
  if (typeof input === 'object' && input !== null) {
    for (const field of NOT_YET) {
      if (field in input) throw new InvalidRequest(`${field}: not supported by this version; leave it out`);
    }
  }
  const parsed = v.safeParse(inputSchema, input);
  if (!parsed.success) throw new InvalidRequest(sentence(parsed.issues[0]));
  const given = parsed.output;
  if (!isServerId(given.server)) {
    throw new InvalidRequest(`server: ${quote(JSON.stringify(given.server))} is not a server id`);
  }
  const optional = <T>(name: string, value: T | undefined) => (value === undefined ? {} : { [name]: value });
  const span = (name: 'resizeWithin' | 'decideWithin' | 'settleWithin' | 'lateGrace', fallback: string) =>
    readDuration(given[name] ?? fallback, name);
  return {
    version: given.version ?? REQUEST_VERSION,
    cloud: given.cloud,
    server: given.server.toLowerCase(),
    flavor: given.flavor,
    requestedBy: given.requestedBy,
    resizeWithin: span('resizeWithin', '2h'),
    decideWithin: span('decideWithin', '30m'),
    onTimeout: given.onTimeout ?? 'revert',
    settleWithin: span('settleWithin', '10m'),
    lateGrace: span('lateGrace', '5m'),
    ...optional('reason', given.reason),
    ...optional('key', given.key),
    ...(given.adopt === true && { adopt: true }),
    ...(given.stopFirst === true && { stopFirst: true }),
    ...(given.expect === undefined
      ? {}
      : { expect: { ...optional('project', given.expect.project), ...optional('region', given.expect.region) } }),
    ...(given.polling === undefined
      ? {}
      : {
          polling: {
            ...(given.polling.initial === undefined
              ? {}
              : { initial: readDuration(given.polling.initial, 'polling.initial') }),
            ...(given.polling.maximum === undefined
              ? {}
              : { maximum: readDuration(given.polling.maximum, 'polling.maximum') }),
            ...optional('backoff', given.polling.backoff),
          },
        }),
  };
}

function sentence(issue: v.InferIssue<typeof inputSchema>): string {
  const path = v.getDotPath(issue);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return `${path ?? 'input'}: no such field; see docs/wire.md for the fields of a resize`;
  }
  const field = path ?? 'input';
  if (issue.received === 'undefined') return `${field}: is missing`;
  if (issue.type === 'min_length') return `${field}: is empty`;
  if (issue.type === 'max_length') return `${field}: is longer than ${issue.requirement} characters`;
  return `${field}: ${quote(issue.received)} is not valid here (expected ${issue.expected ?? 'something else'})`;
}

/** What was given, as far as a sentence needs it. */
const quote = (given: string) => (given.length <= 80 ? given : `${given.slice(0, 79)}…`);
