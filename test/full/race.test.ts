import { race } from '../race/race';
import { isDecidedTogether } from '../race/rules';
import { startLab } from '../simulator/lab';

/** A thousand races; one that broke a rule is played again with the seed that its test names. */
const { DURABLE_RESIZE_SEED: seed, DURABLE_RESIZE_ROUNDS: rounds } = process.env;
const ends = new Map<string, number>();
const count = (what: string) => ends.set(what, (ends.get(what) ?? 0) + 1);

describe('races, at length', () => {
  race(() => startLab(), {
    rounds: Number(rounds ?? 25),
    runs: 40,
    killEvery: 3,
    seed: Number(seed ?? Date.now() % 2 ** 31),
    report(evidence) {
      const { outcome = 'none', cause = '' } = evidence.status;
      count(`${outcome} ${cause}`);
      if (isDecidedTogether(evidence)) count('decided in one workflow task with other inputs');
      for (const { answer } of evidence.answers) if (answer.is === 'refused') count(`answered ${answer.code}`);
    },
  });
  afterAll(() => {
    process.stderr.write(`${JSON.stringify(Object.fromEntries([...ends].sort()), null, 1)}\n`);
  });
});
