import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkRequest, workflowIdOf } from '../../src/resize/request';
import { TASK_QUEUE } from '../../src/workflows/messages';
import { startLab, type SimulatedLab } from '../simulator/lab';
import { startRig, usual, type Rig } from '../story/rig';
import { FULL_LENGTH } from '../shared';
import { lineChart } from '../../src/bench/line-chart';

/** POLITENESS_SCALE=0.05: a small trial, which writes no chart. */
const scale = Number(process.env['POLITENESS_SCALE'] ?? 1);

const LIMIT = 50;
const RUNS = { limited: 1000 * scale, unlimited: 200 * Math.max(scale, 0.1) };
/** Seconds: as usual, then answered 429 throughout, then as usual again. */
const PHASES = { before: 60, refused: 30, after: 60 };
const BASELINE = 45;
const WORKERS = 2;

/** Requests a second, second by second. */
type Series = number[];

const docs = path.join(__dirname, '..', '..', 'docs');

class Counter {
  #forgotten = 0;

  constructor(private readonly lab: SimulatedLab) {}

  /** All requests to the compute API so far. */
  asked(): number {
    return this.#forgotten + this.#kept();
  }

  /** Ends all faults, and with them the lab's own counts. */
  async clear(): Promise<void> {
    const kept = this.#kept();
    await this.lab.clearControl();
    this.#forgotten += kept;
  }

  /** Counts each second; a timer may be late, so what is counted is divided by the time it took. */
  async watch(seconds: number): Promise<Series> {
    const series: Series = [];
    let last = { at: performance.now(), asked: this.asked() };
    const end = last.at + seconds * 1000;
    while (series.length < seconds) {
      const due = end - (seconds - series.length - 1) * 1000;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      const now = { at: performance.now(), asked: this.asked() };
      series.push(((now.asked - last.asked) / (now.at - last.at)) * 1000);
      last = now;
    }
    return series;
  }

  #kept(): number {
    return Object.values(this.lab.simulator.control({}).counters)
      .flatMap((counted) => Object.values(counted))
      .reduce((sum, each) => sum + each, 0);
  }
}

/** Starts so many resizes, each to be looked at every 1 to 5 s, and then two workers. */
async function inFlight(lab: SimulatedLab, rig: Rig, runs: number): Promise<void> {
  for (let n = 0; n < runs; n += 10) {
    const batch = Array.from({ length: Math.min(10, runs - n) }, async (_, each) => {
      const server = await lab.simulator.boot(`many-${n + each}`, 'f1');
      const polling = { initial: 1000, maximum: 5000, backoff: 1.3 };
      const request = checkRequest({ ...usual, server, decideWithin: '1h', polling });
      // Without ResizeClient, whose look before a start would take its turn in the same queue.
      await rig.client.workflow.start('resizeServer', {
        workflowId: workflowIdOf(server),
        taskQueue: TASK_QUEUE,
        args: [request],
      });
    });
    await Promise.all(batch);
  }
  await Promise.all(Array.from({ length: WORKERS }, () => rig.startWorker(slowly)));
}

/** A machine under this load answers late: that is not what is measured here. */
const slowly = { DURABLE_RESIZE_HTTP_TIMEOUT: '10s' };

async function measured<T>(profile: object, measure: (lab: SimulatedLab, rig: Rig) => Promise<T>): Promise<T> {
  const lab = await startLab();
  const rig = await startRig(lab, { profile: { ...profile }, temporal: 'own', dynamicConfig: FULL_LENGTH });
  try {
    return await measure(lab, rig);
  } finally {
    await rig.stop();
  }
}

const sum = (series: Series) => series.reduce((total, each) => total + each, 0);
const mean = (series: Series) => sum(series) / series.length;
/** The means over so many seconds in a row. */
const meansOf = (seconds: number, series: Series) =>
  series.slice(seconds - 1).map((_, start) => mean(series.slice(start, start + seconds)));
/** The requests of each second, at its end. */
const points = (series: Series) => series.map((value, second) => [second + 1, value] as const);
const tenth = (value: number) => Math.round(value * 10) / 10;

let unlimited: Series;
const limited: Record<keyof typeof PHASES, Series> = { before: [], refused: [], after: [] };

it(`without a limit ${RUNS.unlimited} runs ask as often as they like`, async () => {
  unlimited = await measured({}, async (lab, rig) => {
    await inFlight(lab, rig, RUNS.unlimited);
    return new Counter(lab).watch(BASELINE);
  });
  if (scale === 1) expect(Math.max(...unlimited)).toBeGreaterThan(LIMIT * 1.5);
});

it(`${RUNS.limited} runs and two workers keep to a limit, spare a cloud that answers 429, and come back`, async () => {
  await measured({ durable_resize: { requests_per_second: LIMIT } }, async (lab, rig) => {
    const counter = new Counter(lab);
    await inFlight(lab, rig, RUNS.limited);
    limited.before = await counter.watch(PHASES.before);
    await lab.control({ http: [{ server: '*', match: 'GET', fault: 'status:429', times: 1e9 }] });
    limited.refused = await counter.watch(PHASES.refused);
    await counter.clear();
    limited.after = await counter.watch(PHASES.after);
  });
  const all = [...limited.before, ...limited.refused, ...limited.after];
  expect(Math.max(...meansOf(10, all))).toBeLessThanOrEqual(LIMIT);
  // After a pause Temporal has a second's worth of activities ready, and each worker evens out its own requests only.
  expect(Math.max(...all)).toBeLessThanOrEqual(LIMIT * WORKERS * 1.05);
  // What was on its way, and a few that ask whether it is over.
  expect(sum(limited.refused)).toBeLessThan(LIMIT);
  if (scale === 1) {
    expect(mean(limited.before)).toBeGreaterThan(LIMIT / 2);
    expect(mean(limited.after)).toBeGreaterThan(LIMIT / 2);
  }
});

it('docs/politeness.md has a row for each figure', () => {
  const all = [...limited.before, ...limited.refused, ...limited.after];
  const figures = {
    'no limit, 200 resizes: mean': mean(unlimited.slice(5)),
    'no limit, 200 resizes: busiest second': Math.max(...unlimited),
    'limit of 50, 1,000 resizes: mean': mean(limited.before.slice(5)),
    'limit of 50, 1,000 resizes: busiest 10 seconds': Math.max(...meansOf(10, all)),
    'limit of 50, 1,000 resizes: busiest second': Math.max(...all),
    'while the cloud answers 429: in 30 s': sum(limited.refused),
    'after it, first 30 s: mean': mean(limited.after.slice(0, 30)),
  };
  const above = all.filter((each) => each > LIMIT).length;
  process.stdout.write(`${JSON.stringify({ figures, above, unlimited: unlimited.map(tenth), all: all.map(tenth) })}\n`);
  if (scale !== 1) return;
  const chart = lineChart({
    title: 'Requests a second that reach the cloud',
    x: 'seconds since the workers were started',
    y: 'requests a second',
    lines: [
      { name: `${RUNS.unlimited} resizes, no limit`, color: '#c77700', points: points(unlimited) },
      {
        name: `${RUNS.limited.toLocaleString('en')} resizes, requests_per_second: ${LIMIT}`,
        color: '#0059b3',
        points: points(all),
      },
    ],
    level: { name: `requests_per_second: ${LIMIT}`, value: LIMIT },
    span: { name: 'the cloud answers 429', from: PHASES.before, to: PHASES.before + PHASES.refused },
  });
  if (process.env['POLITENESS_RECORD']) writeFileSync(path.join(docs, 'politeness.svg'), chart);
  const page = readFileSync(path.join(docs, 'politeness.md'), 'utf8');
  for (const what of Object.keys(figures)) expect(page).toContain(`| ${what} `);
});
