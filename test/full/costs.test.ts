import { readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { temporal } from '@temporalio/proto';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { msToTs } from '@temporalio/common/lib/time';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { ResizeRun, ResizeStatus } from '../../src';
import { until } from '../nova/wait';
import { startLab } from '../simulator/lab';
import { ended, startRig, untilPhase, type Rig } from '../story/rig';
import { FULL_LENGTH } from '../shared';

type StartRequest = temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest;
type StartResponse = temporal.api.workflowservice.v1.StartWorkflowExecutionResponse;
const { HistoryEvent } = temporal.api.history.v1;
const { EventType } = temporal.api.enums.v1;
const root = path.join(__dirname, '..', '..');

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What one phase of a resize cost, counted where it is paid: at the cloud and in Temporal. */
interface Cost {
  looks: number;
  /** By kind, as the cloud counts them: `GET server`. */
  calls: Record<string, number>;
  events: number;
  bytes: number;
}

let rig: Rig;
beforeAll(async () => {
  // The SDK has no option for it yet; only the waits of the one workflow are skipped, everything else takes its time.
  rig = await startRig(await startLab(), {
    temporal: 'own',
    dynamicConfig: { ...FULL_LENGTH, 'frontend.WorkflowTimeSkippingEnabled': 'true' },
  });
  await rig.startWorker();
  const service = rig.client.workflow.workflowService;
  const start: (request: StartRequest) => Promise<StartResponse> = service.startWorkflowExecution.bind(service);
  jest.spyOn(service, 'startWorkflowExecution').mockImplementation((request: StartRequest) => {
    if (request.workflowType?.name !== 'resizeServer') return start(request);
    return start({ ...request, timeSkippingConfig: skipping('resizing', RESIZING - 35 * SECOND) });
  });
});
afterAll(() => rig.stop());

/** How long the cloud takes: nearly all of it is skipped; the rest passes while the cloud really works. */
const RESIZING = 10 * MINUTE;
const CLOUD_WORKS = 30;
const CONFIRM_TAKES = 3;

/** Workflow time goes on by so much at once, wait by wait, and from then on as usual. */
const skipping = (id: string, span: number) => ({
  enabled: true,
  fastForwardConfig: { id, duration: msToTs(Math.floor(span)) },
});

async function skip(run: ResizeRun, id: string, span: number): Promise<void> {
  await rig.client.workflow.workflowService.updateWorkflowExecutionOptions({
    namespace: 'default',
    workflowExecution: { workflowId: run.workflowId },
    workflowExecutionOptions: { timeSkippingConfig: skipping(id, span) },
    updateMask: { paths: ['time_skipping_config'] },
  });
  await skipped(run, id);
}

/** @returns the time of the workflow when all of it was skipped */
async function skipped(run: ResizeRun, id: string): Promise<number> {
  return until(
    `time to be skipped (${id})`,
    async () => {
      const { raw } = await rig.client.workflow.getHandle(run.workflowId).describe();
      const { currentTime, effectiveConfig } = raw.workflowExtendedInfo?.timeSkippingInfo ?? {};
      if (effectiveConfig?.fastForwardConfig?.id !== id || effectiveConfig.enabled) return undefined;
      return Number(currentTime?.seconds ?? 0) * SECOND;
    },
    { within: 120_000 },
  );
}

/** Requests that arrived so far, by kind; the log-in is not among them. */
async function callsSoFar(server: string): Promise<Record<string, number>> {
  const counted = [await rig.lab.counters(server), await rig.lab.counters('-')].flatMap((each) => Object.entries(each));
  return counted.reduce<Record<string, number>>((sum, [kind, n]) => ({ ...sum, [kind]: (sum[kind] ?? 0) + n }), {});
}

const less = (all: Record<string, number>, ...parts: Record<string, number>[]) =>
  Object.fromEntries(
    Object.entries(all)
      .map(([kind, n]) => [kind, parts.reduce((left, part) => left - (part[kind] ?? 0), n)] as const)
      .filter(([, n]) => n !== 0),
  );

type Events = temporal.api.history.v1.IHistoryEvent[];

/** The skips are events too, which a resize on the clock does not have. */
async function eventsOf(workflowId: string): Promise<Events> {
  const { events } = await rig.client.workflow.getHandle(workflowId).fetchHistory();
  const skips = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED;
  return (events ?? []).filter(({ eventType }) => eventType !== skips);
}

const costOf = (events: Events, calls: Record<string, number>): Cost => ({
  looks: events.filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'observeServer')
    .length,
  calls,
  events: events.length,
  bytes: events.reduce((sum, event) => sum + HistoryEvent.encode(event).finish().length, 0),
});

const callsIn = ({ calls }: Cost) => Object.values(calls).reduce((sum, n) => sum + n, 0);

async function inspection(server: string): Promise<Cost> {
  await rig.lab.clearControl();
  await rig.resizes.inspect({ cloud: 'lab', server, flavor: 'f2' });
  const calls = await callsSoFar(server);
  const workflowId = await until('the inspection to be listed', async () => {
    for await (const listed of rig.client.workflow.list({ query: "WorkflowType = 'inspectServer'" }))
      return listed.workflowId;
    return undefined;
  });
  return costOf(await eventsOf(workflowId), calls);
}

/** Ten minutes in the cloud, an hour until somebody approves, and a confirm of some seconds, at the usual pace. */
async function resize(server: string): Promise<{ costs: Record<string, Cost>; end: ResizeStatus; hour: number }> {
  const inspected = await inspection(server);
  await rig.lab.clearControl();
  await rig.lab.control({
    delay: { finish_migration: { [server]: CLOUD_WORKS }, confirm_migration: { [server]: CONFIRM_TAKES } },
  });
  const run = await rig.resizes.start({
    cloud: 'lab',
    server,
    flavor: 'f2',
    requestedBy: 'ana',
    decideWithin: 2 * HOUR,
  });
  await skipped(run, 'resizing');
  // What this test asks itself is no cost of the resize.
  let own = 0;
  await until(
    'the cloud to be done',
    async () => {
      own++;
      return (await rig.lab.server(server)).status === 'VERIFY_RESIZE' ? true : undefined;
    },
    { within: 2 * CLOUD_WORKS * SECOND },
  );
  // Not longer than the first wait in the window, so that no look of the window is among those of the resize.
  await skip(run, 'seeing it', 40 * SECOND);
  const { verifiedAt = '' } = await untilPhase(run, 'awaiting-decision');
  const window = { calls: await callsSoFar(server), at: Date.parse(verifiedAt) };
  const opened = await eventsOf(run.workflowId);

  await skip(run, 'deciding', HOUR - ((await skipped(run, 'seeing it')) - window.at));
  const hour = (await skipped(run, 'deciding')) - window.at;
  const decided = { calls: await callsSoFar(server), events: await eventsOf(run.workflowId) };
  await run.approve({ by: 'bob' });
  const end = await ended(run);

  const calls = await callsSoFar(server);
  const events = await eventsOf(run.workflowId);
  const costs = {
    inspection: inspected,
    'ten minutes of resizing': costOf(
      events.slice(0, opened.length),
      less(window.calls, inspected.calls, { 'GET server': own }),
    ),
    'an hour of waiting': costOf(events.slice(opened.length, decided.events.length), less(decided.calls, window.calls)),
    'approve and confirm': costOf(events.slice(decided.events.length), less(calls, decided.calls)),
    'all of it': costOf(events, less(calls, { 'GET server': own })),
  };
  return { costs, end, hour };
}

/** The figures of docs/costs.md: the first cell of a row and the numbers that follow. */
function documented(): Map<string, number[]> {
  const rows = readFileSync(path.join(root, 'docs', 'costs.md'), 'utf8').matchAll(/^\| ([^|]+?) +\|(.+)\|$/gm);
  return new Map([...rows].map(([, what = '', cells = '']) => [what, cells.split('|').map(Number)]));
}

const isNear = (figure: number, told: number) => Math.abs(figure - told) <= Math.max(told * 0.2, 2);

it('ten minutes of resizing and an hour of waiting cost what docs/costs.md says', async () => {
  const { costs, end, hour } = await resize(await rig.lab.boot('counted'));
  expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
  const took = Date.parse(end.verifiedAt ?? '') - Date.parse(end.requestedAt);
  expect(took).toBeGreaterThan(RESIZING - MINUTE);
  expect(took).toBeLessThan(RESIZING + MINUTE);
  expect(Math.abs(hour - HOUR)).toBeLessThan(MINUTE);

  const figures = Object.entries(costs).map(([phase, cost]) => {
    const kB = Math.round(cost.bytes / 100) / 10;
    return [phase, [cost.looks, callsIn(cost), cost.events, kB]] as const;
  });
  const kinds = Object.entries(costs['all of it']?.calls ?? {});
  const table = [...figures, ...kinds.map(([kind, n]) => [kind, [n]] as const)];
  process.stdout.write(`${table.map(([what, numbers]) => `| ${[what, ...numbers].join(' | ')} |`).join('\n')}\n`);

  const told = documented();
  const off = table.filter(([what, numbers]) => {
    const known = told.get(what) ?? [];
    return numbers.some((figure, n) => !isNear(figure, known[n] ?? NaN));
  });
  expect(off).toEqual([]);
});

it('the longest recorded run replays well within the ten seconds of a workflow task', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const history: unknown = JSON.parse(
    readFileSync(path.join(root, 'test', 'histories', 'continued-as-new.json'), 'utf8'),
  );
  const decoded = historyFromJSON(history);
  const id = decoded.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? undefined;
  const workflowBundle = { codePath: path.join(root, 'dist', 'workflow-bundle.js') };
  // The first replay of a process also loads the bundle.
  const took: number[] = [];
  for (let n = 0; n < 3; n++) {
    const began = performance.now();
    await Worker.runReplayHistory({ workflowBundle }, decoded, id);
    took.push(performance.now() - began);
  }
  const best = Math.round(Math.min(...took));
  process.stdout.write(`${decoded.events?.length ?? 0} events replay in ${best} ms\n`);
  expect(best).toBeLessThan(5 * SECOND);
});
