/** What ends the voting, or voids votes, other than a vote. The first terminal decision is final: each leaves one as it is. */
import { requiredApprovals, whyNotAllowed, type Gate } from './approvals';
import { terminalOf, VOIDED, type Choice, type Ledger } from './decision';

/** Votes that came before the policy was known, judged by its rules. */
export function judgedAnew(ledger: Ledger, gate: Gate): Ledger {
  const decisions = ledger.decisions.map((one) => {
    const barred = one.counted && one.via !== 'cancel' ? whyNotAllowed(gate, one.decision, one.by) : undefined;
    return barred === undefined ? one : { ...one, counted: false, why: barred.message };
  });
  return { ...ledger, decisions };
}

/** The ledger once the proof is in: early approvals count from now on. */
export function proofArrived(ledger: Ledger, gate: Pick<Gate, 'approvals'>): Ledger {
  if (ledger.terminal !== undefined) return ledger;
  const approvals = ledger.decisions.filter((decision) => decision.counted && decision.decision === 'approve');
  const required = requiredApprovals(gate);
  const last = approvals[required - 1];
  return last === undefined ? ledger : { ...ledger, terminal: terminalOf(last, approvals.slice(0, required)) };
}

/** Approvals that are not complete no longer count, and say why. */
function voided(ledger: Ledger, why: string): Ledger {
  const decisions = ledger.decisions.map((one) => (one.counted ? { ...one, counted: false, why } : one));
  return { ...ledger, decisions };
}

/**
 * The ledger when a check has failed and the resize is reverted for it. A terminal decision of people stands.
 * @param look the proof, or the watch while people decide
 * @param found which check, and what it found
 */
export function checkFailed(
  ledger: Ledger,
  look: 'proof' | 'watch',
  { what, why }: { what: string; why: string },
  now: string,
): Ledger {
  if (ledger.terminal !== undefined) return ledger;
  return { ...voided(ledger, VOIDED[look]), terminal: { decision: 'reject', by: what, at: now, via: 'check', why } };
}

/** The ledger when the proof is inconclusive: who approved without it has to look again. */
export function proofInconclusive(ledger: Ledger): Ledger {
  return ledger.terminal === undefined ? voided(ledger, VOIDED.inconclusive) : ledger;
}

/** The ledger when the request's own rule confirms: its checks have passed for `bakeFor`. */
export function confirmedByPolicy(ledger: Ledger, now: string): Ledger {
  if (ledger.terminal !== undefined) return ledger;
  return { ...ledger, terminal: { decision: 'approve', by: 'auto-confirm', at: now, via: 'policy' } };
}

/** The ledger when the decision time ran out and the request said what happens then. */
export function timedOut(ledger: Ledger, choice: Choice, now: string): Ledger {
  if (ledger.terminal !== undefined) return ledger;
  return { ...ledger, terminal: { decision: choice, by: 'decision-timeout', at: now, via: 'decision-timeout' } };
}
