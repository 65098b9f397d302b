/** Reading what the short workflows answer: a worker of another version may be behind it. */
import * as v from 'valibot';
import { isServerId } from '../resize/request';
import { OUTCOMES, REVERT_LOSES, type Outcome, type RevertLoses } from '../resize/outcome';
import { present } from '../resize/present';
import type { Inspection, Orphan } from '../workflows/messages';
import { withoutNulls } from '../resize/wire-json';
import { ResizeError } from './resize-error';
import { ON_TIMEOUT } from './start-text';
import { approvalRules, checkStatusSchema, flavorSchema, policySchema, problemOf } from './status-record';

const text = v.string();
const fields = <T extends v.ObjectEntries>(entries: T) => v.pipe(v.object(entries), v.transform(present));
const wordOf = <T extends string>(words: Readonly<Record<T, unknown>>) => v.picklist(Object.keys(words) as T[]);

const gateSchema = fields({
  approvals: v.optional(fields(approvalRules)),
  reason: v.optional(text),
  decideWithin: v.number(),
  onTimeout: wordOf(ON_TIMEOUT),
  autoConfirm: v.optional(v.boolean()),
  bakeFor: v.optional(v.number()),
});

const inspectionSchema = fields({
  cloud: text,
  project: text,
  region: v.optional(text),
  server: v.object({
    id: v.pipe(text, v.check(isServerId, 'a server id')),
    name: text,
    powerState: text,
    status: text,
  }),
  from: v.optional(flavorSchema),
  to: v.optional(flavorSchema),
  revertLoses: wordOf<RevertLoses>(REVERT_LOSES),
  ownership: v.picklist(['proven', 'unproven']),
  checks: v.optional(v.array(checkStatusSchema)),
  policy: v.optional(policySchema),
  gate: v.optional(gateSchema),
  refusal: v.optional(
    fields({ message: text, advice: v.optional(fields({ you: text, administrator: v.optional(text) })) }),
  ),
});

const orphansSchema = v.object({
  orphans: v.array(
    fields({
      id: text,
      name: text,
      project: text,
      flavor: flavorSchema,
      action: v.optional(
        fields({ name: text, requestId: text, userId: v.optional(text), finishTime: v.optional(text) }),
      ),
      lastRun: v.optional(fields({ runId: text, closed: text, outcome: v.optional(wordOf<Outcome>(OUTCOMES)) })),
    }),
  ),
});

export const readInspection = (answer: unknown): Inspection => checked(inspectionSchema, answer, 'inspection');

export const readOrphans = (answer: unknown): Orphan[] => checked(orphansSchema, answer, 'search for orphans').orphans;

function checked<T extends v.GenericSchema>(schema: T, answer: unknown, name: string): v.InferOutput<T> {
  const parsed = v.safeParse(schema, withoutNulls(answer));
  if (parsed.success) return parsed.output;
  throw new ResizeError(
    'Unexpected',
    `the answer of the ${name} cannot be read (${problemOf(parsed.issues)}): check that worker and client have the same version`,
  );
}
