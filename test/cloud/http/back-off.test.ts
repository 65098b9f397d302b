import { BackOff } from '../../../src/cloud/http/back-off';

/** Times in ms; the cloud is asked as soon as it may be. */
function waits(backOff: BackOff, from: number, times: number): number[] {
  let now = from;
  return Array.from({ length: times }, () => {
    backOff.refused(undefined, now, now);
    const wait = backOff.until - now;
    now = backOff.until;
    return wait;
  });
}

describe('how long a cloud is left alone', () => {
  it('two seconds where it names no time, doubled while it goes on, a minute at most', () => {
    expect(waits(new BackOff(), 1_000, 7)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('what it asks for, ten minutes at most', () => {
    const backOff = new BackOff();
    backOff.refused(7_000, 0, 0);
    expect(backOff.until).toBe(7_000);
    backOff.refused(86_400_000, 7_000, 7_000);
    expect(backOff.until).toBe(607_000);
  });

  it('as if it named none, where it says "after 0 seconds"', () => {
    const backOff = new BackOff();
    backOff.refused(0, 0, 0);
    expect(backOff.until).toBe(2_000);
  });

  it('the longer of two answers to requests that were on their way together', () => {
    const backOff = new BackOff();
    expect(backOff.refused(undefined, 100, 200)).toBe(true);
    expect(backOff.refused(undefined, 150, 300)).toBe(false);
    expect(backOff.until).toBe(2_200);
    expect(backOff.refused(9_000, 150, 300)).toBe(false);
    expect(backOff.until).toBe(9_300);
  });

  it.each([
    [7_999, 8_000],
    [8_000, 4_000],
  ])('%i ms after waiting 8 s, during which it answered as usual, the next wait is %i ms', (after, next) => {
    const backOff = new BackOff();
    waits(backOff, 0, 3);
    const now = backOff.until + after;
    backOff.answered(backOff.until, now);
    expect(waits(backOff, now, 1)).toEqual([next]);
  });

  it('no longer each time, where it answers others as usual in between: one server must not keep all from being asked', () => {
    const backOff = new BackOff();
    let now = 0;
    for (let n = 0; n < 20; n++) {
      expect(waits(backOff, now, 1)).toEqual([2_000]);
      now = backOff.until + 100;
      backOff.answered(backOff.until, now);
    }
  });

  it('as at first, after it has answered as usual for a while', () => {
    const backOff = new BackOff();
    waits(backOff, 0, 3);
    const start = backOff.until;
    for (const after of [8_000, 12_000, 14_000]) backOff.answered(start + after, start + after);
    expect(waits(backOff, start + 20_000, 2)).toEqual([2_000, 4_000]);
  });

  it('no less because of an answer to what was sent before it asked', () => {
    const backOff = new BackOff();
    backOff.refused(undefined, 0, 10_000);
    backOff.answered(5_000, 60_000);
    expect(waits(backOff, 60_000, 1)).toEqual([4_000]);
  });

  it('never nothing for whoever was just refused, though the wait that others were told of has ended', () => {
    const backOff = new BackOff();
    backOff.refused(500, 0, 0);
    expect(backOff.wait(400)).toBe(2_000);
    waits(backOff, 500, 3);
    backOff.refused(undefined, 20_000, 20_000);
    expect(backOff.wait(20_000)).toBe(16_000);
  });
});
