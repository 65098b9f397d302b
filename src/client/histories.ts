/** The histories of the resizes of a server, as Temporal keeps them: no worker is asked. */
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { entriesOf, type HistoryEntry } from '../record/entries';
import { historyIn, NoHistory, type RunHistory } from '../record/history';
import { equals } from '../temporal/resizes-query';
import { getRun } from './find-run';
import { ResizeError } from './resize-error';
import { describeRun } from './run-chain';
import { isGone, type TemporalLink } from './temporal-link';

/** A long history takes several pages. */
const CALLS_PER_HISTORY = 6;

/**
 * All resizes of a server that Temporal keeps, oldest first; each as the chain of its runs.
 * @param server its id, a workflow id, or its name
 * @throws ResizeError NotFound, AmbiguousName, NoTemporal, NotAuthenticated
 */
export async function historiesOf(link: TemporalLink, server: string): Promise<RunHistory[][]> {
  const { workflowId } = await getRun(link, server);
  const chains = new Map<string, RunHistory[]>();
  for (const runId of await runsOf(link, workflowId)) {
    const history = await historyOf(link, workflowId, runId);
    if (history !== undefined) chains.set(history.firstRunId, [...(chains.get(history.firstRunId) ?? []), history]);
  }
  if (chains.size === 0) {
    throw new ResizeError('NotFound', `Temporal no longer keeps a history of ${workflowId}`, { workflowId });
  }
  return [...chains.values()];
}

/** What happened in the resizes of a server, this run and past ones, oldest first. */
export async function entriesFor(link: TemporalLink, server: string): Promise<HistoryEntry[]> {
  return (await historiesOf(link, server)).flatMap(entriesOf);
}

/** Run ids, oldest first. The newest one may not be in the visibility store yet. */
async function runsOf(link: TemporalLink, workflowId: string): Promise<string[]> {
  const found = new Map<string, number>();
  const listed = link.client.workflow.list({ query: equals('WorkflowId', workflowId) })[Symbol.asyncIterator]();
  for (;;) {
    const next = await link.call('list the runs of the resize', link.timing.call, () => listed.next());
    if (next.done) break;
    found.set(next.value.runId, next.value.startTime.getTime());
  }
  const newest = await describeRun(link, workflowId);
  if (newest !== undefined) found.set(newest.runId, newest.startTime.getTime());
  return [...found].sort(([, one], [, other]) => one - other).map(([runId]) => runId);
}

/** @returns undefined for a run that Temporal has deleted meanwhile, or that is no resize */
async function historyOf(link: TemporalLink, workflowId: string, runId: string): Promise<RunHistory | undefined> {
  const handle = link.client.workflow.getHandle(workflowId, runId);
  try {
    const within = CALLS_PER_HISTORY * link.timing.call;
    const history = await link.call('read the history of the resize', within, () => handle.fetchHistory());
    return historyIn(JSON.parse(historyToJSON(history)) as unknown);
  } catch (error) {
    if (isGone(error) || error instanceof NoHistory) return undefined;
    throw error;
  }
}
