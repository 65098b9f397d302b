import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** A test by its title and those of the groups around it, outermost first; `it.each` counts by its template and by each case. */
export type Title = readonly string[];

const TESTS = ['it', 'test', 'describe', 'table'];
const NONE = ['skip', 'todo', 'xit', 'xtest', 'xdescribe'];

/** `it.each(rows)` and `it` -> the names in it. */
function namesIn(callee: ts.Expression): string[] {
  if (ts.isIdentifier(callee)) return [callee.text];
  if (ts.isPropertyAccessExpression(callee)) return [...namesIn(callee.expression), callee.name.text];
  return ts.isCallExpression(callee) ? namesIn(callee.expression) : [];
}

const textOf = (node: ts.Node | undefined): string | undefined =>
  node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;

/** The rows that a table of tests is made of, written in place or as a constant of the file. */
function rowsOf(expression: ts.Node | undefined, file: ts.SourceFile): ts.Expression[] {
  if (expression === undefined) return [];
  if (ts.isAsExpression(expression)) return rowsOf(expression.expression, file);
  if (ts.isArrayLiteralExpression(expression)) return [...expression.elements];
  if (!ts.isIdentifier(expression)) return [];
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (name.getText() === expression.text) return rowsOf(initializer, file);
    }
  }
  return [];
}

/** What a row of a table is called: its text, or the first one in it. */
function caseOf(row: ts.Expression): string | undefined {
  return textOf(row) ?? (ts.isArrayLiteralExpression(row) ? textOf(row.elements[0]) : undefined);
}

/** The titles of all tests in the text of a file; those that are skipped are none. */
export function titlesIn(text: string): Title[] {
  const source = ts.createSourceFile('tests.ts', text, ts.ScriptTarget.ES2022, true);
  const found: Title[] = [];
  const visit = (node: ts.Node, around: Title): void => {
    let inside = around;
    if (ts.isCallExpression(node)) {
      const names = namesIn(node.expression);
      if (names.some((name) => NONE.includes(name))) return;
      const [kind = ''] = names;
      const isTest =
        TESTS.includes(kind) && !(ts.isPropertyAccessExpression(node.expression) && names.at(-1) === 'each');
      if (isTest) {
        const title = textOf(node.arguments[0]);
        if (title !== undefined) {
          inside = [...around, title];
          if (kind !== 'describe') found.push(inside);
        }
        const rows = ts.isCallExpression(node.expression) ? node.expression.arguments[0] : node.arguments[0];
        for (const row of rowsOf(rows, source)) {
          const name = caseOf(row);
          if (name !== undefined) found.push([...inside, name]);
        }
      }
    }
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(source, []);
  return found;
}

/** The files that a file imports, and those that they import: absolute, ours only. */
export function reachableFrom(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
    const target = path.resolve(path.dirname(file), fileName);
    if (fileName.startsWith('.') && ts.sys.fileExists(`${target}.ts`)) reachableFrom(`${target}.ts`, seen);
  }
  return seen;
}

/**
 * The tests that `a > b` may mean: test b in group a. One that is called exactly so goes before those that only have it
 * in their titles.
 */
export function named(titles: readonly Title[], name: string): Title[] {
  const parts = name.split(' > ');
  const last = parts.at(-1) ?? '';
  const inGroups = titles.filter((title) => {
    let from = 0;
    return parts.slice(0, -1).every((part) => {
      const at = title.slice(0, -1).indexOf(part, from);
      from = at + 1;
      return at >= 0;
    });
  });
  const exact = inGroups.filter((title) => title.at(-1) === last);
  return exact.length > 0 ? exact : inGroups.filter((title) => title.at(-1)?.includes(last));
}
