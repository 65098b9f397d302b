/** The table on the terminal, and the page. */
import { chartsOf } from '../../src/bench/charts';
import { lineChart } from '../../src/bench/line-chart';
import { pageOf, tableOf } from '../../src/bench/report';
import type { Figure, Result } from '../../src/bench/result';

const figures: Figure[] = [
  { what: 'resize, in null workflows', unit: '', rounds: [5.1, 5.4, 5.2], atMost: 6.5 },
  { what: 'lag, p99', unit: 'ms', rounds: [1200, 1300], atMost: 1000 },
  { what: '1000 starts', unit: 's', rounds: [300], atMost: 120, beyond: true, note: '12 were not tried' },
  { what: 'events of a day', unit: '', rounds: [56], computed: 'the growth' },
  { what: 'memory', unit: 'MB', rounds: [], note: 'this system does not tell' },
];

const result = (change: Partial<Result> = {}): Result => ({
  at: '2026-11-25T12:00:00.000Z',
  commit: 'abc1234',
  changed: false,
  machine: {
    cpu: 'Some CPU',
    cores: 2,
    memoryGb: 24,
    load: [0.1, 1.9],
    os: 'Linux 6',
    node: 'v20',
    temporal: 'temporal version 1',
    sdk: '1.24.0',
  },
  options: { rounds: 3, runs: 1000, full: false, sections: ['lag'] },
  took: 900,
  sections: [
    {
      name: 'lag',
      title: 'Lag',
      about: ['What it is.'],
      figures,
      curves: [{ name: '1 in flight', values: [100, 200, 900] }],
      took: 60,
    },
  ],
  ...change,
});

const row = (page: string, what: string) =>
  page
    .split('\n')
    .find((line) => line.startsWith(`| ${what}`))
    ?.split('|')
    .map((cell) => cell.trim())
    .slice(2, -1);

test('the page has each figure with its median, its spread, its goal and whether that is reached', () => {
  const page = pageOf(result());
  expect(row(page, 'resize, in null workflows')).toEqual(['5.2', '5.1 to 5.4', 'at most 6.5', 'reached']);
  expect(row(page, 'lag, p99')).toEqual(['1,250 ms', '1,200 to 1,300', 'at most 1,000 ms', 'short']);
});

test('what is computed, not waited for, or not measured says so', () => {
  const page = pageOf(result());
  expect(row(page, 'events of a day')?.[0]).toBe('56 (computed)');
  expect(row(page, '1000 starts (12 were not tried)')).toEqual(['more than 300 s', '', 'at most 120 s', 'short']);
  expect(row(page, 'memory (this system does not tell)')?.[0]).toBe('not measured');
});

test('commit and machine are named, and that files were changed', () => {
  expect(pageOf(result())).toMatch(/Commit abc1234, 2026-11-25.*2 cores \(Some CPU\).*Load average 0\.1 before/);
  expect(pageOf(result({ changed: true }))).toContain('Commit abc1234 with changes');
});

test('beside an earlier result the ratio to it is shown, and none where that has no such figure', () => {
  const sections = result().sections.map((section) => ({
    ...section,
    figures: [{ what: 'lag, p99', unit: 'ms', rounds: [2500] }],
  }));
  const page = pageOf(result(), result({ commit: 'older', sections }));
  expect(page).toContain('by that of commit older');
  expect(row(page, 'lag, p99')?.at(-1)).toBe('0.50');
  expect(row(page, 'events of a day')?.at(-1)).toBe('');
});

test('the terminal shows the goals once more at the end', () => {
  const table = tableOf(result());
  expect(table.slice(table.indexOf('Goals'))).toMatch(/lag, p99.*short/);
  expect(table.slice(table.indexOf('Goals'))).not.toContain('memory');
});

test('curves make a chart, and the page shows it', () => {
  const charts = chartsOf(result());
  expect(Object.keys(charts)).toEqual(['performance-lag']);
  expect(charts['performance-lag']).toMatch(/^<svg [^]*1 in flight[^]*<\/svg>\n$/);
  expect(pageOf(result())).toContain('](performance-lag.svg)');
  expect(chartsOf(result({ sections: [] }))).toEqual({});
});

test('CPU of server and worker make a chart, where the system tells both', () => {
  const cpu = (server: number[], worker: number[]): Figure[] => [
    { what: 'null workflow: CPU of the server', unit: 'ms', rounds: server },
    { what: 'null workflow: CPU of the worker', unit: 'ms', rounds: worker },
  ];
  const cost = (measured: Figure[]) =>
    result({ sections: [{ name: 'cost', title: 'CPU', about: [], figures: measured, took: 1 }] });
  expect(chartsOf(cost(cpu([17, 16, 18], [8, 7, 9])))['performance-cost']).toMatch(/null workflow[^]*>25</);
  expect(chartsOf(cost(cpu([], [])))).toEqual({});
});

test('a chart with lines may have a level and a span', () => {
  const chart = lineChart({
    title: 'Requests & answers',
    x: 'seconds',
    y: 'requests',
    lines: [
      {
        name: 'one',
        color: '#000',
        points: [
          [1, 10],
          [2, 40],
        ],
      },
    ],
    level: { name: 'limit', value: 50 },
    span: { name: 'refused', from: 1, to: 2 },
  });
  expect(chart).toMatch(/<title>Requests &amp; answers<[^]*>refused<[^]*>60<[^]*>limit<[^]*<polyline/);
});

test('a section that failed says so, and the others are there', () => {
  const failed = { name: 'kill' as const, title: 'Killed', about: [], figures: [], failed: 'no port', took: 1 };
  const page = pageOf(result({ sections: [...result().sections, failed] }));
  expect(page).toContain('## Killed\n\nIt could not be measured: no port');
  expect(row(page, 'lag, p99')).toBeDefined();
});
