import { readFileSync } from 'node:fs';
import path from 'node:path';
import { delayBefore, paceOf, type Watching } from '../../src/resize/polling';
import { until } from '../nova/wait';
import { startLab } from '../simulator/lab';
import { ended, startRig, untilPhase, type Rig } from '../story/rig';

/** What one resize cost, counted where it is paid: at the cloud and in Temporal. */
interface Cost {
  looks: number;
  calls: number;
  events: number;
  bytes: number;
}

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(await startLab());
  await rig.startWorker();
});
afterAll(() => rig.stop());

/** A resize that is looked at at least so often while people decide. */
async function resize(atLeast: number): Promise<Cost> {
  const run = await rig.start({ polling: { initial: 50, maximum: 50, backoff: 1 } });
  await rig.lab.clearControl(run.server);
  await untilPhase(run, 'awaiting-decision');
  const looks = async () => (await rig.lab.counters(run.server))['GET server'] ?? 0;
  await until('enough looks', async () => ((await looks()) >= atLeast ? true : undefined));
  await run.approve({ by: 'bob' });
  await ended(run);
  const counted = await rig.lab.counters(run.server);
  const { historyLength, historySize } = await rig.client.workflow.getHandle(run.workflowId).describe();
  return {
    looks: counted['GET server'] ?? 0,
    calls: Object.values(counted).reduce((sum, each) => sum + each, 0),
    events: historyLength,
    bytes: historySize ?? 0,
  };
}

/** How often a server is looked at in so many ms of one phase, at the usual pace without its jitter. */
function looksIn(watching: Watching, span: number): number {
  let looks = 0;
  for (let time = 0; ; looks++) {
    time += delayBefore(looks, paceOf(watching), 0.5);
    if (time > span) return looks;
  }
}

it('ten minutes of resizing and an hour of waiting cost what docs/costs.md says', async () => {
  const [few, many] = [await resize(10), await resize(60)];
  const perLook = (what: 'calls' | 'events' | 'bytes') => (many[what] - few[what]) / (many.looks - few.looks);
  const minutes = 60_000;
  const looks = {
    resizing: looksIn('resizing', 10 * minutes),
    deciding: looksIn('deciding', 60 * minutes),
    settling: looksIn('settling', 4000),
  };
  const all = looks.resizing + looks.deciding + looks.settling;
  const whole = (what: 'calls' | 'events' | 'bytes') =>
    Math.round(few[what] - few.looks * perLook(what) + all * perLook(what));
  const told = {
    ...looks,
    'calls per look': Math.round(perLook('calls') * 10) / 10,
    'events per look': Math.round(perLook('events') * 10) / 10,
    'API calls': whole('calls'),
    events: whole('events'),
    'history, kB': Math.round(whole('bytes') / 1000),
  };
  process.stdout.write(`${JSON.stringify(told, null, 1)}\n`);
  const page = readFileSync(path.join(__dirname, '..', '..', 'docs', 'costs.md'), 'utf8');
  for (const [what, figure] of Object.entries(told)) {
    const documented = Number(new RegExp(`^\\| ${what} +\\| +([\\d.]+)`, 'm').exec(page)?.[1]);
    expect(documented).toBeGreaterThan(0);
    expect(Math.abs(figure - documented)).toBeLessThanOrEqual(Math.max(documented * 0.2, 1));
  }
});
