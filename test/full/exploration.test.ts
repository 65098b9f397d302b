/** Everything that can happen, further than `npm test` goes. The numbers that it prints are in docs/testing.md. */
import { explore, tell } from '../exploration/explore';
import { KINDS, scenario, type Allowance } from '../exploration/scenarios';

const BOUNDS: readonly Allowance[] = [
  { votes: 1, words: 1, disturbances: 1 },
  { votes: 2, words: 0, disturbances: 0 },
  { votes: 0, words: 1, disturbances: 2 },
];

const total = { states: 0, transitions: 0 };

describe.each(Object.entries(KINDS))('whatever happens to %s', (_, kind) => {
  test.each(BOUNDS)('no rule is broken: $disturbances disturbances, $words words, $votes votes', (allowed) => {
    const setup = scenario(kind, allowed);
    const { states, transitions, complete, counterexample } = explore(setup, 4_000_000);
    total.states += states;
    total.transitions += transitions;
    expect(counterexample && tell(setup, counterexample)).toBeUndefined();
    expect(complete).toBe(true);
  });
});

test('no rule is broken by any three votes of approvers, of who asked and of strangers', () => {
  const setup = scenario(KINDS['a resize that two of its approvers decide'], { votes: 3, words: 0, disturbances: 0 });
  const { complete, counterexample } = explore(setup, 4_000_000);
  expect(counterexample && tell(setup, counterexample)).toBeUndefined();
  expect(complete).toBe(true);
});

afterAll(() => console.info(`explored: ${total.states} states, ${total.transitions} transitions`));
