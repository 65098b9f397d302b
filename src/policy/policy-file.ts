/** One policy as a file has it: NAME.yaml. docs/policy.md tells what its fields are for. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import * as v from 'valibot';
import { whyImpossible } from '../resize/approvals';
import { CHECK_DURATIONS, checksSchema, NO_SUCH_FIELD } from '../resize/checks';
import { duration } from '../resize/duration';
import { InvalidRequest } from '../resize/invalid-request';
import type { Policy } from '../resize/policy';
import { DECIDERS } from '../resize/proven';
import { approvalsSchema, ON_TIMEOUT } from '../resize/request';
import { pathOf, quote, sentenceFor, text, withoutNulls } from '../resize/wire-json';
import { readYamlFile } from '../yaml/yaml-file';
import { DAYS, isZone, type FreezeRule } from './freeze-spans';

/** A policy with its freezes, whose moments depend on the time. */
export interface PolicyFile extends Policy {
  freeze?: FreezeRule[];
}

const approvals = v.pipe(
  approvalsSchema,
  v.forward(
    v.check(
      (given) => whyImpossible({ approvals: given }) === undefined,
      ({ input }) => whyImpossible({ approvals: input }) ?? '',
    ),
    ['required'],
  ),
);

const decideWithin = v.pipe(
  v.strictObject({ default: duration, maximum: duration }),
  v.forward(
    v.check((given) => given.default <= given.maximum, 'is longer than maximum'),
    ['default'],
  ),
);

const onTimeout = v.pipe(
  v.strictObject({
    default: v.picklist(ON_TIMEOUT),
    allowed: v.pipe(
      v.array(v.picklist(ON_TIMEOUT)),
      v.checkItems((one, index, all) => all.indexOf(one) === index, 'is there twice'),
    ),
  }),
  v.forward(
    v.check((given) => given.allowed.includes(given.default), 'is not one of those allowed'),
    ['default'],
  ),
);

const timeOfDay = (pattern: RegExp, words: string) =>
  v.pipe(
    v.string(),
    v.check(
      (given) => pattern.test(given),
      ({ input }) => `${quote(JSON.stringify(input))} is not ${words}`,
    ),
  );

const freeze = v.pipe(
  v.strictObject({
    /** On which it begins. */
    days: v.pipe(
      v.array(v.picklist(DAYS)),
      v.check((days) => days.length > 0, 'names no day'),
      v.checkItems((day, index, all) => all.indexOf(day) === index, 'is there twice'),
    ),
    from: timeOfDay(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day; write for example "16:00"'),
    to: timeOfDay(
      /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
      'a time of day; write for example "16:00", or "24:00" for midnight',
    ),
    zone: v.pipe(
      text(100),
      v.check(isZone, ({ input }) => `${quote(JSON.stringify(input))} is no IANA time zone, such as Europe/Berlin`),
    ),
    reason: text(200),
  }),
  v.forward(
    v.check(({ from, to }) => from !== to, 'is the same as from; for a whole day write from "00:00" to "24:00"'),
    ['to'],
  ),
);

const schema = v.pipe(
  v.strictObject({
    version: v.pipe(v.number(), v.integer(), v.minValue(1)),
    approvals: v.exactOptional(approvals),
    reason: v.exactOptional(v.literal('required')),
    decideWithin: v.exactOptional(decideWithin),
    onTimeout: v.exactOptional(onTimeout),
    autoConfirm: v.exactOptional(v.strictObject({ allowed: v.boolean() })),
    checks: v.exactOptional(checksSchema),
    freeze: v.exactOptional(
      v.pipe(
        v.array(freeze),
        v.check((all) => all.length > 0, 'is empty; name a freeze, or leave it out'),
        v.check((all) => all.length <= 20, 'has more than 20 freezes'),
      ),
    ),
    deciders: v.exactOptional(v.picklist(DECIDERS)),
  }),
  v.forward(
    v.check(
      (given) => given.approvals === undefined || given.autoConfirm?.allowed !== true,
      'is true beside approvals: either people decide or the checks do; leave out one of them',
    ),
    ['autoConfirm', 'allowed'],
  ),
);

/**
 * Reads one policy; its name is that of the file.
 * @throws FileFault: file, line, key, and what is wrong
 */
export function readPolicyFile(file: string): PolicyFile {
  const durations = [...CHECK_DURATIONS, 'default', 'maximum'];
  const { value, text: written } = readYamlFile(file, { kind: 'a policy', durations, check: checkPolicy });
  const digest = createHash('sha256').update(written).digest('hex');
  return { name: basename(file, '.yaml'), digest, ...value };
}

/** @throws InvalidRequest with its path */
function checkPolicy(written: unknown): Omit<PolicyFile, 'name' | 'digest'> {
  const parsed = v.safeParse(schema, withoutNulls(written));
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = pathOf(issue);
    const unknownField =
      path[0] === 'checks' ? NO_SUCH_FIELD : 'no such field; see docs/policy.md for the fields of a policy';
    throw new InvalidRequest(sentenceFor(issue, 'the file', unknownField), path);
  }
  return parsed.output;
}
