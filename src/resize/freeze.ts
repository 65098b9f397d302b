/**
 * Times in which nothing is resized, and nothing is reverted by a deadline. They reach a run as moments: time zones
 * change between versions of Node, so no run computes them itself.
 */
import { refusalBy, type PolicyId } from './policy';
import type { Refusal } from './precondition';
import type { RunState } from './run-state';
import { iso } from './iso-time';

/** One freeze, from its first moment to the first moment after it. */
export interface FreezeSpan {
  /** ISO 8601 UTC. */
  from: string;
  to: string;
  reason: string;
  /** Both in the zone of the freeze: `Fri 2026-11-27 16:00 to Sat 2026-11-28 00:00 Europe/Berlin`. */
  shown: string;
}

/** All freezes up to a moment, in the order in which they begin. */
export interface Freeze {
  spans: FreezeSpan[];
  /** What is later is not known; ISO 8601 UTC. */
  knownUntil: string;
}

/** How long the parts of a resize may take, ms; of one that is taken over the cloud has done its part. */
export interface LongestWait {
  resizeWithin: number;
  proofWithin: number;
  decideWithin: number;
}

/** The freeze that a moment is in; of several the one that ends last. @param moment ms */
export function freezeAt(freeze: Freeze | undefined, moment: number): FreezeSpan | undefined {
  return freeze?.spans
    .filter(({ from, to }) => Date.parse(from) <= moment && moment < Date.parse(to))
    .reduce<FreezeSpan | undefined>(
      (last, each) => (last === undefined || Date.parse(each.to) > Date.parse(last.to) ? each : last),
      undefined,
    );
}

/** The end of the freeze that a moment is in, and of those that follow without a gap; undefined in none. */
function endOfFreeze(freeze: Freeze | undefined, moment: number): { end: number; last: FreezeSpan } | undefined {
  let found: { end: number; last: FreezeSpan } | undefined;
  for (let span = freezeAt(freeze, moment); span !== undefined; span = freezeAt(freeze, Date.parse(span.to))) {
    found = { end: Date.parse(span.to), last: span };
  }
  return found;
}

/** The freeze of the policy of a run at this moment. */
export const frozen = ({ prepared }: RunState, now: number): FreezeSpan | undefined =>
  freezeAt(prepared?.policy?.freeze, now);

/**
 * The state with this deadline. One that would revert in a freeze waits for its end; a person may decide at any time.
 * @param deadline workflow time, ms
 */
export function withDeadline(state: RunState, deadline: number): RunState {
  const held = state.request.onTimeout === 'revert' ? endOfFreeze(state.prepared?.policy?.freeze, deadline) : undefined;
  return { ...state, deadline: held?.end ?? deadline, heldBy: held?.last };
}

/** Could a freeze that is not known hold back what happens at this moment? */
export function isBeyondFreezes({ prepared }: RunState, moment: number): boolean {
  const known = prepared?.policy?.freeze?.knownUntil;
  return known !== undefined && moment > Date.parse(known);
}

/**
 * Refuses a resize in a freeze, and one whose decision time could end in a freeze.
 * @param now ms, as the freezes were computed for
 */
export function refusalOfFreeze(
  policy: PolicyId & { freeze?: Freeze },
  now: number,
  { resizeWithin, proofWithin, decideWithin }: LongestWait,
): Refusal | undefined {
  const current = freezeAt(policy.freeze, now);
  if (current !== undefined) {
    return refusalBy(
      policy,
      'freeze',
      `now (${iso(now)}) is in the freeze ${freezeText(current)}; ask again after ${current.to}`,
    );
  }
  const last = now + resizeWithin + proofWithin + decideWithin;
  const known = policy.freeze?.knownUntil;
  if (known !== undefined && last > Date.parse(known)) {
    return refusalBy(
      policy,
      'freeze',
      `the freezes are known until ${known}, and the decision time may last until ${iso(last)}; give shorter times`,
    );
  }
  const met = freezeAt(policy.freeze, last);
  if (met === undefined) return undefined;
  const sum = Object.entries({ resizeWithin, proofWithin, decideWithin })
    .filter(([, span]) => span > 0)
    .map(([field, span]) => ` + ${field} ${span / 1000} s`);
  return refusalBy(
    policy,
    'freeze',
    `the decision time may last until ${iso(last)} (now ${iso(now)}${sum.join('')}), which is in the freeze ${freezeText(met)}; give shorter times, or ask again after ${met.to}`,
  );
}

/** `"no changes before the weekend", Fri 2026-11-27 16:00 to Sat 2026-11-28 00:00 Europe/Berlin` */
export const freezeText = ({ reason, shown }: FreezeSpan) => `${JSON.stringify(reason)}, ${shown}`;
