/** All that one run knows. Plain JSON: this is what continue-as-new carries. Only `transitions.ts` changes it. */
import type { OperatorIssue } from './advice';
import type { AuditState } from './audit';
import { emptyLedger, type Ledger, type OperatorRecord } from './decision';
import type { Effect } from './effect';
import type { Extension } from './extension';
import type { Trouble } from './failure';
import type { FreezeSpan } from './freeze';
import type { Findings } from './health';
import type { Told } from './notices';
import type { ActionSeen, Flavor, ServerSeen } from './observation';
import type { Advice, Cause, Outcome, Phase } from './outcome';
import type { Prepared } from './prepared';
import { present } from './present';
import type { PendingVote } from './proven';
import type { ResizeRequest } from './request';
import { nothingSent, type Expectation, type Sent } from './situation-facts';

/** The version of {@link RunState}: a worker leaves a run alone whose state it does not know. */
export const STATE_VERSION = 1;

/** How a resize ends. */
export interface Ending {
  outcome: Outcome;
  cause?: Cause;
  message: string;
  advice?: Advice;
}

/** A stage in which one effect is asked for and waited for. */
interface EffectStage {
  /** When it began, and when it has taken too long; workflow time, ms. */
  since: number;
  until: number;
  /** The request may go out now: nothing else has to be seen before. */
  ready: boolean;
}

/** Where the run is. */
export type Stage =
  | { is: 'preparing' }
  /** Some clouds resize stopped servers only (Huawei: Ecs.0100). */
  | ({ is: 'stopping' } & EffectStage)
  | ({ is: 'resizing' } & EffectStage)
  /** The server waits in VERIFY_RESIZE, by our resize. */
  | {
      is: 'window';
      /** The checks have not said yet whether the server is healthy: nobody is asked before. */
      proofOut?: true | undefined;
      /** Since when people are asked; workflow time, ms. */
      askedAt?: number | undefined;
      /** ISO 8601. */
      overdueSince?: string | undefined;
      /** The deadline was handled late, so nothing happens by itself any more; the sentence says from when to when. */
      lateHold?: string | undefined;
      /** Since when all checks pass, where the request lets that confirm; workflow time, ms. */
      bakingSince?: number | undefined;
      /** They have passed for long enough: each runs once more. */
      lastRound?: true | undefined;
      /** The end of that time was handled late, so it is not confirmed by itself. */
      bakeMissed?: string | undefined;
      /** A watch failed in a freeze: people are asked, and it is not reverted for that any more. */
      failedInFreeze?: true | undefined;
    }
  | ({ is: 'confirming' } & EffectStage)
  | ({ is: 'reverting' } & EffectStage)
  /** What was stopped for the resize is started again; how the resize ended stays as it is. */
  | ({ is: 'starting'; ending: Ending } & EffectStage)
  | { is: 'closed'; ending: Ending };

/** Which effect each stage is about. */
export const EFFECT_OF = {
  stopping: 'stop',
  resizing: 'resize',
  confirming: 'confirm',
  reverting: 'revert',
  starting: 'start',
} as const satisfies Partial<Record<Stage['is'], Effect>>;

export type ActingStage = Extract<Stage, { is: keyof typeof EFFECT_OF }>;

export const isActing = (stage: Stage): stage is ActingStage => stage.is in EFFECT_OF;

/** What is known before the first stage ends and after it. A field that is undefined is not known, or no longer true. */
export interface RunState {
  version: typeof STATE_VERSION;
  request: ResizeRequest;
  /** Run ids of this resize, oldest first: a decision may name any of them. */
  runs: string[];
  requestedAt: string;
  stage: Stage;
  /** There in every stage after `preparing`, unless the run is closed from there. */
  prepared?: Prepared | undefined;
  sent: Record<Effect, Sent>;
  /** A request that is on its way at this moment. */
  inFlight?: Effect | undefined;
  /** When no request whose answer was lost can still take effect; workflow time, ms. */
  settledAt?: number | undefined;
  /** What the cloud last refused, how often in a row, and when it may be asked again (workflow time, ms). */
  rejected?: { trouble: Trouble; times: number; notBefore: number } | undefined;
  /** When the server was first seen in VERIFY_RESIZE by our resize; ISO 8601. */
  verifiedAt?: string | undefined;
  /** When the decision time ends; workflow time, ms: a moment that is computed once. */
  deadline?: number | undefined;
  /** The freeze that the deadline waits for the end of. */
  heldBy?: FreezeSpan | undefined;
  ledger: Ledger;
  /** What each check of the request found, in the request's order; absent without checks. */
  findings?: Findings[] | undefined;
  /** More time to decide, as people asked for it. */
  extensions?: Extension[] | undefined;
  /** What people were told of. */
  told?: Told | undefined;
  /** Votes whose senders are not known yet; until the run is prepared all of them, for then it is known whether they are asked. */
  pendingVotes: PendingVote[];
  operatorWords: OperatorRecord[];
  /** What the audit log has, and what waits to be written; absent where there is nothing. */
  audit?: AuditState | undefined;
  /** Set by `abandon`, for the moment in which the run may end. */
  abandoned?: OperatorRecord | undefined;
  /** A `retry` allows what is not done without a person, for the observation that follows it. */
  retryGranted?: boolean | undefined;
  observed?: { server: ServerSeen; at: string } | undefined;
  /** Our resize in the action log. */
  resizeAction?: ActionSeen | undefined;
  /** Since when no observation succeeded; ISO 8601. */
  unreachableSince?: string | undefined;
  /** The cloud wants to be left alone until then (workflow time, ms), and why, for the message. */
  pause?: { until: number; why: string } | undefined;
  /** Workflow time of the first 404, ms. */
  missingSince?: number | undefined;
  /** ERROR was seen once; its fault appears a moment later. */
  errorSeen?: boolean | undefined;
  observeOnly?: boolean | undefined;
  issue?: { is: OperatorIssue; message: string; advice: Advice; since: string } | undefined;
  /** What is going on, when it is not what the phase says anyway. */
  note?: string | undefined;
  /** When the server is observed next (workflow time, ms), and how many waits of this pace there were. */
  next: { at: number; waits: number };
  /** Somebody asked for an observation after the last one began. */
  observeNow?: boolean | undefined;
  /** When a message last made a watched server be observed at once; workflow time, ms. */
  watchedAnewAt?: number | undefined;
  /** How often the server was observed, over all runs. */
  observations: number;
  /** Workflow time at the last observation, ms. */
  awakeAt: number;
}

/** A run that has done nothing yet. */
export function newRun(request: ResizeRequest, runId: string, now: number): RunState {
  return {
    version: STATE_VERSION,
    request,
    runs: [runId],
    requestedAt: new Date(now).toISOString(),
    stage: { is: 'preparing' },
    sent: {
      stop: nothingSent(),
      resize: nothingSent(),
      confirm: nothingSent(),
      revert: nothingSent(),
      start: nothingSent(),
    },
    ledger: emptyLedger(),
    ...(request.checks && { findings: request.checks.checks.map(() => ({})) }),
    pendingVotes: [],
    operatorWords: [],
    next: { at: now, waits: 0 },
    observations: 0,
    awakeAt: now,
  };
}

/** What was learnt before the request; every stage after `preparing` has it. */
export function preparedOf({ prepared }: RunState): Prepared & { to: Flavor } {
  if (prepared?.to === undefined) throw new Error('the resize is not prepared');
  return { ...prepared, to: prepared.to };
}

/** What an observation is held against. */
export function expectationOf(state: RunState, now: number): Expectation {
  const { server, to, project, userId, adopted } = preparedOf(state);
  const { sent, settledAt } = state;
  return {
    stage: stageForSituation(state.stage),
    ...present({ from: adopted === undefined ? server.flavor : undefined, userId }),
    to,
    project,
    resize: sent.resize,
    confirm: sent.confirm,
    revert: sent.revert,
    settled: settledAt === undefined || now >= settledAt,
  };
}

function stageForSituation(stage: Stage): Expectation['stage'] {
  switch (stage.is) {
    case 'window':
    case 'confirming':
    case 'reverting':
      return stage.is;
    case 'preparing':
    case 'stopping':
    case 'resizing':
    case 'starting':
    case 'closed':
      return 'resizing';
  }
}

const mayBeCarriedOut = ({ accepted, lost }: Sent) => accepted || lost > 0;

/** Can a resize of ours have been carried out? Only a clear refusal of every request, or none sent, says no. */
export function mayBeResized({ sent, prepared }: RunState): boolean {
  const ours = [sent.resize, sent.confirm, sent.revert];
  return prepared?.adopted !== undefined || ours.some(mayBeCarriedOut);
}

/** Was the server stopped for the resize, or perhaps stopped? */
export const wasStopped = ({ sent }: RunState): boolean => mayBeCarriedOut(sent.stop);

/** The flavor before the resize, by name; of an adopted resize the cloud does not show it. */
export function fromName({ prepared }: RunState): string {
  return prepared === undefined || prepared.adopted !== undefined ? 'its old flavor' : prepared.server.flavor.name;
}

export function phaseOf({ stage, issue }: RunState): Phase {
  if (stage.is !== 'closed' && issue !== undefined) return 'needs-operator';
  switch (stage.is) {
    case 'preparing':
    case 'resizing':
    case 'confirming':
    case 'reverting':
    case 'closed':
      return stage.is;
    case 'stopping':
      return 'resizing';
    case 'window':
      return stage.proofOut === true ? 'verifying' : 'awaiting-decision';
    case 'starting':
      // How the resize ended is known; what is left belongs to that.
      return stage.ending.outcome === 'confirmed' ? 'confirming' : 'reverting';
  }
}
