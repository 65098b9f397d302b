/** What a resize costs in events of its history: the same however long it takes and however long people think. */
import type { ResizeRun } from '../../src';
import { until } from '../nova/wait';
import { SimulatedLab, startLab } from '../simulator/lab';
import { ended, startRig, untilPhase, type Rig } from './rig';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(await startLab());
  await rig.startWorker();
});
afterAll(() => rig.stop());

const eventsOf = async (run: ResizeRun): Promise<number> => {
  const { events } = await rig.client.workflow.getHandle(run.workflowId).fetchHistory();
  return events?.length ?? 0;
};
const observationsOf = async (server: string) => (await rig.lab.counters(server))['GET server'] ?? 0;

/** @param observations how many are made in each of both waits */
async function resized(observations: number): Promise<{ events: number; observed: number }> {
  if (!(rig.lab instanceof SimulatedLab)) throw new Error('this is counted on the simulator');
  const server = await rig.lab.boot(`observed-${observations}`);
  const seconds = observations / 10 + 0.5;
  await rig.lab.control({ delay: { finish_migration: { [server]: seconds } } });
  const run = await rig.start({ server, polling: { initial: 100, maximum: 100, backoff: 1 } });
  await untilPhase(run, 'awaiting-decision');
  const before = await observationsOf(server);
  await until('the wait to have been long enough', async () =>
    (await observationsOf(server)) >= before + observations ? true : undefined,
  );
  await run.approve({ by: 'bob' });
  expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  return { events: await eventsOf(run), observed: await observationsOf(server) };
}

it('a resize that is observed ten times as often has no more events, and no more than 62 in all', async () => {
  const [short, long] = await Promise.all([resized(4), resized(40)]);
  expect(long.observed).toBeGreaterThan(short.observed + 40);
  // Whether two things fall into one workflow task is chance: each task is three events.
  expect(Math.abs(long.events - short.events)).toBeLessThanOrEqual(6);
  expect(Math.max(short.events, long.events)).toBeLessThanOrEqual(62);
});
