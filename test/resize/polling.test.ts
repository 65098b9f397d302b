import fc from 'fast-check';
import { delayBefore, OBSERVATIONS_PER_RUN, paceOf, type Watching } from '../../src/resize/polling';
import { often } from './often';

const delays = (watching: Watching, n: number) =>
  Array.from({ length: n }, (_, look) => delayBefore(look, paceOf(watching), 0.5));

describe('how often a server is looked at', () => {
  it.each<[Watching, number[], number]>([
    ['resizing', [2000, 2600, 3380], 30_000],
    ['settling', [1000, 1300, 1690], 5000],
    ['deciding', [60_000, 78_000, 101_400], 300_000],
    ['operator', [30_000, 39_000, 50_700], 300_000],
  ])('while %s it starts fast and slows down', (watching, first, slowest) => {
    expect(delays(watching, 3)).toEqual(first);
    expect(delays(watching, 40).at(-1)).toBe(slowest);
  });

  it('what the request says replaces it, whatever is watched', () => {
    for (const watching of ['resizing', 'settling', 'deciding', 'operator'] as const) {
      expect(paceOf(watching, { initial: 100, maximum: 200, backoff: 2 })).toEqual({
        initial: 100,
        maximum: 200,
        backoff: 2,
      });
    }
  });

  it.each<[string, { initial?: number; maximum?: number }, { initial: number; maximum: number }]>([
    ['a first wait above the usual longest', { initial: 60_000 }, { initial: 60_000, maximum: 60_000 }],
    ['a longest wait below the usual first', { maximum: 500 }, { initial: 500, maximum: 500 }],
    [
      'a longest wait below the first that is asked for',
      { initial: 900, maximum: 500 },
      { initial: 900, maximum: 900 },
    ],
  ])('%s', (_, asked, pace) => expect(paceOf('settling', asked)).toMatchObject(pace));

  it('a wait never exceeds the longest, never shrinks, and is a whole number at any look', () => {
    const asked = fc.record(
      {
        initial: fc.integer({ min: 1, max: 31_536_000_000 }),
        maximum: fc.integer({ min: 1, max: 31_536_000_000 }),
        backoff: fc.double({ min: 1, max: 10, noNaN: true }),
      },
      { requiredKeys: [] },
    );
    const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const watching = fc.constantFrom<Watching>('resizing', 'settling', 'deciding', 'operator');
    fc.assert(
      fc.property(watching, asked, fc.integer({ min: 0, max: 1_000_000 }), chances, (what, wish, n, chance) => {
        const pace = paceOf(what, wish);
        const delay = delayBefore(n, pace, chance);
        expect(Number.isSafeInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(1);
        expect(delay).toBeLessThanOrEqual(pace.maximum);
        expect(delayBefore(n + 1, pace, chance)).toBeGreaterThanOrEqual(delay);
      }),
      often(500),
    );
  });

  it('chance makes a wait up to a tenth shorter or longer, and none longer than the longest', () => {
    const pace = { initial: 1000, maximum: 2000, backoff: 2 };
    const waits = (n: number) => [0, 0.25, 0.5, 0.75, 1 - Number.EPSILON].map((chance) => delayBefore(n, pace, chance));
    expect(waits(0)).toEqual([900, 950, 1000, 1050, 1100]);
    expect(waits(1)).toEqual([1800, 1900, 2000, 2000, 2000]);
    expect(delayBefore(0, { initial: 1, maximum: 1, backoff: 1 }, 0)).toBe(1);
  });

  it('a run continues as new long before its history grows', () => {
    expect(OBSERVATIONS_PER_RUN * 11).toBeLessThan(4000);
  });
});
