/** What the activities and timers of a run say in the Temporal UI: fixed when they are scheduled, so it says what is done. */
import { kindOf, type Check, type CheckTime } from './checks';
import { capped } from './check-verdict';
import type { Effect } from './effect';
import { bakeEnds } from './health';
import { fromName, isActing, type RunState, type Stage } from './run-state';
import { isWatching } from './waiting';

/** A name may be longer than what the UI shows in one line; a summary is kept in the history. */
const LONGEST = 110;

/** On one line, and short. */
export const summary = (text: string): string => capped(text, LONGEST);

/** The name of the server; its id until that is known. */
const serverIn = ({ prepared, request }: RunState): string => prepared?.server.name ?? request.server;

/** `resize web-07 to m1.xlarge` */
export function requestSummary(state: RunState, effect: Effect): string {
  const server = serverIn(state);
  const to = state.prepared?.to?.name ?? state.request.flavor;
  const texts: Readonly<Record<Effect, string>> = {
    stop: `stop ${server} before the resize`,
    resize: `resize ${server} to ${to}`,
    confirm: `confirm ${to} for ${server}`,
    revert: `revert ${server} to ${fromName(state)}`,
    start: `start ${server} again`,
  };
  return summary(texts[effect]);
}

const MEANWHILE: Readonly<Record<Stage['is'], string>> = {
  preparing: 'before the resize',
  stopping: 'while it stops',
  resizing: 'while the cloud resizes it',
  window: 'while people decide',
  confirming: 'while the confirm settles',
  reverting: 'while the revert settles',
  starting: 'while it starts again',
  closed: 'at the end',
};

/** `observe web-07 while people decide` */
export const observeSummary = (state: RunState): string =>
  summary(`observe ${serverIn(state)} ${MEANWHILE[state.stage.is]}`);

const WHEN: Readonly<Record<CheckTime, string>> = {
  baseline: 'before the resize',
  proof: 'after the resize',
  watch: 'while people decide',
  'last-round': 'before it is confirmed',
};

/** `check http web after the resize` */
export const checkSummary = (check: Check, when?: CheckTime): string =>
  summary(['check', kindOf(check), check.name, ...(when === undefined ? [] : [WHEN[when]])].join(' '));

/** The timer of the decision: `until 13:10 UTC: revert if nobody decides`. */
export function deadlineSummary({ stage, deadline = 0, request }: RunState): string {
  const held = stage.is === 'window' && (stage.lateHold ?? stage.overdueSince) !== undefined;
  const then = { revert: 'revert', confirm: 'confirm', hold: 'hold, and ask again,' }[request.onTimeout];
  return `until ${clock(deadline)}: ${held ? 'ask again' : then} ${IF_NOBODY}`;
}

const IF_NOBODY = 'if nobody decides';

/** Is this the summary of the timer of the decision? By it a history tells that timer from others. */
export const isDeadlineSummary = (text: string | undefined): boolean => text?.endsWith(IF_NOBODY) === true;

/** A timer of the run's own. @param until workflow time, ms */
export function waitSummary(state: RunState, until: number, now: number): string {
  if (until === bakeEnds(state)) return `until ${clock(until)}: confirm if all checks go on passing`;
  if (isActing(state.stage) && until === state.stage.until && isWatching(state, now)) {
    return `until ${clock(until)}: call an operator if it is not done`;
  }
  return 'until the next observation';
}

/** `13:10 UTC`; the UI shows beside it when the timer began, and how long it runs. */
const clock = (moment: number): string => `${new Date(moment).toISOString().slice(11, 16)} UTC`;
