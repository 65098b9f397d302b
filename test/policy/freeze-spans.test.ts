/** When freezes are: days and times of a zone, also where its clocks are changed. */
import fc from 'fast-check';
import { freezesBetween, isZone, type FreezeRule } from '../../src/policy/freeze-spans';
import { often } from '../resize/often';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string) => Date.parse(text);

const weekend: FreezeRule = {
  days: ['fri'],
  from: '16:00',
  to: '24:00',
  zone: 'Europe/Berlin',
  reason: 'no changes before the weekend',
};
const night = (more: Partial<FreezeRule> = {}): FreezeRule => ({
  days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  from: '22:00',
  to: '06:00',
  zone: 'Europe/Berlin',
  reason: 'nights',
  ...more,
});
const spans = (rules: FreezeRule[], from: string, to: string) =>
  freezesBetween(rules, at(from), at(to)).spans.map((span) => [span.from, span.to]);

it('a freeze comes again each week, and is shown in its own zone', () => {
  expect(freezesBetween([weekend], at('2026-11-25T00:00Z'), at('2026-12-05T00:00Z'))).toEqual({
    knownUntil: '2026-12-05T00:00:00.000Z',
    spans: [
      {
        from: '2026-11-27T15:00:00.000Z',
        to: '2026-11-27T23:00:00.000Z',
        reason: 'no changes before the weekend',
        shown: 'Fri 2026-11-27 16:00 to Sat 2026-11-28 00:00 Europe/Berlin',
      },
      expect.objectContaining({ from: '2026-12-04T15:00:00.000Z' }) as object,
    ],
  });
});

it('one over midnight belongs to the day on which it begins, and is found the day after', () => {
  expect(spans([night({ days: ['fri'] })], '2026-11-28T00:00Z', '2026-11-28T01:00Z')).toEqual([
    ['2026-11-27T21:00:00.000Z', '2026-11-28T05:00:00.000Z'],
  ]);
  expect(spans([night({ days: ['fri'] })], '2026-11-28T05:00Z', '2026-11-28T06:00Z')).toEqual([]);
});

it('all days from 00:00 to 24:00 leave no gap, also on the days of 23 and 25 hours', () => {
  const always = night({ from: '00:00', to: '24:00' });
  for (const [from, to] of [
    ['2026-03-27T00:00Z', '2026-03-31T00:00Z'],
    ['2026-10-23T00:00Z', '2026-10-27T00:00Z'],
  ] as const) {
    const days = spans([always], from, to);
    expect(days.slice(1).map(([begin]) => begin)).toEqual(days.slice(0, -1).map(([, end]) => end));
    expect(new Set(days.map(([begin = '', end = '']) => (at(end) - at(begin)) / HOUR)).size).toBe(2);
  }
});

describe('where clocks go forward (Europe/Berlin, 29 March 2026, 02:00 to 03:00)', () => {
  it('a night is an hour shorter', () => {
    expect(spans([night({ days: ['sat'] })], '2026-03-28T12:00Z', '2026-03-29T12:00Z')).toEqual([
      ['2026-03-28T21:00:00.000Z', '2026-03-29T04:00:00.000Z'],
    ]);
  });

  it.each([
    ['begins at a time that is left out: with the change', '02:30', '05:00', '01:00', '03:00'],
    ['ends at a time that is left out: with the change', '00:30', '02:30', '-23:30', '01:00'],
  ])('one that %s', (_, from, to, begin, end) => {
    const utc = (time: string) =>
      time.startsWith('-') ? `2026-03-28T${time.slice(1)}:00.000Z` : `2026-03-29T${time}:00.000Z`;
    expect(spans([night({ days: ['sun'], from, to })], '2026-03-29T00:00Z', '2026-03-29T12:00Z')).toEqual([
      [utc(begin), utc(end)],
    ]);
  });

  it('one that lies in the hour that is left out does not happen', () => {
    expect(
      spans([night({ days: ['sun'], from: '02:10', to: '02:50' })], '2026-03-29T00:00Z', '2026-03-29T12:00Z'),
    ).toEqual([]);
  });
});

describe('where clocks go back (Europe/Berlin, 25 October 2026, 03:00 to 02:00)', () => {
  it('a night is an hour longer', () => {
    expect(spans([night({ days: ['sat'] })], '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual([
      ['2026-10-24T20:00:00.000Z', '2026-10-25T05:00:00.000Z'],
    ]);
  });

  it('of a time that comes twice it begins with the first and ends with the second one', () => {
    expect(
      spans([night({ days: ['sun'], from: '02:30', to: '05:00' })], '2026-10-25T00:00Z', '2026-10-25T12:00Z'),
    ).toEqual([['2026-10-25T00:30:00.000Z', '2026-10-25T04:00:00.000Z']]);
    expect(
      spans([night({ days: ['sun'], from: '01:00', to: '02:30' })], '2026-10-25T00:00Z', '2026-10-25T12:00Z'),
    ).toEqual([['2026-10-24T23:00:00.000Z', '2026-10-25T01:30:00.000Z']]);
  });
});

it('a zone in which clocks are changed at midnight has no hole there', () => {
  // Asia/Beirut, 29 March 2026: 00:00 is left out.
  const day = night({ days: ['sun'], from: '00:00', to: '24:00', zone: 'Asia/Beirut' });
  expect(spans([day], '2026-03-28T00:00Z', '2026-03-30T12:00Z')).toEqual([
    ['2026-03-28T22:00:00.000Z', '2026-03-29T21:00:00.000Z'],
  ]);
});

it('a moment is in a freeze exactly when the clocks of its zone say so', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'];
  // Half hours, so that none is in an hour that comes twice or not at all.
  const clock = (moment: number, zone: string) => {
    const parts = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).formatToParts(moment);
    const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
    return { day: part('weekday').toLowerCase(), time: `${part('hour')}:${part('minute')}` };
  };
  const hour = fc.integer({ min: 4, max: 23 }).map((n) => `${String(n).padStart(2, '0')}:00`);
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      hour,
      hour,
      fc.integer({ min: 0, max: 365 * 24 }).map((hours) => at('2026-01-01T00:30Z') + hours * HOUR),
      (zone, from, to, moment) => {
        fc.pre(from < to);
        const rule = night({ days: ['wed', 'sun'], from, to, zone });
        const { spans: found } = freezesBetween([rule], moment, moment);
        const { day, time } = clock(moment, zone);
        const isFrozen = found.some((span) => at(span.from) <= moment && moment < at(span.to));
        expect(isFrozen).toBe(['wed', 'sun'].includes(day) && from <= time && time < to);
      },
    ),
    often(500),
  );
});

it('a run gets at most 200 of them, and until when it knows them all', () => {
  const start = at('2026-01-01T00:00Z');
  const { spans: all, knownUntil } = freezesBetween([night()], start, start + 365 * DAY);
  expect(all).toHaveLength(200);
  expect(at(knownUntil)).toBeGreaterThan(at(all.at(-1)?.from ?? ''));
  expect(at(knownUntil)).toBeLessThan(start + 202 * DAY);
});

it.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Europe/Bonn', false],
  ['+01:00', false],
  ['', false],
])('%j is a zone: %s', (zone, is) => expect(isZone(zone)).toBe(is));
