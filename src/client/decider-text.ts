/** Who decided, as it is told to people. */
import type { Decision } from '../resize/decision';

/** `approve by bob (claimed)`: a name is what the sender says. A cancel is Temporal's own, and names nobody. */
export function deciderText({ decision, by, via }: Decision): string {
  return via === 'cancel' ? 'cancelled through Temporal' : `${decision} by ${by} (claimed)`;
}
