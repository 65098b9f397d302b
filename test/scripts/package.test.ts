/** What `npm pack` ships: what a user needs, and nothing else. */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { root, start } from './processes';

const text = (name: string) => readFileSync(path.join(root, name), 'utf8');
const { bin, main, types, dependencies } = JSON.parse(text('package.json')) as {
  bin: Record<string, string>;
  main: string;
  types: string;
  dependencies: Record<string, string>;
};

let shipped: string[] = [];
beforeAll(async () => {
  const { stdout } = await start('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root }).ended;
  const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  shipped = packed.files.map((file) => file.path);
});

/** The files that a page links to, as paths of this project. */
const linksIn = (page: string): string[] =>
  [...text(page).matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) =>
    path.normalize(path.join(path.dirname(page), link)),
  );

test('programs and library, their types, the workflows, and the pages', () => {
  for (const file of [main, types, ...Object.values(bin), 'dist/workflow-bundle.js']) expect(shipped).toContain(file);
  const kinds = /^(package\.json|README\.md|LICENSE|dist\/.*\.(js|d\.ts)|docs\/[\w-]+\.(md|svg|png))$/;
  expect(shipped.filter((file) => !kinds.test(file))).toEqual([]);
  expect(shipped.filter((file) => /^dist\/(bench|demo|simulator)\//.test(file))).toEqual([]);
});

test('pages that the README leads to, and no others', () => {
  const reached = new Set(['README.md']);
  // A set is iterated over what is added to it meanwhile as well.
  for (const page of reached) {
    if (page.endsWith('.md')) for (const link of linksIn(page)) reached.add(link);
  }
  expect(shipped.filter((file) => file.startsWith('docs/') && !reached.has(file))).toEqual([]);
  expect([...reached].filter((file) => !shipped.includes(file) && file.startsWith('docs/'))).toEqual([]);
});

test('what the shipped code requires is shipped, or one of the dependencies', () => {
  const wrong = shipped
    .filter((file) => file.endsWith('.js') && file !== 'dist/workflow-bundle.js')
    .flatMap((file) =>
      [...text(file).matchAll(/\brequire\("([^"]+)"\)/g)].flatMap(([, name = '']) => {
        if (isBuiltin(name)) return [];
        const target = path.normalize(path.join(path.dirname(file), name));
        const found = name.startsWith('.')
          ? [`${target}.js`, path.join(target, 'index.js'), target].some((each) => shipped.includes(each))
          : Object.hasOwn(dependencies, /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '');
        return found ? [] : [`${file}: ${name}`];
      }),
    );
  expect(wrong).toEqual([]);
});

test.each([
  'clouds.yaml',
  'clouds.yml',
  'clouds-public.yaml',
  'secure.yaml',
  'docs/clouds.yaml',
  'key.pem',
  'tls/client.key',
  '.env',
])('git ignores %s, which may hold credentials', async (file) => {
  expect(await start('git', ['check-ignore', '--no-index', file], { cwd: root }).ended).toMatchObject({ code: 0 });
});
