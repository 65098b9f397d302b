/** A page of tables with one fact a row (docs/cloud-behaviour.md), and the page with the tests of each (docs/cloud-evidence.md). */
export interface Row {
  id: string;
  does: string;
  source: string;
  rules: Reference[];
  /** File and anchor of the link to the tests. */
  evidence: string;
  realNova: boolean;
  /** The longest cell: a cell is a phrase, not a paragraph. */
  longestCell: number;
}

/** A file, and what is named in it. */
export interface Reference {
  file: string;
  names: string[];
}

const HEADINGS = ['id', 'what the cloud does', 'source', 'rule', 'evidence'];

/** `[label]: path` below the text; relative to it. */
function filesIn(markdown: string): Map<string, string> {
  const lines = markdown.matchAll(/^\[([^\]]+)\]: (\S+)$/gm);
  return new Map([...lines].map(([, label = '', file = '']) => [label, file]));
}

/** `[file] \`name\`, \`name\`; [file] \`name\``: each name belongs to the file before it. */
function referencesIn(text: string, files: Map<string, string>): Reference[] {
  const references: Reference[] = [];
  for (const [, label, code] of text.matchAll(/\[([^\]`]+)\]|`([^`]+)`/g)) {
    if (label !== undefined)
      references.push({ file: files.get(label) ?? `${label}, which is defined nowhere`, names: [] });
    else references.at(-1)?.names.push(code ?? '');
  }
  return references;
}

/** Cells of a line; a `\|` is part of its cell. */
const cellsOf = (line: string): string[] =>
  line
    .replaceAll('\\|', '\0')
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.replaceAll('\0', '|').trim());

/** All rows of all tables with these headings. */
export function rowsIn(markdown: string): Row[] {
  const files = filesIn(markdown);
  const rows: Row[] = [];
  let inTable = false;
  for (const line of markdown.split('\n')) {
    if (!line.startsWith('|')) inTable = false;
    else if (cellsOf(line).join() === HEADINGS.join()) inTable = true;
    else if (inTable && !/^[|\s-]+$/.test(line)) {
      const cells = cellsOf(line);
      const [id = '', does = '', source = '', rules = '', evidence = ''] = cells;
      rows.push({
        id,
        does,
        source,
        rules: referencesIn(rules, files),
        evidence: /^\[tests\]\(([^)]+)\)/.exec(evidence)?.[1] ?? '',
        realNova: evidence.endsWith(', real Nova'),
        longestCell: Math.max(...cells.map((cell) => cell.length)),
      });
    }
  }
  return rows;
}

/** The anchor that GitHub gives to a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

/** The tests below each heading of the third level, by its anchor. */
export function evidenceIn(markdown: string): Map<string, Reference[]> {
  const files = filesIn(markdown);
  const sections = markdown.split(/^### /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      const items = lines.filter((line) => line.startsWith('- ')).join('\n');
      return [anchorOf(heading), referencesIn(items, files)];
    }),
  );
}
