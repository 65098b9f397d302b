/** What is computed from the resizes that were counted. */
import { figuresOf, type Counted } from '../../src/bench/measure-lengths';

const counted = (resize: number, wait: number, events: number, calls: number): Counted => ({
  length: { resize, wait },
  events: [events - 1, events, events + 1],
  calls: [calls, calls, calls],
});

const value = (found: readonly Counted[], what: string) => {
  const figure = figuresOf(found).find((each) => each.what === what);
  return { rounds: figure?.rounds, computed: figure?.computed !== undefined, goal: figure?.atMost };
};

const flat = [counted(1, 1, 50, 20), counted(1, 9, 50, 20), counted(10, 1, 50, 20)];

test('what does not grow is the same for a day, and says that it is computed', () => {
  expect(value(flat, 'resize of 10 min, wait of 1 day: events')).toMatchObject({ rounds: [50], computed: true });
  expect(value(flat, 'a day of waiting instead of an hour: more events')).toMatchObject({ rounds: [0], goal: 5 });
});

test('what grows with each observation goes on growing at the pace of observations', () => {
  // 9 minutes of waiting have 4 observations more than 1 minute, an hour 15 more.
  const growing = [counted(1, 1, 50, 20), counted(1, 9, 50, 28), counted(10, 1, 50, 20)];
  const hour = value(growing, 'resize of 10 min, wait of 1 h: calls');
  expect(hour).toMatchObject({ computed: true, goal: 20 });
  expect(hour.rounds?.[0]).toBeCloseTo(20 + 2 * 15);
});

test('what was measured is not computed', () => {
  const found = [...flat, counted(10, 60, 52, 19)];
  expect(value(found, 'resize of 10 min, wait of 1 h: events')).toEqual({
    rounds: [51, 52, 53],
    computed: false,
    goal: 55,
  });
  expect(value(found, 'resize of 10 min, wait of 1 h: calls')).toMatchObject({ computed: false, goal: 20 });
});
