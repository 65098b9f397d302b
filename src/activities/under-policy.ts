import { freezesBetween, isPolicy, Policies, type PolicyFile } from '../policy';
import { refusalOfFreeze, type Freeze } from '../resize/freeze';
import { isResolved, policyId, resolve, type AppliedPolicy } from '../resize/policy';
import type { Refusal } from '../resize/precondition';
import { present } from '../resize/present';
import type { Deciders } from '../resize/proven';
import { checkGate, checkInspect, type Gate, type InspectInput } from '../resize/request';
import type { Surroundings } from '.';

const DAY = 24 * 60 * 60_000;
/** A decision may be put off for so long where no policy says for how long. */
const LONGEST_EXTENSION = DAY;
/** An operator may be needed before the window opens: the freezes of that time are handed to the run, too. */
const SLACK = 7 * DAY;

/** What decides how a resize ends, under the policy of its cloud or the one that it asks for. */
export interface Ruled {
  /** Absent where the policy is not known, or refuses the request. */
  gate?: Gate;
  policy?: AppliedPolicy;
  deciders?: Deciders;
  refusal?: Refusal;
}

/** @param now ms: a freeze may be now, or when the decision time ends */
export function underPolicy(surroundings: Surroundings, asked: InspectInput, now: number): Ruled {
  const { cloud, policies = Policies.none(), deciders } = surroundings;
  const policy = policies.for(cloud.policy, asked.policy?.trim());
  if (policy === undefined) return present({ gate: checkGate(asked), deciders });
  if (!isPolicy(policy)) return present({ refusal: policy, deciders });
  const resolved = resolve(asked, policy);
  const strictest = policy.deciders === 'proven' ? 'proven' : deciders;
  if (!isResolved(resolved)) return present({ policy: policyId(policy), refusal: resolved, deciders: strictest });
  const { resizeWithin, adopt } = checkInspect(asked);
  const { decideWithin, checks } = resolved;
  const longest = {
    resizeWithin: adopt === true ? 0 : resizeWithin,
    proofWithin: checks?.proofWithin ?? 0,
    decideWithin,
  };
  const freeze = freezeOf(policy, now, longest.resizeWithin + longest.proofWithin + decideWithin);
  const applied = { ...policyId(policy), ...present({ maximum: policy.decideWithin?.maximum, freeze }) };
  // What is taken over is resized already; its deadline waits for the end of a freeze like any other.
  const refusal = adopt === true ? undefined : refusalOfFreeze(applied, now, longest);
  return present({ gate: resolved, policy: applied, deciders: strictest, refusal });
}

/** The freezes that a run may meet. */
function freezeOf({ freeze, decideWithin }: PolicyFile, now: number, longest: number): Freeze | undefined {
  if (freeze === undefined) return undefined;
  const latest = now + longest + (decideWithin?.maximum ?? LONGEST_EXTENSION) + SLACK;
  return freezesBetween(freeze, now, latest);
}
