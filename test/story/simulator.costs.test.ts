/** What a resize costs in events of its history and in API calls: the same however long it takes and people think. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ResizeRun } from '../../src';
import { serve, stopServers } from '../checks/servers';
import { until } from '../nova/wait';
import { SimulatedLab, startLab } from '../simulator/lab';
import { ended, startRig, untilPhase, type Rig } from './rig';
import { startWatched, untilWatched } from './watched';

let rig: Rig;
let folder: string;
beforeAll(async () => {
  rig = await startRig(await startLab());
  folder = mkdtempSync(path.join(tmpdir(), 'costs-'));
  const file = path.join(folder, 'notify.yaml');
  const url = await serve((_, answer) => answer.end());
  const target = `{ name: ops, kind: webhook, url: '${url}', events: [question, reminder, decided], clouds: [lab-app] }`;
  writeFileSync(file, `targets: [${target}]`, { mode: 0o600 });
  await rig.startWorker({ DURABLE_RESIZE_CHECK_NETWORKS: '127.0.0.0/8', DURABLE_RESIZE_NOTIFY: file });
});
afterAll(async () => {
  await rig.stop();
  await stopServers();
  rmSync(folder, { recursive: true });
});

const eventsOf = async (run: ResizeRun): Promise<string[]> => {
  const { events } = await rig.client.workflow.getHandle(run.workflowId).fetchHistory();
  return (events ?? []).map(({ eventType }) => String(eventType));
};

/** EventType of the API: the three of a workflow task. How many things fall into one task is chance, and on a busy machine few do. */
const OF_TASKS = ['5', '6', '7'];
const besidesTasks = (events: readonly string[]) => events.filter((type) => !OF_TASKS.includes(type)).length;

/** The calls so far, by kind. */
const callsOf = async (server: string) => {
  const counted: Record<string, number> = await rig.lab.counters(server);
  return counted;
};
const observationsOf = async (server: string) => (await callsOf(server))['GET server'] ?? 0;

/** The cloud resizes for so many seconds. */
async function booted(name: string, seconds: number): Promise<string> {
  if (!(rig.lab instanceof SimulatedLab)) throw new Error('this is counted on the simulator');
  const server = await rig.lab.boot(name);
  await rig.lab.control({ delay: { finish_migration: { [server]: seconds } } });
  return server;
}

/** The looks at a server whose cloud resizes long, and whose people think long; counted in both waits. */
async function watched(observations: number) {
  const server = await booted(`observed-${observations}`, observations / 10 + 0.5);
  const run = await rig.start({ server, polling: { initial: 100, maximum: 100, backoff: 1 } });
  await until('the resize to be accepted', async () =>
    (await callsOf(server))['POST resize'] === 1 ? true : undefined,
  );
  const asked = await callsOf(server);
  await untilPhase(run, 'awaiting-decision');
  const opened = await callsOf(server);
  await until('the wait to have been long enough', async () =>
    (await observationsOf(server)) >= (opened['GET server'] ?? 0) + observations ? true : undefined,
  );
  const decided = await callsOf(server);
  await run.approve({ by: 'bob' });
  expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  return { events: await eventsOf(run), asked, opened, decided };
}

const between = (before: Record<string, number>, after: Record<string, number>, kind: string) =>
  (after[kind] ?? 0) - (before[kind] ?? 0);

it('a resize that is observed ten times as often has no more events: 33 at most, and its workflow tasks', async () => {
  const [short, long] = await Promise.all([watched(4), watched(40)]);
  expect(between(long.opened, long.decided, 'GET server')).toBeGreaterThanOrEqual(40);
  // 29 each, and the end of the second watch (3) where it looks once more before the run has ended.
  expect(Math.max(besidesTasks(short.events), besidesTasks(long.events))).toBeLessThanOrEqual(33);
  expect(Math.abs(besidesTasks(long.events) - besidesTasks(short.events))).toBeLessThanOrEqual(4);
});

it('a look is one call while nothing happens: the log is read when the server rests, and then every eighth time', async () => {
  const { asked, opened, decided } = await watched(24);
  // How many looks fit into the resize is the machine's; several do.
  expect(between(asked, opened, 'GET server')).toBeGreaterThan(4);
  expect(between(asked, opened, 'GET instance-actions')).toBeLessThanOrEqual(2);
  expect(between(asked, opened, 'GET instance-action')).toBe(1);
  const looks = between(opened, decided, 'GET server');
  expect(between(opened, decided, 'GET instance-actions')).toBeLessThanOrEqual(Math.ceil(looks / 8));
  expect(between(opened, decided, 'GET instance-action')).toBe(0);
});

it('a resize that a watcher reports is 18 calls and 45 events, its inspection included', async () => {
  const server = await booted('reported', 6);
  const before = await observationsOf(server);
  const run = await startWatched(rig, server);
  await untilWatched(rig, run);
  await untilPhase(run, 'awaiting-decision');
  await untilWatched(rig, run);
  await run.approve({ by: 'bob' });
  expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  const calls = await callsOf(server);
  expect({ ...calls, 'GET server': (calls['GET server'] ?? 0) - before }).toEqual({
    // Inspection, preparation, before and after the resize, while the watcher starts, the look, before and after the confirm.
    'GET server': 8,
    'GET instance-actions': 6,
    // The resize and the confirm, each once.
    'GET instance-action': 2,
    'POST resize': 1,
    'POST confirmResize': 1,
  });
  expect((await eventsOf(run)).length).toBeLessThanOrEqual(45);
});

it('a check is no more than 18 events more besides workflow tasks, however often it is tried while people decide', async () => {
  let tries = 0;
  const url = await serve((_, answer) => {
    tries++;
    answer.end('ok');
  });
  const checks = { checks: [{ name: 'web', http: { url }, interval: '100ms' }], watchEvery: '100ms' };
  const [bare, checked] = await Promise.all([rig.start(), rig.start({ checks })]);
  await Promise.all([bare, checked].map((run) => untilPhase(run, 'awaiting-decision')));
  const before = tries;
  await until('many tries', () => Promise.resolve(tries > before + 30 ? true : undefined));
  for (const run of [bare, checked]) await run.approve({ by: 'bob' });
  for (const run of [bare, checked]) expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  const [least, all] = [await eventsOf(bare), await eventsOf(checked)];
  // Three activities, the cancel of the last one, and the phase "verifying".
  expect(besidesTasks(all) - besidesTasks(least)).toBeLessThanOrEqual(14 + 4);
  process.stdout.write(`events: ${least.length} without a check, ${all.length} with one\n`);
});

it('to tell people of a question and of the end is no more than 12 events more besides workflow tasks, and nothing where nobody is told', async () => {
  const [bare, told] = await Promise.all([rig.start(), rig.start({ cloud: 'lab-app' })]);
  await Promise.all([bare, told].map((run) => untilPhase(run, 'awaiting-decision')));
  await until('the question to be told', async () =>
    (await told.status()).notices?.[0]?.sentAt === undefined ? undefined : true,
  );
  for (const run of [bare, told]) await run.approve({ by: 'bob' });
  for (const run of [bare, told]) expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  const [least, all] = [await eventsOf(bare), await eventsOf(told)];
  // An activity, a child, and the timer of the reminder.
  expect(besidesTasks(all) - besidesTasks(least)).toBeLessThanOrEqual(8 + 4);
  // StartChildWorkflowExecutionInitiated.
  expect([least, all].map((events) => events.filter((type) => type === '29').length)).toEqual([0, 1]);
  process.stdout.write(`events: ${least.length} where nobody is told, ${all.length} where somebody is\n`);
});
