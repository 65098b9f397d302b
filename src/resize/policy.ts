/** The rules of an organisation, which no request can weaken. Pure: they are read from files in src/policy. */
import { comparable, type Approvals } from './approvals';
import type { Checks, GivenChecks } from './checks';
import type { Freeze } from './freeze';
import { InvalidRequest } from './invalid-request';
import { isRefusal, type Refusal } from './precondition';
import { present } from './present';
import type { Deciders } from './proven';
import { checkGate, givenGate, type Gate, type GateInput, type GivenGate, type OnTimeout } from './request';

/** Which policy applied, as the status says it. */
export interface PolicyId {
  name: string;
  version: number;
  /** SHA-256 of its file, in hex. */
  digest: string;
}

/** One policy, checked. Durations are milliseconds; a part that is absent says nothing. */
export interface Policy extends PolicyId {
  approvals?: Approvals;
  reason?: 'required';
  decideWithin?: { default: number; maximum: number };
  onTimeout?: { default: OnTimeout; allowed: OnTimeout[] };
  autoConfirm?: { allowed: boolean };
  /** With their defaults, which a request cannot weaken either. */
  checks?: Checks;
  deciders?: Deciders;
}

/** What a run keeps of its policy: it holds to the end, whatever becomes of the file. Plain JSON. */
export interface AppliedPolicy extends PolicyId {
  /** How long after the window opened the decision may be put off, ms. */
  maximum?: number;
  /** Absent where the policy has none. */
  freeze?: Freeze;
}

/** A part of a request that is weaker than the policy. */
type Weakening = [key: string, why: string];
type Rule = (asked: GivenGate, policy: Policy) => Weakening | undefined;

/** One rule for each way in which a request could be weaker. */
const RULES: readonly Rule[] = [
  ({ approvals }, { approvals: least }) =>
    approvals?.required !== undefined && least !== undefined && approvals.required < least.required
      ? ['approvals.required', `the request asks for ${approvals.required}, and ${least.required} are needed`]
      : undefined,
  ({ approvals }, { approvals: named }) => {
    const stranger = strangerIn(approvals?.approvers, named?.approvers);
    return stranger === undefined
      ? undefined
      : ['approvals.approvers', `${stranger} is not one of them; name fewer, not others`];
  },
  ({ approvals }, { approvals: rules }) =>
    approvals?.allowRequester === true && rules !== undefined && rules.allowRequester !== true
      ? ['approvals.allowRequester', 'the approval of the requester does not count']
      : undefined,
  ({ onTimeout }, { approvals, onTimeout: rule }) =>
    onTimeout === 'confirm' && approvals !== undefined && rule === undefined
      ? ['approvals', 'people decide, and onTimeout confirm would confirm without them']
      : undefined,
  ({ reason }, { reason: rule }) =>
    rule === 'required' && reason === undefined ? ['reason', 'is required, and the request gives none'] : undefined,
  ({ decideWithin }, { decideWithin: rule }) =>
    decideWithin !== undefined && rule !== undefined && decideWithin > rule.maximum
      ? [
          'decideWithin.maximum',
          `the request asks for ${seconds(decideWithin)}, at most ${seconds(rule.maximum)} may be`,
        ]
      : undefined,
  ({ onTimeout }, { onTimeout: rule }) =>
    onTimeout !== undefined && rule !== undefined && !rule.allowed.includes(onTimeout)
      ? ['onTimeout.allowed', `${onTimeout} is not one of ${rule.allowed.join(', ')}`]
      : undefined,
  ({ autoConfirm }, { autoConfirm: rule }) =>
    autoConfirm === true && rule?.allowed === false
      ? ['autoConfirm.allowed', 'nothing is confirmed without people']
      : undefined,
  ({ autoConfirm }, { approvals }) =>
    autoConfirm === true && approvals !== undefined
      ? ['approvals', 'people decide, and autoConfirm would confirm without them']
      : undefined,
  ({ stopFirst }, { checks }) =>
    stopFirst === true && checks !== undefined
      ? ['checks', 'a server that is stopped for the resize (stopFirst) cannot be tested before the decision']
      : undefined,
  ({ checks }, { checks: rule }) =>
    checks === undefined || rule === undefined ? undefined : weakerChecks(checks, rule),
];

/** Checks of a request beside those of the policy: what holds for all of them may be stricter. */
function weakerChecks(asked: GivenChecks, rule: Checks): Weakening | undefined {
  const twice = asked.checks.find(({ name }) => rule.checks.some((other) => other.name === name));
  if (twice !== undefined) {
    return ['checks', `has a check of the name ${JSON.stringify(twice.name)}; give that of the request another name`];
  }
  const { grace, proofWithin, watchEvery, onWatchFailure } = asked;
  if (grace !== undefined && grace > rule.grace)
    return ['checks.grace', `is ${seconds(rule.grace)}; the request asks for a longer one`];
  if (proofWithin !== undefined && proofWithin < rule.proofWithin)
    return ['checks.proofWithin', `is ${seconds(rule.proofWithin)}; the request gives less time for a proof`];
  if (watchEvery !== undefined && rarer(watchEvery, rule.watchEvery))
    return ['checks.watchEvery', `is ${seconds(rule.watchEvery)}; the request asks for a rarer watch`];
  if (onWatchFailure === 'ask' && rule.onWatchFailure === 'revert')
    return ['checks.onWatchFailure', 'is revert; the request asks people instead'];
  return undefined;
}

/** 0 is not at all. */
const rarer = (one: number, other: number) => (one === 0 ? Infinity : one) > (other === 0 ? Infinity : other);

function strangerIn(asked: readonly string[] = [], allowed: readonly string[] | undefined): string | undefined {
  const known = allowed?.map(comparable);
  return known && asked.find((name) => !known.includes(comparable(name)));
}

/**
 * The gate of a request under a policy: what the request says, else the policy's default, else this program's.
 * @param asked the input as it was given, checked
 * @returns the refusal where the request is weaker, or where both together cannot be
 */
export function resolve(asked: GateInput, policy: Policy): Gate | Refusal {
  const given = givenGate(asked);
  for (const rule of RULES) {
    const weakening = rule(given, policy);
    if (weakening !== undefined) return refusalBy(policy, ...weakening);
  }
  try {
    return checkGate(merged(asked, given, policy));
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    return refusalBy(policy, 'with it', error.message);
  }
}

export const isResolved = (found: Gate | Refusal): found is Gate => !isRefusal(found);

function merged(asked: GateInput, given: GivenGate, policy: Policy): GateInput {
  return present({
    ...asked,
    approvals: policy.approvals === undefined ? asked.approvals : { ...policy.approvals, ...given.approvals },
    decideWithin: asked.decideWithin ?? policy.decideWithin?.default,
    onTimeout: asked.onTimeout ?? policy.onTimeout?.default,
    checks:
      asked.checks && policy.checks
        ? { ...policy.checks, ...asked.checks, checks: [...asked.checks.checks, ...policy.checks.checks] }
        : (asked.checks ?? policy.checks),
  });
}

const seconds = (span: number) => `${span / 1000} s`;

/** Without what only the run needs. */
export const policyId = ({ name, version, digest }: PolicyId): PolicyId => ({ name, version, digest });

/** `policy strict (version 3)` */
export const policyText = ({ name, version }: Pick<PolicyId, 'name' | 'version'>) =>
  `policy ${name} (version ${version})`;

/** A refusal that names the policy, its version and the key. */
export function refusalBy(policy: PolicyId, key: string, why: string): Refusal {
  return {
    message: `${policyText(policy)}, ${key}: ${why}`,
    advice: { you: 'A request may be stricter than the policy, never weaker: see docs/policy.md.' },
  };
}
