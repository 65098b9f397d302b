/** The result of the matrix as Markdown. */
import { FAULTS, ROWS, type Cell } from './expectations';
import type { Fault } from './fault-proxy';
import type { Told } from './fault-story';

/** The faults in words. */
export const WHAT: Readonly<Record<Fault, string>> = {
  'drop-before': 'not forwarded, connection closed',
  'drop-after': 'forwarded, answer dropped',
  hang: 'not forwarded, no answer',
  late: 'forwarded 2 s later, when the client has given up',
  '401': '401',
  '403': '403',
  '429': '429, Retry-After: 1',
  '500': '500',
  '502': '502 with a page',
  '503': '503 with a text',
  junk: 'not forwarded, a success with a page',
  cut: 'forwarded, answer cut in its middle',
};
const BEGIN = '<!-- fault matrix: begin -->';
const END = '<!-- fault matrix: end -->';

export function tableOf(cells: readonly Cell[], told: ReadonlyMap<Cell, Told>): string {
  return (['once', 'lasting'] as const)
    .map((lasts) => {
      const title = lasts === 'once' ? '### One request runs into it' : '### It lasts';
      const rows = FAULTS.map((fault) => [
        WHAT[fault],
        ...ROWS.map((row) => {
          const cell = cells.find((each) => each.row === row && each.fault === fault && each.lasts === lasts);
          const story = cell && told.get(cell);
          return cell === undefined || story === undefined ? 'no result' : inWords(cell, story);
        }),
      ]);
      const lines = [['fault', ...ROWS], ['', ...ROWS].map(() => '---'), ...rows];
      return [title, '', ...lines.map((line) => `| ${line.join(' | ')} |`), ''].join('\n');
    })
    .join('\n');
}

function inWords({ row }: Cell, story: Told): string {
  const sent = row === 'resize' || row === 'confirmResize' || row === 'revertResize' ? story.sent[row] : 0;
  const way = [story.meanwhile, story.goesOn].filter((word) => word !== undefined).join('; then, ');
  const counted = sent > 1 && story.meanwhile === undefined ? ` (sent ${sent} times)` : '';
  return `${way === '' ? '' : `${way}, `}${story.outcome}${counted}`;
}

/** The page with this table between its marks. */
export function replaceTable(page: string, table: string): string {
  const [before, , after] = [page.split(BEGIN)[0], '', page.split(END)[1]];
  if (before === undefined || after === undefined) throw new Error(`no marks ${BEGIN} and ${END} for the table`);
  return `${before}${BEGIN}\n\n${table.trimEnd()}\n\n${END}${after}`;
}
