/** Entry of the demo: five resizes side by side, on real parts but for the cloud. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResizeRun } from '../client/resize-run';
import { screenOn, tableOf, type Row, type Scene, type Screen } from './screen';
import { CLOUD, setStage, type Stage, type WorkerProcess } from './stage';
import { BEFORE, STORIES, type Story } from './stories';

const INTRO = `Durable Resize: five servers are resized, side by side. The cloud is simulated, all else is real.
The window between a resize and its confirm stays open until somebody decides; nobody deciding means: back.
In the middle the worker is killed -9. Nothing is lost, and nothing is asked twice.
`;

/** Between two looks at all resizes, ms. */
const LOOK_EVERY = 500;
/** A demo that hangs must end; ms. */
const ENDS_WITHIN = 180_000;
/** People take a moment to look before they decide, ms. */
const THINKING = 2500;

interface Act extends Scene {
  run: ResizeRun;
  decided: boolean;
}

async function play(stage: Stage, screen: Screen, stopped: AbortSignal): Promise<{ rows: Row[]; wrong: string[] }> {
  let worker = await stage.startWorker();
  const ui = stage.temporal.uiAddress ?? '';
  screen.say(`Temporal UI: ${ui}   (worker: pid ${worker.pid})\n`);

  const acts: Act[] = [];
  for (const story of STORIES) acts.push(await begin(stage, story));
  const ends = Date.now() + ENDS_WITHIN;
  let killing: Promise<WorkerProcess> | undefined;
  while (acts.some(({ status }) => status?.phase !== 'closed')) {
    if (Date.now() > ends) throw new Error('the resizes did not end in time');
    await Promise.all(acts.map(async (act) => void (act.status = await act.run.status())));
    screen.show(acts);
    for (const act of acts) {
      const { story, status } = act;
      if (story.kill && killing === undefined && status?.observed?.status === 'RESIZE') {
        killing = killWorker(stage, worker, screen, acts.filter((each) => each.status?.phase !== 'closed').length);
        killing.then(
          (next) => (worker = next),
          () => undefined,
        );
      }
      if (status?.phase === 'awaiting-decision' && !act.decided) decide(act, screen);
    }
    await sleep(LOOK_EVERY, undefined, { signal: stopped });
  }
  await killing;
  screen.done();
  const rows = await Promise.all(acts.map((act) => rowOf(stage, act)));
  return { rows, wrong: acts.flatMap((act, n) => mistakesIn(act, rows[n])) };
}

async function begin(stage: Stage, story: Story): Promise<Act> {
  const server = await stage.simulator.boot(story.server, BEFORE);
  // The one whose worker dies takes longer, so that the kill comes in its middle.
  if (story.kill) stage.simulator.control({ delay: { finish_migration: { [server]: 5 } } });
  const run = await stage.resizes.start({
    cloud: CLOUD,
    server,
    flavor: story.to,
    requestedBy: 'ana',
    reason: `demo: ${story.title}`,
    decideWithin: story.decideWithin,
    polling: { initial: 500, maximum: 2000, backoff: 1.3 },
  });
  return { story, run, since: Date.now(), decided: false };
}

async function killWorker(stage: Stage, worker: WorkerProcess, screen: Screen, open: number): Promise<WorkerProcess> {
  screen.say(`  kill -9 ${worker.pid}: the worker is dead, with ${open} resizes under way`);
  await worker.kill();
  const next = await stage.startWorker();
  screen.say(`  another worker is started: pid ${next.pid}`);
  return next;
}

function decide(act: Act, screen: Screen): void {
  const { decision, server } = act.story;
  act.decided = true;
  if (decision === undefined) return;
  void sleep(THINKING)
    .then(() => act.run[decision.choice]({ by: decision.by, reason: decision.reason }))
    .then(() => screen.say(`  ${decision.by} ${decision.choice}s ${server}: "${decision.reason}"`))
    .catch((error: unknown) => screen.say(`  ${server}: ${error instanceof Error ? error.message : String(error)}`));
}

/** What became of it: flavor and calls as the cloud says, outcome and person as the run says. */
async function rowOf(stage: Stage, { run, story, status }: Act): Promise<Row> {
  const counted = stage.simulator.control({}).counters[run.server] ?? {};
  const { flavor } = await stage.cloud.serverById(run.server);
  const { historyLength } = await stage.client.workflow.getHandle(run.workflowId).describe();
  const decided = status?.decisions.find(({ counted: counts }) => counts);
  return {
    server: story.server,
    before: status?.from?.name ?? '?',
    after: flavor.name,
    outcome: status?.outcome ?? '?',
    who: decided?.by ?? (status?.cause === 'decision-timeout' ? 'time-out' : 'the cloud'),
    calls: Object.values(counted).reduce((sum, each) => sum + each, 0),
    events: historyLength,
  };
}

function mistakesIn({ story, status }: Act, row: Row | undefined): string[] {
  const { outcome, cause, flavor } = story.ends;
  return [
    ...(status?.outcome === outcome ? [] : [`${story.server} ended as ${status?.outcome ?? '?'}, not ${outcome}`]),
    ...(status?.cause === cause ? [] : [`${story.server}: the cause is ${status?.cause ?? '?'}, not ${cause ?? '?'}`]),
    ...(row?.after === flavor ? [] : [`${story.server} runs with ${row?.after ?? '?'}, not ${flavor}`]),
  ];
}

function invitation(stage: Stage): string {
  const env = `TEMPORAL_ADDRESS=${stage.temporal.address}`;
  const command = (text: string) => `  ${env} npm run -s starter -- ${text}`;
  return [
    `\nThe UI is at ${stage.temporal.uiAddress ?? ''}. To try it yourself, in another terminal in this folder:`,
    command(`start web-07 m1.xlarge --cloud ${CLOUD} --decide-within 10m`),
    command('status web-07'),
    command('approve web-07 --by you'),
    command('list'),
    'Ctrl-C ends the demo and all that it started.',
  ].join('\n');
}

async function main(): Promise<number> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const interrupted = new Promise<never>((_, reject) => {
    stopping.signal.addEventListener('abort', () => reject(new Interrupted()));
  });
  interrupted.catch(() => undefined);
  const screen = screenOn(process.stdout);
  screen.say(INTRO);
  const setting = setStage(screen.say);
  try {
    const stage = await Promise.race([setting, interrupted]);
    const { rows, wrong } = await Promise.race([play(stage, screen, stopping.signal), interrupted]);
    screen.say(`\n${tableOf(rows)}`);
    for (const each of wrong) screen.say(`not as told: ${each}`);
    if (wrong.length > 0) return 1;
    screen.say('All five ended as told.');
    if (process.stdout.isTTY) {
      screen.say(invitation(stage));
      await interrupted;
    }
    return 0;
  } catch (error) {
    if (error instanceof Interrupted || stopping.signal.aborted) return 130;
    process.stderr.write(`the demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await setting.then((stage) => stage.close()).catch(() => undefined);
  }
}

class Interrupted extends Error {}

void main().then((code) => process.exit(code));
