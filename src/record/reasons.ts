/** Why a resize may have been confirmed or reverted, by what was said and found before. */
import type { Cause } from '../resize/outcome';
import type { Course } from './course';
import { field } from './history';

/** Power states in which a guest does not run (the rule of the power check). */
const NOT_RUNNING: readonly string[] = ['shutdown', 'crashed', 'paused', 'suspended'];

/** @param before a place in the resize */
export function reasonsFor(course: Course, before: number): Cause[] {
  const reasons: Cause[] = [];
  if (course.approvers(before).length >= course.approvalsNeeded) reasons.push('approved');
  if (course.rule('onTimeout') === 'confirm' && course.isDeadlineOver(before)) reasons.push('decision-timeout');
  const passed = course.checks.filter((name) =>
    course.findings(name, before).some(({ when, verdict }) => when === 'last-round' && verdict === 'pass'),
  );
  if (course.rule('autoConfirm') === true && course.checks.length > 0 && passed.length === course.checks.length) {
    reasons.push('policy');
  }
  return [...reasons, ...carriedReason(course, 'approve')];
}

/** @param before a place in the resize */
export function reasonsAgainst(course: Course, before: number): Cause[] {
  const rejects = course.votes.filter(
    (vote) => vote.choice === 'reject' && vote.place < before && course.isForThis(vote),
  );
  const reasons: Cause[] = [];
  if (rejects.some(({ via }) => via !== 'cancel')) reasons.push('rejected');
  if (rejects.some(({ via }) => via === 'cancel')) reasons.push('cancelled');
  // Without a word of the request it is reverted.
  if ((course.rule('onTimeout') ?? 'revert') === 'revert' && course.isDeadlineOver(before))
    reasons.push('decision-timeout');
  const hasFailed = course.checks.some((name) =>
    course.findings(name, before).some(({ when, verdict }) => when !== 'baseline' && verdict === 'fail'),
  );
  if (hasFailed || isGuestDown(course, before)) reasons.push('unhealthy');
  return [...reasons, ...carriedReason(course, 'reject')];
}

/** A server that ran before the resize and does not run after it. */
function isGuestDown(course: Course, before: number): boolean {
  if (course.checks.length === 0) return false;
  return course.answers.some(({ known, step }) => {
    const state = field(known, 'server', 'powerState');
    return step.place < before && typeof state === 'string' && NOT_RUNNING.includes(state);
  });
}

const CAUSES: Readonly<Record<string, Cause>> = {
  'decision-timeout': 'decision-timeout',
  policy: 'policy',
  check: 'unhealthy',
  cancel: 'cancelled',
};

/** What a run that is not here had decided. */
function carriedReason({ carried }: Course, choice: 'approve' | 'reject'): Cause[] {
  const terminal = field(carried, 'ledger', 'terminal');
  if (field(terminal, 'decision') !== choice) return [];
  const via = field(terminal, 'via');
  return [CAUSES[String(via)] ?? (choice === 'approve' ? 'approved' : 'rejected')];
}
