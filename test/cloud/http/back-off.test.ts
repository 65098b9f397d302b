import { SlowDown } from '../../../src/cloud/http/back-off';

/** Times in ms; the cloud is asked as soon as it may be. */
function waits(slowDown: SlowDown, from: number, times: number): number[] {
  let now = from;
  return Array.from({ length: times }, () => {
    slowDown.asked(undefined, now, now);
    const wait = slowDown.until - now;
    now = slowDown.until;
    return wait;
  });
}

describe('how long a cloud is left alone', () => {
  it('two seconds where it names no time, doubled while it goes on, a minute at most', () => {
    expect(waits(new SlowDown(), 1_000, 7)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('what it asks for, ten minutes at most', () => {
    const slowDown = new SlowDown();
    slowDown.asked(7_000, 0, 0);
    expect(slowDown.until).toBe(7_000);
    slowDown.asked(86_400_000, 7_000, 7_000);
    expect(slowDown.until).toBe(607_000);
  });

  it('as if it named none, where it says "after 0 seconds"', () => {
    const slowDown = new SlowDown();
    slowDown.asked(0, 0, 0);
    expect(slowDown.until).toBe(2_000);
  });

  it('the longer of two answers to requests that were on their way together', () => {
    const slowDown = new SlowDown();
    expect(slowDown.asked(undefined, 100, 200)).toBe(true);
    expect(slowDown.asked(undefined, 150, 300)).toBe(false);
    expect(slowDown.until).toBe(2_200);
    expect(slowDown.asked(9_000, 150, 300)).toBe(false);
    expect(slowDown.until).toBe(9_300);
  });

  it.each([
    [7_999, 8_000],
    [8_000, 4_000],
  ])('%i ms after waiting 8 s, during which it answered as usual, the next wait is %i ms', (after, next) => {
    const slowDown = new SlowDown();
    waits(slowDown, 0, 3);
    const now = slowDown.until + after;
    slowDown.answered(slowDown.until, now);
    expect(waits(slowDown, now, 1)).toEqual([next]);
  });

  it('no longer each time, where it answers others as usual in between: one server must not keep all from being asked', () => {
    const slowDown = new SlowDown();
    let now = 0;
    for (let n = 0; n < 20; n++) {
      expect(waits(slowDown, now, 1)).toEqual([2_000]);
      now = slowDown.until + 100;
      slowDown.answered(slowDown.until, now);
    }
  });

  it('as at first, after it has answered as usual for a while', () => {
    const slowDown = new SlowDown();
    waits(slowDown, 0, 3);
    const start = slowDown.until;
    for (const after of [8_000, 12_000, 14_000]) slowDown.answered(start + after, start + after);
    expect(waits(slowDown, start + 20_000, 2)).toEqual([2_000, 4_000]);
  });

  it('no less because of an answer to what was sent before it asked', () => {
    const slowDown = new SlowDown();
    slowDown.asked(undefined, 0, 10_000);
    slowDown.answered(5_000, 60_000);
    expect(waits(slowDown, 60_000, 1)).toEqual([4_000]);
  });
});
