/** Plays the stories side by side, and finds out how they ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResizeRun } from '../client/resize-run';
import type { RunStatus } from '../client/run-status';
import type { ResizeInput } from '../resize/request';
import type { Scene, Screen } from './screen';
import { CLOUD, type Stage } from './stage';
import { BEFORE, type Story } from './stories';
import type { Row } from './table';

/** Between two readings of all statuses, ms. */
const READ_EVERY = 500;
/** A demo that hangs must end; ms. */
const ENDS_WITHIN = 120_000;
/** People take a moment before they decide, ms. */
const THINKING = 2500;
/** How long there is no worker at all, so that it can be seen, ms. */
const NO_WORKER = 2000;
/** The resize that is worked on when the worker dies takes so much longer, seconds. */
const IN_THE_MIDDLE = 6;
/** So long its worker waits for others to be at their decision before it dies, ms. */
const WAITS_FOR_OTHERS = 3000;

interface Act extends Scene {
  run: ResizeRun;
  /** What the server had, read from the cloud before anything was asked. */
  before: string;
  /** Requests that the cloud had counted before the resize: ours, for `before`. */
  already: number;
  decided: boolean;
}

/** How often the cloud was asked for what. */
export interface Asked {
  resize: number;
  confirm: number;
  revert: number;
}

export interface Ends {
  rows: Row[];
  asked: Asked;
  /** Which check failed, and its figure; one sentence each. */
  failures: string[];
  /** What did not end as expected; one sentence each. */
  wrong: string[];
}

export async function play(stage: Stage, stories: readonly Story[], screen: Screen): Promise<Ends> {
  const acts = await Promise.all(stories.map((story) => begin(stage, story)));
  const latest = Date.now() + ENDS_WITHIN;
  let killing: Promise<void> | undefined;
  let inTheMiddle: number | undefined;
  // What runs meanwhile; when one of them fails, so does the demo.
  const beside: Promise<void>[] = [];
  for (;;) {
    await Promise.all(acts.map(readStatus));
    screen.show(acts);
    const open = acts.filter(({ status }) => status?.phase !== 'closed');
    if (open.length === 0) break;
    if (Date.now() > latest) throw new Error(`not over in time: ${open.map(standing).join('; ')}`);
    if (open.some(isInTheMiddle)) inTheMiddle ??= Date.now();
    const otherWaits = open.some(isWaiting) || Date.now() - (inTheMiddle ?? Infinity) > WAITS_FOR_OTHERS;
    if (killing === undefined && open.some(isInTheMiddle) && otherWaits) {
      killing = killWorker(stage, screen, open.length);
      beside.push(killing);
    }
    for (const act of open) {
      if (!isWaiting(act) || act.decided) continue;
      act.decided = true;
      beside.push(decide(stage, act, screen));
    }
    await Promise.race([sleep(READ_EVERY), ...beside.map(failureOf)]);
  }
  await Promise.all(beside);
  const judged = await Promise.all(acts.map((act) => judge(stage, act)));
  const sum = (what: keyof Asked) => judged.reduce((all, { asked }) => all + asked[what], 0);
  return {
    rows: judged.map(({ row }) => row),
    asked: { resize: sum('resize'), confirm: sum('confirm'), revert: sum('revert') },
    failures: acts.flatMap(({ story: { server }, status }) =>
      failedChecks(status).map((failed) => `${server}: ${failed}`),
    ),
    wrong: [
      ...judged.flatMap(({ wrong }) => wrong),
      ...(killing === undefined && stories.some(({ kill }) => kill) ? ['the worker was not killed'] : []),
    ],
  };
}

async function begin(stage: Stage, story: Story): Promise<Act> {
  const server = await stage.simulator.boot(story.server, BEFORE);
  if (story.kill) stage.simulator.control({ delay: { finish_migration: { [server]: IN_THE_MIDDLE } } });
  stage.simulator.control({ addresses: { [server]: { private: ['127.0.0.1'] } } });
  if (story.check === 'fails') stage.guests.failsResized(server);
  const before = await stage.cloud.serverById(server);
  const already = requests(stage, server);
  const began = Date.now();
  const run = await stage.resizes.start({
    cloud: CLOUD,
    server,
    flavor: story.to,
    requestedBy: 'ana',
    reason: `demo: ${story.title}`,
    decideWithin: story.decideWithin,
    ...(story.check && { checks: checksOf(stage) }),
    // Quicker than usual, for those who watch.
    polling: { initial: 500, maximum: 2000, backoff: 1.3 },
  });
  return { story, run, began, before: before.flavor.name, already, decided: false };
}

/** The service of the server, tried every second. */
function checksOf({ guests }: Stage): NonNullable<ResizeInput['checks']> {
  const web = { name: 'web', http: { url: `http://{address}:${guests.port}/{id}` }, interval: '1s', failures: 3 };
  return { checks: [web], grace: '2s', proofWithin: '1m', watchEvery: '5s' };
}

/** The checks that the resized server failed, with what was measured. */
const failedChecks = (status: RunStatus | undefined): string[] =>
  (status?.checks ?? [])
    .filter(({ proof, watch }) => (watch ?? proof) === 'fail')
    .map(({ name, kind, baseline, figure, reason }) => {
      const found = [figure, reason].filter((part) => part !== undefined).join(', ');
      return `check ${name} (${kind}) failed after the resize: ${found}; before it: ${baseline ?? 'not run'}`;
    });

async function readStatus(act: Act): Promise<void> {
  if (act.ended !== undefined) return;
  act.status = await act.run.status();
  if (act.status.phase === 'closed') act.ended = Date.now();
}

const isWaiting = ({ status }: Act): boolean => status?.phase === 'awaiting-decision';
/** Is the cloud in the middle of the resize whose worker is to die? */
const isInTheMiddle = ({ story, status }: Act): boolean =>
  story.kill === true && status?.phase === 'resizing' && status.observed?.status === 'RESIZE';
const standing = ({ story, status }: Act): string =>
  `${story.server} is ${status?.phase ?? 'unknown'} (${status?.message ?? 'nothing was seen'})`;

async function killWorker(stage: Stage, screen: Screen, open: number): Promise<void> {
  const { pid, kill } = stage.worker();
  screen.say(`  kill -9 ${pid}: the worker is dead, with ${open} resizes under way`);
  await kill();
  await sleep(NO_WORKER);
  const next = await stage.startWorker();
  screen.say(`  a new worker, pid ${next.pid}, continues where the old one was`);
}

/** Never resolves; rejects as the task does. */
const failureOf = (task: Promise<void>): Promise<never> => task.then(() => new Promise<never>(() => undefined));

async function decide(stage: Stage, { story: { decision, server }, run }: Act, screen: Screen): Promise<void> {
  if (decision === undefined) return;
  const { choice, by, reason } = decision;
  await sleep(THINKING);
  const kept = stage.worker().isAlive() ? '' : ' (no worker is there: Temporal keeps it)';
  screen.say(`  ${by} ${choice}s ${server}: "${reason}"${kept}`);
  await run[choice]({ by, reason });
}

function requests(stage: Stage, server: string): number {
  return Object.values(counters(stage, server)).reduce((sum, each) => sum + each, 0);
}

function counters(stage: Stage, server: string): Record<string, number> {
  return stage.simulator.control({}).counters[server] ?? {};
}

interface Judged {
  row: Row;
  asked: Asked;
  wrong: string[];
}

/** What became of it: flavors and requests as the cloud says, outcome and person as the run says. */
async function judge(stage: Stage, act: Act): Promise<Judged> {
  const { run, story, status, before, already } = act;
  const calls = requests(stage, run.server) - already;
  const counted = counters(stage, run.server);
  const asked: Asked = {
    resize: counted['POST resize'] ?? 0,
    confirm: counted['POST confirmResize'] ?? 0,
    revert: counted['POST revertResize'] ?? 0,
  };
  const { flavor } = await stage.cloud.serverById(run.server);
  const { historyLength } = await stage.client.workflow.getHandle(run.workflowId).describe();
  const { outcome = '(none)', cause, decisions = [] } = status ?? {};
  const by = decisions.find((each) => each.counted)?.by;
  const row: Row = {
    server: story.server,
    before,
    after: flavor.name,
    outcome,
    who: by ?? (cause === 'unhealthy' ? 'check' : cause === 'decision-timeout' ? 'nobody' : 'cloud'),
    calls,
    events: historyLength,
  };
  const { ends, decision } = story;
  const expected: [what: string, is: string | number | undefined, expects: string | number | undefined][] = [
    ['its outcome', outcome, ends.outcome],
    ['the cause', cause, ends.cause],
    ['who decided', by, decision?.by],
    ['the number of failed checks', failedChecks(status).length, story.check === 'fails' ? 1 : 0],
    ['its flavor before', before, BEFORE],
    ['its flavor after', flavor.name, ends.flavor],
    ['the number of resizes asked for', asked.resize, 1],
    ['the number of confirms asked for', asked.confirm, ends.outcome === 'confirmed' ? 1 : 0],
    ['the number of reverts asked for', asked.revert, ends.outcome === 'reverted' ? 1 : 0],
  ];
  const wrong = expected
    .filter(([, is, expects]) => is !== expects)
    .map(
      ([what, is, expects]) => `${story.server} (${story.title}): ${what} is ${is ?? 'none'}, not ${expects ?? 'none'}`,
    );
  return { row, asked, wrong };
}
