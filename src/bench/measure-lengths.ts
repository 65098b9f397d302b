/** Events and API calls of a resize, by how long the cloud takes and how long people think. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResizeRun } from '..';
import { delayBefore, paceOf, paceWhileWatched } from '../resize/polling';
import type { Bench } from './bench';
import { eventsOf, startAll, untilEnded, untilRecorded } from './resizes';
import { median, type Figure } from './result';
import { startStack, type Stack } from './stack';

/** Minutes. */
export interface Length {
  resize: number;
  wait: number;
}

const SHORT: Length = { resize: 1, wait: 1 };
const LONG_WAIT: Length = { resize: 1, wait: 9 };
const LONG_RESIZE: Length = { resize: 10, wait: 1 };
/** In real time with `--full` only. */
const AN_HOUR: Length = { resize: 10, wait: 60 };

export interface Counted {
  length: Length;
  /** One of each resize of this length. */
  events: number[];
  calls: number[];
}

/** It takes 12 minutes and next to no CPU, so that it runs beside the others. */
export async function measureLengths({ say, rounds, full }: Bench): Promise<{ about: string[]; figures: Figure[] }> {
  const lengths = [SHORT, LONG_WAIT, LONG_RESIZE, ...(full ? [AN_HOUR] : [])];
  const stack = await startStack({ servers: lengths.length * rounds });
  try {
    const counted = await Promise.all(lengths.map((length) => count(stack, length, rounds, say)));
    const shared = sharedCalls(await stack.lab.counters()) / (lengths.length * rounds);
    const all = counted.map((each) => ({ ...each, calls: each.calls.map((calls) => calls + shared) }));
    return { about: about(full), figures: figuresOf(all) };
  } finally {
    await stack.close();
  }
}

const about = (full: boolean): string[] => [
  'Whole resizes in real time with default settings, one for each round: events of the history, and requests to the cloud (inspection, preparation, observations, the resize and the confirm). Lists that all resizes share and log-ins are not in it.',
  `What takes longer is computed from it, and says so${full ? '' : '; `npm run bench -- --full` measures 10 minutes and an hour'}: an observation more is one call, and the watched pace of [polling.ts](../src/resize/polling.ts) says how many there are; each is an attempt of one activity, so no event. Time skipping of the Temporal server does not help: it does not pass time while an activity is pending, and while people decide one is.`,
];

async function count(stack: Stack, length: Length, rounds: number, say: Bench['say']): Promise<Counted> {
  const servers = stack.take(rounds);
  await stack.lab.delay(Object.fromEntries(servers.map((server) => [server, length.resize * 60])));
  const { runs } = await startAll(stack, servers);
  await sleep(length.resize * 60_000);
  await untilRecorded(runs, ({ phase }) => phase === 'awaiting-decision', { every: 2, within: 90 });
  await sleep(length.wait * 60_000);
  await Promise.all(runs.map((run) => run.approve({ by: 'bench' })));
  await untilEnded(stack, runs);
  const events = await Promise.all(runs.map(async (run) => (await eventsOf(stack, run)).events));
  const calls = await callsOf(stack, runs);
  say(`${nameOf(length)}: ${median(events)} events, ${median(calls)} calls`);
  return { length, events, calls };
}

async function callsOf(stack: Stack, runs: readonly ResizeRun[]): Promise<number[]> {
  const counters = await stack.lab.counters();
  return runs.map(({ server }) => sum(Object.values(counters[server] ?? {})));
}

/** Requests that name no server, such as for a flavor. */
const sharedCalls = (counters: Record<string, Record<string, number>>): number =>
  sum(
    Object.entries(counters['-'] ?? {})
      .filter(([kind]) => kind !== 'GET servers' && kind !== 'POST tokens')
      .map(([, calls]) => calls),
  );

const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);

const span = (minutes: number) =>
  minutes >= 1440 ? `${minutes / 1440} day` : minutes >= 60 ? `${minutes / 60} h` : `${minutes} min`;
const nameOf = ({ resize, wait }: Length) => `resize of ${span(resize)}, wait of ${span(wait)}`;

/** What was counted, and what follows for longer ones. */
export function figuresOf(counted: readonly Counted[]): Figure[] {
  const of = (wanted: Length) => counted.find(({ length }) => nameOf(length) === nameOf(wanted));
  const [short, longWait, longResize, hour] = [of(SHORT), of(LONG_WAIT), of(LONG_RESIZE), of(AN_HOUR)];
  if (short === undefined || longWait === undefined || longResize === undefined) return [];
  const measured = [short, longWait, longResize, ...(hour === undefined ? [] : [hour])].flatMap(
    ({ length, events, calls }): Figure[] => [
      {
        what: `${nameOf(length)}: events`,
        unit: '',
        rounds: events,
        ...(nameOf(length) === nameOf(AN_HOUR) && { atMost: 55 }),
      },
      {
        what: `${nameOf(length)}: calls`,
        unit: '',
        rounds: calls,
        ...(nameOf(length) === nameOf(AN_HOUR) && { atMost: 20 }),
      },
    ],
  );
  const events = { base: median(longResize.events), perLook: 0 };
  const calls = { base: median(longResize.calls), perLook: 1 };
  const goals = hour === undefined;
  return [
    ...measured,
    ...(goals
      ? [
          computed({ resize: 10, wait: 60 }, 'events', events, 55),
          computed({ resize: 10, wait: 60 }, 'calls', calls, 20),
        ]
      : []),
    computed({ resize: 10, wait: 1440 }, 'events', events),
    computed({ resize: 10, wait: 1440 }, 'calls', calls),
    computed({ resize: 60, wait: 60 }, 'events', events),
    computed({ resize: 60, wait: 60 }, 'calls', calls),
    {
      what: 'a day of waiting instead of an hour: more events',
      unit: '',
      rounds: [at(events, { resize: 10, wait: 1440 }) - at(events, { resize: 10, wait: 60 })],
      atMost: 5,
      computed: FROM,
    },
  ];
}

interface Growth {
  /** Of a resize of 10 min and a wait of 1 min. */
  base: number;
  /** For each observation of a watched run. */
  perLook: number;
}

const FROM = 'what was measured for 10 min + 1 min, and the observations of a watched run';

const at = ({ base, perLook }: Growth, { resize, wait }: Length) =>
  base + perLook * (looks('deciding', wait) - looks('deciding', 1) + looks('resizing', resize) - looks('resizing', 10));

function computed(length: Length, kind: 'events' | 'calls', growth: Growth, atMost?: number): Figure {
  return {
    what: `${nameOf(length)}: ${kind}`,
    unit: '',
    rounds: [at(growth, length)],
    computed: FROM,
    ...(atMost !== undefined && { atMost }),
  };
}

/** How many observations the pace asks for within so many minutes. */
function looks(watching: 'resizing' | 'deciding', minutes: number): number {
  const pace = paceWhileWatched(watching) ?? paceOf(watching);
  let n = 0;
  for (let passed = 0; passed < minutes * 60_000; n++) passed += delayBefore(n, pace, 0.5);
  return n;
}
