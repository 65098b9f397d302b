/** What a resize costs in CPU, in null workflows of the same run. */
import path from 'node:path';
import type { ResizeRun } from '..';
import { checkRequest, workflowIdOf } from '../resize/request';
import { RESIZE_SERVER, TASK_QUEUE } from '../workflows/messages';
import type { Bench } from './bench';
import { startProgram, cpuOf } from './processes';
import { eventsOf, forEachAtOnce, REQUEST, untilEnded, untilHappened, untilRecorded } from './resizes';
import { NULL_QUEUE } from './null-workflows';
import type { Figure } from './result';
import { startStack, type Stack } from './stack';

/** How many are run in a round, and at a time. */
const NULLS = { count: 300, atOnce: 30 };
const RESIZES = { count: 60, atOnce: 30 };

/** One round of one kind, per workflow: ms of CPU, and workflows a second. */
interface Cost {
  server: number;
  worker: number;
  perSecond: number;
}

export async function measureCost({ say, rounds }: Bench): Promise<{ about: string[]; figures: Figure[] }> {
  const stack = await startStack({ servers: RESIZES.count * (2 * rounds + 1) });
  try {
    const nulls = await startProgram(path.join(__dirname, 'null-worker.js'), [], {
      ready: 'worker ready',
      env: { TEMPORAL_ADDRESS: stack.address },
      cwd: process.cwd(),
    });
    const worker = () => cpuOf(nulls.pid);
    const activities = await warmUp(stack);
    say(`a resize has ${activities} activities`);
    const found: Record<Kind, Cost[]> = { null: [], activities: [], inspected: [], plain: [] };
    for (let round = 0; round < rounds; round++) {
      found.null.push(await costOf(stack, NULLS.count, worker, () => runNulls(stack, 'nullWorkflow', [])));
      found.activities.push(
        await costOf(stack, NULLS.count, worker, () => runNulls(stack, 'nullActivities', [activities])),
      );
      const ofResizes = () => cpuOf(stack.worker().pid);
      found.plain.push(await costOf(stack, RESIZES.count, ofResizes, () => runResizes(stack, plainStart)));
      found.inspected.push(await costOf(stack, RESIZES.count, ofResizes, () => runResizes(stack, inspectedStart)));
      say(
        `round ${round + 1} of ${rounds}: a resize costs ${(ratios(found.plain, found.null).at(-1) ?? 0).toFixed(1)} null workflows`,
      );
    }
    await nulls.end('SIGKILL');
    return { about: about(activities), figures: figuresOf(found) };
  } finally {
    await stack.close();
  }
}

type Kind = 'null' | 'activities' | 'inspected' | 'plain';

const about = (activities: number): string[] => [
  `Each round runs ${NULLS.count} workflows that do nothing, ${NULLS.count} that run ${activities} activities that do nothing (as many as a resize has), and twice ${RESIZES.count} whole resizes: started, approved when they wait for it, confirmed.`,
  `${NULLS.atOnce} are under way at a time. CPU is that of the processes of the Temporal server and of the worker, divided by the number of workflows; the simulated cloud and the client are not in it. "Without inspection" is a workflow that is started directly, past the client.`,
];

/** @returns how many activities a resize has */
async function warmUp(stack: Stack): Promise<number> {
  await runNulls(stack, 'nullActivities', [1]);
  const runs = await runResizes(stack, inspectedStart);
  const counts = await Promise.all(runs.slice(0, 5).map((run) => eventsOf(stack, run)));
  return Math.min(...counts.map(({ activities }) => activities));
}

async function costOf(
  stack: Stack,
  count: number,
  worker: () => number | undefined,
  act: () => Promise<unknown>,
): Promise<Cost> {
  const before = { at: performance.now(), server: cpuOf(stack.temporal.pid), worker: worker() };
  await act();
  const seconds = (performance.now() - before.at) / 1000;
  const used = (from: number | undefined, to: number | undefined) => ((to ?? NaN) - (from ?? NaN)) / count;
  return {
    server: used(before.server, cpuOf(stack.temporal.pid)),
    worker: used(before.worker, worker()),
    perSecond: count / seconds,
  };
}

let serial = 0;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

function runNulls(stack: Stack, name: string, args: number[]): Promise<void> {
  return forEachAtOnce(numbers(NULLS.count), NULLS.atOnce, () =>
    stack.client.workflow.execute(name, { taskQueue: NULL_QUEUE, workflowId: `null-${++serial}`, args }),
  );
}

type Start = (stack: Stack, server: string) => Promise<ResizeRun>;

const inspectedStart: Start = (stack, server) => stack.resizes.start({ ...REQUEST, server });

const plainStart: Start = async (stack, server) => {
  await stack.client.workflow.start(RESIZE_SERVER, {
    workflowId: workflowIdOf(server),
    taskQueue: TASK_QUEUE,
    args: [checkRequest({ ...REQUEST, server })],
  });
  return stack.resizes.get(server);
};

async function runResizes(stack: Stack, start: Start): Promise<ResizeRun[]> {
  const runs: ResizeRun[] = [];
  await forEachAtOnce(stack.take(RESIZES.count), RESIZES.atOnce, async (server) => {
    const run = await start(stack, server);
    runs.push(run);
    await untilHappened(stack, server, 'resized');
    // Reading the status costs the Temporal server about a millisecond.
    await untilRecorded([run], ({ phase }) => phase === 'awaiting-decision', { every: 0.5, within: 120 });
    await run.approve({ by: 'bench' });
    await untilEnded(stack, [run]);
  });
  return runs;
}

const total = ({ server, worker }: Cost) => server + worker;

/** Of each round, by the null workflows of that round. */
const ratios = (costs: readonly Cost[], nulls: readonly Cost[]) =>
  costs.map((cost, round) => total(cost) / total(nulls[round] ?? cost));

function figuresOf({ null: nulls, activities, plain, inspected }: Record<Kind, Cost[]>): Figure[] {
  const ofCosts = (what: string, costs: readonly Cost[]): Figure[] => [
    { what: `${what}: CPU of the server`, unit: 'ms', rounds: costs.map(({ server }) => server) },
    { what: `${what}: CPU of the worker`, unit: 'ms', rounds: costs.map(({ worker }) => worker) },
    { what: `${what}: throughput`, unit: '1/s', rounds: costs.map(({ perSecond }) => perSecond) },
  ];
  const figures: Figure[] = [
    ...ofCosts('null workflow', nulls),
    ...ofCosts('workflow with activities', activities),
    ...ofCosts('resize without inspection', plain),
    ...ofCosts('resize', inspected),
    { what: 'workflow with activities, in null workflows', unit: '', rounds: ratios(activities, nulls) },
    { what: 'resize without inspection, in null workflows', unit: '', rounds: ratios(plain, nulls), atMost: 6.5 },
    { what: 'resize, in null workflows', unit: '', rounds: ratios(inspected, nulls), atMost: 6.5 },
  ];
  return figures.map((figure) => measurable(figure));
}

/** Where the system does not tell what a process has used. */
function measurable(figure: Figure): Figure {
  if (figure.rounds.every((value) => !Number.isNaN(value))) return figure;
  return { ...figure, rounds: [], note: 'this system does not tell what a process has used' };
}
