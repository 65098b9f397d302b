/** Resizes in which votes, deadline, cancel, extension and checks fall together, many at once. */
import * as fc from 'fast-check';
import { startRig, type Lab, type Rig, type WorkerProcess } from '../story/rig';
import { Service } from '../story/service';
import { play, type Evidence } from './play';
import { possibleWins } from './referee';
import { brokenBy } from './rules';
import { scenario } from './scenarios';

export interface RaceOptions {
  rounds: number;
  /** Resizes side by side in a round. */
  runs: number;
  /** In each of so many rounds, the last of them, a worker is killed while everything happens, and another one goes on. */
  killEvery: number;
  seed: number;
  /** Told of each race. */
  report?: (evidence: Evidence) => void;
}

/** How long after the start of a round most moments come, ms. */
const THICK = 3_000;
/** Starts are spread, so that not all deadlines wait for one worker. */
const SPREAD = 1_500;

export function race(startLab: () => Promise<Lab>, { rounds, runs, killEvery, seed, report }: RaceOptions): void {
  let rig: Rig;
  let service: Service;
  let worker: WorkerProcess;
  // Only here may a check reach this machine.
  const start = () => rig.startWorker({ DURABLE_RESIZE_CHECK_NETWORKS: '127.0.0.0/8' });
  beforeAll(async () => {
    service = await Service.start();
    rig = await startRig(await startLab());
    worker = await start();
  });
  afterAll(async () => {
    await rig.stop();
    await service.stop();
  });

  const kill = async () => {
    await new Promise((resolve) => setTimeout(resolve, THICK));
    await worker.kill();
    worker = await start();
  };

  const all = fc.sample(scenario, { seed, numRuns: rounds * runs });
  const numbers = Array.from({ length: rounds }, (_, index) => index + 1);
  it.each(numbers)(
    `round %i of ${runs} races (seed ${seed}): the first in the order of the rules wins, and all others are told`,
    async (round) => {
      const first = (round - 1) * runs;
      const races = all.slice(first, first + runs).map(async (each, index) => {
        await new Promise((resolve) => setTimeout(resolve, (SPREAD * index) / runs));
        return play(rig, service, `race-${first + index}`, each);
      });
      const [played] = await Promise.all([Promise.all(races), round % killEvery === 0 ? kill() : undefined]);
      for (const evidence of played) report?.(evidence);
      const broken = played
        .map((evidence) => ({ broken: brokenBy(evidence), evidence }))
        .filter((each) => each.broken.length > 0)
        .map((each) => ({ ...each, possible: possibleWins(each.evidence.scenario, each.evidence.tasks) }));
      if (broken.length > 0) throw new Error(JSON.stringify(broken, null, 1));
    },
    120_000,
  );
}
