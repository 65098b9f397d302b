import fc from 'fast-check';
import { capped, courseOf, findingOf, verdictOf, withTry, type Streak } from '../../src/resize/check-verdict';
import type { CheckTime, Verdict } from '../../src/resize/checks';
import { often } from './often';

const check = { interval: 5000, timeout: 3000, successes: 1, failures: 3 };
const LETTERS: Record<string, Verdict> = { p: 'pass', f: 'fail', i: 'inconclusive' };

/** Tries at each interval, a letter for each; the verdict, and after how many of them. */
function played(tries: string, when: CheckTime, change: Partial<typeof check> = {}, grace = 0): [string, number] {
  const asked = { ...check, ...change };
  const course = courseOf(asked, { when, grace, within: 300_000 });
  let streak: Streak | undefined;
  for (const [index, letter] of tries.split('').entries()) {
    streak = withTry(streak, { verdict: LETTERS[letter] ?? 'inconclusive' }, index * asked.interval, course);
    const verdict = verdictOf(streak, asked, course);
    if (verdict !== undefined) return [verdict, index + 1];
  }
  return ['none', tries.length];
}

describe('the verdict of a check', () => {
  it.each<[string, CheckTime, Partial<typeof check>, number, string, number]>([
    // tries, when, options, grace, verdict, after so many tries
    ['p', 'proof', {}, 0, 'pass', 1],
    ['fff', 'proof', {}, 0, 'fail', 3],
    ['ffp', 'proof', {}, 0, 'pass', 3],
    ['ffiff', 'proof', {}, 0, 'none', 5],
    ['iiiiiiii', 'proof', {}, 0, 'none', 8],
    ['ppp', 'proof', { successes: 3 }, 0, 'pass', 3],
    ['ppfppp', 'proof', { successes: 3 }, 0, 'pass', 6],
    ['ppippp', 'proof', { successes: 3 }, 0, 'pass', 6],
    ['pfpfpf', 'proof', { successes: 2, failures: 2 }, 0, 'none', 6],
    // Failures of tries that began before 12 s do not count: the first three.
    ['fffff', 'proof', {}, 12_000, 'none', 5],
    ['ffffff', 'proof', {}, 12_000, 'fail', 6],
    ['fp', 'proof', {}, 60_000, 'pass', 2],
    // A failure that does not count still ends a row of successes.
    ['pfp', 'proof', { successes: 2 }, 60_000, 'none', 3],
    // Outside the proof, grace means nothing, and what has no verdict is told soon.
    ['fff', 'baseline', {}, 60_000, 'fail', 3],
    ['iii', 'baseline', {}, 0, 'inconclusive', 3],
    ['iii', 'watch', {}, 0, 'inconclusive', 3],
    ['iip', 'last-round', {}, 0, 'pass', 3],
  ])('%s in the %s with %j, grace %d ms: %s after %d', (tries, when, change, grace, verdict, after) => {
    expect(played(tries, when, change, grace)).toEqual([verdict, after]);
  });

  const tries = fc.string({ unit: fc.constantFrom('p', 'f', 'i'), maxLength: 40 });
  const when = fc.constantFrom<CheckTime>('baseline', 'proof', 'watch', 'last-round');
  const options = fc.record({ successes: fc.integer({ min: 1, max: 5 }), failures: fc.integer({ min: 1, max: 5 }) });
  const grace = fc.integer({ min: 0, max: 150_000 });

  it('is what its last tries found, as often in a row as was asked', () => {
    fc.assert(
      fc.property(tries, when, options, grace, (letters, time, change, ms) => {
        const [verdict, after] = played(letters, time, change, ms);
        if (verdict === 'none') return;
        const needed = verdict === 'pass' ? change.successes : change.failures;
        expect(letters.slice(after - needed, after)).toBe(verdict.charAt(0).repeat(needed));
      }),
      often(500),
    );
  });

  it('of a proof never is fail by what began before the grace was over', () => {
    fc.assert(
      fc.property(tries, options, grace, (letters, change, ms) => {
        const [verdict, after] = played(letters, 'proof', change, ms);
        if (verdict === 'fail') expect((after - change.failures) * check.interval).toBeGreaterThanOrEqual(ms);
      }),
      often(500),
    );
  });
});

describe('the time of a check', () => {
  it('is that of the request in a proof', () => {
    expect(courseOf(check, { when: 'proof', grace: 60_000, within: 300_000 })).toMatchObject({
      grace: 60_000,
      within: 300_000,
    });
  });

  it('is as long as its tries can take at any other time', () => {
    expect(courseOf(check, { when: 'baseline' })).toMatchObject({ grace: 0, within: 32_000 });
    expect(courseOf(check, { when: 'last-round', within: 10_000 })).toMatchObject({ within: 10_000 });
  });
});

describe('a finding', () => {
  const now = '2026-01-01T00:00:00.000Z';
  const course = courseOf(check, { when: 'proof', grace: 0, within: 300_000 });
  const streak = (verdict: Verdict, more: object = {}): Streak => ({ verdict, length: 1, last: { verdict, ...more } });
  const found = (
    verdict: Verdict | undefined,
    last: Streak | undefined,
    inconclusive: 'ask' | 'pass' | 'fail' = 'ask',
  ) => findingOf({ inconclusive }, course, { verdict, streak: last, now });

  it('has the figure and the reason of the last try', () => {
    expect(found('pass', streak('pass', { figure: '200 in 31 ms' }))).toStrictEqual({
      verdict: 'pass',
      figure: '200 in 31 ms',
      at: now,
    });
    expect(found('fail', streak('fail', { reason: 'refused' }))).toStrictEqual({
      verdict: 'fail',
      reason: 'refused',
      at: now,
    });
  });

  it('says what was seen last when the time was over', () => {
    expect(found(undefined, streak('fail', { reason: 'refused' }))).toStrictEqual({
      verdict: 'inconclusive',
      reason: 'no verdict within 300 s; the last try: fail, refused',
      at: now,
    });
    expect(found(undefined, undefined).reason).toBe('no verdict within 300 s; it was not tried');
  });

  it('says what no verdict counts as, and that nobody has seen it', () => {
    expect(found('inconclusive', streak('inconclusive', { reason: 'no data' }), 'pass')).toStrictEqual({
      verdict: 'pass',
      assumed: true,
      reason: 'no data; counts as pass, as the check says',
      at: now,
    });
    expect(found(undefined, streak('inconclusive'), 'fail')).toMatchObject({ verdict: 'fail', assumed: true });
    expect(found('pass', streak('pass'), 'fail')).not.toHaveProperty('assumed');
  });

  it('is one short line of whole characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const line = capped(text);
        expect(line.length).toBeLessThanOrEqual(200);
        expect(line).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
      }),
      often(500),
    );
  });
});
