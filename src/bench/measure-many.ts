/** Two hundred resizes at once: what they ask of the cloud, and how late they know. */
import type { Bench } from './bench';
import { callsIn } from './lab';
import { forEachAtOnce, lagsOf, startAll, untilEnded } from './resizes';
import { percentile, type Figure } from './result';
import { startStack } from './stack';

const MANY = 200;

export async function measureMany({ say, rounds }: Bench): Promise<{ about: string[]; figures: Figure[] }> {
  const found: { calls: number; lists: number; lags: number[]; refused: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const stack = await startStack({ servers: MANY });
    try {
      const { runs, refusals } = await startAll(stack, stack.take(MANY));
      const lags = await lagsOf(stack, runs, 90);
      await forEachAtOnce(runs, 8, (run) => run.approve({ by: 'bench' }));
      await untilEnded(stack, runs);
      const calls = callsIn(await stack.lab.counters());
      const refused = Object.values(refusals).reduce((sum, count) => sum + count, 0);
      const all = (calls.lists + calls.logins + calls.others) / Math.max(runs.length, 1);
      found.push({ calls: all, lists: calls.lists, lags: lags.values, refused });
      say(`round ${round + 1}: ${all.toFixed(1)} calls a resize, p99 ${percentile(lags.values, 0.99)} ms`);
    } finally {
      await stack.close();
    }
  }
  return {
    about: [
      `${MANY} resizes, started 8 at a time, each resized within 1.4 s, approved when all of them know it, and confirmed. Every request to the cloud counts: inspections, log-ins, and the lists that all share.`,
    ],
    figures: [
      { what: `${MANY} at once: calls a resize`, unit: '', rounds: found.map(({ calls }) => calls), atMost: 24 },
      { what: `${MANY} at once: lists in all`, unit: '', rounds: found.map(({ lists }) => lists) },
      {
        what: `${MANY} at once: lag, p50`,
        unit: 'ms',
        rounds: found.map(({ lags }) => percentile(lags, 0.5)),
      },
      {
        what: `${MANY} at once: lag, p99`,
        unit: 'ms',
        rounds: found.map(({ lags }) => percentile(lags, 0.99)),
        atMost: 1500,
      },
      { what: `${MANY} at once: refused starts`, unit: '', rounds: found.map(({ refused }) => refused), atMost: 0 },
    ],
  };
}
