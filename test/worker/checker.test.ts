import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkerOf } from '../../src/worker/checker';
import { readSettings } from '../../src/worker/settings';

const folder = mkdtempSync(join(tmpdir(), 'headers-'));
const file = join(folder, 'headers.yaml');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a worker with this file of headers says at its start. */
function saidOf(text: string): string | undefined {
  writeFileSync(file, text);
  try {
    checkerOf(readSettings({ DURABLE_RESIZE_CHECK_HEADERS: file }));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

it('a file of headers by host is taken, in YAML or JSON', () => {
  expect(
    saidOf('ci.example: { Authorization: Bearer s4711 }\nprometheus:9090: { X-Auth-Token: s4711 }'),
  ).toBeUndefined();
  expect(saidOf('{"[2001:db8::1]:8443": {"Cookie": "a=s4711"}}')).toBeUndefined();
});

it.each([
  ['ci.example: Bearer s4711', 'is wrong: ci.example must be a mapping of headers'],
  ['- s4711', 'is wrong: a key of it is no host; write example.com'],
  ['s4711', 'is wrong: it must be a mapping of hosts to their headers'],
  ['https://u:s4711@ci.example: { A: b }', 'is wrong: a key of it is no host'],
  ['https://ci.example/: { A: s4711 }', 'is wrong: a key of it is no host; write example.com'],
  ['ci.example: { "A s4711": b }', 'is wrong: a key of ci.example is no name of a header'],
  ['ci.example: { A: 4711 }', 'is wrong: ci.example.A must be a text'],
  ['ci.example: { A: "s4711\\r\\nB: c" }', 'is wrong: ci.example.A must be one line of ASCII characters'],
  ['ci.example: { A: "s4711', 'is wrong: line 1 is no YAML'],
])('%j keeps the worker from starting, and is not quoted', (text, sentence) => {
  const said = saidOf(text);
  expect(said).toContain(`DURABLE_RESIZE_CHECK_HEADERS: the file that it names ${sentence}`);
  expect(said).not.toMatch(/4711/);
});

it('a file that is not there keeps the worker from starting', () => {
  const settings = readSettings({ DURABLE_RESIZE_CHECK_HEADERS: join(folder, 'none') });
  expect(() => checkerOf(settings)).toThrow(
    'DURABLE_RESIZE_CHECK_HEADERS: the file that it names cannot be read (ENOENT)',
  );
});

it('the networks of the setting are networks', () => {
  expect(readSettings({ DURABLE_RESIZE_CHECK_NETWORKS: '10.0.0.0/8, 2001:db8::/32' }).checkNetworks).toEqual([
    '10.0.0.0/8',
    '2001:db8::/32',
  ]);
  for (const wrong of ['10.0.0.1', 'web', ',']) {
    expect(() => readSettings({ DURABLE_RESIZE_CHECK_NETWORKS: wrong })).toThrow(
      'DURABLE_RESIZE_CHECK_NETWORKS must be networks such as 10.0.0.0/8, separated by commas; correct or unset it',
    );
  }
});
