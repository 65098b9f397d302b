/** Up to how many changes a second the runs know in time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResizeRun } from '..';
import type { Bench } from './bench';
import { forEachAtOnce } from './resizes';
import { percentile, type Figure } from './result';
import type { Stack } from './stack';

/** Changes a second, and for how many seconds. */
const RATES = [5, 10, 20, 40];
const SECONDS = 15;
/** Fewer changes than this tell nothing of a p99. */
const FEWEST = 50;
/** The lag that holds, ms; and how long is waited for the last run, s. */
const HOLDS = 1000;
const WITHIN = 10;

/** @param runs that wait for people; as many as the rates need are ended */
export async function measureRates({ say }: Bench, stack: Stack, runs: ResizeRun[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  let highest = 0;
  for (const rate of RATES) {
    const taken = runs.splice(0, rate * SECONDS);
    if (taken.length < FEWEST) break;
    const lags = await lagsAt(stack, taken, rate);
    const p99 = percentile(lags, 0.99);
    say(`${rate} changes/s: p99 ${p99} ms`);
    figures.push({
      what: `${rate} changes/s: lag, p99`,
      unit: 'ms',
      rounds: [p99],
      note: `${lags.length} changes`,
      ...(p99 >= WITHIN * 1000 && { beyond: true }),
    });
    if (p99 > HOLDS) break;
    highest = rate;
  }
  const held = figures.length === 0 ? [] : [highest];
  return [...figures, { what: 'highest rate tried at which p99 is at most 1 s', unit: 'changes/s', rounds: held }];
}

async function lagsAt(stack: Stack, runs: readonly ResizeRun[], rate: number): Promise<number[]> {
  const began = Date.now();
  await forEachAtOnce(runs, 20, async ({ server }, index) => {
    await sleep(Math.max(0, began + (index * 1000) / rate - Date.now()));
    await stack.lab.confirmAsStranger(server);
  });
  // The simulated cloud needs four steps for a confirm.
  await sleep(1400 + WITHIN * 1000);
  const moments = await stack.lab.moments();
  const lags: number[] = [];
  await forEachAtOnce(runs, 8, async ({ server, workflowId }) => {
    const { closeTime } = await stack.client.workflow.getHandle(workflowId).describe();
    const shown = moments[server]?.['active'] ?? Date.now();
    lags.push(closeTime === undefined ? WITHIN * 1000 : closeTime.getTime() - shown);
  });
  return lags;
}
