/** The charts of docs/performance.md. */
import { svgOf } from './line-chart';
import type { Curve, Result } from './result';

const COLORS = ['#0059b3', '#c77700', '#2a7f3f', '#8a3ab9', '#b3003c'];
/** Points of a line, which is smooth enough. */
const POINTS = 100;

/** By the name of their files. */
export function chartsOf({ sections }: Result): Record<string, string> {
  const curves = sections.flatMap((section) => section.curves ?? []).filter(({ values }) => values.length > 0);
  if (curves.length === 0) return {};
  const lag = svgOf({
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
  return { 'performance-lag': lag };
}

function shares({ values }: Curve): [number, number][] {
  const at = (share: number) => values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? 0;
  return Array.from({ length: POINTS + 1 }, (_, n) => [at(n / POINTS) / 1000, (n / POINTS) * 100]);
}
