/** The demo from its first line to its exit code, whatever comes in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import { play } from './play';
import { screenOn, type Screen } from './screen';
import { CLOUD, findTemporal, forgetSettings, setStage, type Stage } from './stage';
import type { Story } from './stories';
import { tableOf } from './table';

const INTRO = `Durable Resize: six servers change their size, side by side. Ana asks, Bob and
Carol decide; where nobody does, or a check fails, the server goes back. In the
middle the worker is killed -9, and nothing is lost. The cloud is simulated, all
else is real.
`;

/** How long the parts may take to shut down; after that they end with this process, ms. */
const CLOSES_WITHIN = 8000;

class Interrupted extends Error {}

/**
 * @param out on a terminal the demo stays up at its end, until it is interrupted
 * @returns the exit code: 0 if all ended as expected, 1 if not, 130 if it was interrupted
 */
export async function runDemo(stories: readonly Story[], out: NodeJS.WriteStream): Promise<number> {
  forgetSettings();
  const interrupted = interruption();
  const screen = screenOn(out);
  let setting: Promise<Stage> | undefined;
  try {
    screen.say(INTRO);
    const temporal = await Promise.race([findTemporal({ say: screen.say }), interrupted]);
    screen.say('Starting a Temporal server, a simulated cloud and a worker …');
    setting = setStage(temporal);
    const stage = await Promise.race([setting, interrupted]);
    screen.say(`Temporal UI: ${stage.temporal.uiAddress ?? ''}   worker: pid ${stage.worker().pid}\n`);
    const endsWell = await Promise.race([show(stage, stories, screen), stage.broken, interrupted]);
    if (out.isTTY) {
      screen.say(invitation(stage, stories));
      await Promise.race([stage.broken, interrupted]);
    }
    return endsWell ? 0 : 1;
  } catch (error) {
    screen.done();
    if (error instanceof Interrupted) {
      screen.say('\nInterrupted; everything that the demo started ends with it.');
      return 130;
    }
    process.stderr.write(`The demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    const closed = setting?.then((stage) => stage.close()).catch(() => undefined);
    await Promise.race([closed, sleep(CLOSES_WITHIN)]);
  }
}

/** Rejects when the demo is told to end. A second time ends it at once: what it started ends with it. */
function interruption(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => reject(new Interrupted()));
  });
  // It may come when nobody waits for it any more.
  interrupted.catch(() => undefined);
  return interrupted;
}

async function show(stage: Stage, stories: readonly Story[], screen: Screen): Promise<boolean> {
  const { rows, asked, wrong, failures } = await play(stage, stories, screen);
  screen.done();
  screen.say(`\n${tableOf(rows)}\n`);
  if (failures.length > 0) screen.say(`${failures.join('\n')}\n`);
  for (const each of wrong) screen.say(`UNEXPECTED RESULT: ${each}`);
  if (wrong.length > 0) return false;
  const { resize, confirm, revert } = asked;
  screen.say('All ended as expected, and no request was sent twice: the cloud counted');
  screen.say(`${resize} resizes, ${confirm} confirms and ${revert} reverts.`);
  return true;
}

/** Commands to paste into another terminal. */
function invitation(stage: Stage, stories: readonly Story[]): string {
  const server = stories[0]?.server ?? '';
  return `
It stays up until Ctrl-C. The Temporal UI: ${stage.temporal.uiAddress ?? ''}
Try more in another terminal, in this folder:

  export TEMPORAL_ADDRESS=${stage.temporal.address} OS_CLOUD=${CLOUD}
  npm run -s starter -- list
  npm run -s starter -- start ${server} m1.xlarge --reason "one more"
  npm run -s starter -- status ${server}
  npm run -s starter -- approve ${server} --by you
  npm run -s starter -- wait ${server}
`;
}
