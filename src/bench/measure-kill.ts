/** A worker that is killed right after the cloud got the request. */
import type { Bench } from './bench';
import { startAll, untilHappened, untilRecorded } from './resizes';
import type { Figure } from './result';
import { startStack, type Stack } from './stack';

/** Seconds; the cloud is done with the resize 1.4 s after the request. */
const KNOWN_WITHIN = 120;

export async function measureKill({ say, rounds }: Bench): Promise<{ about: string[]; figures: Figure[] }> {
  const took: number[] = [];
  let beyond = false;
  const stack = await startStack({ servers: rounds });
  try {
    for (let round = 0; round < rounds; round++) {
      const found = await killOnce(stack);
      if (found === undefined) beyond = true;
      took.push(found ?? KNOWN_WITHIN);
      say(`round ${round + 1}: ${found === undefined ? 'more than ' : ''}${(found ?? KNOWN_WITHIN).toFixed(1)} s`);
    }
  } finally {
    await stack.close();
  }
  return {
    about: [
      'The worker is killed with SIGKILL within 10 ms of the moment in which the request for the resize reached the cloud, and another one is started at once, both with default settings. The run knows again when its status says that the server is in VERIFY_RESIZE (`verifiedAt`), where the server is 1.4 s after the request.',
    ],
    figures: [
      {
        what: 'kill -9 right after the request: until the run knows again',
        unit: 's',
        rounds: took,
        atMost: 20,
        ...(beyond && { beyond }),
      },
    ],
  };
}

/** @returns seconds from the kill; undefined when it took too long */
async function killOnce(stack: Stack): Promise<number | undefined> {
  const [server = ''] = stack.take(1);
  const { runs } = await startAll(stack, [server]);
  await untilHappened(stack, server, 'POST resize', { every: 5 });
  const worker = stack.worker();
  const killed = Date.now();
  await worker.end('SIGKILL');
  await stack.startWorker();
  const known = await untilRecorded(runs, ({ verifiedAt }) => verifiedAt !== undefined, {
    every: 0.5,
    within: KNOWN_WITHIN,
  });
  const at = [...known.values()][0]?.verifiedAt;
  return at === undefined ? undefined : (Date.parse(at) - killed) / 1000;
}
