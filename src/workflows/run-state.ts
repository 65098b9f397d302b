/** All that one resize knows. Plain JSON: this is what continue-as-new carries. */
import type { Prepared } from '../activities/activity-answers';
import type { Concern } from '../resize/advice';
import { emptyLedger, type Ledger } from '../resize/decision';
import type { Trouble } from '../resize/failure';
import type { ActionSeen, ServerSeen } from '../resize/observation';
import type { Advice, Cause, Outcome, Phase } from '../resize/outcome';
import type { ResizeRequest } from '../resize/request';
import { nothingSent, type Expectation, type Sent } from '../resize/situation';
import type { OperatorWord } from './messages';

export type Stage = 'preparing' | Expectation['stage'];

/** How a resize ends. */
export interface Ending {
  outcome: Outcome;
  cause?: Cause;
  message: string;
  advice?: Advice;
}

export interface RunState {
  request: ResizeRequest;
  /** Run ids of this resize, oldest first: a decision may name any of them. */
  runs: string[];
  requestedAt: string;
  stage: Stage;
  prepared?: Prepared;
  resize: Sent;
  confirm: Sent;
  revert: Sent;
  /** When no POST whose answer was lost can still take effect; workflow time, ms. */
  settledAt?: number;
  /** When the stage has taken too long; workflow time, ms. */
  stageEnds?: number;
  /** What the cloud last refused, and how often in a row. */
  rejected?: { trouble: Trouble; times: number; notBefore: number };
  verifiedAt?: string;
  proofIn: boolean;
  /** Workflow time, ms; a moment that is computed once. */
  deadline?: number;
  overdue?: boolean;
  /** Since the deadline was handled late, nothing happens by itself any more; the sentence says from when to when. */
  lateHold?: string;
  ledger: Ledger;
  seen?: { server: ServerSeen; at: string };
  resizeAction?: ActionSeen;
  unreachableSince?: string;
  /** The cloud wants to be left alone until then (workflow time, ms), and why, for the message. */
  slow?: { until: number; why: string };
  /** Workflow time of the first 404, ms. */
  missingSince?: number;
  /** ERROR was seen once; its fault appears a moment later. */
  errorSeen?: boolean;
  brake?: boolean;
  concern?: { is: Concern; message: string; advice: Advice; since: string };
  /** An operator asked to send once more after two lost answers. */
  retryBy?: OperatorWord;
  abandonedBy?: OperatorWord;
  /** What is going on, when it is not what the phase says anyway. */
  note?: string;
  ending?: Ending;
  /** Workflow time at the last sign of life, ms. */
  awakeAt: number;
  /** The cloud wanted the server stopped before the resize: it is being stopped, or was, and is to be started again. */
  power?: 'stopping' | 'stopped' | 'starting';
  /** How the resize ended, while the server is being started again. */
  endedAs?: Ending;
  /** How often the server was looked at, over all runs. */
  looks: number;
}

export function begin(request: ResizeRequest, runId: string, now: number): RunState {
  return {
    request,
    runs: [runId],
    requestedAt: new Date(now).toISOString(),
    stage: 'preparing',
    resize: nothingSent(),
    confirm: nothingSent(),
    revert: nothingSent(),
    proofIn: false,
    ledger: emptyLedger(),
    awakeAt: now,
    looks: 0,
  };
}

/** What was learnt before the request; every stage after `preparing` has it. */
export function preparedOf(state: RunState): Prepared & { to: NonNullable<Prepared['to']> } {
  const { prepared } = state;
  if (prepared?.to === undefined) throw new Error('the resize is not prepared');
  return { ...prepared, to: prepared.to };
}

export function expectationOf(state: RunState, now: number): Expectation {
  const prepared = preparedOf(state);
  return {
    stage: state.stage === 'preparing' ? 'resizing' : state.stage,
    ...(prepared.adopted === undefined && { from: prepared.server.flavor }),
    to: prepared.to,
    project: prepared.project,
    ...(prepared.userId === undefined ? {} : { userId: prepared.userId }),
    resize: state.resize,
    confirm: state.confirm,
    revert: state.revert,
    settled: state.settledAt === undefined || now >= state.settledAt,
  };
}

/** The flavor before the resize, by name; of an adopted resize the cloud does not show it. */
export function fromName({ prepared }: RunState): string {
  return prepared === undefined || prepared.adopted !== undefined ? 'its old flavor' : prepared.server.flavor.name;
}

const PHASE_OF: Readonly<Record<Stage, Phase>> = {
  preparing: 'preparing',
  resizing: 'resizing',
  window: 'awaiting-decision',
  confirming: 'confirming',
  reverting: 'reverting',
};

export function phaseOf(state: RunState): Phase {
  if (state.ending !== undefined) return 'closed';
  if (state.concern !== undefined) return 'needs-operator';
  return state.stage === 'window' && !state.proofIn ? 'verifying' : PHASE_OF[state.stage];
}
