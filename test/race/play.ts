/** Plays one scenario, and gathers what there is to be seen of it afterwards. */
import { setTimeout as pause } from 'node:timers/promises';
import { ResizeError, type ResizeRun, type ResizeStatus } from '../../src';
import { present } from '../../src/resize/present';
import { until } from '../nova/wait';
import { truth, usual, type Rig } from '../story/rig';
import type { Service } from '../story/service';
import { tasksOf, type Task } from './history';
import { BAKE_FOR, PROOF_DELAY, type Move, type Scenario } from './scenarios';

/** What became of a move. */
export type Answer =
  /** A worker has judged and counted it. */
  | { is: 'counted' }
  /** Temporal keeps it. */
  | { is: 'kept' }
  | { is: 'refused'; code: string; message: string };

export interface Evidence {
  scenario: Scenario;
  server: string;
  status: ResizeStatus;
  /** Did it end within the time? */
  ended: boolean;
  /** Of the cloud: flavor, status, and how often each request is in its log. */
  truth: Record<string, unknown>;
  answers: { move: Move; answer: Answer }[];
  tasks: Task[];
}

/** Nothing that is raced for takes longer, a worker's death and a lost heartbeat included. */
const ENDS_WITHIN = 60_000;
/** A run that holds, or that waits for a second vote for long, is ended by the requester. */
const HELD = 4_000;
/** Often enough to know the deadline before it comes, seldom enough for many runs side by side; ms. */
const EVERY = 200;

export async function play(rig: Rig, service: Service, name: string, scenario: Scenario): Promise<Evidence> {
  const server = await rig.lab.boot(name);
  service.answers(server, scenario.checks?.redBefore === true ? 503 : 200);
  const run = await rig.resizes.start({ ...usual, ...present(scenario.input), ...checksOf(scenario, service), server });
  const moment = await momentOf(run, scenario);
  const answers = moment === undefined ? [] : await happen(rig, service, run, scenario, moment);
  let held = Date.now();
  const ended = await until(
    'the end',
    async () => {
      const status = await run.recorded();
      if (status.phase === 'closed') return true;
      await pause(EVERY);
      if (status.phase !== 'awaiting-decision' || Date.now() - held < HELD) return undefined;
      held = Date.now();
      await run.reject({ by: usual.requestedBy }).catch(() => undefined);
      return undefined;
    },
    { within: ENDS_WITHIN },
  ).catch(() => false);
  const { events } = await rig.client.workflow.getHandle(run.workflowId).fetchHistory();
  const status = await run.status();
  return {
    scenario,
    server,
    status,
    ended,
    truth: await truth(rig.lab, server),
    answers,
    tasks: tasksOf(events ?? []),
  };
}

function checksOf({ around, checks }: Scenario, service: Service) {
  if (checks === undefined) return {};
  const web = {
    name: 'web',
    http: { url: `http://127.0.0.1:${service.port}/{id}` },
    initialDelay: around === 'proof' ? PROOF_DELAY : 0,
    interval: 100,
    timeout: 2000,
    failures: 2,
  };
  const { onWatchFailure } = checks;
  return { checks: { checks: [web], grace: '0s', proofWithin: '30s', watchEvery: 150, onWatchFailure } };
}

/** When everything happens, by the clock of the workflow; undefined: the run was over before that was known. */
async function momentOf(run: ResizeRun, { around, input }: Scenario): Promise<number | undefined> {
  const status = await until(
    'the window',
    async () => {
      const known = await run.recorded();
      if (known.phase === 'awaiting-decision' || known.phase === 'closed') return known;
      if (around === 'proof' && known.phase === 'verifying') return known;
      await pause(EVERY);
      return undefined;
    },
    { within: ENDS_WITHIN },
  );
  if (status.phase === 'closed') return undefined;
  const { verifiedAt = '', decisionDeadline = '' } = status;
  const deadline = Date.parse(decisionDeadline);
  switch (around) {
    case 'deadline':
      return deadline;
    case 'proof':
      return Date.parse(verifiedAt) + PROOF_DELAY;
    case 'bake':
      return deadline - (input.decideWithin ?? 0) + BAKE_FOR;
  }
}

function happen(rig: Rig, service: Service, run: ResizeRun, { steps }: Scenario, moment: number) {
  return Promise.all(
    steps.map(async ({ after, move }) => {
      await pause(Math.max(moment + after - Date.now(), 0));
      const answer = await told(rig, service, run, move).catch((error: unknown): Answer => {
        const code = error instanceof ResizeError ? error.code : error instanceof Error ? error.name : 'unknown';
        return { is: 'refused', code, message: error instanceof Error ? error.message : String(error) };
      });
      return { move, answer };
    }),
  );
}

async function told(rig: Rig, service: Service, run: ResizeRun, move: Move): Promise<Answer> {
  switch (move.is) {
    case 'service':
      service.answers(run.server, move.status);
      return { is: 'kept' };
    case 'cancel':
      await run.cancel();
      return { is: 'kept' };
    case 'extend':
      await run.extend({ by: move.by, for: move.seconds * 1000 });
      return { is: 'counted' };
    case 'approve':
    case 'reject': {
      const { by, is, way } = move;
      if (way === 'library') return { is: (await run[is]({ by })).judged ? 'counted' : 'kept' };
      await rig.client.workflow.getHandle(run.workflowId).signal(is, { by });
      return { is: 'kept' };
    }
  }
}
