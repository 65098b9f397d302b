/** The rules that hold everywhere, checked on what the cloud and the proxy have seen; nothing of src decides here. */
import type { InstanceAction } from '../nova/nova-lab';
import type { Passage, RequestKind } from '../proxy/fault-proxy';
import type { Evidence } from './play';

const TOUCHING = ['resize', 'migrate', 'confirmResize', 'revertResize', 'resetState', 'evacuate', 'rebuild', 'delete'];

/** What is known, put so that the rules are one line each. */
class Facts {
  readonly outcome;
  readonly phase;
  constructor(readonly evidence: Evidence) {
    this.outcome = evidence.status?.outcome;
    this.phase = evidence.status?.phase;
  }

  sent(kind: RequestKind): Passage[] {
    return this.evidence.posts.filter(({ request }) => request === kind);
  }

  /** Our actions of this kind in the cloud's log: known by the request ids that the proxy saw. */
  ours(kind: RequestKind): InstanceAction[] {
    const ids = this.sent(kind).map(({ requestId }) => requestId);
    return this.evidence.log.filter(({ requestId }) => ids.includes(requestId));
  }

  /** What others did that changes a resize, after this action or ever. */
  foreign(after?: InstanceAction): InstanceAction[] {
    const ids = this.evidence.posts.map(({ requestId }) => requestId);
    const { log } = this.evidence;
    const since = after === undefined ? log : log.slice(log.indexOf(after) + 1);
    return since.filter(({ action, requestId }) => TOUCHING.includes(action) && !ids.includes(requestId));
  }

  votedFor(choice: 'approve' | 'reject', before: number): boolean {
    return this.evidence.votes.some((vote) => vote.choice === choice && vote.at <= before);
  }

  counted(choice: 'approve' | 'reject') {
    return (this.evidence.status?.decisions ?? []).filter((each) => each.counted && each.decision === choice);
  }
}

/** Clearly refused, so that it had no effect. */
const wasRefused = ({ fault, status }: Passage): boolean =>
  (fault !== undefined && ['401', '403', '429'].includes(fault)) ||
  (status !== undefined && status >= 400 && status < 500);

const succeeded = ({ message, events }: InstanceAction): boolean =>
  message === null && events.length > 0 && events.every(({ result }) => result === 'Success');

const failed = ({ message, events }: InstanceAction): boolean =>
  message !== null || events.some(({ result }) => result === 'Error');

const RULES: Readonly<Record<string, (facts: Facts) => boolean>> = {
  'it comes to rest: closed, or waiting for people': ({ evidence }) => evidence.rests,
  'never both a confirm and a revert': (f) =>
    f.sent('confirmResize').length === 0 || f.sent('revertResize').length === 0,
  'at most two requests of a kind that may have been carried out, but for an operator who asks for more': (f) =>
    (['resize', 'confirmResize', 'revertResize'] as const).every(
      (kind) => f.sent(kind).filter((each) => !wasRefused(each)).length <= 2 + f.evidence.retries,
    ),
  'at most one resize of ours': (f) => f.ours('resize').length <= 1,
  'ours only: what others had done before the last look is not confirmed or reverted': (f) =>
    [...f.sent('confirmResize'), ...f.sent('revertResize')].every(({ at }) => {
      const look = f.evidence.looks.findLast((time) => time < at) ?? 0;
      const foreign = f.foreign(f.ours('resize')[0]).map(({ requestId }) => requestId);
      return !f.evidence.strangers.some((each) => foreign.includes(each.requestId) && each.taken < look);
    }),
  'at most one confirm or revert of ours that the cloud carried out': (f) =>
    f.ours('confirmResize').filter(succeeded).length + f.ours('revertResize').filter(succeeded).length <= 1,
  'no run ends with our resize in VERIFY_RESIZE, unless it was given up by an operator': (f) => {
    if (f.phase !== 'closed' || f.outcome === 'needs-operator' || f.evidence.seen?.status !== 'VERIFY_RESIZE')
      return true;
    const newest = f.evidence.log.findLast(({ action }) => action === 'resize');
    return newest === undefined || !f.ours('resize').includes(newest);
  },
  'needs-operator is an outcome only where somebody gave up': (f) => f.outcome !== 'needs-operator',
  'confirmed: the new flavor, and our confirm in the log as successful': (f) => {
    if (f.outcome !== 'confirmed') return true;
    const confirm = f.ours('confirmResize').find(succeeded);
    if (confirm === undefined) return false;
    return f.evidence.seen?.flavor === 'f2' || f.foreign(confirm).length > 0;
  },
  'reverted: the old flavor, and our revert in the log as successful': (f) => {
    if (f.outcome !== 'reverted') return true;
    const revert = f.ours('revertResize').find(succeeded);
    if (revert === undefined) return false;
    return f.evidence.seen?.flavor === 'f1' || f.foreign(revert).length > 0;
  },
  'refused or cancelled: no resize of ours in the log': (f) =>
    !(f.outcome === 'refused' || f.outcome === 'cancelled' || f.evidence.status === undefined) ||
    f.ours('resize').length === 0,
  'rolled back by the cloud: our resize in the log as failed, and the old flavor': (f) =>
    f.outcome !== 'rolled-back-by-cloud' ||
    (f.ours('resize').some(failed) && (f.evidence.seen?.flavor === 'f1' || f.foreign().length > 0)),
  'changed from outside: somebody else did something': (f) => f.outcome !== 'changed-outside' || f.foreign().length > 0,
  'a confirm is sent only after an approve, or by the policy that the request named': (f) => {
    const [first] = f.sent('confirmResize');
    if (first === undefined) return true;
    const { onTimeout } = f.evidence.story.input;
    return f.votedFor('approve', first.at)
      ? f.counted('approve').length > 0 || onTimeout === 'confirm'
      : onTimeout === 'confirm';
  },
  'a revert is sent only after a reject or a cancel, or by the policy that the request named': (f) => {
    const [first] = f.sent('revertResize');
    if (first === undefined) return true;
    const cancels = f.evidence.story.steps.some(({ move }) => move.is === 'cancel');
    return f.votedFor('reject', first.at) || cancels || f.evidence.story.input.onTimeout === 'revert';
  },
  'what counted decides: no confirm over a reject, no revert by deadline over an approve': (f) =>
    !(f.outcome === 'confirmed' && f.counted('reject').length > 0) &&
    !(f.outcome === 'reverted' && f.evidence.status?.cause === 'decision-timeout' && f.counted('approve').length > 0),
  'a decision that counted is followed': (f) =>
    f.phase !== 'awaiting-decision' || f.counted('approve').length + f.counted('reject').length === 0,
  'no vote that arrived is lost': (f) =>
    f.evidence.votes
      .filter(({ arrived }) => arrived)
      .every(({ by }) => f.evidence.status?.decisions.some((each) => each.by === by)),
  'the resize that the status names is ours': (f) => {
    const named = f.evidence.status?.requestId;
    return named === undefined || f.sent('resize').some(({ requestId }) => requestId === named);
  },
  'who has to do something is told what': (f) =>
    f.phase !== 'needs-operator' || (f.evidence.status?.advice?.you ?? '') !== '',
};

/** The rules that this story broke. */
export function brokenBy(evidence: Evidence): string[] {
  const facts = new Facts(evidence);
  return Object.entries(RULES)
    .filter(([, holds]) => !holds(facts))
    .map(([rule]) => rule);
}
