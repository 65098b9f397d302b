import { refusalOfDecisionTime } from '../../src/resize/auto-confirm';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a gate in a cloud that confirms by itself after an hour', () => {
  it.each([
    ['is over half a minute before', { decideWithin: HOUR - 30_001 }],
    ['is not known yet', {}],
    ['is over in time and confirms then', { decideWithin: MINUTE, onTimeout: 'confirm' as const }],
  ])('that %s may be held', (_, gate) => expect(refusalOfDecisionTime(gate, HOUR)).toBeUndefined());

  it('that ends later is refused, with what to ask for instead', () => {
    expect(refusalOfDecisionTime({ decideWithin: 2 * HOUR, onTimeout: 'revert' }, HOUR)).toEqual({
      message:
        'this cloud confirms a resize by itself after 3600 s (auto_confirm_window of its profile); decideWithin of 7200 s would wait longer than that',
      advice: { you: 'Ask for decideWithin below 3570 s (--decide-within 3569s).' },
    });
  });

  it('that ends within the last half minute is refused: there has to be time to act', () => {
    expect(refusalOfDecisionTime({ decideWithin: HOUR - 30_000 }, HOUR)).toBeDefined();
  });

  it('has less time where the server is observed seldom: the decision time begins when VERIFY_RESIZE is seen', () => {
    const polling = { initial: 10 * MINUTE, maximum: 10 * MINUTE };
    expect(refusalOfDecisionTime({ decideWithin: 49 * MINUTE, polling }, HOUR)).toBeUndefined();
    expect(refusalOfDecisionTime({ decideWithin: 50 * MINUTE, polling }, HOUR)?.message).toMatch(/would wait longer/);
  });

  it('that is held for ever is refused, however often it is asked again', () => {
    const refusal = refusalOfDecisionTime({ decideWithin: MINUTE, onTimeout: 'hold' }, HOUR);
    expect(refusal?.message).toMatch(/onTimeout hold would wait longer/);
    expect(refusal?.advice?.you).toMatch(/Let the time-out revert or confirm/);
  });

  it('for a resize that is taken over has what is left of the hour', () => {
    expect(refusalOfDecisionTime({ decideWithin: 9 * MINUTE }, HOUR, 50 * MINUTE)).toBeUndefined();
    const refusal = refusalOfDecisionTime({ decideWithin: 10 * MINUTE }, HOUR, 50 * MINUTE);
    expect(refusal?.message).toMatch(/of which 3000 s have gone by/);
    expect(refusal?.advice?.you).toContain('--decide-within 569s');
  });

  it('is refused whatever it asks for where nothing is left', () => {
    expect(refusalOfDecisionTime({ decideWithin: 1000 }, HOUR, HOUR)?.message).toMatch(/leaves no time to decide/);
    expect(refusalOfDecisionTime({ decideWithin: 1000 }, 20_000)?.message).toMatch(/leaves no time to decide/);
  });
});

it('where the profile names no window, any gate may be held', () => {
  expect(refusalOfDecisionTime({ decideWithin: 365 * 24 * HOUR, onTimeout: 'hold' }, undefined)).toBeUndefined();
});
