/**
 * Stand-ins for the real workflows, so that the client is tested on its own: what they do is written in the request's
 * `reason`. They keep the contract of the wire (names, memo, failures), and nothing of the story.
 */
import {
  ApplicationFailure,
  CancelledFailure,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { Choice, Decision, Vote } from '../../src/resize/decision';
import type { Cause, Outcome, ResizeStatus } from '../../src/resize/outcome';
import { memoOf } from '../../src/resize/memo';
import type { ResizeInput } from '../../src/resize/request';
import * as messages from '../../src/workflows/messages';
import type { InspectInput, Inspection, Orphan, OrphansInput } from '../../src/workflows/messages';

/** What the stand-in can be told to do, as `reason`. */
export type Script =
  | 'decide' // confirm or revert by the first vote; a cancel closes it Canceled
  | 'roll back' // fail as RolledBackByCloud at the first `observeNow`
  | 'break' // fail as no resize should
  | 'operator' // go to needs-operator, and leave it by retry or abandon
  | 'continue'; // at `observeNow` continue as new, then `decide`

interface Carried {
  runs: string[];
}

export async function inspectServer(input: InspectInput): Promise<Inspection> {
  const { look } = proxyActivities<{ look: (input: InspectInput) => Promise<Inspection> }>({
    taskQueue: messages.cloudTaskQueue(workflowInfo().taskQueue, input.cloud),
    startToCloseTimeout: '20s',
    retry: { maximumAttempts: 2 },
  });
  return look(input);
}

export async function findOrphans(input: OrphansInput): Promise<{ orphans: Orphan[] }> {
  const { forgotten } = proxyActivities<{ forgotten: () => Promise<Orphan[]> }>({
    taskQueue: messages.cloudTaskQueue(workflowInfo().taskQueue, input.cloud),
    startToCloseTimeout: '20s',
  });
  return { orphans: await forgotten() };
}

export async function resizeServer(input: ResizeInput, carried?: Carried): Promise<ResizeStatus> {
  const { workflowId, runId, memo } = workflowInfo();
  const first = memo?.[messages.MEMO_STATUS] as ResizeStatus;
  const runs = [...(carried?.runs ?? []), runId];
  const seen: string[] = [];
  const { approvals } = input;
  let status: ResizeStatus = {
    ...first,
    workflowId,
    runId,
    phase: 'awaiting-decision',
    message: 'please decide',
    ...(approvals && { approvals: { ...approvals, required: approvals.required ?? 1, approvedBy: [] } }),
  };
  let looked = false;
  let word: 'retry' | 'abandon' | undefined;

  const publish = (change: Partial<ResizeStatus>) => {
    status = { ...status, ...change };
    upsertMemo({ [messages.MEMO_STATUS]: memoOf(status) });
  };
  const refuse = (type: string, message: string) => ApplicationFailure.nonRetryable(message, type);
  const judge = (vote: Vote): void => {
    if (vote.run !== undefined && !runs.includes(vote.run)) throw refuse('WrongRun', `made for run ${vote.run}`);
    if (vote.by === input.requestedBy) throw refuse('RequesterMayNotApprove', `${vote.by} asked for it`);
    const won = status.decisions.find((one) => one.counted);
    if (won !== undefined && won.voteId !== vote.voteId) throw refuse('TooLate', `too late: ${won.by} was first`);
  };
  const record = (decision: Choice, vote: Vote, via: Decision['via']) => {
    let why: string | undefined;
    try {
      judge(vote);
    } catch (error) {
      why = (error as Error).message;
    }
    if (why === undefined && vote.voteId !== undefined && seen.includes(vote.voteId)) return;
    if (vote.voteId !== undefined) seen.push(vote.voteId);
    const at = new Date(Date.now()).toISOString();
    const entry: Decision = { decision, ...vote, at, via, counted: why === undefined, ...(why && { why }) };
    publish({ decisions: [...status.decisions, entry], message: `${decision} by ${vote.by}` });
  };

  setHandler(messages.status, () => ({ ...status, message: `live: ${status.message}` }));
  setHandler(messages.approve, (vote) => record('approve', vote, 'signal'));
  setHandler(messages.reject, (vote) => record('reject', vote, 'signal'));
  setHandler(messages.observeNow, () => void (looked = true));
  setHandler(
    messages.decide,
    ({ decision, ...vote }) => {
      record(decision, vote, 'update');
      return status;
    },
    { validator: judge },
  );
  const decided = () => status.decisions.find((one) => one.counted);
  const say = (said: 'retry' | 'abandon') => () => {
    word = said;
    return status;
  };
  const validator = ({ by }: messages.OperatorWord) => {
    if (by === '') throw refuse('InvalidDecision', 'say who');
    if (status.phase !== 'needs-operator') throw refuse('InvalidDecision', 'not in phase needs-operator');
  };
  setHandler(
    messages.extend,
    ({ by, for: more }) => {
      publish({ decisionDeadline: new Date(Date.now() + Number(more)).toISOString(), message: `extended by ${by}` });
      return status;
    },
    {
      validator: ({ by }) => {
        if (by === 'joe') throw refuse('NotAnApprover', `extend: asked for under the name ${by}`);
        if (decided() !== undefined) throw refuse('TooLate', 'too late: it is decided');
      },
    },
  );
  setHandler(messages.retry, say('retry'), { validator });
  setHandler(messages.abandon, say('abandon'), { validator });

  const end = (outcome: Outcome, cause?: Cause) =>
    publish({ phase: 'closed', outcome, ...(cause && { cause }), message: `it ended as ${outcome}` });

  publish({});
  const script = input.reason as Script;
  if (script === 'break') throw ApplicationFailure.nonRetryable('a mistake in the story', 'Mistake');
  if (script === 'roll back') {
    await condition(() => looked);
    end('rolled-back-by-cloud');
    throw ApplicationFailure.nonRetryable(status.message, 'RolledBackByCloud', { ...status, message: 'in full' });
  }
  if (script === 'operator') {
    publish({ phase: 'needs-operator', message: 'it is stuck', advice: { you: 'look' } });
    await condition(() => word !== undefined);
    if (word === 'abandon') {
      end('needs-operator');
      throw ApplicationFailure.nonRetryable(status.message, 'NeedsOperator', status);
    }
    publish({ phase: 'awaiting-decision', message: 'please decide' });
  }
  if (script === 'continue' && carried === undefined) {
    await condition(() => looked);
    await continueAsNew<typeof resizeServer>(input, { runs });
  }
  try {
    await condition(() => decided() !== undefined);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    end('cancelled', 'cancelled');
    throw new CancelledFailure('stopped');
  }
  if (decided()?.decision === 'approve') end('confirmed', 'approved');
  else end('reverted', 'rejected');
  return { ...status, message: 'in full' };
}
