import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { RESIZE_ERRORS } from '../../src/client/resize-error';
import { OUTCOMES, PHASES } from '../../src/resize/outcome';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/messages';

const root = path.join(__dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const filesIn = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(path.join(root, name)).isFile());

const pages = ['README.md', ...filesIn('docs').filter((name) => name.endsWith('.md'))];

it.each(pages)('every link in %s leads somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  for (const [, file = '', heading] of links) {
    if (/^https?:/.test(file)) continue;
    const target = file === '' ? page : path.join(path.dirname(page), file);
    expect(() => statSync(path.join(root, target))).not.toThrow();
    if (heading === undefined || !target.endsWith('.md')) continue;
    const slugs = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(/\s/g, '-'),
    );
    expect(slugs).toContain(heading);
  }
});

it('every setting of the program is in docs/settings.md, and nothing else is', () => {
  const settings = (text: string) => new Set(text.match(/\bDURABLE_RESIZE_[A-Z_]*[A-Z]\b/g) ?? []);
  const sources = [...filesIn('src'), ...filesIn('scripts'), 'docker-compose.yml'];
  const used = settings(sources.map(read).join('\n'));
  expect([...settings(read('docs/settings.md'))].sort()).toEqual([...used].sort());
});

it('docs/wire.md names everything on the wire', () => {
  const wire = read('docs/wire.md');
  const fieldsOf = (file: string, type: string): string[] => {
    const body = new RegExp(`export interface ${type} \\{([\\s\\S]*?)\\n\\}`).exec(read(file))?.[1] ?? '';
    return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name = '']) => name);
  };
  const messages = [...read('src/workflows/messages.ts').matchAll(/define(?:Signal|Update|Query)[^(]*\('(\w+)'\)/g)];
  const names = [
    ...fieldsOf('src/resize/request.ts', 'ResizeInput'),
    ...fieldsOf('src/resize/outcome.ts', 'ResizeStatus'),
    ...fieldsOf('src/activities/index.ts', 'Activities'),
    ...[...read('src/activities/index.ts').matchAll(/^ {2}(\w+)\(/gm)].map(([, name = '']) => name),
    ...messages.map(([, name = '']) => name),
    ...Object.keys(SEARCH_ATTRIBUTES),
    ...PHASES,
  ];
  expect(names.length).toBeGreaterThan(60);
  for (const name of names) expect(wire).toMatch(new RegExp(`\`[^\`\\n]*\\b${name}\\b`));
});

it('docs/wire.md and README.md give the exit codes that the program has', () => {
  const documented = new Set([...read('docs/wire.md').matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code)));
  const ofOutcomes = Object.values(OUTCOMES).map(({ exitCode }) => exitCode);
  for (const code of [...ofOutcomes, ...Object.values(RESIZE_ERRORS)]) {
    if (typeof code === 'number') expect(documented).toContain(code);
  }
  const readme = read('README.md');
  for (const [outcome, { exitCode, failure }] of Object.entries(OUTCOMES)) {
    const row = new RegExp(`^\\| \`${outcome}\`.*\\| ${exitCode} +\\|$`, 'm').exec(readme)?.[0];
    expect(row).toBeDefined();
    if (failure !== undefined) expect(row).toContain(failure);
  }
});
