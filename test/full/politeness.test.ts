import { TASK_QUEUE } from '../../src/workflows/messages';
import { checkRequest, workflowIdOf } from '../../src/resize/request';
import { startLab, type SimulatedLab } from '../simulator/lab';
import { startRig, usual, type Rig } from '../story/rig';

const RUNS = 200;
const LIMIT = 20;
const SECONDS = 75;

let lab: SimulatedLab;
let rig: Rig;
beforeAll(async () => {
  lab = await startLab();
  rig = await startRig(lab, { profile: { durable_resize: { requests_per_second: LIMIT } } });
});
afterAll(() => rig.stop());

/** All requests that name a server of the cloud, so far. */
const asked = () =>
  Object.entries(lab.simulator.control({}).counters)
    .filter(([server]) => server !== '-')
    .flatMap(([, counted]) => Object.values(counted))
    .reduce((sum, each) => sum + each, 0);

it(`${RUNS} runs that want more ask a cloud no more often than its profile allows`, async () => {
  const servers: string[] = [];
  while (servers.length < RUNS) {
    const names = Array.from({ length: 10 }, (_, n) => `many-${servers.length + n}`);
    servers.push(...(await Promise.all(names.map((name) => lab.simulator.boot(name, 'f1')))));
  }
  // Without ResizeClient, whose look before a start would take its turn in the same queue.
  for (const server of servers) {
    const request = checkRequest({ ...usual, server, polling: { initial: 1000, maximum: 5000, backoff: 1.3 } });
    await rig.client.workflow.start('resizeServer', {
      workflowId: workflowIdOf(server),
      taskQueue: TASK_QUEUE,
      args: [request],
    });
  }
  await rig.startWorker();
  const series: number[] = [];
  let before = asked();
  for (let second = 0; second < SECONDS; second++) {
    const next = Date.now() + 1000;
    await new Promise((resolve) => setTimeout(resolve, next - Date.now()));
    const now = asked();
    series.push(now - before);
    before = now;
  }
  const mean = series.slice(3).reduce((sum, each) => sum + each, 0) / (SECONDS - 3);
  const busiest = Math.max(...series.slice(3));
  process.stdout.write(`${JSON.stringify({ runs: RUNS, limit: LIMIT, mean, busiest, series })}\n`);
  // The first seconds have the tokens of Temporal's own limit, which begins with a full second's worth.
  expect(busiest).toBeLessThanOrEqual(LIMIT * 1.3);
  // It is used as well: a limit that starves is no limit.
  expect(mean).toBeGreaterThan(LIMIT / 3);
});
