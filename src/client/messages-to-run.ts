/** What is sent to a running resize: votes, an operator's word, a cancel; and what the answers mean. */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  ApplicationFailure,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { missingText, requiredApprovals } from '../resize/approvals';
import { deciderText, type Choice, type Decision, type DecideVote } from '../resize/decision';
import {
  abandon,
  approve,
  BY_SIGNAL,
  decide,
  extend,
  reject,
  retry,
  type ExtensionInput,
  type OperatorWord,
} from '../workflows/messages';
import { checkExtension, checkOperatorWord, checkVote } from './person-input';
import { isResizeErrorCode, ResizeError } from './resize-error';
import { newestOf, type Chain } from './run-chain';
import { executionOf, fullStatus, recordedStatus, type RunStatus } from './run-status';
import { readStatus } from './status-record';
import { isGone, textOf, type TemporalLink } from './temporal-link';

/** The vote of a person on a resize. */
export interface VoteInput {
  /** Who votes; claimed, not proven. */
  by: string;
  reason?: string;
  /** The run that the vote is about. @default the newest run known to this object */
  run?: string;
  /** The same id again is the same vote: for callers that repeat. @default a new one */
  voteId?: string;
}

/** What became of a vote. */
export interface VoteResult {
  /** True: the resize has judged and counted it. False: Temporal keeps it until a worker judges it. */
  judged: boolean;
  voteId: string;
  /** One sentence. */
  message: string;
  /** As recorded with the vote, or as last recorded when it is not yet judged. */
  status: RunStatus;
}

/** How often the status is read until `retry` or `abandon` has an effect, ms. */
const EFFECT_EVERY = 250;

const UNANSWERED = Symbol('no worker answered');

/** An update closes with the run that it was sent to; the SDK has no type for this answer. */
const ABORTED = /aborted by closing workflow|workflow execution already completed|unexpected workflow task failure/i;

/**
 * Sends a vote: as an update, which is answered; if no worker answers in time, as a signal, which Temporal keeps.
 * @throws ResizeError InvalidDecision, NotAnApprover, RequesterMayNotApprove, WrongRun, TooLate, NotFound, NoTemporal
 */
export async function vote(link: TemporalLink, chain: Chain, decision: Choice, input: VoteInput): Promise<VoteResult> {
  const given = checkVote(input);
  const { by, voteId = randomUUID() } = given;
  const payload: DecideVote = { run: chain.runId, ...given, decision, voteId };
  // The same id on both ways and on a repetition: the resize counts the vote once.
  try {
    return await updateOrSignal(link, chain, payload, voteId);
  } catch (error) {
    if (isForSignal(error)) return provenVote(link, chain, payload, voteId);
    // The vote may have ended the run before its answer was on the way: then it was counted, and is no failure.
    const status = countedAtTheEnd(error, voteId);
    if (status === undefined) throw error;
    return { judged: true, voteId, message: recordedMessage(decision, by, status), status };
  }
}

async function updateOrSignal(
  link: TemporalLink,
  chain: Chain,
  payload: DecideVote,
  voteId: string,
): Promise<VoteResult> {
  const { decision, by } = payload;
  const answer = await sendUpdate(link, chain, voteId, (handle, updateId) =>
    handle.executeUpdate(decide, { args: [payload], updateId }),
  );
  if (answer !== UNANSWERED) {
    const status = answeredStatus(answer) ?? recordedStatus(await newestOf(link, chain));
    if (decision === 'approve' && isEarly(status)) await sendSignal(link, chain, payload);
    return { judged: true, voteId, message: recordedMessage(decision, by, status), status };
  }
  await sendSignal(link, chain, payload);
  return {
    judged: false,
    voteId,
    message: `${decision} by ${by}: recorded by Temporal, not yet judged (no worker answered); it counts when a worker is back`,
    status: recordedStatus(await newestOf(link, chain)),
  };
}

/** @throws ResizeError TooLate, NoTemporal */
async function sendSignal(link: TemporalLink, chain: Chain, payload: DecideVote): Promise<void> {
  const { decision: choice, ...word } = payload;
  try {
    await link.call(`record the ${choice}`, link.timing.call, () =>
      link.client.workflow.getHandle(chain.workflowId).signal(choice === 'approve' ? approve : reject, word),
    );
  } catch (error) {
    if (isGone(error)) throw await tooLate(link, chain);
    if (error instanceof ResizeError && error.code === 'NoTemporal') {
      throw new ResizeError(
        'NoTemporal',
        `${error.message}; whether the ${choice} arrived is not known, and sending it again is safe`,
        { ...error.details, voteId: word.voteId },
        { cause: error },
      );
    }
    throw error;
  }
}

/**
 * Sends a vote where the deciders are proven: as a signal, for of an update Temporal records only the worker.
 * @throws ResizeError what the vote is refused with; TooLate, NoTemporal
 */
async function provenVote(link: TemporalLink, chain: Chain, payload: DecideVote, voteId: string): Promise<VoteResult> {
  await sendSignal(link, chain, payload);
  const end = Date.now() + link.timing.answer;
  for (;;) {
    const status = await fullStatus(link, await newestOf(link, chain));
    const judged = status.decisions.filter((one) => one.voteId === voteId && one.pending !== true);
    const found = judged.find((one) => one.counted) ?? judged.at(-1);
    if (found?.refusal !== undefined)
      throw new ResizeError(found.refusal, found.why ?? 'it does not count', { status });
    if (found !== undefined) {
      return { judged: true, voteId, message: `${deciderText(found)} is recorded, in phase ${status.phase}`, status };
    }
    if (status.execution !== 'running' || Date.now() >= end) {
      const message = `${payload.decision}: recorded by Temporal; it counts for who sent it as soon as that is known`;
      return { judged: false, voteId, message, status };
    }
    await setTimeout(Math.min(EFFECT_EVERY, link.timing.poll));
  }
}

/**
 * Does the run not know yet whether its deciders are proven? Then an approve is sent as a signal, too: the same vote
 * twice counts once. A reject has ended the run.
 */
const isEarly = ({ deciders, phase }: RunStatus) =>
  deciders === undefined && (phase === 'preparing' || phase === 'needs-operator');

/** Does the resize want this vote as a signal? */
function isForSignal(error: unknown): boolean {
  return error instanceof ResizeError && error.details?.['send'] === BY_SIGNAL.send;
}

function recordedMessage(decision: Choice, by: string, { phase, votesMissing = 0 }: RunStatus): string {
  const missing = decision === 'approve' && votesMissing > 0 ? `; ${missingText(votesMissing)}` : '';
  return `${decision} by ${by} (claimed) is recorded, in phase ${phase}${missing}`;
}

/**
 * Sends `retry` or `abandon`, for a resize in phase needs-operator.
 * @returns the status after it: when it has shown an effect, or after a few seconds without one
 * @throws ResizeError InvalidDecision; NotAnswered when no worker answers in time; TooLate; what the resize refuses it with
 */
export async function operatorWord(
  link: TemporalLink,
  chain: Chain,
  word: 'retry' | 'abandon',
  input: OperatorWord,
): Promise<RunStatus> {
  const definition = word === 'retry' ? retry : abandon;
  const given = checkOperatorWord(input);
  const answer = await sendUpdate(link, chain, randomUUID(), (handle, updateId) =>
    handle.executeUpdate(definition, { args: [given], updateId }),
  );
  if (answer === UNANSWERED) throw notAnswered(link, chain, word);
  try {
    return await afterwards(link, chain);
  } catch (error) {
    if (!(error instanceof ResizeError)) throw error;
    throw new ResizeError(error.code, `${word} is recorded; its effect is not known: ${error.message}`, error.details, {
      cause: error,
    });
  }
}

/**
 * Puts the deadline of the decision off.
 * @throws ResizeError InvalidDecision, NotAnApprover; NotAnswered when no worker answers in time; TooLate
 */
export async function extendDecision(link: TemporalLink, chain: Chain, input: ExtensionInput): Promise<RunStatus> {
  const given = checkExtension(input);
  const answer = await sendUpdate(link, chain, randomUUID(), (handle, updateId) =>
    handle.executeUpdate(extend, { args: [given], updateId }),
  );
  if (answer !== UNANSWERED) return answeredStatus(answer) ?? recordedStatus(await newestOf(link, chain));
  throw notAnswered(link, chain, 'extend');
}

function notAnswered(link: TemporalLink, { workflowId, runId }: Chain, what: string): ResizeError {
  return new ResizeError(
    'NotAnswered',
    `${what}: no worker answered within ${link.timing.answer / 1000} s, and one that comes back may still take it up; ` +
      'check that the worker is running, then the status, then send it again',
    { workflowId, runId },
  );
}

/** The update is answered before the run acts on it: a run that has acted is over, or in another phase. */
async function afterwards(link: TemporalLink, chain: Chain): Promise<RunStatus> {
  const end = Date.now() + link.timing.effect;
  for (;;) {
    const status = await fullStatus(link, await newestOf(link, chain));
    if (status.execution !== 'running' || status.phase !== 'needs-operator' || Date.now() >= end) return status;
    await setTimeout(Math.min(EFFECT_EVERY, link.timing.poll));
  }
}

/**
 * Asks Temporal to cancel the resize. Before the cloud was asked that ends the resize, later it counts as a
 * reject, after a decision it changes nothing.
 * @throws ResizeError TooLate, NotFound, NoTemporal
 */
export async function requestCancel(link: TemporalLink, chain: Chain): Promise<RunStatus> {
  const before = await newestOf(link, chain);
  // Temporal accepts a cancel of a run that is over and forgets it; nobody must take that for a cancelled resize.
  if (executionOf(before) !== 'running') throw await tooLate(link, chain);
  const { workflowId, firstRunId } = chain;
  try {
    await link.call('cancel the resize', link.timing.call, () =>
      link.client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: firstRunId }).cancel(),
    );
  } catch (error) {
    if (isGone(error)) throw await tooLate(link, chain);
    throw error;
  }
  return recordedStatus(await newestOf(link, chain));
}

type Handle = ReturnType<TemporalLink['client']['workflow']['getHandle']>;

/** Sends an update to the newest run of the chain; again when that run has just continued as a new one. */
async function sendUpdate(
  link: TemporalLink,
  chain: Chain,
  updateId: string,
  send: (handle: Handle, updateId: string) => Promise<unknown>,
): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const handle = link.client.workflow.getHandle(chain.workflowId, undefined, {
      firstExecutionRunId: chain.firstRunId,
    });
    try {
      return await link.call('wait for a worker to answer', link.timing.answer, () => send(handle, updateId));
    } catch (error) {
      if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return UNANSWERED;
      if (error instanceof ResizeError && error.code === 'NoTemporal') return UNANSWERED;
      if (!isOver(error)) throw refusal(error);
      const open = executionOf(await newestOf(link, chain)) === 'running';
      if (!open || attempt === 3) throw await tooLate(link, chain, open);
    }
  }
}

/** Within 100 ms of the end of a run all of these come, and mean the same (tried): the run is over. */
function isOver(error: unknown): boolean {
  if (isGone(error)) return true;
  const texts = [error, error instanceof Error ? error.cause : undefined].map(textOf);
  return texts.some((text) => ABORTED.test(text));
}

/** The failure that a validator refused an update with, as an error of this library. */
function refusal(error: unknown): unknown {
  if (!(error instanceof WorkflowUpdateFailedError)) return error;
  const { cause } = error;
  const code = cause instanceof ApplicationFailure ? cause.type : undefined;
  const details: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  return new ResizeError(
    isResizeErrorCode(code) ? code : 'Unexpected',
    textOf(cause ?? error),
    typeof details === 'object' && details !== null ? { ...details } : undefined,
    { cause: error },
  );
}

/** The status that a worker answered with; undefined when it cannot be read. */
function answeredStatus(answer: unknown): RunStatus | undefined {
  const read = readStatus(answer);
  return 'status' in read ? { ...read.status, live: true, execution: 'running' } : undefined;
}

function countedAtTheEnd(error: unknown, voteId: string): RunStatus | undefined {
  if (!(error instanceof ResizeError) || error.code !== 'TooLate') return undefined;
  const status = error.details?.['status'] as RunStatus | undefined;
  return status?.decisions.some((one) => one.counted && one.voteId === voteId) ? status : undefined;
}

/** Who won, when, and what became of the server. */
async function tooLate(link: TemporalLink, chain: Chain, open = false): Promise<ResizeError> {
  if (open) {
    return new ResizeError('NotAnswered', 'the resize was moving on to its next run each time it was asked: ask again');
  }
  const status = await fullStatus(link, await newestOf(link, chain));
  const how = status.outcome === undefined ? `ended (${status.execution})` : `ended as ${status.outcome}`;
  const why = status.cause === undefined ? '' : ` (${status.cause})`;
  const winner = winnerOf(status);
  // The resize's own sentence names the winner too, unless the end came before it was written.
  const named = winner === undefined || status.message.includes(winner.at);
  const who = named ? '' : `, ${deciderText(winner)} at ${winner.at}`;
  return new ResizeError('TooLate', `too late: this resize has ${how}${why}${who}: ${status.message}`, { status });
}

/** The decision that the outcome came from: the last approve that was needed, or the reject, which ends the voting. */
function winnerOf({ cause, decisions, ...gate }: RunStatus): Decision | undefined {
  const counted = decisions.filter((one) => one.counted);
  if (cause === 'approved') return counted.filter((one) => one.decision === 'approve')[requiredApprovals(gate) - 1];
  if (cause === 'rejected' || cause === 'cancelled') return counted.findLast((one) => one.decision === 'reject');
  return undefined;
}
