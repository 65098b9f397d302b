/** Finding resizes among those that Temporal keeps: by id, by name, or all of them. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { isServerId, workflowIdOf } from '../resize/request';
import { PHASES, type Phase } from '../resize/outcome';
import { RESIZE_SERVER } from '../workflows/messages';
import { ResizeError } from './resize-error';
import { describeRun, firstRunOf } from './run-chain';
import { ResizeRun } from './resize-run';
import { isResize, recordedStatus, type RunStatus } from './run-status';
import type { TemporalLink } from './temporal-link';

/** Which resizes to list. */
export interface ListFilter {
  phase?: Phase;
  /** Only those that still run. @default false */
  open?: boolean;
}

/** A page of visibility answers is bounded; so is each call. */
const PAGE = 200;

const RESIZES = `WorkflowType = '${RESIZE_SERVER}'`;
const RUNNING = "ExecutionStatus = 'Running'";
// Their last run says it all.
const LAST_RUNS = "ExecutionStatus != 'ContinuedAsNew'";

/**
 * The resizes that Temporal keeps, newest first, as last recorded. No worker is asked, and no search attribute is
 * needed. Visibility may lag a second behind.
 * @throws ResizeError InvalidRequest for an unknown phase; NoTemporal, NotAuthenticated
 */
export async function listRuns(link: TemporalLink, filter: ListFilter): Promise<RunStatus[]> {
  const { phase, open = false } = filter;
  if (phase !== undefined && !PHASES.includes(phase)) {
    throw new ResizeError('InvalidRequest', `phase: '${phase as string}' is none of ${PHASES.join(', ')}`);
  }
  const found = await search(link, open ? `${RESIZES} AND ${RUNNING}` : `${RESIZES} AND ${LAST_RUNS}`);
  return found
    .map(recordedStatus)
    .filter((status) => phase === undefined || status.phase === phase)
    .sort((one, other) => other.requestedAt.localeCompare(one.requestedAt));
}

/**
 * The newest resize of a server.
 * @param server its id, a workflow id, or its name: running resizes first, then those that are over
 * @throws ResizeError NotFound; AmbiguousName, which lists the ids; NoTemporal
 */
export async function getRun(link: TemporalLink, server: string): Promise<ResizeRun> {
  const wanted = server.trim();
  const id = wanted.replace(/^resize-/, '');
  const workflowId = isServerId(id) ? workflowIdOf(id) : await workflowIdByName(link, wanted);
  const newest = await describeRun(link, workflowId);
  if (newest === undefined || !isResize(newest)) {
    throw new ResizeError(
      'NotFound',
      `no resize of server ${wanted} is known in namespace '${link.namespace}': see "list", or the namespace`,
      { server: wanted },
    );
  }
  return new ResizeRun(link, { workflowId, firstRunId: firstRunOf(newest), runId: newest.runId });
}

async function workflowIdByName(link: TemporalLink, name: string): Promise<string> {
  for (const which of [RUNNING, LAST_RUNS]) {
    const found = await search(link, `${RESIZES} AND ${which}`);
    const servers = new Map<string, RunStatus>();
    for (const status of found.map(recordedStatus)) {
      if (status.server.name === name && !servers.has(status.workflowId)) servers.set(status.workflowId, status);
    }
    const [first, ...others] = servers.values();
    if (first !== undefined && others.length === 0) return first.workflowId;
    if (first !== undefined) throw ambiguous(name, [first, ...others]);
  }
  throw new ResizeError(
    'NotFound',
    `no resize of a server named '${name}' is known in namespace '${link.namespace}': see "list", or give its id`,
    { server: name },
  );
}

function ambiguous(name: string, found: RunStatus[]): ResizeError {
  const servers = found.map(({ server, cloud, phase }) => ({ id: server.id, name, cloud, phase }));
  const ids = servers.map(({ id, cloud }) => `${id} (${cloud})`).join(', ');
  return new ResizeError('AmbiguousName', `'${name}' is the name of several servers: ${ids}; give the id`, { servers });
}

async function search(link: TemporalLink, query: string): Promise<WorkflowExecutionInfo[]> {
  // Generous: a namespace may keep thousands of resizes, a page of which is about 200 kB.
  const within = link.timing.call * 4;
  return link.call('list the resizes', within, async () => {
    const found: WorkflowExecutionInfo[] = [];
    for await (const info of link.client.workflow.list({ query, pageSize: PAGE })) found.push(info);
    return found;
  });
}
