/** Reading the state of a resize: from its memo, its result, its failure, or by asking a worker. */
import { ApplicationFailure, WorkflowFailedError, type WorkflowExecutionInfo } from '@temporalio/client';
import type { ResizeStatus } from '../resize/outcome';
import { MEMO_KEY, MEMO_STATUS, RESIZE_SERVER, status as statusQuery } from '../workflows/messages';
import { textOf, type TemporalLink } from './temporal-link';

/** How Temporal holds the workflow of a resize. Only a `running` one can still change. */
export type Execution = 'running' | 'completed' | 'failed' | 'canceled' | 'terminated' | 'timed-out';

/** The state of a resize, and whether its workflow still runs. */
export interface RunStatus extends ResizeStatus {
  /** `terminated` and `timed-out` ended without an outcome: nobody watched the server to an end. */
  execution: Execution;
}

/** What both a description and a list of runs say. */
export type RunFacts = Pick<WorkflowExecutionInfo, 'type' | 'workflowId' | 'runId' | 'status' | 'startTime' | 'memo'>;

/** What is said of a run that somebody ended by force. */
const TERMINATED = 'terminated from outside: the server may be in VERIFY_RESIZE; see: durable-resize orphans';

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

/** Is it a status, and not what something else left there? */
function isStatus(value: unknown): value is ResizeStatus {
  return typeof value === 'object' && value !== null && 'phase' in value && 'server' in value && 'message' in value;
}

/** The status as last recorded with the workflow: no worker is asked, and it works for closed runs too. */
export function recordedStatus(info: RunFacts): RunStatus {
  const memo = info.memo?.[MEMO_STATUS];
  const execution = executionOf(info);
  const status: RunStatus = {
    ...(isStatus(memo) ? memo : unrecorded(info)),
    workflowId: info.workflowId,
    // A memo goes over to the next run of a chain as it was, with the run id of the one before.
    runId: info.runId,
    live: false,
    execution,
  };
  if (status.outcome !== undefined || execution === 'running' || execution === 'completed' || execution === 'failed') {
    return status;
  }
  if (execution === 'terminated') return { ...status, message: TERMINATED };
  return {
    ...status,
    message: `its workflow ended (${execution}) while ${status.phase}: check the server in the cloud`,
  };
}

/** For a run that was started by other means, before a worker recorded anything. */
function unrecorded(info: RunFacts): ResizeStatus {
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
    message: 'nothing is recorded yet: no worker has taken it up',
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
    return isStatus(result) ? { ...recorded, ...result, live: false } : recorded;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) return recorded;
    const { cause } = error;
    const details: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
    if (isStatus(details)) return { ...recorded, ...details, live: false };
    return {
      ...recorded,
      message: `its workflow failed in a way that it should not: ${textOf(cause)}; check the server in the cloud`,
    };
  }
}

/** Asks a worker; undefined when none answers in time. */
export async function liveStatus(link: TemporalLink, info: RunFacts): Promise<RunStatus | undefined> {
  const handle = link.client.workflow.getHandle(info.workflowId, info.runId);
  try {
    const status = await link.call('ask a worker for the status', link.timing.query, () => handle.query(statusQuery));
    return { ...status, live: true, execution: executionOf(info) };
  } catch {
    // No worker, or one that cannot answer: what is recorded is told instead, and `live: false` says so.
    return undefined;
  }
}

/** Is it a resize of ours, and not something else with an id like it? */
export function isResize(info: RunFacts): boolean {
  return info.type === RESIZE_SERVER;
}
