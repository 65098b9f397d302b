/** Tables without rules: two columns for one thing, many for a list. Each is an array of lines. */
import Table from 'cli-table3';
import { printable } from './printable';

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

const PLAIN = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 };

/**
 * Names and values, one under the other.
 * @param rows what is absent is left out
 * @param columns width of the terminal, to wrap long values; absent where the output goes on to a program
 */
export function keyValueTable(rows: readonly (readonly [string, string | undefined])[], columns?: number): string[] {
  const shown = rows.filter((row): row is readonly [string, string] => row[1] !== undefined);
  const names = Math.max(...shown.map(([name]) => name.length)) + 2;
  const table = new Table({ chars: NO_LINES, style: { ...PLAIN, 'padding-right': 0 } });
  const width = columns ? Math.max(columns - names, 30) : Infinity;
  // A cell is made printable before it is laid out: its width is what is seen, and its line ends are ours.
  table.push(...shown.map(([name, value]) => [name.padEnd(names), wrapped(printable(value), width)]));
  return linesOf(table);
}

/** Words on lines of this width. A longer word stays whole: an id that is cut or broken cannot be copied. */
function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line === '') line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].join('\n');
}

/** A list with a head line. */
export function listTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const table = new Table({ chars: NO_LINES, style: PLAIN, head: [...head] });
  table.push(...rows.map((row) => row.map(printable)));
  return linesOf(table);
}

const linesOf = (table: { toString: () => string }) =>
  table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
