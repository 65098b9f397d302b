/**
 * One run, one cloud and what is between them. The run is the real one: `apply`, `nextStep`, `isUnwanted` and `maySend`
 * decide, and this file only does what src/workflows and src/activities do around them, in steps between which
 * something else can happen.
 */
import type { Checks } from '../../src/resize/checks';
import { EFFECTS, maySend, type Effect, type RequestAnswer } from '../../src/resize/effect';
import type { Trouble } from '../../src/resize/failure';
import type { ActionSeen, ServerSeen } from '../../src/resize/observation';
import { adoptableIn, refusalOf, type LastAction } from '../../src/resize/precondition';
import type { Prepared } from '../../src/resize/prepared';
import { present } from '../../src/resize/present';
import { checkRequest, type OnTimeout } from '../../src/resize/request';
import { expectationOf, newRun, type RunState } from '../../src/resize/run-state';
import { isTouching, type Expectation } from '../../src/resize/situation-facts';
import { apply, type RunEvent } from '../../src/resize/transitions';
import { isUnwanted, nextStep } from '../../src/resize/waiting';
import { FLAVORS, showLog, type Cloud, type Logged, type LogView, type Strange } from './cloud-model';
import { noteLook, noteRequest, nothingYet, type Record } from './record';

const SECOND = 1000;
/** Round numbers, of which each is clearly longer than the one before. */
export const SPANS = {
  polling: 10 * SECOND,
  settle: 25 * SECOND,
  settleWithin: 60 * SECOND,
  resizeWithin: 70 * SECOND,
  decideWithin: 200 * SECOND,
  lateGrace: 40 * SECOND,
  bakeFor: 90 * SECOND,
};
const BEGIN = Date.UTC(2030, 0, 1);
const CHANCE = 0.5;

/** How much may happen in one story. */
export interface Allowance {
  /** Votes and cancels. */
  votes: number;
  /** `retry`, `abandon`. */
  words: number;
  /**
   * What does not happen on a good day: a lost answer or a late request, an observation that fails, a worker that is
   * away, a request that is withheld or refused, a failure of the cloud, an act of a stranger, a stage or an absence that
   * takes too long, continue-as-new, a run that is lost after it; a check that does not pass.
   */
  disturbances: number;
}

/** What a story begins with. */
export interface Setup {
  onTimeout: OnTimeout;
  log: LogView;
  off?: boolean;
  adopt?: boolean;
  /** A cloud that resizes stopped servers only, and a request with `stopFirst`. */
  stopFirst?: boolean;
  /** Some workers are in observe-only mode. */
  observeOnly?: boolean;
  /** One check, and what follows when it fails while people decide. */
  checks?: 'ask' | 'revert';
  /** The check fails before the resize, without this being a disturbance. */
  redBefore?: true;
  /** The resize is confirmed by itself when the check has held. */
  autoConfirm?: boolean;
  /** The request names who decides, and how many of them. */
  approvals?: { readonly required: number; readonly approvers: readonly string[] };
  strange: readonly Strange[];
  allowed: Allowance;
}

/** What a worker does for the run. An effect goes from `scheduled` to `sent`; the others end with the log. */
export interface Activity {
  is: 'prepare' | 'observe' | Effect;
  at: 'scheduled' | 'read-server' | 'looked' | 'sent';
  stage: RunState['stage']['is'];
  /** The state with which it was scheduled. */
  before: RunState;
  expected?: Expectation;
  server?: ServerSeen | 'missing';
  /** What the cloud answered, if it is on its way back. */
  answer?: RequestAnswer;
}

/** A request of ours that nobody waits for any more, and that may still arrive. */
export interface Late {
  post: Effect;
  until: number;
}

export interface World {
  readonly setup: Setup;
  readonly now: number;
  readonly run: RunState;
  readonly cloud: Cloud;
  readonly activity?: Activity | undefined;
  readonly late: readonly Late[];
  /** The deadline that a timer runs for, and whether it has fired. */
  readonly timerFor?: number | undefined;
  readonly fired?: boolean | undefined;
  /** What a lost run had been carried on with. */
  readonly carried?: RunState | undefined;
  readonly left: Allowance;
  readonly record: Record;
}

export function begin(setup: Setup): World {
  const { onTimeout, adopt, stopFirst, approvals } = setup;
  const request = checkRequest({
    cloud: 'lab',
    server: '11111111-2222-4333-8444-555555555555',
    flavor: 'large',
    requestedBy: 'ana',
    onTimeout,
    resizeWithin: SPANS.resizeWithin,
    settleWithin: SPANS.settleWithin,
    decideWithin: SPANS.decideWithin,
    lateGrace: SPANS.lateGrace,
    polling: { initial: SPANS.polling, maximum: SPANS.polling, backoff: 1 },
    ...(adopt === true && { adopt }),
    ...(stopFirst === true && { stopFirst }),
    ...(approvals && { approvals: { ...approvals, approvers: [...approvals.approvers] } }),
  });
  const checked = { ...request, ...(setup.checks && { checks: checksThat(setup.checks) }) };
  const theirs: Logged = { action: 'resize', id: 'req-0', by: 'stranger', result: 'success', shown: true };
  const cloud: Cloud = {
    is: adopt === true ? 'waiting' : 'resting',
    off: setup.off === true,
    flavor: adopt === true ? 'large' : 'small',
    ...(adopt === true && { move: { id: 'req-0', from: 'small' as const, to: 'large' as const } }),
    log: adopt === true ? [theirs] : [],
    taken: 0,
    stoppedOnly: stopFirst === true,
  };
  const itself = setup.autoConfirm === true && { autoConfirm: true, bakeFor: SPANS.bakeFor };
  const run = newRun({ ...checked, ...itself }, 'run-1', BEGIN);
  return goOn({ setup, now: BEGIN, run, cloud, late: [], left: setup.allowed, record: nothingYet() });
}

const checksThat = (onWatchFailure: 'ask' | 'revert'): Checks => ({
  checks: [
    {
      name: 'web',
      tcp: { host: '{address}', port: 80 },
      initialDelay: 0,
      interval: SECOND,
      timeout: SECOND,
      successes: 1,
      failures: 1,
      inconclusive: 'ask',
    },
  ],
  grace: 0,
  proofWithin: 30 * SECOND,
  watchEvery: 10 * SECOND,
  onWatchFailure,
});

export const happens = (world: World, event: RunEvent): World => ({
  ...world,
  run: apply(world.run, event, { now: world.now, chance: CHANCE }),
});

/** The main loop of the workflow, until it waits for something. */
export function goOn(before: World): World {
  let world = before;
  for (let turns = 0; turns < 10; turns++) {
    const { activity, run } = world;
    if (activity !== undefined) {
      const next = overtaken(world, activity);
      if (next === undefined) return world;
      world = next;
      continue;
    }
    if (run.stage.is === 'closed') return world;
    world = takeDeadline(world);
    const step = nextStep(world.run, world.now);
    switch (step.do) {
      case 'wait':
        return world;
      case 'close':
        continue;
      case 'prepare':
      case 'observe':
        world = { ...happens(world, { is: 'observing' }), activity: begun(world, step.do) };
        continue;
      case 'watch-anew':
        world = { ...happens(world, { is: 'watching-anew' }), activity: begun(world, 'observe') };
        continue;
      case 'end-bake':
        world = happens(world, { is: 'bake-ended' });
        continue;
      case 'request':
        world = {
          ...happens(world, { is: 'requesting', effect: step.effect }),
          activity: begun(world, step.effect),
          record: noteRequest(world.record, world.run, step.effect),
        };
    }
  }
  throw new Error('the run turns in a circle without anything to wait for');
}

function begun({ run, now }: World, is: Activity['is']): Activity {
  const stage = run.stage.is;
  const expected = is === 'prepare' || is === 'observe' ? undefined : expectationOf(run, now);
  return { is, at: 'scheduled', stage, before: run, ...(expected && { expected }) };
}

/** The world without an activity that the run has overtaken, or has withdrawn before a worker took it up. */
function overtaken(world: World, { is, at, stage }: Activity): World | undefined {
  if (is === 'prepare' || is === 'observe') {
    const moved = world.run.stage.is !== stage || world.fired === true;
    return moved ? { ...world, activity: undefined } : undefined;
  }
  if (at !== 'scheduled' || !isUnwanted(world.run)) return undefined;
  return answered(world, is, { answer: 'withheld', why: 'never-started' });
}

function takeDeadline(world: World): World {
  const taken = world.fired === true ? { ...happens(world, { is: 'deadline-passed' }), fired: undefined } : world;
  const { stage, deadline } = taken.run;
  if (stage.is !== 'window' || deadline === undefined) return taken;
  return deadline === taken.timerFor ? taken : { ...taken, timerFor: deadline };
}

export function answered(world: World, effect: Effect, answer: RequestAnswer): World {
  return { ...happens(world, { is: 'answered', effect, answer }), activity: undefined };
}

/** The log is read, and with it the look is complete. */
export function lookEnds(world: World, activity: Activity): World {
  const { is, server, expected, before } = activity;
  const { cloud, setup, run } = world;
  if (server === undefined) throw new Error('the server is read before its log');
  if (is === 'prepare') return { ...happens(world, prepared(world, server)), activity: undefined };
  const actions = showLog(cloud, setup.log, (before.prepared ?? run.prepared)?.baseline);
  const observation = { at: new Date(world.now).toISOString(), server, actions };
  if (is === 'observe') return { ...happens(world, { is: 'observed', observation }), activity: undefined };
  if (expected === undefined) throw new Error('a request is held against an expectation');
  if (!maySend(observation, EFFECTS[is].sendIf, expected)) {
    return answered(world, is, { answer: 'withheld', why: 'changed' });
  }
  return {
    ...world,
    activity: { ...activity, at: 'looked' },
    record: noteLook(world.record, is, cloud, setup.log, run),
  };
}

function lastIn(log: ActionSeen[] | undefined): LastAction | 'none' | 'unreadable' {
  if (log === undefined) return 'unreadable';
  const at = log.findIndex(({ action }) => isTouching(action));
  const action = log[at];
  return action === undefined ? 'none' : present({ action, before: log[at + 1]?.requestId });
}

/** As src/activities/prepare-resize.ts does it. */
function prepared({ cloud, setup, run }: World, server: ServerSeen | 'missing'): RunEvent {
  if (server === 'missing') return { is: 'not-prepared', trouble: troubled('not-found') };
  const log = showLog(cloud, setup.log);
  const readable = log === 'unreadable' ? undefined : log;
  const { flavor, adopt } = run.request;
  const where = { project: 'project' };
  const found = adopt === true ? adoptableIn(server, flavor, FLAVORS.large, lastIn(readable)) : undefined;
  const adopted = found !== undefined && 'requestId' in found ? found : undefined;
  const refusal =
    found === undefined ? refusalOf(server, flavor, FLAVORS.large, where) : 'message' in found ? found : undefined;
  const baseline = adopted === undefined ? readable?.[0]?.requestId : adopted.baseline;
  const all: Prepared = {
    addresses: {},
    ...where,
    userId: 'us',
    server,
    to: FLAVORS.large,
    logReadable: readable !== undefined,
    revertLoses: 'unknown',
    observeOnly: false,
    searchAttributes: [],
    timing: { read: 5 * SECOND, act: 10 * SECOND, settle: SPANS.settle },
    ...(refusal && { refusal }),
    ...(baseline !== undefined && { baseline }),
    ...(adopted && { adopted: adopted.requestId }),
  };
  return { is: 'prepared', found: all };
}

export const troubled = (kind: Trouble['kind']): Trouble => ({
  kind,
  tried: 'ask the cloud',
  message: `trouble: ${kind}`,
});
