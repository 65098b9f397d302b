/**
 * Which moments of a resize people are told of. Pure: what is due follows from the state and the time, and what was told
 * is in the state, so that neither a replay nor a retry tells it twice.
 */
import { present } from './present';
import type { RunState } from './run-state';
import { iso } from './iso-time';

/** What a target may ask to be told of. */
export const NOTICE_EVENTS = ['question', 'reminder', 'last-call', 'overdue', 'decided', 'needs-operator'] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** What the worker tells of a cloud: a run keeps it from its preparation to its end. Never an address, never a secret. */
export interface NoticeRules {
  /** Those that a target wants. */
  events: NoticeEvent[];
  /** The part of the decision time after which people are reminded: above 0 and below 1. */
  remindAfter: number;
  /** How long before the deadline the last call is; ms. */
  lastCall: number;
}

/** One moment to tell of. */
export interface Notice {
  /** The same however often it is sent: the first run of the resize, the event, and its number. */
  id: string;
  event: NoticeEvent;
  /** ISO 8601 UTC, workflow time. */
  at: string;
}

/** A notice as recorded. Neither sent nor failed: it is under way. */
export interface NoticeRecord extends Notice {
  sentAt?: string;
  /** Why it was given up. */
  failed?: string;
}

/** What a run has told. */
export interface Told {
  /** By event: how often, and when last (workflow time, ms). */
  last: Partial<Record<NoticeEvent, { times: number; at: number }>>;
  /** The newest, oldest first. */
  records: NoticeRecord[];
}

/** The most records that are kept. */
const KEPT = 10;

/** They ask for a decision: the newest of them says all that the others say. */
const ASKING: readonly NoticeEvent[] = ['question', 'reminder', 'last-call', 'overdue'];

/** When something is to be told; workflow time, ms. */
interface NoticeMoment {
  event: NoticeEvent;
  at: number;
}

/** What is to be told now, and when there is more without anything else happening (workflow time, ms). */
export interface NoticesDue {
  due: Notice[];
  nextAt?: number;
}

/** @param now workflow time, ms */
export function noticesDue(state: RunState, now: number): NoticesDue {
  if (state.prepared?.notify === undefined) return { due: [] };
  const isNew = ({ event, at }: NoticeMoment) => (state.told?.last[event]?.at ?? -Infinity) < at;
  const open = momentsOf(state, state.prepared.notify, now).filter(isNew);
  const due = open.filter(({ at }) => at <= now).map(({ event }) => noticeOf(state, event, now));
  const later = open.filter(({ at }) => at > now).map(({ at }) => at);
  return { due, ...(later.length > 0 && { nextAt: Math.min(...later) }) };
}

/** Those that count as the state is: what has been overtaken is not told late. */
function momentsOf(state: RunState, rules: NoticeRules, now: number): NoticeMoment[] {
  const { issue, stage } = state;
  const operator: NoticeMoment[] =
    issue === undefined || stage.is === 'closed' ? [] : [{ event: 'needs-operator', at: Date.parse(issue.since) }];
  const wanted = ({ event }: NoticeMoment) => rules.events.includes(event);
  return [...operator, ...askingMoments(state, rules, now)].filter(wanted);
}

function askingMoments(state: RunState, rules: NoticeRules, now: number): NoticeMoment[] {
  const { stage, ledger, deadline, request, told } = state;
  if (stage.is !== 'window' || stage.askedAt === undefined || ledger.terminal !== undefined) return [];
  if (deadline === undefined) return [];
  if (stage.overdueSince !== undefined) {
    // Each deadline that passes asks again: the newest of them is one decision time before the next.
    const first = Date.parse(stage.overdueSince);
    return [{ event: 'overdue', at: told?.last.overdue === undefined ? first : deadline - request.decideWithin }];
  }
  const asked = stage.askedAt;
  const wantsLast = rules.events.includes('last-call');
  const lastCall = wantsLast && deadline - rules.lastCall > asked ? deadline - rules.lastCall : deadline;
  const remind = asked + Math.round(rules.remindAfter * (deadline - asked));
  const later: NoticeMoment[] = [
    { event: 'last-call', at: lastCall },
    // After the last call, or where the worker was away until then, a reminder says nothing new.
    ...(remind < lastCall && now < lastCall ? [{ event: 'reminder' as const, at: remind }] : []),
  ];
  const inTime = ({ at }: NoticeMoment) => at < deadline && now < deadline;
  return [{ event: 'question', at: asked }, ...later.filter(inTime)];
}

function noticeOf({ runs, told }: RunState, event: NoticeEvent, now: number): Notice {
  const number = (told?.last[event]?.times ?? 0) + 1;
  return { id: `${runs[0] ?? ''}-${event}-${number}`, event, at: iso(now) };
}

/**
 * How the resize ended, as the last thing that is told of it. Not of one that was refused: nothing was changed, and who
 * asked for it is answered.
 */
export function noticeOfEnd(state: RunState, now: number): Notice | undefined {
  const { stage, prepared } = state;
  if (stage.is !== 'closed' || stage.ending.outcome === 'refused') return undefined;
  return prepared?.notify?.events.includes('decided') === true ? noticeOf(state, 'decided', now) : undefined;
}

/** The notices that are on their way. */
export const noticesUnderWay = ({ told }: RunState): NoticeRecord[] => (told?.records ?? []).filter(isUnderWay);

const isUnderWay = ({ sentAt, failed }: NoticeRecord) => sentAt === undefined && failed === undefined;

/** Does a notice that is under way say what is no longer so, or what a newer one says? */
export function isOvertaken(state: RunState, { event, id }: Notice): boolean {
  const { stage, ledger, issue } = state;
  const kind = ASKING.includes(event) ? ASKING : [event];
  const newest = (state.told?.records ?? []).findLast((record) => kind.includes(record.event));
  if (newest !== undefined && newest.id !== id) return true;
  return ASKING.includes(event) ? stage.is !== 'window' || ledger.terminal !== undefined : issue === undefined;
}

/** The state with a notice that is being sent. */
export function telling(state: RunState, notice: Notice, now: number): RunState {
  const { last, records } = state.told ?? { last: {}, records: [] };
  const times = (last[notice.event]?.times ?? 0) + 1;
  const told = { last: { ...last, [notice.event]: { times, at: now } }, records: [...records, notice].slice(-KEPT) };
  return { ...state, told };
}

/** The state with what became of a notice. @param failed why it was given up; undefined: it was sent */
export function noticeEnded(state: RunState, id: string, failed: string | undefined, now: number): RunState {
  if (state.told === undefined) return state;
  const ended = present({ sentAt: failed === undefined ? iso(now) : undefined, failed });
  const records = state.told.records.map((record) => (record.id === id ? { ...record, ...ended } : record));
  return { ...state, told: { ...state.told, records } };
}

/** What a notice is about, for people. */
export const NOTICE_TITLES: Readonly<Record<NoticeEvent, string>> = {
  question: 'Decide',
  reminder: 'Reminder: decide',
  'last-call': 'Last call: decide',
  overdue: 'Overdue: decide',
  decided: 'Ended',
  'needs-operator': 'An operator is needed',
};
