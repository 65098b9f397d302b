/** Who may vote on a resize, and how many approvals it takes. The same rules for every way in which a vote comes. */
import { present } from './present';

/** What a request asks of its decision; without it any one person decides, the requester included. */
export interface Approvals {
  /** How many distinct people have to approve. */
  required: number;
  /** Who may vote; without names anyone may. */
  approvers?: string[];
  /** Does the requester's own approval count? */
  allowRequester?: boolean;
}

/** The part of a request that says who decides. */
export interface Gate {
  requestedBy: string;
  approvals?: Approvals;
}

/** The rules of a resize and who has approved it, as its status shows them. */
export interface ApprovalsStatus extends Approvals {
  /** Whose approvals count so far; absent in a memo that has no room for names. */
  approvedBy?: string[];
}

/** The part of a status that says whose vote it waits for. */
interface Waiting {
  requestedBy: string;
  /** Who started it, where that is proven. */
  requester?: { name: string };
  approvals?: ApprovalsStatus;
  votesMissing?: number;
}

interface Vote {
  decision: 'approve' | 'reject';
  by: string;
  counted: boolean;
}

/** The most people that a request may name or ask for: their votes are carried in the state of the run. */
export const MOST_PEOPLE = 50;

/**
 * The form in which names are compared: trimmed, in NFC, case-folded.
 *
 * JavaScript has no case folding; lower, upper and lower again is the same (ß is ss, final sigma is sigma), except for
 * the dotless i of Turkish, which Unicode keeps apart from i.
 */
export function comparable(name: string): string {
  const fold = (part: string) => part.toLowerCase().toUpperCase().toLowerCase();
  return name.trim().normalize('NFC').replaceAll(/[^ı]+/g, fold).normalize('NFC');
}

/** Are these two names of one person? */
export const isSamePerson = (one: string, other: string): boolean => comparable(one) === comparable(other);

const includes = (names: readonly string[], name: string) => names.some((each) => isSamePerson(each, name));

/** How many distinct people have to approve. */
export const requiredApprovals = ({ approvals }: Pick<Gate, 'approvals'>): number => approvals?.required ?? 1;

/** The people whose approval counts so far, each once, under the name that they used first. */
export function approvedBy(votes: readonly Vote[]): string[] {
  const names = votes.filter((vote) => vote.counted && vote.decision === 'approve').map(({ by }) => by);
  return names.filter((name, index) => !includes(names.slice(0, index), name));
}

/** How many approvals are missing. */
export const approvalsMissing = (gate: Pick<Gate, 'approvals'>, votes: readonly Vote[]): number =>
  Math.max(requiredApprovals(gate) - approvedBy(votes).length, 0);

/** @returns why the vote of this person does not count, or undefined when it does */
export function whyNotAllowed(
  { requestedBy, approvals }: Gate,
  choice: Vote['decision'],
  by: string,
): { type: 'NotAnApprover' | 'RequesterMayNotApprove'; message: string } | undefined {
  if (approvals === undefined) return undefined;
  const { approvers, allowRequester = false } = approvals;
  const isRequester = isSamePerson(by, requestedBy);
  // Who asked for a resize may always take it back.
  if (isRequester && choice === 'reject') return undefined;
  if (isRequester && !allowRequester) {
    const message = `${by} requested this resize, and the requester's approval does not count here: somebody else has to approve`;
    return { type: 'RequesterMayNotApprove', message };
  }
  if (approvers === undefined || includes(approvers, by)) return undefined;
  const message = `the vote was given under the name ${by}, who is not one of the approvers: ${namesText(approvers)}`;
  return { type: 'NotAnApprover', message };
}

/** @returns why this person may not put the deadline off, or undefined: that is for those who may vote */
export function whyNotToExtend(gate: Gate, by: string): string | undefined {
  // Who asked for the resize may always vote against it.
  if (whyNotAllowed(gate, 'reject', by) === undefined) return undefined;
  return `extend: asked for under the name ${by}, who is not one of the approvers: ${namesText(gate.approvals?.approvers ?? [])}`;
}

/** @returns why these approvers can never give so many approvals, or undefined when they can */
export function whyImpossible({ requestedBy, approvals }: Partial<Gate>): string | undefined {
  if (approvals?.approvers === undefined) return undefined;
  const { required, approvers, allowRequester = false } = approvals;
  const excluded = requestedBy !== undefined && !allowRequester && includes(approvers, requestedBy);
  const able = approvers.length - (excluded ? 1 : 0);
  if (able >= required) return undefined;
  const why = excluded ? ` (${requestedBy}, the requester, may not)` : '';
  const remedy = excluded ? 'name more, ask for fewer, or set allowRequester' : 'name more, or ask for fewer';
  return `is ${required}, but only ${able} of the named approvers may approve${why}: ${remedy}`;
}

/** @returns a name that is given twice, in two forms perhaps */
export function namedTwice(approvers: readonly string[]): string | undefined {
  return approvers.find((name, index) => includes(approvers.slice(0, index), name));
}

/** The rules and what came of them so far, for the status; undefined when any one person decides. */
export function approvalsStatus(
  { approvals }: Pick<Gate, 'approvals'>,
  votes: readonly Vote[],
): ApprovalsStatus | undefined {
  return approvals && { ...approvals, approvedBy: approvedBy(votes) };
}

/** Does a resize that waits for votes wait for the vote of this person? One who has approved is not waited for. */
export function waitsForPerson(
  { requestedBy, requester, approvals, votesMissing = 0 }: Waiting,
  name: string,
): boolean {
  if (votesMissing === 0 || includes(approvals?.approvedBy ?? [], name)) return false;
  return (
    whyNotAllowed({ requestedBy: requester?.name ?? requestedBy, ...present({ approvals }) }, 'approve', name) ===
    undefined
  );
}

/** Who decides, in words: `2 of bob, eve and joe; not ana, the requester`. */
export function deciders({ requestedBy: claimed, requester, approvals }: Gate & Pick<Waiting, 'requester'>): string {
  const requestedBy = requester?.name ?? claimed;
  if (approvals === undefined) return `any one person, the requester (${requestedBy}) included`;
  const { required, approvers, allowRequester = false } = approvals;
  const who = approvers === undefined ? peopleText(required) : `${required} of ${namesText(approvers)}`;
  const mayApprove = allowRequester && (approvers === undefined || includes(approvers, requestedBy));
  return `${who}; ${requestedBy}, the requester, may ${mayApprove ? 'approve too' : 'reject, and not approve'}`;
}

/** `1 more approval is missing`. */
export function missingText(missing: number): string {
  if (missing === 0) return 'no approval is missing';
  return missing === 1 ? '1 more approval is missing' : `${missing} more approvals are missing`;
}

const peopleText = (count: number) => (count === 1 ? 'any 1 person' : `any ${count} different people`);

/** The longest list of names in a sentence. */
const NAMES_SHOWN = 5;

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => (name.length <= 40 ? name : `${name.slice(0, 39)}…`));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
