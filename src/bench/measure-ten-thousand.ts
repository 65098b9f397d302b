/** Ten thousand that wait for people: memory, and the time to decide a hundred of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench';
import { decideAll } from './decisions';
import { memoryFigures, withSmallCache } from './measure-crowd';
import { startAll, untilRecorded } from './resizes';
import type { Figure } from './result';
import { startStack } from './stack';

const MANY = 10_000;
/** Seconds for all starts. */
const WITHIN = 3600;

export async function measureTenThousand({ say }: Bench): Promise<Figure[]> {
  const stack = await startStack({ servers: MANY });
  try {
    const { runs, took, left } = await startAll(stack, stack.take(MANY), { within: WITHIN });
    say(`${runs.length} of ${MANY} started in ${took.toFixed(0)} s`);
    await untilRecorded(runs.slice(-200), ({ phase }) => phase === 'awaiting-decision', { every: 2, within: 120 });
    await sleep(30_000);
    const label = `${runs.length} waiting`;
    const rest = [...runs];
    const memory = memoryFigures(stack, label, 2000);
    const decided = await decideAll(stack, rest.splice(0, 100));
    return [
      {
        what: `${MANY} starts, 8 at a time`,
        unit: 's',
        rounds: [took],
        ...(left > 0 && { beyond: true, note: `${left} were not tried` }),
      },
      ...memory,
      { what: `${label}: 100 decisions, 8 at a time`, unit: 's', rounds: [decided] },
      ...(await withSmallCache({ say }, stack, rest, label, 1500)),
    ];
  } finally {
    await stack.close();
  }
}
