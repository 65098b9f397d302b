/** The parts of a chart as SVG. */

export const text = (at: [number, number], words: string, more = '') =>
  `<text x="${at[0]}" y="${at[1]}" ${more}>${escape(words)}</text>`;

export const rule = (from: [number, number], to: [number, number], more: string) =>
  `<line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" ${more}/>`;

/** 1, 2 or 5 times a power of ten, not below this. */
export function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
}

export const round = (value: number, parts = 10) => Math.round(value * parts) / parts;
export const escape = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The start of a chart, with a light ground of its own, so that it can be read on a dark page too. */
export const head = (width: number, height: number, title: string): string[] => [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" fill="#333">`,
  `<title>${escape(title)}</title>`,
  `<rect width="${width}" height="${height}" fill="#fff"/>`,
];
