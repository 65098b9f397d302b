/** More time to decide: `extend`. */
import * as v from 'valibot';
import { whyNotToExtend } from './approvals';
import { OPERATOR_WORD_FIELDS, tooLate, type VoteRefusal } from './decision';
import { longestDecision } from './auto-confirm';
import { duration } from './duration';
import { withDeadline } from './freeze';
import { policyText } from './policy';
import { present } from './present';
import type { RunState } from './run-state';
import { afterwardsOf } from './standing';
import { sentenceFor, withoutNulls } from './wire-json';
import { iso } from './iso-time';

/** The fields of `extend`. */
export const EXTENSION_FIELDS = { ...OPERATOR_WORD_FIELDS, for: duration };
const schema = v.strictObject(EXTENSION_FIELDS);

/** The payload of the update `extend`. */
export type ExtensionInput = v.InferInput<typeof schema>;

/** More time, as recorded. */
export interface Extension {
  by: string;
  reason?: string;
  /** ISO 8601 UTC, workflow time. */
  at: string;
  /** The new deadline; ISO 8601 UTC. */
  deadline: string;
}

const HOUR = 60 * 60 * 1000;
/** Without a rule of the organisation the decision may be put off until so long after the window opened, ms. */
const LONGEST = 24 * HOUR;
/** The most that are kept. */
const KEPT = 20;

type Judged = { extension: Extension } | { type: VoteRefusal; message: string };

/**
 * @param payload what came over the wire, unchecked
 * @param now workflow time, ms
 */
export function judgeExtension(state: RunState, payload: unknown, now: number): Judged {
  const parsed = v.safeParse(schema, withoutNulls(payload));
  if (!parsed.success) {
    const problem = sentenceFor(parsed.issues[0], 'payload').slice(0, 300);
    return { type: 'InvalidDecision', message: `extend: ${problem}; send { by, for, reason? }` };
  }
  const { stage, deadline, ledger, request } = state;
  const afterwards = afterwardsOf(stage);
  if (ledger.terminal !== undefined) return { type: 'TooLate', message: tooLate(ledger.terminal, afterwards) };
  // Nobody decided, and there is nothing left to decide.
  if (stage.is === 'starting' || stage.is === 'closed') {
    return { type: 'TooLate', message: `too late: ${afterwards ?? ''}` };
  }
  const { by, reason, for: more } = parsed.output;
  const barred = whyNotToExtend(request, by);
  if (barred !== undefined) return { type: 'NotAnApprover', message: barred };
  if (stage.is !== 'window' || deadline === undefined) {
    return {
      type: 'InvalidDecision',
      message: 'extend: there is no deadline to put off: nobody is asked for a decision yet',
    };
  }
  if (stage.overdueSince !== undefined) {
    return {
      type: 'TooLate',
      message: `too late: the decision time ran out at ${stage.overdueSince}; it is held until somebody decides`,
    };
  }
  const wanted = deadline + more;
  const { until, why } = latest(state);
  if (wanted > until) {
    return {
      type: 'InvalidDecision',
      message: `extend: ${iso(wanted)} is later than ${iso(until)}, ${why}; ask for less`,
    };
  }
  return { extension: present({ by, reason, at: iso(now), deadline: iso(wanted) }) };
}

/** The window must not outlast what the cloud, or the rule, allows. */
function latest({ verifiedAt, prepared, request }: RunState): { until: number; why: string } {
  const opened = Date.parse(verifiedAt ?? '');
  const { autoConfirmWindow: window, policy } = prepared ?? {};
  const longest = policy?.maximum ?? LONGEST;
  const cloudLeaves = window === undefined ? longest : longestDecision(window, request.polling);
  if (cloudLeaves < longest) {
    const why = 'shortly before the cloud confirms by itself (auto_confirm_window of the profile)';
    return { until: opened + cloudLeaves, why };
  }
  const why =
    policy?.maximum === undefined
      ? '24 hours after the window opened'
      : `decideWithin.maximum of ${policyText(policy)} after the window opened`;
  return { until: opened + longest, why };
}

/** The state with the new deadline. */
export function extended(state: RunState, extension: Extension): RunState {
  const extensions = [...(state.extensions ?? []), extension].slice(-KEPT);
  return { ...withDeadline(state, Date.parse(extension.deadline)), extensions };
}
