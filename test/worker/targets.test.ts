/** The file that says who is told of what: one that is wrong keeps the worker from starting, and none of it is quoted. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Targets } from '../../src/notify';
import { readSettings } from '../../src/worker/settings';
import { targetsOf } from '../../src/worker/targets';

const folder = mkdtempSync(join(tmpdir(), 'notify-'));
const file = join(folder, 'notify.yaml');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECRET = `whsec_${Buffer.from('4711-a-secret-of-32-bytes-or-so!').toString('base64')}`;
const secrets: Readonly<Record<string, string>> = {
  good: `${SECRET}\n`,
  short: 'whsec_c2hvcnQ4NzEx',
  plain: 'a password 4711',
  empty: '',
};
for (const [name, text] of Object.entries(secrets)) writeFileSync(join(folder, name), text, { mode: 0o600 });

/** What a worker with this file reads, and what it says. */
function read(text: string): { targets: Targets | undefined; said: string[] } {
  const said: string[] = [];
  writeFileSync(file, text, { mode: 0o600 });
  const targets = targetsOf(readSettings({ DURABLE_RESIZE_NOTIFY: file }), (message) => said.push(message));
  return { targets, said };
}

function refusalOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'it is taken';
}

const one = (change: string) =>
  `targets:\n  - name: ops\n    kind: webhook\n    url: https://example.com/4711\n    events: [question]\n${change}`;

it('targets are told what they want, of the clouds that they want', () => {
  const { targets, said } = read(`
targets:
  - { name: ops, kind: webhook, url: https://ops.example/, secretFile: good, events: [question, decided] }
  - { name: chat, kind: slack, url: https://chat.example/x, events: [reminder], clouds: [prod] }
remindAfter: 25%
lastCall: 10m
`);
  expect(said).toEqual([]);
  expect(targets?.rulesFor('prod')).toEqual({
    events: ['question', 'reminder', 'decided'],
    remindAfter: 0.25,
    lastCall: 600_000,
  });
  expect(targets?.rulesFor('test')).toMatchObject({ events: ['question', 'decided'] });
  expect(targets?.for('prod', 'reminder').map(({ name }) => name)).toEqual(['chat']);
  expect(targets?.strangers(['test'])).toEqual([{ target: 'chat', cloud: 'prod' }]);
  expect(JSON.stringify(targets?.for('prod', 'question'))).not.toContain('ops.example');
});

it('half of the time, and 5 minutes, where the file does not say it; a cloud that nobody wants is told nothing', () => {
  const { targets } = read(one('    clouds: [prod]\n'));
  expect(targets?.rulesFor('prod')).toMatchObject({ remindAfter: 0.5, lastCall: 300_000 });
  expect(targets?.rulesFor('test')).toBeUndefined();
});

it.each([
  ['', '1: the file: must be a mapping'],
  ['targets: []', '1: targets: is empty'],
  ['- 4711', '1: targets: is missing'],
  ['targets: [{ name: "4711', ': is no YAML'],
  [one('    event: [question]\n'), '6: targets[0].event: no such field; see docs/notifications.md'],
  [one('remind: 50%\n'), '6: remind: no such field'],
  [one('? https://example.com/4711\n: x\n'), '6: a key: no such field'],
  [one('remindAfter: 100%\n'), '6: remindAfter: must be a percentage from 1% to 99%'],
  [one('remindAfter: 0.5\n'), '6: remindAfter: must be a percentage, such as 50%'],
  [one('lastCall: soon 4711\n'), '6: lastCall: must be a duration such as 5m'],
  [one('lastCall: 5\n'), '6: lastCall: 5 has no unit; write for example "5s"'],
  [one('').replace('name: ops', 'name: "o p s 4711"'), '2: targets[0].name: must be letters'],
  [one('').replace('    url: https://example.com/4711\n', ''), '2: targets[0].url: is missing'],
  [one('').replace('https://example.com', 'ftp://example.com'), '4: targets[0].url: must be an http(s) URL'],
  [
    one('').replace('https://', 'https://u:4711@'),
    '4: targets[0].url: must be an http(s) URL without user and password',
  ],
  [one('').replace('kind: webhook', 'kind: 4711'), '3: targets[0].kind: must be webhook or slack'],
  [one('').replace('[question]', '[questions]'), 'targets[0].events[0]: must be one of question, reminder'],
  [one('').replace('[question]', '[]'), '5: targets[0].events: is empty'],
  [one('    secretFile: none\n'), '6: targets[0].secretFile: the file that it names cannot be read (ENOENT)'],
  [
    one('    secretFile: short\n'),
    '6: targets[0].secretFile: the file that it names holds no secret of the form whsec_',
  ],
  [one('    secretFile: plain\n'), 'holds no secret of the form whsec_<24 to 64 bytes in base64>'],
  [one('    secretFile: empty\n'), 'holds no secret of the form'],
  [one('    secretFile: good\n').replace('webhook', 'slack'), '6: targets[0].secretFile: Slack knows no signatures'],
  [
    `${one('')}  - { name: ops, kind: slack, url: https://example.com/, events: [decided] }\n`,
    '6: targets[1].name: ops is the name of another target',
  ],
])('%j keeps the worker from starting', (text, sentence) => {
  const said = refusalOf(text);
  expect(said).toContain(`DURABLE_RESIZE_NOTIFY: ${file}:`);
  expect(said).toContain(sentence);
  expect(said).not.toMatch(/4711|o p s/);
});

it('a file that is not there keeps the worker from starting', () => {
  const settings = readSettings({ DURABLE_RESIZE_NOTIFY: join(folder, 'nothing') });
  expect(() => targetsOf(settings, () => undefined)).toThrow(`${join(folder, 'nothing')}: cannot be read (ENOENT)`);
});

it('a file of secrets that others can read is taken, and said', () => {
  chmodSync(join(folder, 'good'), 0o644);
  const { said } = read(one('    secretFile: good\n'));
  expect(said).toEqual([
    `${join(folder, 'good')} can be read by others, and what is in it is secret: chmod 600 is advised`,
  ]);
});

it('without the setting nobody is told', () => {
  expect(targetsOf(readSettings({}), () => undefined)).toBeUndefined();
});
