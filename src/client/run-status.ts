/** Reading the state of a resize: from its memo, its result, its failure, or by asking a worker. */
import { ApplicationFailure, WorkflowFailedError, type WorkflowExecutionInfo } from '@temporalio/client';
import type { ResizeStatus } from '../resize/outcome';
import { MEMO_KEY, MEMO_STATUS, RESIZE_SERVER, status as statusQuery } from '../workflows/messages';
import { readStatus } from './status-record';
import { textOf, type TemporalLink } from './temporal-link';

/** How Temporal holds the workflow of a resize. Only a `running` one can still change. */
export type Execution = 'running' | 'completed' | 'failed' | 'canceled' | 'terminated' | 'timed-out';

/** The state of a resize, and whether its workflow still runs. */
export interface RunStatus extends ResizeStatus {
  /** `terminated` and `timed-out` ended without an outcome: nobody watched the server to an end. */
  execution: Execution;
  /**
   * Does the run hear of changes of its server within a second, or does it observe at its own pace alone? Absent while
   * nothing is watched, and where it is not known: only `status` asks.
   */
  watched?: boolean;
}

/** What both a description and a list of runs say. */
export type RunFacts = Pick<WorkflowExecutionInfo, 'type' | 'workflowId' | 'runId' | 'status' | 'startTime' | 'memo'>;

const EXECUTIONS: Partial<Record<WorkflowExecutionInfo['status']['name'], Execution>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'canceled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed-out',
};

/** How Temporal holds it; what has no end of its own (running, paused, continued as new) counts as running. */
export function executionOf(info: RunFacts): Execution {
  return EXECUTIONS[info.status.name] ?? 'running';
}

/** The caller's own name for the request, if it gave one. */
export function keyOf(info: RunFacts): string | undefined {
  const key = info.memo?.[MEMO_KEY];
  return typeof key === 'string' ? key : undefined;
}

/** The status as last recorded with the workflow: no worker is asked, and it works for closed runs too. */
export function recordedStatus(info: RunFacts): RunStatus {
  const execution = executionOf(info);
  const status: RunStatus = {
    ...memoStatus(info),
    workflowId: info.workflowId,
    // A memo goes over to the next run of a chain as it was, with the run id of the one before.
    runId: info.runId,
    live: false,
    execution,
  };
  if (status.outcome !== undefined || execution === 'running' || execution === 'completed' || execution === 'failed') {
    return status;
  }
  if (execution === 'terminated') {
    return { ...status, message: 'terminated from outside: the server may be in VERIFY_RESIZE, and no run watches it' };
  }
  return {
    ...status,
    message: `its workflow ended (${execution}) in phase ${status.phase}: check the server in the cloud`,
  };
}

function memoStatus(info: RunFacts): ResizeStatus {
  const memo = info.memo?.[MEMO_STATUS];
  if (memo === undefined || memo === null) {
    return withoutRecord(info, 'nothing is recorded yet: no worker has taken it up');
  }
  const read = readStatus(memo);
  if ('status' in read) return read.status;
  return withoutRecord(info, `the memo 'status' of this run cannot be read (${read.problem}): see the run in Temporal`);
}

/** For a run that was started by other means, or whose record cannot be read. */
function withoutRecord(info: RunFacts, message: string): ResizeStatus {
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    phase: 'preparing',
    cloud: 'unknown',
    server: { id: info.workflowId.replace(/^resize-/, '') },
    to: { name: 'unknown' },
    requestedBy: 'unknown',
    requestedAt: info.startTime.toISOString(),
    live: false,
    onTimeout: 'revert',
    decisions: [],
    checks: [],
    message,
  };
}

/**
 * The status of a run, as fully as it can be had: of an open one by asking a worker, of a closed one from its result or
 * failure; else as recorded.
 */
export async function fullStatus(link: TemporalLink, info: RunFacts): Promise<RunStatus> {
  const recorded = recordedStatus(info);
  if (recorded.execution === 'running') return (await liveStatus(link, info)) ?? recorded;
  if (recorded.execution !== 'completed' && recorded.execution !== 'failed') return recorded;
  const handle = link.client.workflow.getHandle(info.workflowId, info.runId, { followRuns: false });
  try {
    const result: unknown = await link.call('read how the resize ended', link.timing.query, () => handle.result());
    return finalStatus(recorded, result) ?? recorded;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) return recorded;
    const { cause } = error;
    const final = cause instanceof ApplicationFailure ? finalStatus(recorded, cause.details?.[0]) : undefined;
    return (
      final ?? {
        ...recorded,
        message: `its workflow failed in a way that it should not: ${textOf(cause)}; check the server in the cloud`,
      }
    );
  }
}

function finalStatus(recorded: RunStatus, json: unknown): RunStatus | undefined {
  const read = readStatus(json);
  return 'status' in read ? { ...recorded, ...read.status, live: false } : undefined;
}

/** Asks a worker; undefined when none answers in time, or not with a status. */
export async function liveStatus(link: TemporalLink, info: RunFacts): Promise<RunStatus | undefined> {
  const handle = link.client.workflow.getHandle(info.workflowId, info.runId);
  try {
    const answer = await link.call('ask a worker for the status', link.timing.query, () => handle.query(statusQuery));
    const read = readStatus(answer);
    return 'status' in read ? { ...read.status, live: true, execution: executionOf(info) } : undefined;
  } catch {
    // No worker, or one that cannot answer: the caller falls back to the record, and `live: false` says so.
    return undefined;
  }
}

/** Is it a resize of ours, and not something else with an id like it? */
export function isResize(info: RunFacts): boolean {
  return info.type === RESIZE_SERVER;
}
