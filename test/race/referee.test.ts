/** The referee itself, where it is easy to see who has to win. */
import type { Input, Task } from './history';
import { possibleWins } from './referee';
import type { Scenario } from './scenarios';

const vote = (decision: 'approve' | 'reject', by: string, via: 'signal' | 'update' = 'signal'): Input => ({
  is: 'vote',
  decision,
  by,
  via,
});
const verdict = (
  when: 'baseline' | 'proof' | 'watch' | 'last-round',
  says: 'pass' | 'fail',
  begun = 1,
  id = 2,
): Input => ({
  is: 'verdict',
  when,
  verdict: says,
  begun,
  id,
});
const DEADLINE: Input = { is: 'deadline' };
const CANCEL: Input = { is: 'cancel' };

const plain: Scenario = { around: 'deadline', input: { onTimeout: 'revert' }, steps: [] };
const checked: Scenario = { ...plain, checks: { onWatchFailure: 'revert', redBefore: false } };
const two: Scenario = { ...plain, input: { approvals: { required: 2, approvers: ['bob', 'eve'] } } };

/** One workflow task for each list. */
const tasks = (...inputs: Input[][]): Task[] =>
  inputs.map((each, index) => ({ id: index + 1, inputs: each, phases: [] }));
const wins = (scenario: Scenario, ...inputs: Input[][]) =>
  possibleWins(scenario, tasks(...inputs)).map(({ task, win }) =>
    [`task ${task}:`, win.outcome, win.cause, win.by].filter((part) => part !== undefined).join(' '),
  );

it.each<[string, Scenario, Input[][], string[]]>([
  [
    'a vote, not the deadline, of one task',
    plain,
    [[DEADLINE, vote('approve', 'bob')]],
    ['task 1: confirmed approved bob'],
  ],
  [
    'the deadline of an earlier task',
    plain,
    [[DEADLINE], [vote('approve', 'bob')]],
    ['task 1: reverted decision-timeout'],
  ],
  [
    'the first of two signals',
    plain,
    [[vote('reject', 'eve'), vote('approve', 'bob')]],
    ['task 1: reverted rejected eve'],
  ],
  [
    'a signal or an update of one task: the history does not say which was heard first',
    plain,
    [[vote('reject', 'eve'), vote('approve', 'bob', 'update')]],
    ['task 1: reverted rejected eve', 'task 1: confirmed approved bob'],
  ],
  [
    'a vote, not a check that fails, of one task',
    checked,
    [[verdict('proof', 'pass')], [verdict('watch', 'fail'), vote('approve', 'bob')]],
    ['task 2: confirmed approved bob'],
  ],
  [
    'a check that fails, not the deadline, of one task',
    checked,
    [[verdict('proof', 'pass')], [DEADLINE, verdict('watch', 'fail')]],
    ['task 2: reverted unhealthy'],
  ],
  [
    'a proof that fails, not an early approve',
    checked,
    [[vote('approve', 'bob')], [verdict('proof', 'fail')]],
    ['task 2: reverted unhealthy'],
  ],
  [
    'an early approve when the proof passes',
    checked,
    [[vote('approve', 'bob')], [verdict('proof', 'pass')]],
    ['task 2: confirmed approved bob'],
  ],
  [
    'nobody by a check that was red before',
    checked,
    [[verdict('baseline', 'fail')], [verdict('proof', 'fail')], [verdict('watch', 'fail')]],
    [],
  ],
  ['a cancel where anybody decides', plain, [[CANCEL, DEADLINE]], ['task 1: reverted cancelled']],
  ['no cancel where approvers are named', two, [[CANCEL], [DEADLINE]], ['task 2: reverted decision-timeout']],
  [
    'the last of the approvers that are needed, each counted once',
    two,
    [[vote('approve', 'bob'), vote('approve', 'bob'), vote('approve', 'joe')], [vote('approve', 'eve')]],
    ['task 2: confirmed approved eve'],
  ],
  [
    'the last round, unless a check failed after it was asked for',
    checked,
    [[verdict('proof', 'pass')], [verdict('watch', 'pass', 1, 5)], [verdict('last-round', 'pass', 6, 7)]],
    ['task 3: confirmed policy'],
  ],
])('%s wins', (_, scenario, inputs, expected) => {
  expect(wins(scenario, ...inputs)).toEqual(expected);
});
