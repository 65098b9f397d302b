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

test('each observation of a watched run is one call more, and no event', () => {
  expect(value(flat, 'resize of 10 min, wait of 1 h: calls')).toMatchObject({ rounds: [20], computed: true, goal: 20 });
  // One in 60 minutes while people decide, one in 15 while the cloud resizes.
  expect(value(flat, 'resize of 10 min, wait of 1 day: calls').rounds).toEqual([20 + 23]);
  expect(value(flat, 'resize of 1 h, wait of 1 h: calls').rounds).toEqual([20 + 3]);
  expect(value(flat, 'resize of 1 h, wait of 1 h: events').rounds).toEqual([50]);
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
