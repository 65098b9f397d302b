/**
 * One resize is a chain of runs (continue-as-new) under a workflow id that later resizes of the server use again. A chain
 * is known by its first run id, so that a later resize is never taken for an earlier one.
 */
import type { WorkflowExecutionDescription, WorkflowService } from '@temporalio/client';
import { ResizeError } from './resize-error';
import { isGone, type TemporalLink } from './temporal-link';

type HistoryRequest = Parameters<WorkflowService['getWorkflowExecutionHistory']>[0];

/** Only the event that closed the run (HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT). */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum's package is not a dependency of ours
const CLOSE_EVENT = 2 as HistoryRequest['historyEventFilterType'] & number;

/** Which resize is meant. */
export interface Chain {
  workflowId: string;
  /** The run that the chain began with. */
  firstRunId: string;
  /** The newest run known so far; moved on as newer ones are seen. */
  runId: string;
}

/**
 * Describes a workflow by id: its newest run, or the one given.
 * @returns undefined when there is none
 */
export async function describeRun(
  link: TemporalLink,
  workflowId: string,
  runId?: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await link.call('read the resize', link.timing.call, () =>
      link.client.workflow.getHandle(workflowId, runId).describe(),
    );
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** The first run id of the chain that a described run belongs to. */
export function firstRunOf(description: WorkflowExecutionDescription): string {
  return description.raw.workflowExecutionInfo?.firstRunId || description.runId;
}

/**
 * The newest run of this chain, whatever was started under the same workflow id since. Moves `chain.runId` on.
 * @throws ResizeError NotFound when Temporal no longer keeps it
 */
export async function newestOf(link: TemporalLink, chain: Chain): Promise<WorkflowExecutionDescription> {
  const newest = await describeRun(link, chain.workflowId);
  if (newest !== undefined && firstRunOf(newest) === chain.firstRunId) {
    chain.runId = newest.runId;
    return newest;
  }
  for (;;) {
    const described = await describeRun(link, chain.workflowId, chain.runId);
    if (described === undefined) {
      throw new ResizeError(
        'NotFound',
        `Temporal no longer knows run ${chain.runId} of ${chain.workflowId}: its retention has passed, or it was deleted`,
        { workflowId: chain.workflowId, runId: chain.runId },
      );
    }
    if (described.status.name !== 'CONTINUED_AS_NEW') return described;
    const next = await continuedAs(link, chain);
    if (next === undefined) return described;
    chain.runId = next;
  }
}

async function continuedAs(link: TemporalLink, chain: Chain): Promise<string | undefined> {
  const response = await link.call('follow the resize to its next run', link.timing.call, () =>
    link.client.workflowService.getWorkflowExecutionHistory({
      namespace: link.namespace,
      execution: { workflowId: chain.workflowId, runId: chain.runId },
      historyEventFilterType: CLOSE_EVENT,
      skipArchival: true,
    }),
  );
  const closing = response.history?.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes;
  return closing?.newExecutionRunId ?? undefined;
}
