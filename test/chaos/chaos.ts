import * as fc from 'fast-check';
import { startFaultProxy, type FaultProxy } from '../proxy/fault-proxy';
import { startRig, type Lab, type Rig, type WorkerProcess } from '../story/rig';
import { Player, type Evidence } from './play';
import { round, type Round } from './round';
import { brokenBy } from './rules';

/** Short time-outs: a lost answer is settled in nine seconds. */
const QUICK = { DURABLE_RESIZE_HTTP_TIMEOUT: '700ms', DURABLE_RESIZE_SETTLE_MARGIN: '300ms' };

export interface ChaosOptions {
  /** Stories side by side in a round. */
  stories: number;
  rounds: number;
  seed: number;
  /** One round of the seed, as a failure names it. */
  path?: string;
  /** Told of each story. */
  report?: (evidence: Evidence) => void;
}

/** Everything goes wrong at any moment, in any order: the rules hold. */
export function chaos(startLab: () => Promise<Lab>, options: ChaosOptions): void {
  let rig: Rig;
  let proxy: FaultProxy;
  let worker: WorkerProcess;
  beforeAll(async () => {
    const lab = await startLab();
    proxy = await startFaultProxy(lab.addresses.computeUrl);
    rig = await startRig(lab, { computeUrl: proxy.computeUrl, temporal: 'durable' });
    worker = await rig.startWorker(QUICK);
  });
  afterAll(async () => {
    await rig.stop();
    await proxy.close();
  });

  const crash = async (crashes: Round['crashes']) => {
    const began = Date.now();
    for (const { after, of } of [...crashes].sort((a, b) => a.after - b.after)) {
      await new Promise((resolve) => setTimeout(resolve, began + after - Date.now()));
      if (of === 'Temporal') await rig.crashTemporal();
      else {
        await worker.kill();
        worker = await rig.startWorker(QUICK);
      }
    }
  };

  let serial = 0;
  const play = async ({ stories, crashes }: Round): Promise<void> => {
    const players: Player[] = [];
    for (const story of stories) {
      const server = await rig.lab.boot(`chaos-${++serial}`, { stopped: story.stopped });
      players.push(new Player(rig, proxy, server, story));
    }
    // A start needs a worker; what dies, dies afterwards.
    await Promise.all(players.map((player) => player.start()));
    await Promise.all([crash(crashes), ...players.map((player) => player.play())]);
    const all = await Promise.all(players.map((player) => player.rest()));
    await Promise.all(players.map((player) => player.end()));
    for (const evidence of all) options.report?.(evidence);
    const broken = all
      .map((evidence) => ({ broken: brokenBy(evidence), evidence }))
      .filter((each) => each.broken.length);
    if (broken.length > 0) throw new Error(JSON.stringify({ crashes, broken }, null, 1));
  };

  it(
    `${options.rounds} rounds of ${options.stories} resizes (seed ${options.seed})`,
    async () => {
      const result = await fc.check(fc.asyncProperty(round(options.stories), play), {
        seed: options.seed,
        ...(options.path !== undefined && { path: options.path }),
        numRuns: options.path === undefined ? options.rounds : 1,
        // A round takes half a minute: it is told, not made smaller.
        endOnFailure: true,
      });
      if (!result.failed) return;
      const again = `DURABLE_RESIZE_SEED=${result.seed} DURABLE_RESIZE_PATH=${result.counterexamplePath ?? ''}`;
      throw new Error(`again with: ${again}\n${String(result.errorInstance)}`);
    },
    options.rounds * 150_000,
  );
}
