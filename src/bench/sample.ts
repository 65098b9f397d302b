/** `--sample`: the events and the requests of one resize, held to a bound. Counts only, so that a busy machine does not matter. */
import { callsIn } from './lab';
import { eventsOf, startAll, untilEnded, untilRecorded } from './resizes';
import { startStack } from './stack';

/** The most that one resize of some seconds, approved at once, may cost: 45 and 23 where the confirm settles at its first look. */
export const BOUNDS = { events: 50, calls: 26 } as const;

/**
 * @returns whether it keeps to the bounds
 */
export async function sample(say: (text: string) => void): Promise<boolean> {
  const stack = await startStack({ servers: 1 });
  try {
    const { runs, refusals } = await startAll(stack, stack.take(1));
    const [run] = runs;
    if (run === undefined) throw new Error(`the resize was refused: ${Object.keys(refusals).join()}`);
    await untilRecorded(runs, ({ phase }) => phase === 'awaiting-decision', { within: 30 });
    await run.approve({ by: 'bench' });
    await untilEnded(stack, runs);
    const { outcome, message } = await run.recorded();
    if (outcome !== 'confirmed') throw new Error(`the resize did not end well: ${message}`);
    const { events } = await eventsOf(stack, run);
    const counters = await stack.lab.counters();
    const { others, logins, lists } = callsIn(counters);
    say(`events: ${events}, at most ${BOUNDS.events}`);
    say(
      `requests to the cloud: ${others}, at most ${BOUNDS.calls} (and ${logins} log-ins, ${lists} lists that all share)`,
    );
    for (const [kind, count] of Object.entries({ ...counters['-'], ...counters[run.server] }))
      say(`  ${kind}: ${count}`);
    return events <= BOUNDS.events && others <= BOUNDS.calls;
  } finally {
    await stack.close();
  }
}
