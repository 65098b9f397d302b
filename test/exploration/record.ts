/** What happened so far, kept apart from the run, so that the rules do not rest on what the run believes. */
import type { CheckTime, Verdict } from '../../src/resize/checks';
import type { Choice } from '../../src/resize/decision';
import type { Effect } from '../../src/resize/effect';
import type { RunState } from '../../src/resize/run-state';
import type { Cloud, LogView } from './cloud-model';

/** What a rule needs to know of the past. */
export interface Record {
  /** Of which kind a POST has left the worker. */
  readonly sent: Readonly<{ [effect in Effect]?: true }>;
  /** How many of them were not clearly refused. */
  readonly open: Readonly<{ [effect in Effect]: number }>;
  /** `retry` was said so often. */
  readonly retries: number;
  /** The votes that counted when they were judged. */
  readonly counted: readonly Choice[];
  /** Who approved, as told to the run; each under one name. */
  readonly approvedBy: readonly string[];
  /** The deadline fired in time, with what it was to do. */
  readonly timedOut?: 'confirm' | 'revert' | undefined;
  /** The check was green before the resize or not run, and has said "fail" since. */
  readonly failed?: true;
  /** It was red before the resize. */
  readonly redBefore?: true;
  /** Its proof was inconclusive. */
  readonly unproven?: true;
  /** What it said last of the resized server. */
  readonly now?: Verdict;
  /** The check has passed in the round that comes before a confirm without people, and had passed up to then. */
  readonly held?: true;
  /** A run was lost that could not know its resize again: the next one says so. */
  readonly lostUnprepared?: boolean;
  /** What the run had no reason to ask for. */
  readonly wrong?: string | undefined;
}

const none = { stop: 0, resize: 0, confirm: 0, revert: 0, start: 0 };

export const nothingYet = (): Record => ({ sent: {}, open: none, retries: 0, counted: [], approvedBy: [] });

/** A vote that counts, of a person who may be known under several forms of a name. */
export function noteVote(record: Record, choice: Choice, person: string): Record {
  const approvedBy = choice === 'approve' ? [...new Set([...record.approvedBy, person])].sort() : record.approvedBy;
  return { ...record, counted: [...record.counted, choice], approvedBy };
}

const more = (counts: Record['open'], effect: Effect, by = 1) => ({ ...counts, [effect]: counts[effect] + by });

/** A POST leaves the worker; it counts as carried out until it is refused. */
export const noteSent = (record: Record, effect: Effect): Record => ({
  ...record,
  sent: { ...record.sent, [effect]: true as const },
  open: more(record.open, effect),
});

export const noteRefused = (record: Record, effect: Effect): Record => ({
  ...record,
  open: more(record.open, effect, -1),
});

export const noteWrong = (record: Record, wrong: string): Record => ({ ...record, wrong: record.wrong ?? wrong });

/** The run asks for an effect: nobody may have decided against it. */
export function noteRequest(record: Record, run: RunState, effect: Effect): Record {
  const rejected = record.counted.at(-1) === 'reject' && run.ledger.terminal?.decision === 'reject';
  if ((effect === 'resize' || effect === 'stop') && rejected) {
    return noteWrong(record, 'a resize is asked for that was rejected before it was sent');
  }
  return record;
}

/**
 * A worker has looked and is going to send: to a resize of ours, which nobody else has touched before this look. What
 * others do after it nobody can see, and without a log nobody can tell one resize from another.
 */
export function noteLook(record: Record, effect: Effect, cloud: Cloud, view: LogView, run: RunState): Record {
  if ((effect !== 'confirm' && effect !== 'revert') || view === 'unreadable') return record;
  const ours = cloud.log.findIndex(
    ({ action, by, id }) => action === 'resize' && (by === 'us' || id === run.prepared?.adopted),
  );
  const touched = ours === -1 || cloud.log.slice(0, ours).some(({ by }) => by !== 'us');
  return touched ? noteWrong(record, `a ${effect} is sent to what somebody else has resized, or ended`) : record;
}

/**
 * What a check says may decide only by the rules: that is noted here by what it said, not by what the run made of it.
 * @param before the run as it was when the check spoke
 * @param after the run as it is then
 */
export function noteFinding(
  record: Record,
  when: CheckTime,
  verdict: Verdict,
  before: RunState,
  after: RunState,
): Record {
  if (when === 'baseline') return verdict === 'fail' ? { ...record, redBefore: true } : record;
  const blamed = record.redBefore !== true && record.unproven !== true;
  const now = when === 'proof' && verdict === 'fail' && !blamed ? 'inconclusive' : verdict;
  const said: Record = { ...record, now, ...(now === 'fail' && blamed && { failed: true as const }) };
  const late = before.stage.is === 'window' && before.stage.lateHold !== undefined;
  const reverts = when === 'proof' || (before.request.checks?.onWatchFailure === 'revert' && !late);
  const decided = after.ledger.terminal?.via === 'check';
  if (before.ledger.terminal === undefined && (now === 'fail' && blamed && reverts) !== decided) {
    return noteWrong(
      said,
      `a check says ${verdict} (${when}), and the resize is ${decided ? '' : 'not '}reverted for it`,
    );
  }
  // Who approved before has not seen that.
  if (when === 'proof' && now === 'inconclusive') return { ...said, unproven: true, counted: [], approvedBy: [] };
  return when === 'last-round' && now === 'pass' && record.now === 'pass' ? { ...said, held: true } : said;
}

/** The next run knows nothing of what the lost one sent: for that there is the log. */
export const noteLostRun = (record: Record, unprepared: boolean): Record => ({
  ...record,
  sent: {},
  ...(unprepared && { lostUnprepared: true }),
});
