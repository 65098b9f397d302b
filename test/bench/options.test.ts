/** What `npm run bench` is told. */
import { readOptions } from '../../src/bench/options';

function read(...args: string[]) {
  const said = { out: '', err: '' };
  const options = readOptions(
    args,
    (text) => (said.out += text),
    (text) => (said.err += text),
  );
  return { options, ...said };
}

test('without options everything is measured, in three rounds, with 1,000 in flight', () => {
  const all = ['cost', 'lag', 'many', 'crowd', 'kill', 'lengths'];
  expect(read().options).toEqual({ only: all, rounds: 3, runs: 1000, out: '.cache/bench/latest.json' });
});

test('sections are measured in their own order', () => {
  expect(read('--only', 'kill,cost').options).toMatchObject({ only: ['cost', 'kill'] });
});

test('--help is an answer', () => {
  const { options, out, err } = read('--help');
  expect([options, err]).toEqual([0, '']);
  for (const option of ['--only', '--rounds', '--full', '--sample', '--compare', '--write'])
    expect(out).toContain(option);
});

test.each([
  ['--only', 'lagg'],
  ['--only', ''],
  ['--rounds', '0'],
  ['--rounds', '1.5'],
  ['--runs', 'many'],
  ['--fast'],
  ['lag'],
])('%s %s is answered in one sentence', (...args) => {
  const { options, out, err } = read(...args);
  expect([options, out]).toEqual([2, '']);
  expect(err).toMatch(/^error: [^\n]+\n$/);
});
