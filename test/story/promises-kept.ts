/** What the histories of all resizes in a namespace say against the promises. */
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { historyIn, type RunHistory } from '../../src/record/history';
import { breachesIn } from '../../src/record/promises';

/** @returns a line for each promise that is not kept */
export async function brokenPromises(client: Client): Promise<string[]> {
  const runs: { workflowId: string; runId: string; startTime: Date }[] = [];
  for await (const run of client.workflow.list({ query: "WorkflowType = 'resizeServer'" })) runs.push(run);
  runs.sort((one, other) => one.startTime.getTime() - other.startTime.getTime());
  const chains = new Map<string, RunHistory[]>();
  for (const { workflowId, runId } of runs) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const read = historyIn(JSON.parse(historyToJSON(history)) as unknown);
    chains.set(read.firstRunId, [...(chains.get(read.firstRunId) ?? []), read]);
  }
  return [...chains.values()].flatMap((chain) =>
    breachesIn(chain).map(({ promise, sentence, runId }) => `${promise}: run ${runId}, ${sentence}`),
  );
}
