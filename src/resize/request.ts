/** What a resize is asked for, and the one check that both the client and the workflow apply to it. */
import * as v from 'valibot';
import { MOST_PEOPLE, namedTwice } from './approvals';
import { checksSchema, givenChecksSchema, NO_SUCH_FIELD } from './checks';
import { refuseContradictions } from './contradictions';
import { duration } from './duration';
import { InvalidRequest } from './invalid-request';
import { present } from './present';
import { pathOf, quote, sentenceFor, text, withoutNulls } from './wire-json';

export { readDuration, type DurationInput } from './duration';
export { InvalidRequest } from './invalid-request';

/** The highest `version` of the input that this code understands. */
export const REQUEST_VERSION = 1;

/** The shortest time between two observations that a request may ask for, ms: a cloud is not asked faster than that. */
const SHORTEST_POLLING = 100;

/** Parts of the design that this version refuses, never ignores. */
const NOT_YET = ['at', 'decideUntil'] as const;

const pollingTime = v.pipe(
  duration,
  v.check(
    (value) => value >= SHORTEST_POLLING,
    `is faster than a cloud should be asked; give ${SHORTEST_POLLING} ms or more`,
  ),
);

/** Is it a server's id (Nova and Huawei: a UUID), as opposed to a name? */
export function isServerId(value: string): boolean {
  return /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(value);
}

/** What happens when nobody decides in time. */
export const ON_TIMEOUT = ['revert', 'confirm', 'hold'] as const;
export type OnTimeout = (typeof ON_TIMEOUT)[number];

/** How many distinct people have to approve. */
const required = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.check((count) => count <= MOST_PEOPLE, `is more than ${MOST_PEOPLE}, the most that can be asked for`),
);

/** Who decides, and how many of them; the rules are in `approvals.ts`. */
export const approvalsSchema = v.strictObject({
  /** @default 1 */
  required: v.optional(required, 1),
  /** Who may vote. @default anyone */
  approvers: v.exactOptional(
    v.pipe(
      v.array(text(200)),
      v.check((names) => names.length > 0, 'names nobody; leave it out where anyone may vote'),
      v.check((names) => names.length <= MOST_PEOPLE, `names more than ${MOST_PEOPLE} people`),
      v.check(
        (names) => namedTwice(names) === undefined,
        ({ input }) =>
          `names ${quote(JSON.stringify(namedTwice(input)))} twice (names are compared without regard to case)`,
      ),
    ),
  ),
  /** Does the requester's own approval count? @default false */
  allowRequester: v.exactOptional(v.boolean()),
});

/** The fields of a request; what they are for is in docs/wire.md. */
export const REQUEST_FIELDS = {
  /** @default 1 */
  version: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), REQUEST_VERSION),
  /** The name of a profile on the worker; never a secret. */
  cloud: text(100),
  /** The server's id. */
  server: v.pipe(
    text(200),
    v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
      if (isServerId(dataset.value)) return dataset.value.toLowerCase();
      addIssue({ message: `${quote(JSON.stringify(dataset.value))} is not a server id` });
      return NEVER;
    }),
  ),
  /** Name, id or URI of the target flavor. */
  flavor: text(1000),
  requestedBy: text(200),
  reason: v.exactOptional(text(2000)),
  /** The rules of an organisation, by their name on the worker; docs/policy.md. */
  policy: v.exactOptional(text(64)),
  /** The resize is refused when the server turns out to be elsewhere. */
  expect: v.exactOptional(v.strictObject({ project: v.exactOptional(text(200)), region: v.exactOptional(text(200)) })),
  /** How long the cloud may take to VERIFY_RESIZE before an operator is called. @default 2h */
  resizeWithin: v.optional(duration, '2h'),
  /** How long people have to decide, from the moment the proof is in. @default 30m, after `bakeFor` if there is one */
  decideWithin: v.exactOptional(duration),
  /** @default 'revert' */
  onTimeout: v.optional(v.picklist(ON_TIMEOUT), 'revert'),
  /** How long a confirm or revert may take to show its effect before an operator is called. @default 10m */
  settleWithin: v.optional(duration, '10m'),
  /** A deadline that is handled later than this does nothing by itself. @default 5m */
  lateGrace: v.optional(duration, '5m'),
  /** Who decides, and how many of them. @default any one person, the requester included */
  approvals: v.exactOptional(approvalsSchema),
  /** A caller's own name for this request: the same key again returns the same run. */
  key: v.exactOptional(text(200)),
  /** Take over a server that already waits in VERIFY_RESIZE, instead of resizing it. */
  adopt: v.exactOptional(v.boolean()),
  /** If the cloud wants the server stopped before a resize: stop it, and start it again afterwards. */
  stopFirst: v.exactOptional(v.boolean()),
  /** The checks of its health; see docs/checks.md. @default none */
  checks: v.exactOptional(checksSchema),
  /** Confirm without people when all checks have passed for `bakeFor`. */
  autoConfirm: v.exactOptional(v.boolean()),
  bakeFor: v.exactOptional(duration),
  /** How often the server is observed; milliseconds or texts, at least 100 ms. */
  polling: v.exactOptional(
    v.strictObject({
      initial: v.exactOptional(pollingTime),
      maximum: v.exactOptional(pollingTime),
      backoff: v.exactOptional(v.pipe(v.number(), v.minValue(1), v.maxValue(10))),
    }),
  ),
};

/** How long people have to decide, where the request does not say it, ms. */
const DECIDE_WITHIN = 30 * 60 * 1000;

/** How long people have to decide. Where the checks may confirm, people have the same time after that. */
export const decisionTime = ({ decideWithin, bakeFor = 0 }: { decideWithin?: number; bakeFor?: number }): number =>
  decideWithin ?? bakeFor + DECIDE_WITHIN;

const requestSchema = v.strictObject(REQUEST_FIELDS);
/** The same, where the server may be a name and it does not matter who asks. */
const inspectSchema = v.strictObject({
  ...REQUEST_FIELDS,
  server: text(200),
  requestedBy: v.exactOptional(text(200)),
  decideWithin: v.exactOptional(duration),
  onTimeout: v.exactOptional(v.picklist(ON_TIMEOUT)),
  /** Run the checks once, against the server as it is. */
  runChecks: v.exactOptional(v.boolean()),
});
/** What decides how a resize ends. */
const GATE_FIELDS = {
  approvals: REQUEST_FIELDS.approvals,
  reason: REQUEST_FIELDS.reason,
  decideWithin: REQUEST_FIELDS.decideWithin,
  onTimeout: REQUEST_FIELDS.onTimeout,
  autoConfirm: REQUEST_FIELDS.autoConfirm,
  bakeFor: REQUEST_FIELDS.bakeFor,
  checks: REQUEST_FIELDS.checks,
};
const gateSchema = v.object({
  ...GATE_FIELDS,
  requestedBy: v.exactOptional(text(200)),
  stopFirst: REQUEST_FIELDS.stopFirst,
});
/** The same as it was given: nothing is filled in. */
const givenGateSchema = v.object({
  ...GATE_FIELDS,
  approvals: v.exactOptional(v.strictObject({ ...approvalsSchema.entries, required: v.exactOptional(required) })),
  onTimeout: v.exactOptional(v.picklist(ON_TIMEOUT)),
  checks: v.exactOptional(givenChecksSchema),
  stopFirst: REQUEST_FIELDS.stopFirst,
});
const orphansSchema = v.strictObject({ cloud: text(100) });

/** The input of `resizeServer` as it travels. */
export type ResizeInput = v.InferInput<typeof requestSchema>;
/** A checked request: every default filled in, durations in milliseconds. */
export type ResizeRequest = v.InferOutput<typeof requestSchema> & { decideWithin: number };
/** Input of `inspectServer`: a request, where the server may be a name; it only reads. */
export type InspectInput = v.InferInput<typeof inspectSchema>;
export type InspectRequest = v.InferOutput<typeof inspectSchema>;
/** The part of a request that decides how the resize ends. */
export type Gate = Pick<ResizeRequest, keyof typeof GATE_FIELDS>;
/** The same as it travels. */
export type GateInput = v.InferInput<typeof gateSchema>;
/** The same as it was given, in milliseconds: what it does not say is absent. */
export type GivenGate = v.InferOutput<typeof givenGateSchema>;
/** Input of `findOrphans`. */
export type OrphansInput = v.InferInput<typeof orphansSchema>;

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
  const request = checked(requestSchema, input);
  refuseContradictions(request);
  return { ...request, decideWithin: decisionTime(request) };
}
/** @throws InvalidRequest with one sentence */
export function checkInspect(input: unknown): InspectRequest {
  const request = checked(inspectSchema, input);
  refuseContradictions(request);
  return request;
}
/**
 * Checks the gate of a request once it is whole, and fills in the defaults that are left.
 * @throws InvalidRequest with one sentence
 */
export function checkGate(input: GateInput): Gate {
  const parts = checked(gateSchema, input);
  refuseContradictions(parts);
  const { approvals, reason, onTimeout, autoConfirm, bakeFor, checks } = parts;
  const gate = present({ approvals, reason, autoConfirm, bakeFor, checks });
  return { ...gate, onTimeout, decideWithin: decisionTime(parts) };
}
/** The gate of an input that was checked, as it was given. */
export const givenGate = (input: unknown): GivenGate => checked(givenGateSchema, input);
/** @throws InvalidRequest with one sentence */
export const checkOrphans = (input: unknown): OrphansInput => checked(orphansSchema, input);

function checked<Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const given = withoutNulls(input);
  const version = v.safeParse(v.object({ version: v.number() }), given);
  if (version.success && version.output.version > REQUEST_VERSION) {
    throw new InvalidRequest(
      `version: ${version.output.version} is newer than this program understands (${REQUEST_VERSION}); update the workers first`,
    );
  }
  if (typeof given === 'object' && given !== null) {
    for (const field of NOT_YET) {
      if (Object.hasOwn(given, field))
        throw new InvalidRequest(`${field}: not supported by this version; leave it out`);
    }
  }
  const parsed = v.safeParse(schema, given);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = pathOf(issue);
  const unknownField =
    path[0] === 'checks' ? NO_SUCH_FIELD : 'no such field; see docs/wire.md for the fields of a resize';
  throw new InvalidRequest(sentenceFor(issue, 'input', unknownField), path);
}

/**
 * A request to be refused with: what can be read of the input, for the status of a run that must not start.
 * @param input anything
 */
export function readableParts(input: unknown): ResizeRequest {
  const part = (name: string, longest: number): string => {
    const value = typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[name] : undefined;
    return typeof value === 'string' ? value.slice(0, longest) : '(not given)';
  };
  const usual = checkRequest({
    cloud: 'x',
    server: '00000000-0000-0000-0000-000000000000',
    flavor: 'x',
    requestedBy: 'x',
  });
  return {
    ...usual,
    cloud: part('cloud', 100),
    server: part('server', 200),
    flavor: part('flavor', 255),
    requestedBy: part('requestedBy', 200),
  };
}
