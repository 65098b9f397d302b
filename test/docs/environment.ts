import ts from 'typescript';

/** UPPER_CASE with an underscore: a name that only a variable of the environment has, where one is read. */
const LOUD = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

const isEnvironment = (node: ts.Expression): boolean =>
  (ts.isIdentifier(node) && node.text === 'env') || (ts.isPropertyAccessExpression(node) && node.name.text === 'env');

/**
 * The variables of the environment that a source file names: what is taken from `env`, in place or by a pattern, and in
 * a file that has an `env` each text and each key that looks like one, since it may be looked up in a roundabout way.
 */
export function variablesIn(text: string): string[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.ES2022, true);
  const taken = new Set<string>();
  const loud = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isElementAccessExpression(node) && isEnvironment(node.expression)) {
      if (ts.isStringLiteralLike(node.argumentExpression)) taken.add(node.argumentExpression.text);
    } else if (ts.isPropertyAccessExpression(node) && isEnvironment(node.expression)) {
      // Others have an env too; their parts are in lower case.
      if (/^[A-Z]/.test(node.name.text)) taken.add(node.name.text);
    } else if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name)) {
      if (node.initializer !== undefined && isEnvironment(node.initializer)) {
        for (const { propertyName, name } of node.name.elements) taken.add((propertyName ?? name).getText());
      }
    } else if (ts.isStringLiteralLike(node) || (ts.isPropertyAssignment(node.parent) && node === node.parent.name)) {
      const name = ts.isStringLiteralLike(node) ? node.text : node.getText();
      if (LOUD.test(name)) loud.add(name);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(source, visit);
  return [...taken, ...(/\benv\b/.test(text) ? loud : [])];
}
