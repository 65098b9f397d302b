/** Which moments of a resize people are told of, and when. */
import fc from 'fast-check';
import {
  isOvertaken,
  NOTICE_EVENTS,
  noticeOfEnd,
  noticesDue,
  noticesUnderWay,
  type Notice,
  type NoticeEvent,
  type NoticeRules,
} from '../../src/resize/notices';
import { judgeExtension } from '../../src/resize/extension';
import type { ResizeInput } from '../../src/resize/request';
import { statusOf } from '../../src/resize/status';
import { memoOf } from '../../src/resize/memo';
import { shows } from './looks';
import { HOUR, MINUTE, NOON, Played, SECOND } from './played';

const RULES: NoticeRules = { events: [...NOTICE_EVENTS], remindAfter: 0.5, lastCall: 5 * MINUTE };
const WINDOW = shows('VERIFY_RESIZE resized - f2', 'resize ours success');

/** A run that tells what is due whenever something happens, or its next moment has come. */
class Telling extends Played {
  readonly notices: Notice[] = [];

  constructor(input: Partial<ResizeInput> = {}, { rules = RULES, cloudResizes = 0 } = {}) {
    super(input);
    this.prepared({ notify: rules }).accepted('resize').after(cloudResizes).observed(WINDOW).tell();
  }

  tell(): this {
    for (const notice of noticesDue(this.state, this.now).due) {
      this.event({ is: 'telling', notice });
      this.notices.push(notice);
    }
    return this;
  }

  /** Time goes by: what is due is told then, and the deadline is taken. */
  goes(ms: number): this {
    const end = this.now + ms;
    for (;;) {
      const { nextAt } = noticesDue(this.state, this.now);
      const next = Math.min(end, nextAt ?? end, this.state.stage.is === 'window' ? (this.state.deadline ?? end) : end);
      this.now = Math.max(this.now, next);
      if (this.now === this.state.deadline) this.deadline();
      this.tell();
      if (next >= end) return this;
    }
  }

  extend(duration: string): this {
    const judged = judgeExtension(this.state, { by: 'bob', for: duration }, this.now);
    if ('extension' in judged) this.event({ is: 'extended', extension: judged.extension });
    return this.tell();
  }

  /** `question 0, reminder 15`: in minutes after the window opened. */
  get told(): string {
    const opened = Date.parse(this.state.verifiedAt ?? '');
    return this.notices.map(({ event, at }) => `${event} ${(Date.parse(at) - opened) / MINUTE}`).join(', ');
  }
}

describe('people are told', () => {
  it.each<[string, string, () => Telling]>([
    [
      'of a question, when half of the time is gone, and 5 minutes before the end',
      'question 0, reminder 15, last-call 25',
      () => new Telling().goes(40 * MINUTE),
    ],
    [
      'only of a question that is answered in time',
      'question 0',
      () =>
        new Telling()
          .goes(10 * MINUTE)
          .vote('approve')
          .goes(HOUR),
    ],
    [
      'as early as the time to decide is short',
      'question 0, reminder 3, last-call 5',
      () => new Telling({ decideWithin: '6m' }, { rules: { ...RULES, lastCall: MINUTE } }).goes(5.5 * MINUTE),
    ],
    [
      'of no last call, where that would come before the question',
      'question 0, reminder 2',
      () => new Telling({ decideWithin: '4m' }).goes(3 * MINUTE),
    ],
    [
      'of no reminder, where that would come after the last call',
      'question 0, last-call 1',
      () => new Telling({ decideWithin: '6m' }).goes(5 * MINUTE),
    ],
    [
      'of a later reminder and last call after an extension',
      'question 0, reminder 30, last-call 55',
      () =>
        new Telling()
          .goes(10 * MINUTE)
          .extend('30m')
          .goes(58 * MINUTE),
    ],
    [
      'once more of what an extension has moved',
      'question 0, reminder 15, last-call 25, reminder 30, last-call 55',
      () =>
        new Telling()
          .goes(26 * MINUTE)
          .extend('30m')
          .goes(30 * MINUTE),
    ],
    [
      'at once of a last call that an extension has moved into the past',
      'question 0, reminder 15, last-call 25, last-call 28',
      () =>
        new Telling()
          .goes(28 * MINUTE)
          .extend('2m')
          .goes(MINUTE),
    ],
    [
      'of a deadline that has passed, each time that it is asked again',
      'question 0, reminder 15, last-call 25, overdue 30, overdue 60, overdue 90',
      () => new Telling({ onTimeout: 'hold' }).goes(100 * MINUTE),
    ],
    [
      'only of what is so now, where the worker was away',
      'question 0, last-call 27',
      () => new Telling().after(27 * MINUTE).tell(),
    ],
    ['of a deadline that was missed', 'question 0, overdue 60', () => new Telling().after(HOUR).deadline().tell()],
    [
      'when the proof is in, not before',
      'question 3',
      () => {
        const check = { name: 'web', tcp: { host: '{address}', port: 22 } };
        const run = new Played({ checks: { checks: [check] } }).prepared({ notify: RULES }).checked('baseline', 'pass');
        const telling = Object.assign(new Telling(), { state: run.accepted('resize').observed(WINDOW).state });
        telling.notices.length = 0;
        return telling
          .goes(3 * MINUTE)
          .checked('proof', 'pass')
          .tell();
      },
    ],
  ])('%s', (_, told, run) => {
    expect(run().told).toBe(told);
  });

  it('of what their targets want, and nothing else', () => {
    const rules: NoticeRules = { ...RULES, events: ['reminder', 'decided'] };
    const run = new Telling({}, { rules }).goes(29 * MINUTE);
    // Without a last call a reminder may come late.
    expect(run.told).toBe('reminder 15');
    expect(new Telling({}, { rules: { ...rules, remindAfter: 0.9 } }).goes(29 * MINUTE).told).toBe('reminder 27');
  });

  it('of nothing, where the worker tells nobody', () => {
    const run = new Played().inWindow();
    expect(noticesDue(run.state, run.now)).toEqual({ due: [] });
    expect(noticeOfEnd(run.vote('reject').state, run.now)).toBeUndefined();
  });

  it('each time that an operator is needed', () => {
    const gone = shows('ERROR error - f2');
    const run = new Telling().observed(gone).observed(gone).tell().after(MINUTE).observed(gone).tell();
    expect(run.told).toBe('question 0, needs-operator 0');
    run.observed(WINDOW).tell().after(MINUTE).observed(gone).observed(gone).tell();
    expect(run.told).toBe('question 0, needs-operator 0, needs-operator 2');
    expect(run.notices.map(({ id }) => id)).toEqual([
      'run-1-question-1',
      'run-1-needs-operator-1',
      'run-1-needs-operator-2',
    ]);
  });
});

describe('the end', () => {
  it('is told, once and with an id of its own', () => {
    const run = new Telling().vote('approve').accepted('confirmResize');
    expect(noticeOfEnd(run.state, run.now)).toBeUndefined();
    run.observed(shows('ACTIVE active - f2', 'confirmResize ours success', 'resize ours success'));
    expect(run.ending?.outcome).toBe('confirmed');
    expect(noticeOfEnd(run.state, run.now)).toEqual({
      id: 'run-1-decided-1',
      event: 'decided',
      at: '2026-01-01T12:00:00.000Z',
    });
  });

  it('is not told of what was refused: who asked is answered', () => {
    const refusal = { message: 'it is locked', advice: { you: 'Unlock it.' } };
    const run = new Played().prepared({ notify: RULES, refusal });
    expect(noticeOfEnd(run.state, run.now)).toBeUndefined();
  });
});

describe('what was told', () => {
  it('keeps its id in the runs that continue this one, and is not told again there', () => {
    const run = new Telling()
      .event({ is: 'continued', runId: 'run-2' })
      .tell()
      .goes(20 * MINUTE);
    expect(run.notices.map(({ id }) => id)).toEqual(['run-1-question-1', 'run-1-reminder-1']);
  });

  it('is in the status, with what became of it, and not in the memo', () => {
    const run = new Telling().event({ is: 'told', id: 'run-1-question-1' }).goes(15 * MINUTE);
    run.event({ is: 'told', id: 'run-1-reminder-1', failed: 'ops: status 404' });
    const status = statusOf(run.state, { workflowId: 'resize-1', runId: 'run-1' });
    expect(status.notices).toEqual([
      { id: 'run-1-question-1', event: 'question', at: iso(0), sentAt: iso(0) },
      { id: 'run-1-reminder-1', event: 'reminder', at: iso(15), failed: 'ops: status 404' },
    ]);
    expect(memoOf(status)).not.toHaveProperty('notices');
  });

  it('is overtaken by what is newer, and by the decision', () => {
    const run = new Telling();
    const [question] = noticesUnderWay(run.state);
    if (question === undefined) throw new Error('nothing is under way');
    expect(isOvertaken(run.state, question)).toBe(false);
    run.goes(15 * MINUTE);
    const [, reminder] = noticesUnderWay(run.state);
    if (reminder === undefined) throw new Error('the reminder is not under way');
    expect([question, reminder].map((notice) => isOvertaken(run.state, notice))).toEqual([true, false]);
    expect(isOvertaken(run.vote('approve').state, reminder)).toBe(true);
  });
});

const iso = (minutes: number) => new Date(NOON + minutes * MINUTE).toISOString();

type Act = ['goes', number] | ['away', number] | ['extend', string] | ['vote', 'approve' | 'reject'];
const act = fc.oneof<fc.Arbitrary<Act>[]>(
  fc.tuple(fc.constant('goes' as const), fc.integer({ min: 1, max: 90 })),
  fc.tuple(fc.constant('away' as const), fc.integer({ min: 1, max: 90 })),
  fc.tuple(fc.constant('extend' as const), fc.constantFrom('1m', '7m', '40m')),
  fc.tuple(fc.constant('vote' as const), fc.constantFrom('approve' as const, 'reject' as const)),
);
const rules = fc.record({
  events: fc.constantFrom<NoticeEvent[][]>([...NOTICE_EVENTS], ['reminder', 'last-call'], ['question', 'overdue']),
  remindAfter: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  lastCall: fc.integer({ min: SECOND, max: 20 * MINUTE }),
});

it('whatever happens: no id twice, in order, one of a kind for a deadline, and nothing after the decision', () => {
  fc.assert(
    fc.property(
      rules,
      fc.constantFrom('revert', 'hold', 'confirm'),
      fc.integer({ min: 1, max: 60 }),
      fc.array(act, { maxLength: 12 }),
      (chosen, onTimeout, minutes, acts) => {
        const run = new Telling({ onTimeout, decideWithin: minutes * MINUTE }, { rules: chosen });
        const kinds = new Map<string, number>();
        let counted = run.notices.length;
        for (const [what, value] of acts) {
          const decided = run.state.ledger.terminal !== undefined;
          if (what === 'goes') run.goes(value * MINUTE);
          else if (what === 'away')
            run
              .after(value * MINUTE)
              .deadline()
              .tell();
          else if (what === 'extend') run.extend(value);
          else run.vote(value).tell();
          const fresh = run.notices.slice(counted);
          counted = run.notices.length;
          if (decided) expect(fresh).toEqual([]);
          // Told once, nothing is due at the same moment.
          expect(noticesDue(run.state, run.now).due).toEqual([]);
          for (const { event } of fresh) kinds.set(event, (kinds.get(event) ?? 0) + 1);
        }
        const { notices, state } = run;
        const deadlines = 1 + (state.extensions?.length ?? 0);
        expect(new Set(notices.map(({ id }) => id)).size).toBe(notices.length);
        expect(notices.map(({ at }) => at)).toEqual(notices.map(({ at }) => at).toSorted());
        expect(notices.every(({ event }) => chosen.events.includes(event))).toBe(true);
        expect(kinds.get('question') ?? 0).toBe(0);
        for (const event of ['reminder', 'last-call']) expect(kinds.get(event) ?? 0).toBeLessThanOrEqual(deadlines);
        expect(noticesUnderWay(state).filter((notice) => !isOvertaken(state, notice)).length).toBeLessThanOrEqual(1);
      },
    ),
  );
});
