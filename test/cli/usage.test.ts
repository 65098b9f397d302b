/** What is wrong with a command line is told before anything is connected to: exit code 2, one sentence. */
import { call } from './captured-terminal';

const NOWHERE = { connect: { env: { TEMPORAL_ADDRESS: '127.0.0.1:9' }, timing: { connect: 300 } } };

it.each<[string | string[], string]>([
  ['strat web-07 m1', "unknown command 'strat' (Did you mean start?)"],
  ['start web-07', "missing required argument 'flavor'"],
  ['status web-07 --colour', "unknown option '--colour'"],
  ['status a b', 'too many arguments'],
  ['approve', "missing required argument 'server'"],
  ['list --phase waiting', "'waiting' is invalid. Allowed choices are preparing"],
  ['list -f yaml', "'yaml' is invalid. Allowed choices are table, json"],
  ['start web-07 m1', 'Give --cloud NAME'],
  ['start web-07 m1', 'OS_CLOUD'],
  ['start web-07 m1 --cloud a --os-cloud b', 'name two clouds'],
  ['start web-07 m1 --cloud a --decide-within 30', '--decide-within: "30" is not a duration'],
  ['start web-07 m1 --cloud a --on-timeout wait', 'Allowed choices are revert, confirm, hold'],
  ['start web-07 m1 --cloud a --through-operator', '--through-operator: only with --wait'],
  ['start web-07 m1 --cloud a --dry-run --wait', '--dry-run starts nothing'],
  ['start web-07 m1 --cloud a --approvals 0', "option '--approvals <n>' argument '0' is invalid. Give a whole number"],
  ['start web-07 m1 --cloud a --approvals two', "argument 'two' is invalid. Give a whole number above zero"],
  ['start web-07 m1 --cloud a --approvals 51', '--approvals: is more than 50'],
  ['start web-07 m1 --cloud a --approver Bob --approver bob', '--approver: names "bob" twice'],
  ['start web-07 m1 --cloud a --approvals 2 --approver bob', '--approvals: is 2, but only 1 of the named approvers'],
  ['start web-07 m1 --cloud a --approver ana --requested-by Ana', 'ask for fewer, or set --allow-requester'],
  [['list', '--waiting-for', ' '], '--waiting-for: is no name'],
  ['wait web-07 --timeout soon', '--timeout: "soon" is not a duration'],
  ['orphans --cloud a --every soon', '--every: "soon" is not a duration'],
  ['reject a b --run r', '--run: names the run of one server'],
  ['approve a --yes', "unknown option '--yes'"],
])('refuses "%s" and says: %s', async (line, message) => {
  const { code, out, err } = await call(line, NOWHERE);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(message);
  expect(err.trim().split('\n')).toHaveLength(1);
});

it.each([
  ['start web-07 m1 --cloud a --at 18:00', '--at'],
  ['start web-07 m1 --cloud a --decide-until 18:00', '--decide-until'],
])('refuses what this version lacks: %s', async (line, what) => {
  const { code, err } = await call(line, NOWHERE);
  expect([code, err]).toEqual([2, `durable-resize: ${what}: not supported by this version\n`]);
});

it('prints a failure as one JSON document where JSON is wanted, even when the rest cannot be parsed', async () => {
  for (const line of ['strat -f json', '-f json status', 'list --format=json --colour', 'list -fjson --colour']) {
    const result = await call(line);
    expect([result.code, result.err]).toEqual([2, '']);
    expect(result.json()).toEqual({ error: { code: 'Usage', message: expect.any(String) as string } });
  }
});

it('shows the commands when none is given, and calls that a mistake', async () => {
  const { code, out, err } = await call('');
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('Usage: durable-resize');
});

it.each(['start', 'approve', 'reject', 'status', 'cancel', 'wait', 'extend', 'retry', 'abandon', 'list'])(
  'explains %s with examples',
  async (command) => {
    const { code, out, err } = await call(`${command} --help`);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`Usage: durable-resize ${command}`);
    expect(out).toMatch(/Examples:\n {2}\$ durable-resize/);
    expect(out).toContain('--format <format>');
  },
);

it('hides in its help what it does not support', async () => {
  const { out } = await call('start --help');
  expect(out).not.toMatch(/--at|--decide-until/);
});

it('says where it looked for Temporal, and shows no stack unless asked to', async () => {
  const plain = await call('status web-07', NOWHERE);
  expect(plain.code).toBe(1);
  expect(plain.err).toBe(
    'durable-resize: no Temporal server answers at 127.0.0.1:9: start it, or set TEMPORAL_ADDRESS to where it is\n',
  );
  const debug = await call('status web-07', { ...NOWHERE, env: { DURABLE_RESIZE_DEBUG: '1' } });
  expect(debug.err).toMatch(/\n\s+at .*temporal-link/);
});
