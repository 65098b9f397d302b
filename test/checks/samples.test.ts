import { heldFor, holdsNow, type Series } from '../../src/checks/samples';

const SECOND = 1000;
const below = { below: 1 };
/** A sample each second, the last one at 100 s; `-` is none, `N` is NaN. */
const series = (values: string): Series =>
  values.split('').flatMap((letter, index) => {
    if (letter === '-') return [];
    const at = (100 - values.length + 1 + index) * SECOND;
    return [{ at, value: letter === 'N' ? Number.NaN : Number(letter) }];
  });
const span = (wanted: number, measured = wanted) => ({
  start: (100 - measured) * SECOND,
  end: 100 * SECOND,
  step: SECOND,
  wanted: wanted * SECOND,
});

it.each<[string, string[], number, number, object]>([
  ['holds throughout', ['00000000000'], 10, 10, { verdict: 'pass', figure: '0' }],
  ['does not hold now', ['00000000005'], 10, 10, { verdict: 'fail', figure: '5' }],
  ['did not hold once', ['00050000000'], 10, 10, { verdict: 'inconclusive', figure: '5' }],
  [
    'was not measured for long enough',
    ['00000'],
    10,
    4,
    { verdict: 'inconclusive', reason: 'below 1 for 4 s of 10 s' },
  ],
  ['fails before the span is over', ['00005'], 10, 4, { verdict: 'fail' }],
  ['has a gap', ['000----0000'], 10, 10, { verdict: 'inconclusive', reason: 'no data at times in the last 10 s' }],
  ['begins late', ['----0000000'], 10, 10, { verdict: 'inconclusive', reason: 'no data at times in the last 10 s' }],
  ['was NaN once', ['000N0000000'], 10, 10, { verdict: 'inconclusive' }],
  ['has ended', ['000000-----'], 10, 10, { verdict: 'inconclusive', reason: 'the query has no data' }],
  ['one of two has ended', ['00000000000', '000000-----'], 10, 10, { verdict: 'inconclusive' }],
  ['one of two does not hold', ['00000000000', '00000000009'], 10, 10, { verdict: 'fail', figure: '9' }],
  ['has no series', [], 10, 10, { verdict: 'inconclusive', reason: 'the query has no data' }],
])('what %s', (_name, all, wanted, measured, found) => {
  expect(heldFor(all.map(series), below, span(wanted, measured))).toMatchObject(found);
});

it('the worst of the newest is the figure', () => {
  expect(holdsNow([series('90'), series('00')], below)).toEqual({ verdict: 'pass', figure: '0' });
  expect(holdsNow([series('05'), series('03')], { above: 4 })).toEqual({
    verdict: 'fail',
    figure: '3',
    reason: 'not above 4',
  });
});
