/** The pages name what the code has: no more, and no less. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { EXIT } from '../../src/cli/exit-codes';
import { RESIZE_ERRORS } from '../../src/client/resize-error';
import { AUTH_KEYS, SCOPE_KEYS } from '../../src/cloud/profile/auth-keys';
import { OTHER_KEYS, OWN_KEYS, TEXT_KEYS } from '../../src/cloud/profile/profile-keys';
import { KNOWN_VENDORS } from '../../src/cloud/profile/vendors';
import { explain, type OperatorIssue } from '../../src/resize/advice';
import { VOTE_FIELDS } from '../../src/resize/decision';
import { OUTCOMES, PHASES } from '../../src/resize/outcome';
import { REQUEST_FIELDS } from '../../src/resize/request';
import { Control, type ControlChange } from '../../src/simulator/api/control';
import { firstFlavors } from '../../src/simulator/engine/flavors';
import { driverCalls } from '../../src/simulator/engine/steps';
import { everybody, password } from '../../src/simulator/identity/users';
import { SETTINGS } from '../../src/worker/settings';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/messages';
import { call } from '../cli/captured-terminal';
import { FAULTS, MATRIX, ROWS } from '../proxy/expectations';
import { WHAT } from '../proxy/table';
import { variablesIn } from './environment';

const root = path.join(__dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const filesIn = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(path.join(root, name)).isFile());

const pages = ['README.md', ...filesIn('docs').filter((name) => name.endsWith('.md'))];

/** As GitHub makes them. */
const slugsIn = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(/\s/g, '-'),
  );

/** The fields of an interface, by its source. */
const fieldsOf = (file: string, type: string): string[] => {
  const body = new RegExp(`export interface ${type} [^{]*\\{([\\s\\S]*?)\\n\\}`).exec(read(file))?.[1] ?? '';
  return [...body.matchAll(/^ {2}(\w+)\??[:(]/gm)].map(([, name = '']) => name);
};

/** The cells of the tables of a page, row by row. */
const rowsOf = (page: string): string[][] =>
  read(page)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const codeIn = (text: string) =>
  [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

it.each(pages)('every link in %s leads somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]+))?\)/g)];
  const dead = links.flatMap(([link, file = '', heading]) => {
    if (/^https?:/.test(file)) return [];
    const target = file === '' ? page : path.join(path.dirname(page), file);
    if (statSync(path.join(root, target), { throwIfNoEntry: false }) === undefined) return [link];
    return heading === undefined || slugsIn(target).includes(heading) ? [] : [link];
  });
  expect(dead).toEqual([]);
});

it.each(pages)('%s holds no path of one machine', (page) => {
  expect(read(page)).not.toMatch(/(\/work\/|\/root\/|\/home\/|\/tmp\/)/);
});

it('every command on a page is one, with options that it has', async () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const text = pages.map(read).join('\n');
  const run = [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, script = '']) => script);
  expect(run.length).toBeGreaterThan(20);
  expect(run.filter((script) => scripts[script] === undefined)).toEqual([]);

  const lines = [...text.matchAll(/(?:npm run -s starter --|node dist\/starter\.js) ([^\n`#]+)/g)];
  expect(lines.length).toBeGreaterThan(15);
  for (const [, line = ''] of lines) {
    const [command = ''] = line.split(' ');
    const { code, out } = await call([command, '--help']);
    expect([line, code]).toEqual([line, 0]);
    for (const [option] of line.matchAll(/(?<= )--?[a-z-]+/g)) {
      expect(`${line}\n${out}`).toMatch(new RegExp(`\n +(-\\w, )?${option}\\b`));
    }
  }
});

it('every setting of the program is in docs/settings.md, and nothing else is', () => {
  const settings = (text: string) => new Set(text.match(/\bDURABLE_RESIZE_[A-Z_]*[A-Z]\b/g) ?? []);
  const sources = [...filesIn('src'), ...filesIn('scripts'), 'docker-compose.yml'];
  const used = settings(sources.map(read).join('\n'));
  expect([...settings(read('docs/settings.md'))].sort()).toEqual([...used].sort());
});

it('every variable of the environment that src reads is in docs/settings.md, and no other of a cloud', () => {
  // What npm tells its scripts, and what the demo tells its own worker, is nothing that a person sets.
  // The last two are codes of the YAML library, no variables.
  const internal = ['npm_lifecycle_event', 'DEMO_FOLDER', 'DUPLICATE_KEY', 'TAG_RESOLVE_FAILED'];
  const sources = filesIn('src').filter((file) => file.endsWith('.ts'));
  const used = new Set(sources.flatMap((file) => variablesIn(read(file))).filter((name) => !internal.includes(name)));
  expect(used.size).toBeGreaterThan(20);
  const documented = new Set(codeIn(read('docs/settings.md')));
  expect([...used].filter((name) => !documented.has(name))).toEqual([]);

  const keys = [...AUTH_KEYS, ...SCOPE_KEYS, ...TEXT_KEYS, ...OTHER_KEYS];
  expect([...keys, ...OWN_KEYS, ...KNOWN_VENDORS].filter((key) => !documented.has(key))).toEqual([]);
  const derived = keys.map((key) => `OS_${key.toUpperCase()}`);
  const ofClouds = [...documented].filter((name) => /^(OS|HUAWEICLOUD)_\w+$/.test(name));
  expect(ofClouds.filter((name) => !used.has(name) && !derived.includes(name))).toEqual([]);
});

it('docs/settings.md has every variable that the Temporal SDK reads, and no other', () => {
  const sdk = readFileSync(require.resolve('@temporalio/envconfig/lib/envconfig-toml'), 'utf8');
  // A * stands for whatever follows.
  const known = new Set((sdk.match(/\bTEMPORAL_[A-Z_]+/g) ?? []).map((name) => name.replace(/_$/, '_*')));
  expect(known.size).toBeGreaterThan(10);
  const documented = codeIn(read('docs/settings.md')).filter((name) => name.startsWith('TEMPORAL_'));
  const covers = (name: string, other: string) =>
    name === other || (name.endsWith('*') && other.startsWith(name.slice(0, -1)));
  expect([...known].filter((name) => !documented.some((other) => covers(other, name)))).toEqual([]);
  const ours = new Set(variablesIn(`env; ${JSON.stringify(read('docker-compose.yml').match(/\bTEMPORAL_\w+/g))}`));
  expect(documented.filter((name) => !ours.has(name) && ![...known].some((other) => covers(name, other)))).toEqual([]);
});

it('a variable is found however it is read', () => {
  const read =
    "const { A, B: b } = process.env; env['C']; env.D; terminal.env['e_f']; count(env, 'G_H'); [{ I_J: 1 }];";
  expect(variablesIn(read).sort()).toEqual(['A', 'B', 'C', 'D', 'G_H', 'I_J', 'e_f']);
  expect(variablesIn("c.env.incoming; status === 'RESIZE'; env[name]")).toEqual([]);
  expect(variablesIn("status === 'VERIFY_RESIZE'")).toEqual([]);
});

it('docs/settings.md has the defaults that the worker has', () => {
  const rows = rowsOf('docs/settings.md');
  for (const { variable, schema } of Object.values(SETTINGS)) {
    const cell = rows.find(([name]) => name === `\`${variable}\``)?.at(-1);
    expect(cell).toMatch(schema.default === undefined ? /^[^`]+$/ : new RegExp(`^\`${schema.default}\`$`));
  }
});

it('docs/simulator.md has every option of the simulator, and all that can go wrong in it', () => {
  const matches = (file: string, pattern: RegExp) => [...read(file).matchAll(pattern)].map(([, found = '']) => found);
  const first = rowsOf('docs/simulator.md').map(([cell = '']) => codeIn(cell)[0] ?? '');
  const options = matches('src/simulator/command.ts', /(?:\.option|new Option)\('(--[^']+)'/g);
  expect(options.length).toBeGreaterThan(8);
  expect(first.filter((name) => name.startsWith('--')).sort()).toEqual(options.sort());

  const faults = matches('src/simulator/api/control.ts', /^const faults = \/\^\((.*)\)\$\/;$/gm).flatMap((all) =>
    all.split('|'),
  );
  const kinds = [...faults.filter((name) => !name.includes(':')), 'status:503', 'flow:CODE'];
  expect(kinds.length).toBeGreaterThan(5);
  expect(kinds.filter((name) => !first.includes(name))).toEqual([]);
  const keys = fieldsOf('src/simulator/api/control.ts', 'HttpFault');
  expect(keys.filter((name) => !first.includes(name))).toEqual([]);
  expect(driverCalls.filter((name) => !first.includes(name))).toEqual([]);
  expect(everybody.filter(({ name }) => !first.includes(name))).toEqual([]);

  const named = new Set(codeIn(read('docs/simulator.md')));
  const specs = ['hosts', 'conductor'].flatMap((file) => matches(`src/simulator/engine/${file}.ts`, /['`](lab:\w+)/g));
  expect(new Set(specs)).toEqual(new Set([...named].flatMap((name) => /^lab:\w+/.exec(name)?.[0] ?? [])));
  const codes = [
    ...matches('src/simulator/huawei/flow-control.ts', /^ {2}'([\w.]+)':/gm),
    ...matches('src/simulator/huawei/huawei-dialect.ts', /code: '([\w.]+)'/g),
  ];
  expect(codes.length).toBeGreaterThan(10);
  expect(new Set(codes)).toEqual(new Set([...named].filter((name) => /^[A-Z]\w+\.\d{4}$/.test(name))));
  expect(named).toContain(password);
  expect(firstFlavors.map(({ name }) => name)).toContain('huge');
});

it('docs/simulator.md shows controls that are taken', () => {
  const bodies = [...read('docs/simulator.md').matchAll(/_lab -d '([^']+)'/g)].map(([, body = '']) => body);
  expect(bodies.length).toBeGreaterThan(1);
  for (const body of bodies) new Control().add(JSON.parse(body) as ControlChange);
});

it('docs/wire.md says truly which fields of a request are no option of the command line', async () => {
  const { out } = await call(['start', '--help']);
  const options = new Set([...out.matchAll(/^ +--([\w-]+)/gm)].map(([, name]) => name));
  const fields = Object.keys(REQUEST_FIELDS).filter((field) => !/^(server|flavor|expect)$/.test(field));
  const without = fields.filter(
    (field) => !options.has(field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
  );
  const [, told = ''] = /`--expect-project`\.([^.]*\.[^.]*) have none\./.exec(read('docs/wire.md')) ?? [];
  const ofOtherTypes = ['version', 'expect.region'];
  expect(
    codeIn(told)
      .filter((name) => !ofOtherTypes.includes(name))
      .sort(),
  ).toEqual(without.sort());
  expect(codeIn(told)).toEqual(expect.arrayContaining(ofOtherTypes));
});

it('docs/wire.md names everything on the wire', () => {
  const wire = read('docs/wire.md');
  const sent = [...read('src/workflows/messages.ts').matchAll(/define(?:Signal|Update|Query)[^(]*\('(\w+)'\)/g)];
  const types = [...read('src/workflows/index.ts').matchAll(/export \{ (\w+) \}/g)];
  const names = [
    ...Object.keys(VOTE_FIELDS),
    ...fieldsOf('src/resize/decision.ts', 'Decision'),
    ...fieldsOf('src/activities/index.ts', 'Activities'),
    ...fieldsOf('src/workflows/messages.ts', 'InspectInput'),
    ...fieldsOf('src/workflows/messages.ts', 'Inspection'),
    ...fieldsOf('src/workflows/messages.ts', 'Orphan'),
    ...[...sent, ...types].map(([, name = '']) => name),
    ...Object.keys(SEARCH_ATTRIBUTES),
    ...PHASES,
  ];
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name) => !new RegExp(`\`[^\`]*\\b${name}\\b`).test(wire))).toEqual([]);
});

it.each([
  ['a request', Object.keys(REQUEST_FIELDS)],
  ['the status', fieldsOf('src/resize/outcome.ts', 'ResizeStatus')],
])('docs/wire.md has a row for each field of %s', (_, fields) => {
  const named = rowsOf('docs/wire.md').map(([cell]) => cell);
  expect(fields.length).toBeGreaterThan(10);
  expect(fields.filter((field) => !named.includes(`\`${field}\``))).toEqual([]);
});

it('docs/wire.md gives each exit code the names that it has in the program', () => {
  const names = new Map<number, string[]>();
  const add = (code: number, name: string) => names.set(code, [...(names.get(code) ?? []), name]);
  for (const [outcome, { exitCode }] of Object.entries(OUTCOMES)) add(exitCode, outcome);
  for (const [error, code] of Object.entries(RESIZE_ERRORS)) add(code, error);
  for (const [name, code] of Object.entries(EXIT)) if (!['ok', 'error', 'usage'].includes(name)) add(code, name);

  const written = rowsOf('docs/wire.md').filter(([code = '']) => /^\d+$/.test(code));
  const sorted = (entries: Iterable<[number, string[]]>) =>
    [...entries].map(([code, each]) => [code, each.sort()] as const).sort(([one], [other]) => one - other);
  expect(sorted(written.map(([code, each = '']) => [Number(code), codeIn(each)]))).toEqual(sorted(names));
});

it.each(['README.md', 'docs/wire.md'])('%s says how each outcome closes', (page) => {
  for (const [outcome, { exitCode, failure }] of Object.entries(OUTCOMES)) {
    const row = rowsOf(page).find(([cell]) => cell === `\`${outcome}\``) ?? [];
    if (page === 'README.md') expect([outcome, row.at(-1)]).toEqual([outcome, String(exitCode)]);
    expect([outcome, /`[A-Z][a-z]\w+`/.exec(row.join(' '))?.[0]]).toEqual([outcome, failure && `\`${failure}\``]);
  }
});

it('docs/operating.md explains each reason for which an operator is called, in its own words', () => {
  const reasons = [...read('src/resize/advice.ts').matchAll(/^ {4}case '([\w-]+)':/gm)].map(([, reason]) => reason);
  expect(reasons.length).toBeGreaterThan(8);
  const phrases = rowsOf('docs/operating.md').flatMap(([cell = '']) => /^"(.*)"$/.exec(cell)?.[1] ?? []);
  const facts = { server: 'web-07', cloud: 'lab', sees: 'the server shows ACTIVE', doing: 'confirm' };
  const explained = reasons.map((reason) => {
    const { message } = explain(reason as OperatorIssue, facts);
    return phrases.filter((phrase) => message.includes(phrase));
  });
  expect(explained.map((each) => each.length)).toEqual(reasons.map(() => 1));
  expect(explained.flat().sort()).toEqual(phrases.sort());
});

test('the tables of faults hold the whole matrix, as it must be', () => {
  const rows = rowsOf('docs/faults.md').filter(([first = '']) => first !== 'fault' && !/^-+$/.test(first));
  const tables = { once: rows.slice(0, FAULTS.length), lasting: rows.slice(FAULTS.length) };
  for (const { row, fault, lasts, expected } of MATRIX) {
    const cells = tables[lasts].find(([first]) => first === WHAT[fault]);
    const way = [expected.meanwhile, expected.goesOn].filter((word) => word !== undefined).join('; then, ');
    const told = `${way === '' ? '' : `${way}, `}${expected.outcome}`;
    expect(`${lasts} ${row}: ${fault}: ${cells?.[1 + ROWS.indexOf(row)]?.replace(/ \(sent \d times\)$/, '')}`).toBe(
      `${lasts} ${row}: ${fault}: ${told}`,
    );
  }
});

it('docs/architecture.md walks through the code as it is: each call stands in that line of that file', () => {
  const page = read('docs/architecture.md');
  const steps = [...page.matchAll(/^\| \[[^\]]*:(\d+)\]\(\.\.\/([^)]+)\) +\| `([^`]+)`/gm)];
  expect(steps.length).toBeGreaterThan(25);
  const wrong = steps.flatMap(([, line = '', file = '', call = '']) => {
    const text = read(file)
      .split('\n')
      .slice(Number(line) - 1, Number(line) + 4)
      .join('\n');
    return text.includes(call) ? [] : [`${file}:${line}: ${call}`];
  });
  expect(wrong).toEqual([]);
});
