/** Reading a status from a memo, a result or an answer. Another program may have written it, so all of it is checked. */
import * as v from 'valibot';
import { CHECK_KINDS, VERDICTS, type CheckStatus } from '../resize/checks';
import { VOTE_REFUSALS, type Decision } from '../resize/decision';
import { DECIDERS } from '../resize/proven';
import { OUTCOMES, PHASES, REVERT_LOSES, type Cause, type Outcome, type ResizeStatus } from '../resize/outcome';
import { present, type Present } from '../resize/present';
import { ON_TIMEOUT } from './start-text';
import { withoutNulls } from '../resize/wire-json';

/** A field that the status can do without: one that cannot be read is left out, and the others stay readable. */
const optional = <T extends v.GenericSchema>(schema: T) => v.optional(v.fallback(v.optional(schema), undefined));

const wordOf = <T extends string>(words: Readonly<Record<T, unknown>>) => v.picklist(Object.keys(words) as T[]);

/** JSON of an object, with what is absent left out. */
const fields = <T extends v.ObjectEntries>(entries: T) => v.pipe(v.object(entries), v.transform(present));

const text = v.string();
const count = v.pipe(v.number(), v.finite());
const moment = v.pipe(
  text,
  v.check((value) => !Number.isNaN(Date.parse(value)), 'not a time'),
);

export const flavorSchema = fields({
  name: text,
  id: optional(text),
  vcpus: optional(count),
  ram: optional(count),
  disk: optional(count),
  ephemeral: optional(count),
});

const decisionSchema = fields({
  decision: v.picklist(['approve', 'reject']),
  by: text,
  reason: optional(text),
  at: moment,
  via: v.picklist(['signal', 'update', 'cancel']),
  counted: v.boolean(),
  why: optional(text),
  voteId: optional(text),
  proven: optional(v.object({ type: text, name: text, eventId: text, runId: text })),
  claimed: optional(text),
  pending: optional(v.boolean()),
  refusal: optional(v.picklist(VOTE_REFUSALS)),
}) satisfies v.GenericSchema<unknown, Decision>;

const verdict = optional(v.picklist(VERDICTS));

export const checkStatusSchema = fields({
  name: text,
  kind: v.picklist(CHECK_KINDS),
  baseline: verdict,
  proof: verdict,
  watch: verdict,
  reason: optional(text),
  figure: optional(text),
  at: optional(moment),
}) satisfies v.GenericSchema<unknown, CheckStatus>;

export const approvalRules = {
  required: count,
  approvers: optional(v.array(text)),
  allowRequester: optional(v.boolean()),
};

export const policySchema = v.object({ name: text, version: count, digest: text });

const statusEntries = {
  workflowId: text,
  runId: text,
  phase: v.picklist(PHASES),
  cloud: text,
  project: optional(text),
  region: optional(text),
  server: fields({ id: text, name: optional(text), powerState: optional(text) }),
  from: optional(flavorSchema),
  to: flavorSchema,
  requestedBy: text,
  reason: optional(text),
  requester: optional(v.object({ type: text, name: text })),
  deciders: optional(v.picklist(DECIDERS)),
  policy: optional(policySchema),
  requestedAt: moment,
  verifiedAt: optional(moment),
  requestId: optional(text),
  ownership: optional(v.picklist(['proven', 'unproven'])),
  live: v.boolean(),
  brake: optional(v.boolean()),
  outageSeconds: optional(count),
  decisionDeadline: optional(moment),
  onTimeout: wordOf(ON_TIMEOUT),
  overdue: optional(v.boolean()),
  overdueSince: optional(moment),
  revertLoses: optional(wordOf(REVERT_LOSES)),
  observed: optional(
    fields({
      status: text,
      vmState: optional(text),
      taskState: optional(text),
      flavor: optional(text),
      at: moment,
    }),
  ),
  unreachableSince: optional(moment),
  votesMissing: optional(count),
  approvals: optional(fields({ ...approvalRules, approvedBy: optional(v.array(text)) })),
  decisions: v.array(decisionSchema),
  decisionsOmitted: optional(count),
  checks: v.array(checkStatusSchema),
  outcome: optional(wordOf<Outcome>(OUTCOMES)),
  // Only shown: a cause that a later version adds is shown as it is.
  cause: optional(v.custom<Cause>((value) => typeof value === 'string')),
  message: text,
  advice: optional(fields({ you: text, administrator: optional(text) })),
  truncated: optional(v.boolean()),
};

const statusSchema = v.object(statusEntries);

/**
 * Reads a status. Fields that this version does not know are kept for programs that do.
 * @returns one sentence on what is wrong, when it is none
 */
export function readStatus(json: unknown): { status: ResizeStatus } | { problem: string } {
  const given = withoutNulls(json);
  const parsed = v.safeParse(statusSchema, given);
  if (!parsed.success) return { problem: problemOf(parsed.issues) };
  const known: Present<v.InferOutput<typeof statusSchema>> = present(parsed.output);
  const unknown = Object.entries(given as object).filter(([key]) => !Object.hasOwn(statusEntries, key));
  return { status: { ...Object.fromEntries(unknown), ...known } };
}

/** `server.id: expected string but received undefined`. */
export function problemOf([issue]: [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const path = v.getDotPath(issue);
  // The value may be of any length.
  const received = issue.received.length > 40 ? 'something else' : issue.received;
  return `${path === null ? '' : `${path}: `}expected ${issue.expected ?? issue.message}, found ${received}`;
}
