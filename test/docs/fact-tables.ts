/** A page of tables with one fact a row, as docs/cloud-behaviour.md has them. */
export interface Row {
  id: string;
  does: string;
  source: string;
  rules: Reference[];
  tests: Reference[];
  realNova: string;
}

/** A file, and what is named in it. */
export interface Reference {
  file: string;
  names: string[];
}

const HEADINGS = ['id', 'what the cloud does', 'source', 'what we make of it', 'tests', 'real Nova'];

/** `[label]: path` below the text; relative to it. */
function filesIn(markdown: string): Map<string, string> {
  const lines = markdown.matchAll(/^\[([^\]]+)\]: (\S+)$/gm);
  return new Map([...lines].map(([, label = '', file = '']) => [label, file]));
}

/** `[file] \`name\`, \`name\`; [file] \`name\``: each name belongs to the file before it. */
function referencesIn(cell: string, files: Map<string, string>): Reference[] {
  const references: Reference[] = [];
  for (const [, label, code] of cell.matchAll(/\[([^\]`]+)\]|`([^`]+)`/g)) {
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
      const [id = '', does = '', source = '', rules = '', tests = '', realNova = ''] = cellsOf(line);
      rows.push({
        id,
        does,
        source,
        rules: referencesIn(rules, files),
        tests: referencesIn(tests, files),
        realNova,
      });
    }
  }
  return rows;
}
