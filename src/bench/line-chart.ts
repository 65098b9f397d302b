/** A chart with lines, as SVG. */
import { head, round, roundStep, rule, text } from './svg';

export interface LineChart {
  title: string;
  /** What the axes count. */
  x: string;
  y: string;
  lines: { name: string; color: string; points: readonly (readonly [x: number, y: number])[] }[];
  /** A dashed line across. */
  level?: { name: string; value: number };
  /** A part of the x axis in which something was different. */
  span?: { name: string; from: number; to: number };
  /** The end of the y axis. @default what the lines reach */
  top?: number;
}

const WIDTH = 900;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 20;
const TOP = 70;
const BOTTOM = 60;

/** The SVG. */
export function lineChart({ title, x, y, lines, level, span, top: given }: LineChart): string {
  const points = lines.flatMap((line) => line.points);
  const longest = Math.max(...points.map(([at]) => at));
  const highest = Math.max(level?.value ?? 0, ...points.map(([, value]) => value));
  const step = roundStep((given ?? highest) / 6);
  const top = given ?? Math.ceil((highest * 1.05) / step) * step;
  const across = (at: number) => round(LEFT + (at / longest) * (WIDTH - LEFT - RIGHT));
  const up = (value: number) => round(HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM));
  const ticks = (until: number, each: number) =>
    Array.from({ length: Math.floor(until / each + 1e-9) + 1 }, (_, tick) => round(tick * each, 1000));
  const legend = (WIDTH - LEFT) / Math.max(lines.length, 2.5);

  const bottom = HEIGHT - BOTTOM;
  const right = WIDTH - RIGHT;
  return [
    ...head(WIDTH, HEIGHT, title),
    text([LEFT, 26], title, 'font-size="16" font-weight="bold"'),
    ...(span === undefined
      ? []
      : [
          `<rect x="${across(span.from)}" y="${TOP}" width="${round(across(span.to) - across(span.from))}" height="${bottom - TOP}" fill="#f3d9d9"/>`,
          text(
            [round((across(span.from) + across(span.to)) / 2), TOP + 18],
            span.name,
            'text-anchor="middle" fill="#a33"',
          ),
        ]),
    ...ticks(top, step).flatMap((value) => [
      rule([LEFT, up(value)], [right, up(value)], 'stroke="#ddd"'),
      text([LEFT - 8, up(value) + 4], String(value), 'text-anchor="end"'),
    ]),
    ...ticks(longest, roundStep(longest / 8)).map((at) =>
      text([across(at), bottom + 20], String(at), 'text-anchor="middle"'),
    ),
    rule([LEFT, bottom], [right, bottom], 'stroke="#333"'),
    ...(level === undefined
      ? []
      : [
          rule([LEFT, up(level.value)], [right, up(level.value)], 'stroke="#333" stroke-dasharray="6 4"'),
          text([right, up(level.value) - 6], level.name, 'text-anchor="end"'),
        ]),
    ...lines.flatMap((line, index) => [
      `<polyline fill="none" stroke="${line.color}" stroke-width="2" points="${line.points.map(([at, value]) => `${across(at)},${up(value)}`).join(' ')}"/>`,
      rule(
        [round(LEFT + index * legend), 48],
        [round(LEFT + index * legend + 24), 48],
        `stroke="${line.color}" stroke-width="3"`,
      ),
      text([round(LEFT + index * legend + 32), 52], line.name),
    ]),
    text([(LEFT + right) / 2, HEIGHT - 14], x, 'text-anchor="middle"'),
    text([0, 0], y, `text-anchor="middle" transform="translate(20 ${(TOP + bottom) / 2}) rotate(-90)"`),
    '</svg>',
    '',
  ].join('\n');
}
