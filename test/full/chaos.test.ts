import { chaos } from '../chaos/chaos';
import { startLab } from '../simulator/lab';

/** Hundreds of resizes; what failed is played again with the seed and the path that the failure names. */
const { DURABLE_RESIZE_SEED: seed, DURABLE_RESIZE_PATH: path, DURABLE_RESIZE_ROUNDS: rounds } = process.env;
const outcomes = new Map<string, number>();

describe('chaos, at length', () => {
  chaos(() => startLab(), {
    stories: 10,
    rounds: Number(rounds ?? 30),
    seed: Number(seed ?? Date.now() % 2 ** 31),
    ...(path !== undefined && { path }),
    report({ status, refusal }) {
      const code = refusal?.split(':')[0] ?? '';
      const end = status === undefined ? `not started: ${code}` : (status.outcome ?? status.phase);
      outcomes.set(end, (outcomes.get(end) ?? 0) + 1);
    },
  });
  afterAll(() => {
    process.stderr.write(`${JSON.stringify(Object.fromEntries([...outcomes].sort()))}\n`);
  });
});
