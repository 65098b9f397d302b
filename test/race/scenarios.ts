/** What falls together in one resize, as data. */
import * as fc from 'fast-check';
import type { ResizeInput } from '../../src';

/** A vote that the library sends is answered; a bare signal is not. */
type Way = 'library' | 'signal';
export type Move =
  | { is: 'approve' | 'reject'; by: string; way: Way }
  | { is: 'cancel' }
  | { is: 'extend'; by: string; seconds: number }
  /** The service of the server answers with this status from now on. */
  | { is: 'service'; status: 200 | 503 };

export interface Step {
  /** Milliseconds before or after the moment. */
  after: number;
  move: Move;
}

/** Around what everything happens: the deadline, the end of the proof, or the end of the time that the checks have to pass. */
export type Around = 'deadline' | 'proof' | 'bake';

export interface Scenario {
  around: Around;
  input: { decideWithin?: number } & {
    [field in 'approvals' | 'onTimeout' | 'autoConfirm' | 'bakeFor']?: ResizeInput[field] | undefined;
  };
  /** Absent: no checks. */
  checks?: { onWatchFailure: 'ask' | 'revert'; redBefore: boolean };
  steps: Step[];
}

/** How long after the window opened the first try of a proof begins, where that is raced for; ms. */
export const PROOF_DELAY = 1200;
export const BAKE_FOR = 1200;
export const DECIDE_WITHIN = 1500;

const PEOPLE = ['ana', 'bob', 'eve', 'joe', 'mallory'] as const;
const by = fc.constantFrom(...PEOPLE, 'bob', 'eve');
const way = fc.constantFrom<Way>('library', 'signal');

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 7, arbitrary: fc.record({ is: fc.constant('approve' as const), by, way }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('reject' as const), by, way }) },
  { weight: 1, arbitrary: fc.constant<Move>({ is: 'cancel' }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('extend' as const), by, seconds: fc.constantFrom(1, 2) }) },
);
const ill: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Move>({ is: 'service', status: 503 }) },
  { weight: 1, arbitrary: fc.constant<Move>({ is: 'service', status: 200 }) },
);

const after = fc.integer({ min: -200, max: 300 });
/** One more round of checks stands between the end of that time and the confirm. */
const afterBake = fc.integer({ min: -200, max: 800 });
const steps = fc.array(fc.record({ after, move }), { minLength: 1, maxLength: 4 });

const approvals = fc.constantFrom<ResizeInput['approvals']>(
  undefined,
  undefined,
  { required: 2 },
  { required: 2, approvers: ['bob', 'eve', 'joe'] },
  { required: 1, approvers: ['bob', 'eve'] },
);
const onTimeout = fc.constantFrom<ResizeInput['onTimeout']>('revert', 'revert', 'confirm', 'confirm', 'hold');
const checks = fc.record({
  onWatchFailure: fc.constantFrom('ask' as const, 'revert' as const, 'revert' as const),
  redBefore: fc.constantFrom(false, false, false, false, true),
});

const plain: fc.Arbitrary<Scenario> = fc.record({
  around: fc.constant('deadline' as const),
  input: fc.record({ approvals, onTimeout, decideWithin: fc.constant(DECIDE_WITHIN) }),
  steps,
});
/** A check that fails while people decide, at the deadline. */
const watched: fc.Arbitrary<Scenario> = fc
  .tuple(
    fc.record({
      around: fc.constant('deadline' as const),
      input: fc.record({ approvals, onTimeout, decideWithin: fc.constant(DECIDE_WITHIN) }),
      checks,
      steps,
    }),
    fc.record({ after: fc.integer({ min: -500, max: 150 }), move: ill }),
  )
  .map(([race, step]) => ({ ...race, steps: [step, ...race.steps] }));
/** The proof, which may fail, when votes come. */
const proven: fc.Arbitrary<Scenario> = fc
  .tuple(
    fc.record({
      around: fc.constant('proof' as const),
      input: fc.record({ approvals, onTimeout, decideWithin: fc.constant(DECIDE_WITHIN) }),
      checks,
      steps,
    }),
    fc.record({ after: fc.integer({ min: -600, max: 200 }), move: ill }),
  )
  .map(([race, step]) => ({ ...race, steps: [step, ...race.steps] }));
/** It confirms itself, unless somebody or a check is in time. */
const baking: fc.Arbitrary<Scenario> = fc
  .tuple(
    fc.record({
      around: fc.constant('bake' as const),
      input: fc.record({
        onTimeout,
        decideWithin: fc.constantFrom(BAKE_FOR + 300, BAKE_FOR + 1000, BAKE_FOR + 5000),
        autoConfirm: fc.constant(true),
        bakeFor: fc.constant(BAKE_FOR),
      }),
      checks,
      steps: fc.array(fc.record({ after: afterBake, move }), { maxLength: 3 }),
    }),
    fc.option(fc.record({ after: fc.integer({ min: -600, max: 500 }), move: ill }), { nil: undefined }),
  )
  .map(([race, step]) => (step === undefined ? race : { ...race, steps: [step, ...race.steps] }));

export const scenario: fc.Arbitrary<Scenario> = fc.oneof(
  { weight: 4, arbitrary: plain },
  { weight: 4, arbitrary: watched },
  { weight: 3, arbitrary: proven },
  { weight: 3, arbitrary: baking },
);
