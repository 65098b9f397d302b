/** What is made of the values that were measured. */
import fc from 'fast-check';
import { inThirds } from '../../src/bench/measure-lag';
import { callsBetween } from '../../src/bench/lab';
import { median, percentile, verdictOf, type Figure } from '../../src/bench/result';

const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
  [0, 1],
])('the %d percentile of 1 to 100, in any order, is %d', (share, value) => {
  expect(percentile(hundred, share)).toBe(value);
});

test('a percentile is one of the values, and that share of them does not exceed it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const value = percentile(values, share);
      expect(values).toContain(value);
      expect(values.filter((each) => each <= value).length).toBeGreaterThanOrEqual(share * values.length);
    }),
  );
});

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, value) => {
  expect(median(values)).toBe(value);
});

test('of nothing there is no percentile and no median', () => {
  expect([percentile([], 0.5), median([])]).toEqual([NaN, NaN]);
});

const figure = (change: Partial<Figure>): Figure => ({ what: 'lag', unit: 'ms', rounds: [900, 1000, 3000], ...change });

test.each<[string, Partial<Figure>, ReturnType<typeof verdictOf>]>([
  ['without a goal', {}, undefined],
  ['its median at the goal', { atMost: 1000 }, 'reached'],
  ['its median above the goal', { atMost: 999 }, 'short'],
  ['not waited for to its end', { atMost: 5000, beyond: true }, 'short'],
  ['without a value', { atMost: 5000, rounds: [] }, 'not measured'],
])('a figure %s', (_, change, verdict) => {
  expect(verdictOf(figure(change))).toBe(verdict);
});

test('a distribution is cut into three rounds, and every value is in one', () => {
  expect(inThirds([1, 2, 3, 4, 5, 6, 7])).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  expect(inThirds([1])).toEqual([[1]]);
});

test('requests are counted apart: lists of servers, log-ins, and all others', () => {
  const before = { '-': { 'POST tokens': 1, 'GET servers': 10 }, a: { 'GET server': 3 } };
  const after = {
    '-': { 'POST tokens': 1, 'GET servers': 14, 'GET flavors': 2 },
    a: { 'GET server': 8 },
    b: { 'POST resize': 1 },
  };
  expect(callsBetween(before, after)).toEqual({ lists: 4, logins: 0, others: 8 });
});
