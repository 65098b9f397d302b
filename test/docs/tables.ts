/** The tables of a page in Markdown. */

/** Cells of a line; a `\|` is part of its cell. */
const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The table whose first heading is this: its headings, then its rows. */
export function rowsOfTable(markdown: string, firstHeading: string): string[][] {
  const lines = markdown.split('\n');
  const begin = lines.findIndex((line) => cellsOf(line)[0] === firstHeading);
  if (begin < 0) throw new Error(`no table begins with ${firstHeading}`);
  const end = lines.findIndex((line, n) => n > begin && !line.startsWith('|'));
  const [header = [], , ...rows] = lines.slice(begin, end < 0 ? undefined : end).map(cellsOf);
  return [header, ...rows];
}
