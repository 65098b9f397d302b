import { Context, log, metricMeter } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/common';
import { CloudFailure, type Cloud } from '../cloud';
import { workflowIdOf } from '../resize/request';
import { isTouching } from '../resize/situation';
import { OUTCOMES, type Outcome } from '../resize/outcome';
import { present } from '../resize/present';
import { MEMO_STATUS, type Orphan } from '../workflows/messages';
import { withHeartbeats } from './heartbeats';
import { reading } from './read-failure';

/**
 * The servers in VERIFY_RESIZE whose gate no running resize holds, as a result, a metric and a log line each.
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

async function search(cloud: Cloud): Promise<Orphan[]> {
  const { project } = await cloud.identity();
  const orphans: Orphan[] = [];
  for (const { id } of await cloud.serversWithStatus('VERIFY_RESIZE')) {
    const last = await lastRun(id);
    if (last?.closed === undefined && last !== undefined) continue;
    // It may have been confirmed, or taken over, since the list was read.
    const server = await unlessGone(() => cloud.serverById(id));
    if (server?.status !== 'VERIFY_RESIZE') continue;
    const action = (await unlessGone(() => cloud.actions(id)))?.find((each) => isTouching(each.action));
    orphans.push({
      id,
      name: server.name,
      project: server.project || project,
      flavor: server.flavor,
      ...(action && {
        action: {
          name: action.action,
          requestId: action.requestId,
          ...(action.userId !== undefined && { userId: action.userId }),
          ...(action.finishTime !== undefined && { finishTime: action.finishTime }),
        },
      }),
      ...(last?.closed !== undefined && { lastRun: present({ ...last, closed: last.closed }) }),
    });
  }
  return orphans;
}

/** The newest resize of a server; `closed` is absent while it runs, `outcome` where it recorded none. */
async function lastRun(server: string): Promise<{ runId: string; closed?: string; outcome?: Outcome } | undefined> {
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

/** Gone meanwhile, or not for us to read: then it is told without. */
async function unlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CloudFailure && ['not-found', 'forbidden'].includes(error.trouble.kind)) return undefined;
    throw error;
  }
}
