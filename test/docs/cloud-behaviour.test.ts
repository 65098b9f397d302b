import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { judge } from '../../src/cloud/http/refusals';
import { RULE_NAMES } from '../../src/resize/situation';
import { evidenceIn, rowsIn, type Reference, type Row } from './fact-tables';
import { named, reachableFrom, titlesIn, type Title } from './titles';

const root = path.join(__dirname, '..', '..');
const page = path.join(root, 'docs', 'cloud-behaviour.md');
const rows = rowsIn(readFileSync(page, 'utf8'));
const EVIDENCE = 'cloud-evidence.md';
const evidence = evidenceIn(readFileSync(path.join(root, 'docs', EVIDENCE), 'utf8'));
/** The tests that the link of a row leads to. */
const testsOf = (row: Row): Reference[] => {
  const [file, anchor = ''] = row.evidence.split('#');
  return file === EVIDENCE ? (evidence.get(anchor) ?? []) : [];
};

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`);
/** What is known of clouds. A fact that is added to the page is added here; one is taken from here only if it is untrue. */
const FACTS = [
  ...numbered('A', 5),
  ...numbered('S', 36),
  ...numbered('E', 32),
  ...numbered('O', 19),
  ...numbered('R', 5),
  ...numbered('H', 18),
  ...numbered('HF', 4),
  ...[
    'Ecs.0009, Ecs.0810',
    'Ecs.0001',
    'Ecs.0002, Ecs.1000, Common.0001, Common.0999',
    'Ecs.0003',
    'Ecs.0019',
    'Ecs.0023',
  ],
  ...['Ecs.0018', 'Ecs.0319', 'Ecs.0029', 'Ecs.0030', 'Ecs.0100', 'Ecs.0207', 'Ecs.0209', 'Ecs.0403', 'Ecs.0603'],
  ...['Ecs.0605', 'Ecs.0614', 'Ecs.0802', 'Ecs.0803', 'Ecs.0804 to Ecs.0813', 'Pdp.0001', 'Common.0013', 'Common.0018'],
  ...['APIG.0101, APIGW.0101', 'APIG.0301, APIG.0303, APIGW.0301, APIGW.0303'],
];

const fileOf = ({ file }: Reference) => path.join(path.dirname(page), file);
const textOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const testFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => path.join(folder, name));
/** All that is run by the tests of a folder, but those below `without`. */
const runBy = (folder: string, ...without: string[]) => {
  const apart = without.map((name) => path.join(folder, name));
  const started = testFiles(folder).filter((file) => !apart.some((one) => file.startsWith(one)));
  return new Set(started.flatMap((file) => [...reachableFrom(file)]));
};
const everywhere = runBy(path.join(root, 'test'), 'nova', 'full');
const onNova = runBy(path.join(root, 'test', 'nova'));

const titles = new Map<string, Title[]>();
const titlesOf = (file: string): Title[] => {
  if (!titles.has(file)) titles.set(file, titlesIn(textOf(file)));
  return titles.get(file) ?? [];
};

it('the page has every known fact once, and no other', () => {
  expect(rows.map(({ id }) => id)).toEqual(FACTS);
});

it('the evidence is of the facts, and of nothing else', () => {
  const linked = rows.map((row) => row.evidence.split('#')[1] ?? '');
  expect([...evidence.keys()]).toEqual(linked);
});

it('every rule that judges an observation is mentioned by a fact', () => {
  const mentioned = rows.flatMap(({ rules }) => rules).flatMap(({ names }) => names);
  expect(RULE_NAMES.filter((name) => !mentioned.includes(name))).toEqual([]);
});

it('every code of a provider that is known to mean something is in a row, and has a test', () => {
  const numbers = Array.from({ length: 10_000 }, (_, n) => String(n).padStart(4, '0'));
  const meaning = (refusal: object) => JSON.stringify(judge({ status: 400, message: '', ...refusal }));
  const codes = ['Ecs', 'Common', 'Pdp', 'APIG', 'APIGW'].flatMap((of) => numbers.map((number) => `${of}.${number}`));
  const known = codes.filter((code) => meaning({ code }) !== meaning({}));
  expect(known.length).toBeGreaterThan(40);

  const written = rows.map(({ id, does }) => `${id} ${does}`).join('\n');
  const inRows = new Set(written.match(/\b[A-Z]\w+\.\d{4}\b/g) ?? []);
  for (const [, of = '', from, to] of written.matchAll(/([A-Z]\w+)\.(\d{4}) to \1\.(\d{4})/g)) {
    for (let n = Number(from); n <= Number(to); n++) inRows.add(`${of}.${String(n).padStart(4, '0')}`);
  }
  expect([...inRows].sort()).toEqual(known.sort());

  const tests = titlesOf(path.join(root, 'test', 'cloud', 'http', 'refusals.test.ts'));
  expect(known.filter((code) => named(tests, `a code of Huawei > ${code}`).length === 0)).toEqual([]);
});

describe.each(rows.map((row) => [row.id, row] as [string, Row]))('%s', (_, row) => {
  it('says what the cloud does, and who says so', () => {
    expect(row.does).not.toBe('');
    expect(['measured', 'read', 'vendor', 'reported', 'inferred']).toContain(row.source);
  });

  it('has a rule, and it is there', () => {
    expect(row.rules.flatMap(({ names }) => names)).not.toEqual([]);
    for (const reference of row.rules) {
      const source = textOf(fileOf(reference));
      expect(reference.names).not.toEqual([]);
      // A sentence is the name of a rule, everything else is a name or a part of the source.
      const rules = path.basename(reference.file) === 'situation.ts' ? RULE_NAMES : [];
      const missing = reference.names.filter(
        (name) => !rules.includes(name) && !(isPart(name, rules) && source.includes(name)),
      );
      expect({ file: reference.file, missing }).toEqual({ file: reference.file, missing: [] });
    }
  });

  it('is written in phrases', () => {
    expect(row.longestCell).toBeLessThanOrEqual(300);
  });

  it('has a test behind its link, and it is there, and it is run', () => {
    expect(testsOf(row)).not.toEqual([]);
    for (const reference of testsOf(row)) {
      expect(reference.names).not.toEqual([]);
      const found = reference.names.map((name) => [name, named(titlesOf(fileOf(reference)), name).length]);
      expect({ file: reference.file, found }).toEqual({
        file: reference.file,
        found: reference.names.map((name) => [name, 1]),
      });
      expect(everywhere).toContain(fileOf(reference));
    }
  });

  it('says truly whether it is tested on a real Nova', () => {
    expect(row.realNova).toBe(testsOf(row).some((reference) => onNova.has(fileOf(reference))));
  });
});

/** Of a file with rules, only a word may be looked for in its source: a sentence must be a rule. */
function isPart(name: string, rules: readonly string[]): boolean {
  return rules.length === 0 || !name.includes(' ');
}

describe('the check', () => {
  const tests = titlesIn(`
    const rows = [['in a constant', 1]] as const;
    describe('a group', () => {
      it('stands', () => {});
      it.skip('is skipped', () => {});
      it.each([['a case', 1]])('of %s', () => {});
      it.each(rows)('of another %s', () => {});
    });
    describe.skip('another group', () => it('is skipped with it', () => {}));
    it('stands', () => {});
    note('no test');
  `);

  it.each([
    ['a test in a group', 'a group > stands', 1],
    ['a part of a title', 'a group > stand', 1],
    ['the template of a table', 'of %s', 1],
    ['a case of a table', 'a group > a case', 1],
    ['a case of a table with a name', 'of another %s > in a constant', 1],
    ['not a title that two tests have', 'stands', 2],
    ['not a test that is skipped', 'is skipped', 0],
    ['not a group that is gone', 'no group > stands', 0],
    ['not any other text', 'no test', 0],
  ])('finds %s', (_, name, times) => expect(named(tests, name)).toHaveLength(times));

  it('reads the rows of a table: names belong to the file before them, and a link leads to the tests', () => {
    const row =
      '| S.1 | It is \\| so. | read | [a.ts] `one`, `two \\| 2`; [b.ts] `three` | [tests](x.md#s1), real Nova |';
    const head = '| id | what the cloud does | source | rule | evidence |\n| --- | --- | --- | --- | --- |';
    const other = '| id | else |\n| --- | --- |\n| X1 | of no concern |';
    expect(rowsIn(`${head}\n${row}\n\n${other}\n\n[a.ts]: ../a.ts\n[b.ts]: ../b.ts\n`)).toEqual([
      {
        id: 'S.1',
        does: 'It is | so.',
        source: 'read',
        rules: [
          { file: '../a.ts', names: ['one', 'two | 2'] },
          { file: '../b.ts', names: ['three'] },
        ],
        evidence: 'x.md#s1',
        realNova: true,
        longestCell: 39,
      },
    ]);
    expect(evidenceIn('# Page\n\n### S.1\n\n- [c.ts] `four`\n- [c.ts] `five > 5`\n')).toEqual(
      new Map([
        [
          's1',
          [
            { file: 'c.ts, which is defined nowhere', names: ['four'] },
            { file: 'c.ts, which is defined nowhere', names: ['five > 5'] },
          ],
        ],
      ]),
    );
  });
});
