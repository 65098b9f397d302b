/** A run that is played through the real transitions, without Temporal and without a cloud. */
import type { CheckTime, Finding, Verdict } from '../../src/resize/checks';
import { judge, type Choice, type Decision } from '../../src/resize/decision';
import type { RequestAnswer } from '../../src/resize/effect';
import type { Trouble, TroubleKind } from '../../src/resize/failure';
import type { Observation } from '../../src/resize/observation';
import type { Prepared } from '../../src/resize/prepared';
import { checkRequest, type ResizeInput } from '../../src/resize/request';
import { newRun, type RunState } from '../../src/resize/run-state';
import { standingOf } from '../../src/resize/standing';
import { apply, type RunEvent } from '../../src/resize/transitions';
import { nextStep, type Step } from '../../src/resize/waiting';
import { server, shows, TO } from './looks';

export const NOON = Date.parse('2026-01-01T12:00:00.000Z');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const least: ResizeInput = {
  cloud: 'lab',
  server: '11111111-2222-4333-8444-555555555555',
  flavor: 'f2',
  requestedBy: 'ana',
};

export const found: Prepared = {
  addresses: {},
  project: 'project',
  userId: 'us',
  server: server('ACTIVE active - f1'),
  to: TO,
  baseline: 'req-before',
  logReadable: true,
  revertLoses: 'local-disks',
  observeOnly: false,
  searchAttributes: [],
  timing: { read: 60 * SECOND, act: 110 * SECOND, settle: 150 * SECOND },
};

export const trouble = (kind: TroubleKind, more: Partial<Trouble> = {}): Trouble => ({
  kind,
  tried: 'try it',
  message: `it is ${kind}`,
  ...more,
});

/** Each step returns the same run, so that a history reads as one chain. */
export class Played {
  now = NOON;
  state: RunState;

  constructor(input: Partial<ResizeInput> = {}) {
    this.state = newRun(checkRequest({ ...least, ...input }), 'run-1', this.now);
  }

  event(event: RunEvent): this {
    this.state = apply(this.state, event, { now: this.now, chance: 0.5 });
    return this;
  }

  after(ms: number): this {
    this.now += ms;
    return this;
  }

  prepared(change: Partial<Prepared> = {}): this {
    return this.event({ is: 'observing' }).event({ is: 'prepared', found: { ...found, ...change } });
  }

  /** What the first check finds, or another one; each finding has its figure. */
  checked(when: CheckTime, verdict: Verdict, check = 0, more: Partial<Finding> = {}): this {
    const finding: Finding = { verdict, figure: `${verdict} in 12 ms`, at: new Date(this.now).toISOString(), ...more };
    return this.event({ is: 'checked', check, when, finding });
  }

  /** Takes the request that the run wants to send. */
  requesting(): this {
    const step = this.step();
    if (step.do !== 'request') throw new Error(`the run wants to ${step.do}, not to send a request`);
    return this.event({ is: 'requesting', effect: step.effect });
  }

  answered(answer: RequestAnswer): this {
    const { inFlight } = this.state;
    if (inFlight === undefined) throw new Error('no request is on its way');
    return this.event({ is: 'answered', effect: inFlight, answer });
  }

  /** Sends the request, which the cloud accepts. */
  accepted(action: string): this {
    return this.requesting().answered({ answer: 'accepted', requestId: `req-ours-${action}` });
  }

  observed(observation: Observation): this {
    return this.event({ is: 'observing' }).event({ is: 'observed', observation });
  }

  notObserved(reason: Trouble): this {
    return this.event({ is: 'observing' }).event({ is: 'not-observed', trouble: reason });
  }

  vote(choice: Choice, payload: unknown = { by: 'bob' }, via: Decision['via'] = 'signal'): this {
    const standing = standingOf(this.state, 'run-1', this.now);
    return this.event({ is: 'voted', judgement: judge(this.state.ledger, choice, payload, via, standing) });
  }

  cancel(): this {
    return this.vote('reject', { by: 'Temporal cancel request' }, 'cancel');
  }

  operator(word: 'retry' | 'abandon'): this {
    return this.event({ is: 'operator-said', word: { word, by: 'eve', at: new Date(this.now).toISOString() } });
  }

  deadline(): this {
    if (this.state.deadline !== undefined) this.now = Math.max(this.now, this.state.deadline);
    return this.event({ is: 'deadline-passed' });
  }

  step(): Step {
    return nextStep(this.state, this.now);
  }

  /** Up to the window: resized, and seen so. */
  inWindow(): this {
    return this.prepared().accepted('resize').observed(shows('VERIFY_RESIZE resized - f2', 'resize ours success'));
  }

  get ending() {
    const { stage } = this.state;
    return stage.is === 'closed' ? stage.ending : undefined;
  }
}
