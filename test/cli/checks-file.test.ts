/** What is said of a file of checks: file, line, key, and what is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readChecksFile } from '../../src/cli/checks-file';
import { call } from './captured-terminal';

const NOWHERE = { connect: { env: { TEMPORAL_ADDRESS: '127.0.0.1:9' } } };

const folder = mkdtempSync(join(tmpdir(), 'checks-'));
const file = join(folder, 'checks.yaml');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (text: string) => {
  writeFileSync(file, text);
  return readChecksFile(file);
};
const saidOf = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    return (error as Error).message.replace(file, 'checks.yaml');
  }
  throw new Error('it was not refused');
};

const GOOD = `# what has to work
checks:
  - name: web
    http: { url: 'http://{address}:8080/health', body: 'ok|ready' }
  - name: ssh
    tcp:
      host: '{address}'
      port: 22
    timeout: 2s
grace: 30s
`;

it('a file is read as it is written; defaults are filled in by the request', () => {
  expect(read(GOOD)).toEqual({
    checks: [
      { name: 'web', http: { url: 'http://{address}:8080/health', body: 'ok|ready' } },
      { name: 'ssh', tcp: { host: '{address}', port: 22 }, timeout: '2s' },
    ],
    grace: '30s',
  });
});

it('JSON is read as well, and so are anchors', () => {
  const json = { checks: [{ name: 'ssh', tcp: { host: '{address}', port: 22 } }] };
  expect(read(JSON.stringify(json, null, 2))).toEqual(json);
  expect(read('checks: [{ name: a, tcp: &x { host: h, port: 1 } }, { name: b, tcp: *x }]')).toMatchObject({
    checks: [{}, { tcp: { host: 'h', port: 1 } }],
  });
});

it.each<[string, string, string | RegExp]>([
  ['an unknown field', GOOD.replace('timeout', 'timeuot'), /^checks\.yaml:9: checks\[1\]\.timeuot: no such field/],
  [
    'a bad duration',
    GOOD.replace('2s', '3 parsecs'),
    /^checks\.yaml:9: checks\[1\]\.timeout: "3 parsecs" is not a duration/,
  ],
  [
    'a number that is meant as seconds',
    GOOD.replace('30s', '30'),
    'checks.yaml:10: grace: 30 has no unit; write for example "30s"',
  ],
  [
    'an unknown placeholder',
    GOOD.replace("'{address}'", "'{addr}'"),
    /^checks\.yaml:7: checks\[1\]\.tcp\.host: \{addr\} is no placeholder/,
  ],
  ['a name twice', GOOD.replace('ssh', 'web'), 'checks.yaml:5: checks[1]: the name "web" is used twice'],
  [
    'what does not compile',
    GOOD.replace('ok|ready', '(ok'),
    /^checks\.yaml:4: checks\[0\]\.http\.body: "\(ok" is no regular expression/,
  ],
  ['a field that is missing', GOOD.replace('      port: 22\n', ''), 'checks.yaml:6: checks[1].tcp.port: is missing'],
  ['too long a grace', GOOD.replace('30s', '1h'), /^checks\.yaml:10: grace: is more than half of proofWithin/],
  ['no YAML', 'checks: [', /^checks\.yaml:1: is no YAML: /],
  ['a list alone', '- name: web', 'checks.yaml:1: checks: is missing'],
  ['nothing', '', /^checks\.yaml:1: the file: /],
  ['an alias of nothing', 'checks: *nothing', /^checks\.yaml:1: /],
])('%s is refused: file, line, key, what', (_name, text, sentence) => {
  const said = saidOf(text);
  if (typeof sentence === 'string') expect(said).toBe(sentence);
  else expect(said).toMatch(sentence);
  expect(said).not.toContain('\n');
});

it('the command exits with 2, before it asks anybody', async () => {
  writeFileSync(file, GOOD.replace('22', '0'));
  const { code, out, err } = await call(`start web-07 m1 --cloud a --checks ${file}`, NOWHERE);
  expect([code, out]).toEqual([2, '']);
  expect(err).toBe(`durable-resize: ${file}:8: checks[1].tcp.port: must be a port, 1 to 65535\n`);
  const missing = await call(`start web-07 m1 --cloud a --checks ${file}.not`, NOWHERE);
  expect([missing.code, missing.err]).toEqual([2, `durable-resize: ${file}.not: cannot be read (ENOENT)\n`]);
});
