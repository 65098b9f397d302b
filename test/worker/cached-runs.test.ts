import { cachedRuns } from '../../src/worker/cached-runs';

const GB = 2 ** 30;

test.each([
  [0.5, 1024],
  [1, 2048],
  [2, 4096],
  [24, 5000],
])('with %d GB of memory a worker keeps %d runs in it', (memory, runs) => {
  expect(cachedRuns(memory * GB)).toBe(runs);
});

test('by default it goes by the memory that this process has', () => {
  expect(cachedRuns()).toBeGreaterThan(100);
  expect(cachedRuns()).toBeLessThanOrEqual(5000);
});
