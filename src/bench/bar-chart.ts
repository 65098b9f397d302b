/** A chart with bars, each of several parts, as SVG. */
import { head, round, roundStep, rule, text } from './svg';

export interface BarChart {
  title: string;
  /** What the bars count. */
  x: string;
  parts: readonly { name: string; color: string }[];
  /** One value for each part. */
  bars: readonly { name: string; values: readonly number[] }[];
}

const WIDTH = 900;
const LEFT = 230;
const RIGHT = 60;
const TOP = 70;
const BAR = 26;
const EACH = 44;
const BOTTOM = 60;

export function barChart({ title, x, parts, bars }: BarChart): string {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const longest = Math.max(...bars.map(({ values }) => sum(values)));
  const step = roundStep(longest / 8);
  const bottom = TOP + EACH * bars.length;
  const across = (value: number) => round(LEFT + (value / longest) * (WIDTH - LEFT - RIGHT));
  const ticks = Array.from({ length: Math.floor(longest / step) + 1 }, (_, tick) => tick * step);
  return [
    ...head(WIDTH, bottom + BOTTOM, title),
    text([20, 26], title, 'font-size="16" font-weight="bold"'),
    ...parts.flatMap(({ name, color }, n) => [
      rule([20 + n * 250, 48], [44 + n * 250, 48], `stroke="${color}" stroke-width="8"`),
      text([52 + n * 250, 52], name),
    ]),
    ...ticks.flatMap((value) => [
      rule([across(value), TOP], [across(value), bottom], 'stroke="#ddd"'),
      text([across(value), bottom + 20], String(round(value, 1000)), 'text-anchor="middle"'),
    ]),
    ...bars.flatMap(({ name, values }, row) => {
      const y = TOP + row * EACH + (EACH - BAR) / 2;
      return [
        text([LEFT - 10, y + 18], name, 'text-anchor="end"'),
        ...values.map((_, n) => {
          const from = across(sum(values.slice(0, n)));
          const width = round(across(sum(values.slice(0, n + 1))) - from);
          return `<rect x="${from}" y="${y}" width="${width}" height="${BAR}" fill="${parts[n]?.color ?? '#333'}"/>`;
        }),
        text([across(sum(values)) + 8, y + 18], String(Math.round(sum(values)))),
      ];
    }),
    text([(LEFT + WIDTH - RIGHT) / 2, bottom + BOTTOM - 14], x, 'text-anchor="middle"'),
    '</svg>',
    '',
  ].join('\n');
}
