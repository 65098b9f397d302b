import { Context, log, metricMeter } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import { CloudFailure, type Cloud } from '../cloud';
import type { ActionSeen } from '../resize/observation';
import { OUTCOMES, type Outcome } from '../resize/outcome';
import { present } from '../resize/present';
import { workflowIdOf } from '../resize/request';
import { MEMO_STATUS, type Orphan } from '../workflows/messages';
import { withHeartbeats } from './heartbeats';
import { reading } from './read-failure';

/** The status of a server that waits for a confirm or revert. */
const WAITING = 'VERIFY_RESIZE';

/**
 * The servers in VERIFY_RESIZE that no running resize owns, as a result, a metric and a log line each.
 * @throws ApplicationFailure of type {@link ReadFailure}
 */
export async function findOrphans(cloud: Cloud): Promise<Orphan[]> {
  const orphans = await withHeartbeats(() => reading(() => search(cloud)));
  measure(orphans.length, cloud.name);
  for (const { id, name, flavor, action } of orphans) {
    log.warn(`orphan: server ${name} (${id}) waits in VERIFY_RESIZE and no running resize owns it`, {
      cloud: cloud.name,
      flavor: flavor.name,
      since: action?.finishTime,
    });
  }
  return orphans;
}

/** The worker that looks next may be another one, and a gauge cannot be taken back: the time tells which value counts. */
function measure(count: number, cloud: string): void {
  metricMeter
    .createGauge('durable_resize_orphans', 'int', 'servers', 'servers in VERIFY_RESIZE that no running resize owns')
    .set(count, { cloud });
  metricMeter
    .createGauge('durable_resize_orphans_looked_at', 'int', 'seconds', 'when that was looked for, in Unix time')
    .set(Math.floor(Date.now() / 1000), { cloud });
}

/** Servers examined in parallel. More would only queue at the cloud's limit. */
const PARALLEL = 4;

/**
 * Reads two lists, and per orphan one page of its action log and one entry of it, whatever its past.
 */
async function search(cloud: Cloud): Promise<Orphan[]> {
  const { project } = await cloud.identity();
  const listed = await cloud.serversWithStatus(WAITING);
  const runs = await inParallel(listed, ({ id }) => lastRun(id));
  const unowned = new Map<string, LastRun>();
  for (const [n, { id }] of listed.entries()) {
    const run = runs[n];
    if (run === undefined || run.closed !== undefined) unowned.set(id, run);
  }
  if (unowned.size === 0) return [];
  // A run that ended a moment ago may have confirmed its server since the list was read.
  const still = (await cloud.serversWithStatus(WAITING)).filter(({ id }) => unowned.has(id));
  return inParallel(still, async ({ id, name, flavor, project: owner = project }) => {
    const last = await lastAction(cloud, id);
    const run = unowned.get(id);
    return present({
      id,
      name,
      project: owner,
      flavor,
      action:
        last &&
        present({ name: last.action, requestId: last.requestId, userId: last.userId, finishTime: last.finishTime }),
      lastRun: run?.closed === undefined ? undefined : present({ ...run, closed: run.closed }),
    });
  });
}

/** The newest resize of a server; `closed` is absent while it runs, `outcome` where it recorded none. */
type LastRun = { runId: string; closed?: string; outcome?: Outcome } | undefined;

/** The action that the server waits after, for people. It is optional: without it the orphan is reported all the same. */
async function lastAction(cloud: Cloud, server: string): Promise<ActionSeen | undefined> {
  try {
    return (await cloud.lastTouchingAction(server))?.action;
  } catch (error) {
    if (error instanceof CloudFailure) return undefined;
    throw error;
  }
}

/** Maps all items, a few at a time, in their order. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const one = async () => {
    for (const [n, item] of queue) results[n] = await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, one));
  return results;
}

async function lastRun(server: string): Promise<LastRun> {
  try {
    const { runId, status, memo } = await Context.current().client.workflow.getHandle(workflowIdOf(server)).describe();
    const closed = status.name === 'RUNNING' ? undefined : status.name.toLowerCase();
    return present({ runId, closed, outcome: outcomeIn(memo?.[MEMO_STATUS]) });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

function outcomeIn(status: unknown): Outcome | undefined {
  const outcome = typeof status === 'object' && status !== null && 'outcome' in status ? status.outcome : undefined;
  return typeof outcome === 'string' && Object.hasOwn(OUTCOMES, outcome) ? (outcome as Outcome) : undefined;
}
