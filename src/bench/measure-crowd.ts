/** A thousand resizes in flight: their start, how late they know, what they cost while people decide, and the decisions. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResizeRun } from '..';
import type { Bench } from './bench';
import { decideAll, decisionFigures, latencies } from './decisions';
import { callsBetween } from './lab';
import { changesAt, inThirds, lagFigures } from './measure-lag';
import { measureRates } from './rates';
import { lagsOf, startAll, type Started } from './resizes';
import { ascending, type Curve, type Figure } from './result';
import { settingNamed, startStack, type Stack } from './stack';

/** For so many the goals are written down. */
const THOUSAND = 1000;
/** Seconds for a thousand: until the first change, and from the first to the last. */
const FIRST = 140;
const SPREAD = 300;
const KNOWN_WITHIN = 60;
/** Seconds in which nothing moves. */
const IDLE = 45;
const SMALL_CACHE = 100;
/** How many are kept for the decisions of a cold worker and of one with a small cache. */
const KEPT = 130;

export async function measureCrowd(bench: Bench): Promise<{ about: string[]; figures: Figure[]; curves: Curve[] }> {
  const { runs: many, say } = bench;
  const stack = await startStack({ servers: many });
  try {
    const scale = many / THOUSAND;
    const first = Date.now() + (FIRST * scale + 10) * 1000;
    const spread = SPREAD * scale;
    const before = changesAt(stack, first, spread / many);
    const started = await startAll(stack, stack.take(many), { before, within: FIRST * scale * 2 + 10 });
    say(`${started.runs.length} of ${many} started in ${started.took.toFixed(0)} s`);
    const flight = await inFlight(stack, started.runs, first + spread * 1000);
    say(`lag: p99 ${flight.figures[1]?.rounds.map(Math.round).join(', ') ?? ''} ms`);
    const idle = await whileNothingMoves(stack, name(started.runs.length));
    const rest = [...started.runs];
    const decisions = await decideWarm(bench, stack, rest);
    const rates = await measureRates(bench, stack, rest.splice(0, Math.max(0, rest.length - KEPT)));
    const cold = await decideCold(bench, stack, rest);
    const small = await withSmallCache(bench, stack, rest, name(started.runs.length));
    return {
      about: about(many, spread),
      figures: [
        ...startFigures(many, started),
        ...flight.figures,
        ...rates,
        ...idle,
        ...small,
        ...decisions,
        ...cold,
      ].map((figure) => (many === THOUSAND ? figure : withoutGoal(figure))),
      curves: [{ name: `${many} in flight`, values: flight.lags }],
    };
  } finally {
    await stack.close();
  }
}

const name = (count: number) => `${count} waiting`;

function about(many: number, spread: number): string[] {
  return [
    `${many} resizes are started, 8 at a time. Then they come to VERIFY_RESIZE one after the other, evenly within ${spread} s; the lag is given for each third of the changes. Then all wait for people, and nothing moves for ${IDLE} s. Then people decide.`,
    'A decision takes from the call of `approve` to the moment in which the confirm reaches the simulated cloud. Warm: one after the other, the run is in the cache of the worker. Cold: right after the worker was restarted.',
    'The rate of changes: somebody else confirms resizes behind the back of their runs, so many a second. The lag is from the moment in which the server is ACTIVE to the end of the run, which needs an observation more than knowing does. The next rate is tried while p99 is at most 1 s.',
  ];
}

/** The goals are for a thousand. */
function withoutGoal(figure: Figure): Figure {
  const { atMost, ...rest } = figure;
  return atMost === undefined ? figure : rest;
}

function startFigures(many: number, { runs, took, refusals, left }: Started): Figure[] {
  const refused = Object.entries(refusals).map(([code, count]) => `${count} ${code}`);
  const count = Object.values(refusals).reduce((sum, each) => sum + each, 0);
  return [
    {
      what: `${many} starts, 8 at a time`,
      unit: 's',
      rounds: [took],
      atMost: 120,
      ...(left > 0 && { beyond: true, note: `${left} were not tried: time was up after ${runs.length} starts` }),
    },
    {
      what: `${many} starts: refused`,
      unit: '',
      rounds: [count],
      atMost: 0,
      ...(count > 0 && { note: refused.join(', ') }),
    },
  ];
}

/** @param last when the last change is due, ms since the epoch */
async function inFlight(
  stack: Stack,
  runs: readonly ResizeRun[],
  last: number,
): Promise<{ figures: Figure[]; lags: number[] }> {
  const before = { at: Date.now(), counters: await stack.lab.counters(), moments: await stack.lab.moments() };
  const early = Object.values(before.moments).filter((moments) => 'resized' in moments).length;
  // Whoever reads a thousand statuses a second changes what is measured.
  await sleep(Math.max(0, last + 1500 - Date.now()));
  const calls = callsBetween(before.counters, await stack.lab.counters());
  const seconds = (Date.now() - before.at) / 1000;
  const { values, unknown } = await lagsOf(stack, runs, KNOWN_WITHIN);
  const late = unknown > 0 ? { note: `${unknown} did not know it within ${KNOWN_WITHIN} s of the last change` } : {};
  const label = `${runs.length} in flight`;
  return {
    lags: ascending(values),
    figures: [
      ...lagFigures(label, inThirds(values), 1000).map((figure) => ({ ...figure, ...late })),
      { what: `${label}: lists while something moves`, unit: '1/s', rounds: [calls.lists / seconds], atMost: 2 },
      {
        what: `${label}: other calls per change`,
        unit: '',
        rounds: [calls.others / Math.max(values.length - early, 1)],
        ...(early > 0 && { note: `${early} had changed before the last start` }),
      },
    ],
  };
}

async function whileNothingMoves(stack: Stack, label: string): Promise<Figure[]> {
  const before = { counters: await stack.lab.counters(), cpu: stack.cpu() };
  await sleep(IDLE * 1000);
  const calls = callsBetween(before.counters, await stack.lab.counters());
  const cpu = stack.cpu();
  const percent = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined ? [] : [(to - from) / (IDLE * 10)];
  return [
    {
      what: `${label}: calls`,
      unit: '1/s',
      rounds: [(calls.lists + calls.logins + calls.others) / IDLE],
      atMost: 1,
      note: `${calls.lists} lists, ${calls.logins} log-ins, ${calls.others} others in ${IDLE} s`,
    },
    { what: `${label}: CPU of the server`, unit: '% of a core', rounds: percent(before.cpu.server, cpu.server) },
    { what: `${label}: CPU of the worker`, unit: '% of a core', rounds: percent(before.cpu.worker, cpu.worker) },
    ...memoryFigures(stack, label),
  ];
}

export function memoryFigures(stack: Stack, label: string, atMost?: number): Figure[] {
  const { server, worker } = stack.memory();
  const both = server === undefined || worker === undefined ? [] : [server + worker];
  return [
    { what: `${label}: memory of the server`, unit: 'MB', rounds: server === undefined ? [] : [server] },
    { what: `${label}: memory of the worker`, unit: 'MB', rounds: worker === undefined ? [] : [worker] },
    {
      what: `${label}: memory of both`,
      unit: 'MB',
      rounds: both,
      ...(atMost !== undefined && { atMost }),
    },
  ];
}

async function decideWarm({ say, rounds }: Bench, stack: Stack, rest: ResizeRun[]): Promise<Figure[]> {
  const warm: number[][] = [];
  for (let round = 0; round < rounds; round++) warm.push(await latencies(stack, rest.splice(0, 20)));
  const batch = rest.splice(0, 100);
  const took = await decideAll(stack, batch);
  say(
    `decisions: p99 ${decisionFigures('warm', warm)[1]?.rounds.map(Math.round).join(', ') ?? ''} ms; ${batch.length} in ${took.toFixed(1)} s`,
  );
  return [
    ...decisionFigures('warm', warm, 300),
    { what: `${batch.length} decisions, 8 at a time, default workflow cache`, unit: 's', rounds: [took] },
  ];
}

async function decideCold({ say, rounds }: Bench, stack: Stack, rest: ResizeRun[]): Promise<Figure[]> {
  const cold: number[][] = [];
  await restart(stack);
  for (let round = 0; round < rounds; round++) cold.push(await latencies(stack, rest.splice(0, 10)));
  const figures = decisionFigures('cold', cold);
  say(`decisions of a cold worker: p99 ${figures[1]?.rounds.map(Math.round).join(', ') ?? ''} ms`);
  return figures;
}

/** Ends it in order, as at a deployment. */
async function restart(stack: Stack, env: NodeJS.ProcessEnv = {}): Promise<void> {
  await stack.worker().end('SIGTERM');
  await stack.startWorker(env);
}

export async function withSmallCache(
  { say }: Pick<Bench, 'say'>,
  stack: Stack,
  rest: ResizeRun[],
  label: string,
  atMost?: number,
): Promise<Figure[]> {
  const variable = settingNamed('_MAX_CACHED_RUNS');
  const small = `${label}, cache of ${SMALL_CACHE}`;
  if (variable === undefined) {
    const note = 'the worker of this commit has no setting for it';
    return [
      { what: `${small}: memory of both`, unit: 'MB', rounds: [], note, ...(atMost !== undefined && { atMost }) },
    ];
  }
  await restart(stack, { [variable]: String(SMALL_CACHE) });
  const batch = rest.splice(0, 100);
  const took = await decideAll(stack, batch);
  say(`${batch.length} decisions with a cache of ${SMALL_CACHE} in ${took.toFixed(1)} s`);
  return [
    ...memoryFigures(stack, small, atMost),
    { what: `${batch.length} decisions, 8 at a time, cache of ${SMALL_CACHE}`, unit: 's', rounds: [took] },
  ];
}
