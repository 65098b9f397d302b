/** From a person's approval to the confirm on the wire. */
import type { ResizeRun } from '..';
import { forEachAtOnce, untilHappened } from './resizes';
import { percentile, type Figure } from './result';
import type { Stack } from './stack';

const CONFIRM = 'POST confirmResize';

/** One after the other, in ms. */
export async function latencies(stack: Stack, runs: readonly ResizeRun[]): Promise<number[]> {
  const found: number[] = [];
  for (const run of runs) {
    const before = Date.now();
    await run.approve({ by: 'bench' });
    const at = await untilHappened(stack, run.server, CONFIRM, { every: 10 });
    found.push((at ?? Date.now()) - before);
  }
  return found;
}

/** @returns seconds until the last confirm is on the wire */
export async function decideAll(stack: Stack, runs: readonly ResizeRun[]): Promise<number> {
  const before = Date.now();
  await forEachAtOnce(runs, 8, (run) => run.approve({ by: 'bench' }));
  for (const { server } of runs) await untilHappened(stack, server, CONFIRM, { every: 50 });
  const moments = await stack.lab.moments();
  return (Math.max(before, ...runs.map(({ server }) => moments[server]?.[CONFIRM] ?? Date.now())) - before) / 1000;
}

/** @param rounds latencies in ms, by round */
export function decisionFigures(name: string, rounds: readonly number[][], goal?: number): Figure[] {
  const filled = rounds.filter((round) => round.length > 0);
  const figure = (what: string, share: number): Figure => ({
    what: `approve until the confirm is on the wire, ${name}, ${what}`,
    unit: 'ms',
    rounds: filled.map((round) => percentile(round, share)),
  });
  return [figure('p50', 0.5), { ...figure('p99', 0.99), ...(goal !== undefined && { atMost: goal }) }];
}
