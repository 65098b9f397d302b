/** A result in words: the table on the terminal, and docs/performance.md. */
import Table from 'cli-table3';
import { chartsOf } from './charts';
import { median, verdictOf, type Figure, type Result, type Section } from './result';

/** 3 digits that count. */
function number(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number(value.toFixed(digits)).toLocaleString('en');
}

/** `81 ms`, `more than 120 s`, `554 (computed)`. */
function valueText(figure: Figure): string {
  if (figure.rounds.length === 0) return 'not measured';
  const value = [figure.beyond && 'more than', number(median(figure.rounds)), figure.unit].filter(Boolean).join(' ');
  return figure.computed === undefined ? value : `${value} (computed)`;
}

/** `78 to 90`; nothing where there was one round. */
function spreadText({ rounds }: Figure): string {
  return rounds.length < 2 ? '' : `${number(Math.min(...rounds))} to ${number(Math.max(...rounds))}`;
}

const goalText = ({ atMost, unit }: Figure) =>
  atMost === undefined ? '' : ['at most', number(atMost), unit].filter(Boolean).join(' ');

/** This one by the earlier one: `0.50`. */
function ratioText(figure: Figure, earlier: readonly Section[] | undefined): string {
  const before = earlier?.flatMap(({ figures }) => figures).find(({ what }) => what === figure.what);
  if (before === undefined || before.rounds.length === 0 || figure.rounds.length === 0) return '';
  const ratio = median(figure.rounds) / median(before.rounds);
  return Number.isFinite(ratio) ? ratio.toFixed(2) : '';
}

interface Row {
  head: string[];
  cells: string[][];
}

function rowsOf(figures: readonly Figure[], earlier: Result | undefined): Row {
  const withGoal = figures.some(({ atMost }) => atMost !== undefined);
  const head = [
    'figure',
    'median',
    'lowest to highest',
    ...(withGoal ? ['goal', ''] : []),
    ...(earlier ? ['ratio'] : []),
  ];
  const cells = figures.map((figure) => [
    figure.note === undefined ? figure.what : `${figure.what} (${figure.note})`,
    valueText(figure),
    spreadText(figure),
    ...(withGoal ? [goalText(figure), verdictOf(figure) ?? ''] : []),
    ...(earlier ? [ratioText(figure, earlier.sections)] : []),
  ]);
  return { head, cells };
}

const goalsOf = ({ sections }: Result) =>
  sections.flatMap(({ figures }) => figures).filter(({ atMost }) => atMost !== undefined);

/** For the terminal: all figures, section by section, and at the end the goals. */
export function tableOf(result: Result, earlier?: Result): string {
  const table = ({ head, cells }: Row) => {
    const shown = new Table({ head, style: { head: [], border: [] } });
    shown.push(...cells);
    return shown.toString();
  };
  return [
    ...result.sections.flatMap(({ title, figures, failed }) => [
      '',
      failed === undefined ? title : `${title}: failed (${failed})`,
      table(rowsOf(figures, earlier)),
    ]),
    '',
    'Goals',
    table(rowsOf(goalsOf(result), earlier)),
    machineText(result),
  ].join('\n');
}

function markdown({ head, cells }: Row): string[] {
  const escaped = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const widths = head.map((name, column) => Math.max(name.length, 3, ...cells.map((row) => row[column]?.length ?? 0)));
  const padded = (row: readonly string[]) => escaped(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  return [padded(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...cells.map(padded)];
}

function machineText({ at, commit, changed, machine, options, took }: Result): string {
  const { cpu, cores, memoryGb, node, temporal, sdk, os, load } = machine;
  return (
    `Commit ${commit}${changed ? ' with changes' : ''}, ${at.slice(0, 10)}, ${Math.round(took / 60)} min, ${options.rounds} rounds. ` +
    `${cores} cores (${cpu}), ${memoryGb} GB, ${os}, Node ${node}, ${temporal}, Temporal SDK ${sdk}. ` +
    `Load average ${load[0]} before and ${load[1]} after.`
  );
}

/** docs/performance.md. */
export function pageOf(result: Result, earlier?: Result): string {
  const compared =
    earlier &&
    `"Ratio" is this result by that of commit ${earlier.commit} (${earlier.at.slice(0, 10)}): below 1 is less.`;
  const charts = Object.keys(chartsOf(result));
  return [
    '# Performance',
    '',
    '<!-- Written by `npm run bench -- --write`. Change src/bench/report.ts, not this page. -->',
    '',
    'One run of `npm run bench`: everything on one machine, the Temporal development server, the simulated cloud and one',
    'worker with default settings, each in its own process. "Median" is of the rounds; where a distribution is cut into',
    'thirds, each third is a round. A goal that was missed is "short". How a limit on requests is kept to is in',
    '[politeness.md](politeness.md), what a resize costs and why in [costs.md](costs.md).',
    '',
    machineText(result),
    ...(compared === undefined ? [] : ['', compared]),
    '',
    '## Goals',
    '',
    ...markdown(rowsOf(goalsOf(result), earlier)),
    '',
    ...result.sections.flatMap((section) => sectionText(section, earlier, charts)),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

function sectionText(
  { name, title, about, figures, failed }: Section,
  earlier: Result | undefined,
  charts: readonly string[],
): string[] {
  const chart = `performance-${name}`;
  return [
    `## ${title}`,
    '',
    ...(failed === undefined ? [] : [`It could not be measured: ${failed.split('\n')[0] ?? ''}`, '']),
    ...about.flatMap((paragraph) => [paragraph, '']),
    ...(charts.includes(chart) ? [`![${title}: the figures below as a chart](${chart}.svg)`, ''] : []),
    ...(figures.length === 0 ? [] : [...markdown(rowsOf(figures, earlier)), '']),
  ];
}
