/** A round of chaos, as data: what is asked for, what happens to it and when, and which processes die. */
import * as fc from 'fast-check';
import type { ResizeInput } from '../../src';
import type { DriverCall } from '../nova/nova-lab';
import type { Fault, RequestKind } from '../proxy/fault-proxy';

/** What a step waits for before its pause; what does not come within a while is not waited for. */
export type Moment = 'start' | 'asked' | 'window' | 'decided';

export type Move =
  | { is: 'vote'; choice: 'approve' | 'reject'; by: string; via: 'library' | 'signal'; run?: 'another' }
  | { is: 'cancel' }
  | { is: 'retry' }
  | { is: 'stranger'; does: 'confirmResize' | 'revertResize' }
  | { is: 'stranger'; does: 'resize'; flavor: 'f2' | 'f3' }
  | { is: 'delete' }
  | { is: 'lock' }
  | { is: 'unlock' }
  | { is: 'reset'; state: 'active' | 'error' }
  | { is: 'fail'; call: DriverCall }
  | { is: 'delay'; call: DriverCall; seconds: number }
  | { is: 'fault'; request: RequestKind; fault: Fault; times: number; seconds: number };

export interface Step {
  at: Moment;
  /** Milliseconds. */
  after: number;
  move: Move;
}

export interface Story {
  input: Pick<ResizeInput, 'flavor' | 'onTimeout' | 'decideWithin' | 'settleWithin' | 'polling'>;
  stopped: boolean;
  steps: Step[];
}

export interface Round {
  /** Side by side, each with a server of its own. */
  stories: Story[];
  /** kill -9 of a process all of them need, one after the other. */
  crashes: { after: number; of: 'worker' | 'Temporal' }[];
}

const faults: readonly Fault[] = [
  ...(['drop-before', 'drop-after', 'hang', 'late', 'junk', 'cut'] as const),
  ...(['401', '403', '429', '500', '502', '503'] as const),
];
const calls: readonly DriverCall[] = [
  'migrate_disk_and_power_off',
  'finish_migration',
  'confirm_migration',
  'finish_revert_migration',
];

const vote: fc.Arbitrary<Move> = fc.record(
  {
    is: fc.constant('vote' as const),
    choice: fc.constantFrom('approve' as const, 'approve' as const, 'reject' as const),
    by: fc.constantFrom('ana', 'bob', 'eve'),
    via: fc.constantFrom('library' as const, 'signal' as const),
    run: fc.constant('another' as const),
  },
  { requiredKeys: ['is', 'choice', 'by', 'via'] },
);
const fault: fc.Arbitrary<Move> = fc.record({
  is: fc.constant('fault' as const),
  request: fc.constantFrom('GET' as const, 'resize' as const, 'confirmResize' as const, 'revertResize' as const),
  fault: fc.constantFrom(...faults),
  times: fc.integer({ min: 1, max: 3 }),
  // Of a late delivery: within the settle time, which is nine seconds.
  seconds: fc.integer({ min: 1, max: 5 }),
});
const stranger: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    is: fc.constant('stranger' as const),
    does: fc.constantFrom('confirmResize' as const, 'revertResize' as const),
  }),
  fc.record({
    is: fc.constant('stranger' as const),
    does: fc.constant('resize' as const),
    flavor: fc.constantFrom('f2' as const, 'f3' as const),
  }),
  fc.constant<Move>({ is: 'delete' }),
  fc.record({ is: fc.constant('reset' as const), state: fc.constantFrom('active' as const, 'error' as const) }),
);
const cloud: fc.Arbitrary<Move> = fc.oneof(
  fc.constant<Move>({ is: 'lock' }),
  fc.constant<Move>({ is: 'unlock' }),
  fc.record({ is: fc.constant('fail' as const), call: fc.constantFrom(...calls) }),
  fc.record({
    is: fc.constant('delay' as const),
    call: fc.constantFrom(...calls),
    seconds: fc.integer({ min: 1, max: 3 }),
  }),
);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: vote },
  { weight: 5, arbitrary: fault },
  { weight: 3, arbitrary: stranger },
  { weight: 2, arbitrary: cloud },
  { weight: 1, arbitrary: fc.constantFrom<Move>({ is: 'cancel' }, { is: 'retry' }) },
);

const step: fc.Arbitrary<Step> = fc.record({
  at: fc.constantFrom<Moment>('start', 'asked', 'asked', 'window', 'window', 'window', 'decided', 'decided'),
  after: fc.integer({ min: 0, max: 1500 }),
  move,
});

/** What chance alone would hardly make: things that belong together, moments apart. */
const conspiracy: fc.Arbitrary<Step[]> = fc
  .record({
    which: fc.integer({ min: 0, max: 4 }),
    at: fc.integer({ min: 0, max: 600 }),
    apart: fc.integer({ min: 0, max: 120 }),
    pause: fc.integer({ min: 350, max: 900 }),
    request: fc.constantFrom<RequestKind>('resize', 'resize', 'confirmResize', 'revertResize'),
    seconds: fc.integer({ min: 2, max: 6 }),
  })
  .map(({ which, at, apart, pause, request, seconds }): Step[] => {
    const inWindow = (after: number, move: Move): Step => ({ at: 'window', after, move });
    const says = (choice: 'approve' | 'reject', by: string): Move => ({ is: 'vote', choice, by, via: 'signal' });
    switch (which) {
      case 0: // Their resize looks like ours.
        return [
          inWindow(at, { is: 'stranger', does: 'revertResize' }),
          inWindow(at + pause, { is: 'stranger', does: 'resize', flavor: 'f2' }),
          inWindow(at + 2 * pause, says('approve', 'bob')),
        ];
      case 1: // They decide when we do.
        return [
          inWindow(at, says('approve', 'bob')),
          inWindow(at + apart, { is: 'stranger', does: apart % 2 === 0 ? 'revertResize' : 'confirmResize' }),
        ];
      case 2: // People disagree.
        return [inWindow(at, says('approve', 'bob')), inWindow(at + apart, says('reject', 'eve'))];
      case 3: // A request arrives when nobody waits for it any more.
        return [
          { at: 'start', after: 0, move: { is: 'fault', request, fault: 'late', times: 1, seconds } },
          inWindow(at, says(apart % 2 === 0 ? 'reject' : 'approve', 'bob')),
        ];
      default: // The answer is lost, and then somebody else undoes what it did.
        return [
          { at: 'start', after: 0, move: { is: 'fault', request: 'resize', fault: 'drop-after', times: 1, seconds } },
          { at: 'asked', after: pause + at, move: { is: 'stranger', does: 'revertResize' } },
        ];
    }
  });

/** Most stories are decided; what is not ends by its deadline, or stays. */
const story: fc.Arbitrary<Story> = fc.record({
  input: fc.record({
    flavor: fc.oneof({ weight: 9, arbitrary: fc.constant('f2') }, { weight: 1, arbitrary: fc.constant('huge') }),
    onTimeout: fc.constantFrom('revert' as const, 'revert' as const, 'confirm' as const, 'hold' as const),
    decideWithin: fc.constantFrom('2s', '4s', '6s', '5 minutes'),
    settleWithin: fc.constantFrom('3s', '5 minutes'),
    polling: fc.constantFrom(
      { initial: 150, maximum: 600, backoff: 1.3 },
      // Fast enough to continue as new on the way.
      { initial: 100, maximum: 100, backoff: 1 },
      { initial: 400, maximum: 1500, backoff: 2 },
      // Slow enough for others to do two things between two looks.
      { initial: 200, maximum: 8000, backoff: 6 },
    ),
  }),
  stopped: fc.constantFrom(false, false, false, true),
  steps: fc.oneof(
    fc.array(step, { minLength: 1, maxLength: 6 }),
    fc.tuple(conspiracy, fc.array(step, { maxLength: 2 })).map(([together, alone]) => [...together, ...alone]),
  ),
});

export const round = (stories: number): fc.Arbitrary<Round> =>
  fc.record({
    stories: fc.array(story, { minLength: stories, maxLength: stories }),
    crashes: fc.array(
      fc.record({
        after: fc.integer({ min: 0, max: 6000 }),
        of: fc.constantFrom('worker' as const, 'worker' as const, 'Temporal' as const),
      }),
      { maxLength: 3 },
    ),
  });
