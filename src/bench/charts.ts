/** The charts of docs/performance.md. */
import { barChart } from './bar-chart';
import { lineChart } from './line-chart';
import { median, type Curve, type Result, type Section } from './result';

const COLORS = ['#0059b3', '#c77700', '#2a7f3f', '#8a3ab9', '#b3003c'];
/** Points of a line, which is smooth enough. */
const POINTS = 100;

/** By the name of their files. */
export function chartsOf({ sections }: Result): Record<string, string> {
  const curves = sections.flatMap((section) => section.curves ?? []).filter(({ values }) => values.length > 0);
  const bars = barsOf(sections.find(({ name }) => name === 'cost'));
  return {
    ...(bars.length > 0 && { 'performance-cost': costChart(bars) }),
    ...(curves.length > 0 && { 'performance-lag': lagChart(curves) }),
  };
}

function lagChart(curves: readonly Curve[]): string {
  return lineChart({
    title: 'How soon the runs know that the cloud shows VERIFY_RESIZE',
    x: 'seconds since the cloud showed it',
    y: '% of the runs that know',
    lines: curves.map((curve, n) => ({
      name: curve.name,
      color: COLORS[n % COLORS.length] ?? '#333',
      points: shares(curve),
    })),
    top: 100,
  });
}

function shares({ values }: Curve): [number, number][] {
  const at = (share: number) => values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? 0;
  return Array.from({ length: POINTS + 1 }, (_, n) => [at(n / POINTS) / 1000, (n / POINTS) * 100]);
}

type Bar = Parameters<typeof barChart>[0]['bars'][number];

function costChart(bars: readonly Bar[]): string {
  const parts = [
    { name: 'Temporal server', color: COLORS[0] ?? '' },
    { name: 'worker', color: COLORS[1] ?? '' },
  ];
  return barChart({ title: 'CPU of one workflow', x: 'ms of CPU, median of the rounds', parts, bars });
}

/** What has a figure for both processes. */
function barsOf(section: Section | undefined): Bar[] {
  const of = (what: string) => median(section?.figures.find((figure) => figure.what === what)?.rounds ?? []);
  return (section?.figures ?? [])
    .map(({ what }) => /^(.*): CPU of the server$/.exec(what)?.[1] ?? '')
    .map((name) => ({ name, values: [of(`${name}: CPU of the server`), of(`${name}: CPU of the worker`)] }))
    .filter(({ values }) => values.every((value) => Number.isFinite(value)));
}
