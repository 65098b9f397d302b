/** How late a run knows that the cloud shows VERIFY_RESIZE: one at a time, and a hundred in flight. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench';
import { callsBetween } from './lab';
import { lagsOf, startAll } from './resizes';
import { ascending, percentile, type Curve, type Figure } from './result';
import { settingNamed, startStack, type Stack } from './stack';

const SINGLES = 4;
const FLIGHT = 100;
/** Seconds: the first change after the first start, and from the first change to the last. */
const FIRST = 25;
const SPREAD = 40;
/** The slowest pace without a watcher is 30 s. */
const KNOWN_WITHIN = 45;

interface Flight {
  lags: number[];
  unknown: number;
  listsPerSecond: number;
  callsPerChange: number;
}

export async function measureLag({
  say,
  rounds,
}: Bench): Promise<{ about: string[]; figures: Figure[]; curves: Curve[] }> {
  const stack = await startStack({ servers: SINGLES * rounds + FLIGHT });
  let singles: number[][];
  let watched: Flight;
  try {
    singles = await oneAtATime(stack, rounds);
    say(`one at a time: p50 ${percentile(singles.flat(), 0.5)} ms`);
    watched = await hundred(stack);
    say(`${FLIGHT} in flight: p99 ${percentile(watched.lags, 0.99)} ms`);
  } finally {
    await stack.close();
  }
  const alone = await withoutWatcher();
  if (alone !== undefined) say(`${FLIGHT} in flight without the watcher: p99 ${percentile(alone.lags, 0.99)} ms`);
  return {
    about: [
      `Lag is the time from the moment in which the simulated cloud comes to VERIFY_RESIZE to \`verifiedAt\` of the status. One at a time: ${SINGLES} resizes a round, of 3 to 6 s each. In flight: ${FLIGHT} resizes are started, ${FIRST} s after the first start the first of them comes to VERIFY_RESIZE, and the others follow evenly within ${SPREAD} s.`,
      'Calls per change are all requests of the resize between the starts and the last change, lists of servers and log-ins apart.',
    ],
    figures: [
      ...lagFigures('1 in flight', singles),
      ...flightFigures(`${FLIGHT} in flight`, watched),
      ...(alone === undefined
        ? [missing(`${FLIGHT} in flight, without the watcher`)]
        : flightFigures(`${FLIGHT} in flight, without the watcher`, alone)),
    ],
    curves: [
      { name: '1 in flight', values: ascending(singles.flat()) },
      { name: `${FLIGHT} in flight`, values: ascending(watched.lags) },
      ...(alone === undefined ? [] : [{ name: `${FLIGHT}, no watcher`, values: ascending(alone.lags) }]),
    ],
  };
}

async function oneAtATime(stack: Stack, rounds: number): Promise<number[][]> {
  const found: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const lags: number[] = [];
    for (const [n, server] of stack.take(SINGLES).entries()) {
      // So that the changes do not keep time with what looks for them.
      await stack.lab.delay({ [server]: 2 + n * 0.83 });
      const { runs } = await startAll(stack, [server]);
      lags.push(...(await lagsOf(stack, runs, KNOWN_WITHIN)).values);
    }
    found.push(lags);
  }
  return found;
}

async function hundred(stack: Stack): Promise<Flight> {
  const servers = stack.take(FLIGHT);
  const first = Date.now() + FIRST * 1000;
  const { runs } = await startAll(stack, servers, { before: changesAt(stack, first, SPREAD / FLIGHT) });
  const before = { at: Date.now(), counters: await stack.lab.counters() };
  // Whoever reads a hundred statuses a second changes what is measured.
  await sleep(first + SPREAD * 1000 + 1500 - Date.now());
  const calls = callsBetween(before.counters, await stack.lab.counters());
  const seconds = (Date.now() - before.at) / 1000;
  const { values, unknown } = await lagsOf(stack, runs, KNOWN_WITHIN);
  return {
    lags: values,
    unknown,
    listsPerSecond: calls.lists / seconds,
    callsPerChange: calls.others / Math.max(values.length, 1),
  };
}

/** A step of the simulated cloud is 350 ms, and a resize has 3.8 of them. */
const OWN_TIME = 1.33;

/**
 * Lets the servers come to VERIFY_RESIZE one after the other: to be called before each is started.
 * @param first when the first does, ms since the epoch
 * @param apart seconds
 */
export function changesAt(stack: Stack, first: number, apart: number) {
  return (server: string, index: number): Promise<void> => {
    const seconds = (first - Date.now()) / 1000 + index * apart - OWN_TIME;
    return stack.lab.delay({ [server]: Math.max(0, seconds) });
  };
}

/** The same on workers that are told not to use a watcher; undefined where this commit has none. */
async function withoutWatcher(): Promise<Flight | undefined> {
  const variable = settingNamed('_WATCHER');
  if (variable === undefined) return undefined;
  const stack = await startStack({ servers: FLIGHT, worker: { [variable]: 'off' } });
  try {
    return await hundred(stack);
  } finally {
    await stack.close();
  }
}

const missing = (name: string): Figure => ({
  what: `${name}: lag, p50`,
  unit: 'ms',
  rounds: [],
  note: 'this commit has no watcher to leave out',
});

/** @param rounds lags in ms, by round */
export function lagFigures(name: string, rounds: readonly number[][], goal?: number): Figure[] {
  const figure = (what: string, of: (lags: readonly number[]) => number): Figure => ({
    what: `${name}: lag, ${what}`,
    unit: 'ms',
    rounds: rounds.map(of),
  });
  return [
    figure('p50', (lags) => percentile(lags, 0.5)),
    { ...figure('p99', (lags) => percentile(lags, 0.99)), ...(goal !== undefined && { atMost: goal }) },
    figure('max', (lags) => Math.max(...lags)),
  ];
}

function flightFigures(name: string, { lags, unknown, listsPerSecond, callsPerChange }: Flight): Figure[] {
  const late = unknown > 0 ? { note: `${unknown} did not know it within ${KNOWN_WITHIN} s of the last change` } : {};
  return [
    ...lagFigures(name, inThirds(lags)).map((figure) => ({ ...figure, ...late })),
    { what: `${name}: lists while something moves`, unit: '1/s', rounds: [listsPerSecond] },
    { what: `${name}: other calls per change`, unit: '', rounds: [callsPerChange] },
  ];
}

/** The first, the second and the last third of the changes: three rounds. */
export function inThirds(values: readonly number[]): number[][] {
  const third = Math.ceil(values.length / 3);
  return [0, 1, 2].map((n) => values.slice(n * third, (n + 1) * third)).filter((part) => part.length > 0);
}
