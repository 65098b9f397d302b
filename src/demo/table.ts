/** The table at the demo's end; narrow enough for every terminal. */

/** One row. All of it was read, none of it is expected. */
export interface Row {
  server: string;
  before: string;
  after: string;
  outcome: string;
  who: string;
  calls: number;
  events: number;
}

const HEAD = ['SERVER', 'BEFORE', 'AFTER', 'OUTCOME', 'WHO', 'API CALLS', 'EVENTS'];

export function tableOf(rows: readonly Row[]): string {
  const lines = [
    HEAD,
    ...rows.map((row) => [row.server, row.before, row.after, row.outcome, row.who, `${row.calls}`, `${row.events}`]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) => {
      // The last two are numbers.
      const padded = cells.map((cell, n) => (n < 5 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0)));
      return padded.join('  ').trimEnd();
    })
    .join('\n');
}
