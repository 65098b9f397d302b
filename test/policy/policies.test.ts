/** The folder of policies: what is wrong with one is said with file, line and key. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPolicy, Policies } from '../../src/policy';
import { policiesIn } from '../../src/worker/policies';

const root = mkdtempSync(join(tmpdir(), 'policies-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let serial = 0;
function folder(files: Record<string, string>): string {
  const path = join(root, String(++serial));
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

const GOOD = `version: 3
approvals: { required: 2, approvers: [ana, bob, eve], allowRequester: false }
reason: required
decideWithin: { default: 30m, maximum: 4h }
onTimeout: { default: revert, allowed: [revert, hold] }
autoConfirm: { allowed: false }
checks:
  checks:
    - name: ssh
      tcp: { host: '{address}', port: 22 }
freeze:
  - { days: [fri], from: '16:00', to: '24:00', zone: Europe/Berlin, reason: no changes before the weekend }
`;

/** What a worker says that has this file. */
function saidOf(text: string, name = 'strict.yaml'): string {
  const path = folder({ [name]: text });
  try {
    policiesIn(path);
  } catch (error) {
    return (error as Error).message.replace(path, 'policies');
  }
  throw new Error('it was not refused');
}

it('a policy has the name of its file, its version, and the digest of what is written', () => {
  const policies = Policies.in(
    folder({ 'strict.yaml': GOOD, 'free.yaml': 'version: 1\n', 'README.md': 'ours', '.x': '' }),
  );
  expect(policies.names()).toEqual(['free', 'strict']);
  const strict = policies.for(undefined, 'strict');
  expect(strict).toMatchObject({
    name: 'strict',
    version: 3,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    decideWithin: { default: 1_800_000, maximum: 14_400_000 },
    checks: { checks: [{ name: 'ssh', timeout: 3000 }], watchEvery: 30_000 },
    freeze: [{ from: '16:00', to: '24:00' }],
  });
  const other = Policies.in(folder({ 'strict.yaml': `${GOOD}# changed\n` })).for(undefined, 'strict');
  expect(other).not.toMatchObject({ digest: strict && isPolicy(strict) ? strict.digest : '' });
});

it.each<[string, string, RegExp]>([
  [
    'an unknown field',
    GOOD.replace('reason: required', 'raeson: required'),
    /strict\.yaml:3: raeson: no such field; see docs\/policy\.md/,
  ],
  ['an unknown field inside', GOOD.replace('maximum', 'max'), /strict\.yaml:4: decideWithin\.max/],
  [
    'a field of checks that does not exist',
    GOOD.replace('port: 22', 'port: 22, prot: 22'),
    /strict\.yaml:10: checks\.checks\[0\]\.tcp\.prot: no such field; see docs\/checks\.md/,
  ],
  ['no version', GOOD.replace('version: 3\n', ''), /strict\.yaml:1: version: is missing/],
  ['half a version', GOOD.replace('version: 3', 'version: 3.5'), /strict\.yaml:1: version: 3\.5 is not valid here/],
  [
    'a default above its maximum',
    GOOD.replace('30m', '5h'),
    /strict\.yaml:4: decideWithin\.default: is longer than maximum/,
  ],
  [
    'a default without a maximum',
    GOOD.replace(', maximum: 4h', ''),
    /strict\.yaml:4: decideWithin\.maximum: is missing/,
  ],
  [
    'a number without a unit',
    GOOD.replace('30m', '30'),
    /strict\.yaml:4: default: 30 has no unit; write for example "30s"/,
  ],
  [
    'a default that is not allowed',
    GOOD.replace('default: revert', 'default: confirm'),
    /strict\.yaml:5: onTimeout\.default: is not one of those allowed/,
  ],
  [
    'one allowed twice',
    GOOD.replace('[revert, hold]', '[revert, revert]'),
    /strict\.yaml:5: onTimeout\.allowed\[1\]: is there twice/,
  ],
  [
    'more approvals than approvers',
    GOOD.replace('required: 2', 'required: 4'),
    /strict\.yaml:2: approvals\.required: is 4, but only 3 of the named approvers/,
  ],
  ['an approver twice', GOOD.replace('eve', 'Bob'), /strict\.yaml:2: approvals\.approvers: names "Bob" twice/],
  [
    'a confirm without the people that it asks',
    GOOD.replace('allowed: false', 'allowed: true'),
    /strict\.yaml:6: autoConfirm\.allowed: is true beside approvals/,
  ],
  [
    'another word for required',
    GOOD.replace('reason: required', 'reason: yes'),
    /strict\.yaml:3: reason: .*expected "required"/,
  ],
  [
    'an unknown zone',
    GOOD.replace('Europe/Berlin', 'Europe/Bonn'),
    /strict\.yaml:12: freeze\[0\]\.zone: "Europe\/Bonn" is no IANA time zone/,
  ],
  [
    'an offset for a zone',
    GOOD.replace('Europe/Berlin', "'+01:00'"),
    /strict\.yaml:12: freeze\[0\]\.zone: "\+01:00" is no IANA time zone/,
  ],
  [
    'a day that is none',
    GOOD.replace('[fri]', '[friday]'),
    /strict\.yaml:12: freeze\[0\]\.days\[0\]: "friday" is not valid here/,
  ],
  ['a day twice', GOOD.replace('[fri]', '[fri, fri]'), /strict\.yaml:12: freeze\[0\]\.days\[1\]: is there twice/],
  ['no day', GOOD.replace('[fri]', '[]'), /strict\.yaml:12: freeze\[0\]\.days: names no day/],
  [
    'a time that is none',
    GOOD.replace('16:00', '24:00'),
    /strict\.yaml:12: freeze\[0\]\.from: "24:00" is not a time of day/,
  ],
  ['a freeze of no time', GOOD.replace('24:00', '16:00'), /strict\.yaml:12: freeze\[0\]\.to: is the same as from/],
  [
    'a freeze without a reason',
    GOOD.replace(', reason: no changes before the weekend', ''),
    /strict\.yaml:12: freeze\[0\]\.reason: is missing/,
  ],
  ['a key twice', `${GOOD}reason: required\n`, /strict\.yaml:13: is no YAML: Map keys must be unique/],
  ['nothing', '', /strict\.yaml:1: the file: .*/],
  ['a list', '- version: 1\n', /strict\.yaml:1: /],
])('%s: the worker says it, and does not start', (_, text, sentence) => {
  const said = saidOf(text);
  expect(said).toMatch(/^DURABLE_RESIZE_POLICIES: policies\/strict\.yaml:\d+: /);
  expect(said).toMatch(sentence);
  expect(said).not.toContain('\n');
});

it('a file that could be meant for a policy, and is none, is not left out', () => {
  expect(saidOf(GOOD, 'strict.yml')).toBe('DURABLE_RESIZE_POLICIES: policies/strict.yml: name it strict.yaml');
  expect(saidOf(GOOD, 'our rules.yaml')).toMatch(/our rules\.yaml: a policy has a name of at most 64 letters/);
});

it('a folder that is not there keeps the worker from starting', () => {
  expect(() => policiesIn(join(root, 'none'))).toThrow(/^DURABLE_RESIZE_POLICIES: .*none: is not there/);
});

describe('which policy a resize is under', () => {
  const policies = Policies.in(folder({ 'strict.yaml': GOOD, 'free.yaml': 'version: 1\n' }));
  it.each<[string, string | undefined, string | undefined, object | undefined]>([
    ['none', undefined, undefined, undefined],
    ['the one that is asked for', undefined, 'free', { name: 'free' }],
    ['the one of the cloud, which no request can leave out', 'strict', undefined, { name: 'strict' }],
    ['the same, asked for', 'strict', 'strict', { name: 'strict' }],
    [
      'no other than that',
      'strict',
      'free',
      { message: 'policy free: resizes on this cloud are under policy strict, and under no other' },
    ],
    [
      'none that the worker does not have',
      undefined,
      'x',
      { message: 'policy x: this worker has no such policy; there are: free, strict' },
    ],
  ])('%s', (_, compulsory, asked, expected) => {
    const found = policies.for(compulsory, asked);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });

  it('a worker without policies says so', () => {
    expect(Policies.none().for(undefined, 'x')).toMatchObject({
      message: 'policy x: this worker has no such policy; it has none',
    });
  });
});
