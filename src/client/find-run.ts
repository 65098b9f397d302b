/** Finding resizes among those that Temporal keeps: by id, by name, or all of them. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { waitsForPerson } from '../resize/approvals';
import { isServerId, workflowIdOf } from '../resize/request';
import { PHASES, type Phase } from '../resize/outcome';
import { present } from '../resize/present';
import { withoutNulls } from '../resize/wire-json';
import { ResizeError } from './resize-error';
import { describeRun, firstRunOf } from './run-chain';
import { ResizeRun, type Namesake } from './resize-run';
import { isResize, liveStatus, recordedStatus, type RunStatus } from './run-status';
import type { TemporalLink } from './temporal-link';
import { equals, LAST_RUNS, RUNNING } from '../temporal/resizes-query';
import { isSearchable, isUnknownAttribute, resizesWhere, serverNameOf } from './visibility';

/** Which resizes to list. */
export interface ListFilter {
  phase?: Phase;
  /** Only those that still run. @default false */
  open?: boolean;
  /** Only those that wait for a decision in which this person's approval is missing and would count. */
  waitingFor?: string;
  /** At most so many: open ones before closed ones, and of each the newest. @default all of them */
  limit?: number;
}

/**
 * The resizes that Temporal keeps, newest first, as last recorded. No worker is asked; search attributes shorten the
 * search where the namespace has them. Visibility may lag a second behind.
 * @throws ResizeError InvalidRequest for an unknown phase, an empty name or a bad limit; NoTemporal, NotAuthenticated
 */
export async function listRuns(link: TemporalLink, filter: ListFilter): Promise<RunStatus[]> {
  const given = (withoutNulls(filter) ?? {}) as ListFilter;
  const { open = false, limit = Infinity, waitingFor } = given;
  checkFilter(given);
  const runs = open || waitingFor !== undefined ? RUNNING : LAST_RUNS;
  // Before the server is resized and proven there is nothing to look at, and after the decision nothing to decide.
  const phase = given.phase ?? (waitingFor === undefined ? undefined : 'awaiting-decision');
  // The attribute shortens the search; the record decides. A run that no worker has taken up has no attribute yet.
  const isMeant = async (status: RunStatus, info: WorkflowExecutionInfo) => {
    if (phase !== undefined && status.phase !== phase) return false;
    return waitingFor === undefined || (await waitsFor(link, info, status, waitingFor));
  };
  const inPhase = phase && `(${equals('ResizePhase', phase)} OR ResizePhase IS NULL)`;
  const found = await withAttributes(
    (withThem) => upTo(limit, resizesWhere(link, runs, ...(withThem && inPhase ? [inPhase] : [])), isMeant),
    inPhase !== undefined,
  );
  return newestFirst(found);
}

function checkFilter({ phase, limit = Infinity, waitingFor }: ListFilter): void {
  if (phase !== undefined && !PHASES.includes(phase)) {
    throw new ResizeError('InvalidRequest', `phase: '${phase as string}' is none of ${PHASES.join(', ')}`);
  }
  if (limit !== Infinity && !(Number.isInteger(limit) && limit > 0)) {
    throw new ResizeError('InvalidRequest', `limit: '${String(limit)}' is not a whole number above zero`);
  }
  if (waitingFor !== undefined && (typeof waitingFor !== 'string' || waitingFor.trim() === '')) {
    throw new ResizeError('InvalidRequest', 'waitingFor: is no name; give the name that the person votes under');
  }
}

/**
 * Does a resize that waits for a decision wait for this person? A record that has no room for names is not enough: a
 * worker is asked, and without one it is shown, for one too many does no harm.
 */
async function waitsFor(
  link: TemporalLink,
  info: WorkflowExecutionInfo,
  status: RunStatus,
  name: string,
): Promise<boolean> {
  if (status.phase !== 'awaiting-decision') return false;
  const isShort = status.truncated === true && status.approvals !== undefined;
  return waitsForPerson(isShort ? ((await liveStatus(link, info)) ?? status) : status, name);
}

/**
 * The newest resize of a server.
 * @param server its id, a workflow id, or its name; of several servers of a name the one whose resize is open, else the
 *   one that was resized last
 * @throws ResizeError NotFound; AmbiguousName when resizes of several servers of the name are open; NoTemporal
 */
export async function getRun(link: TemporalLink, server: string): Promise<ResizeRun> {
  if (typeof server !== 'string' || server.trim() === '') {
    throw new ResizeError('InvalidRequest', 'server: is missing; give its id, its name or a workflow id');
  }
  const wanted = server.trim();
  const id = wanted.replace(/^resize-/, '');
  const named = isServerId(id) ? undefined : await byName(link, wanted);
  const newest = await describeRun(link, named?.workflowId ?? workflowIdOf(id));
  if (newest === undefined || !isResize(newest)) {
    throw new ResizeError(
      'NotFound',
      `no resize of server ${wanted} is known in namespace '${link.namespace}': see "list", or the namespace`,
      { server: wanted },
    );
  }
  const chain = { workflowId: newest.workflowId, firstRunId: firstRunOf(newest), runId: newest.runId };
  return new ResizeRun(link, chain, present({ namesakes: named?.namesakes }));
}

/** The server that a name means, and the others of this name that were found on the way. */
async function byName(link: TemporalLink, name: string): Promise<{ workflowId: string; namesakes: Namesake[] }> {
  const servers = new Map<string, RunStatus>();
  for (const status of newestFirst(await runsNamed(link, name))) {
    if (!servers.has(status.workflowId)) servers.set(status.workflowId, status);
  }
  const all = [...servers.values()];
  const open = all.filter(({ execution }) => execution === 'running');
  if (open.length > 1) throw ambiguous(name, open);
  const meant = open[0] ?? all[0];
  if (meant === undefined) {
    throw new ResizeError(
      'NotFound',
      `no resize of a server named '${name}' is known in namespace '${link.namespace}': see "list", or give its id`,
      { server: name },
    );
  }
  return { workflowId: meant.workflowId, namesakes: all.filter((one) => one !== meant).map(namesakeOf) };
}

/** The runs of a name; without search attributes only the open ones, where there are some. */
async function runsNamed(link: TemporalLink, name: string): Promise<RunStatus[]> {
  // In the record a long name may be cut.
  const isNamed = (status: RunStatus, info: WorkflowExecutionInfo) =>
    status.server.name === name || serverNameOf(info) === name;
  const every = (...conditions: string[]) => upTo(Infinity, resizesWhere(link, ...conditions), isNamed);
  return withAttributes(async (withThem) => {
    if (withThem) {
      // No worker has taken up a run without a name yet.
      const orNew = `(${equals('ResizeServerName', name)} OR (ResizeServerName IS NULL AND ${RUNNING}))`;
      const found = await every(LAST_RUNS, orNew);
      if (found.length > 0) return found;
      // These closed before the namespace had the attribute, or before a worker had read the name.
      return every(LAST_RUNS, 'ResizeServerName IS NULL');
    }
    const open = await every(RUNNING);
    return open.length > 0 ? open : every(LAST_RUNS);
  }, isSearchable(name));
}

/** Searches by search attributes if they are of use, and without where the namespace does not have them. */
async function withAttributes<T>(search: (withThem: boolean) => Promise<T>, useful: boolean): Promise<T> {
  if (!useful) return search(false);
  try {
    return await search(true);
  } catch (error) {
    if (!isUnknownAttribute(error)) throw error;
    return search(false);
  }
}

async function upTo(
  limit: number,
  found: AsyncIterable<WorkflowExecutionInfo>,
  isMeant: (status: RunStatus, info: WorkflowExecutionInfo) => boolean | Promise<boolean>,
): Promise<RunStatus[]> {
  const statuses: RunStatus[] = [];
  for await (const info of found) {
    const status = recordedStatus(info);
    if (await isMeant(status, info)) statuses.push(status);
    if (statuses.length >= limit) break;
  }
  return statuses;
}

const newestFirst = (statuses: RunStatus[]) =>
  statuses.sort((one, other) => Date.parse(other.requestedAt) - Date.parse(one.requestedAt));

const namesakeOf = ({ server, cloud }: RunStatus): Namesake => ({ id: server.id, cloud });

function ambiguous(name: string, found: RunStatus[]): ResizeError {
  const servers = found.map(({ server, cloud, phase }) => ({ id: server.id, name, cloud, phase }));
  const ids = servers.map(({ id, cloud }) => `${id} (${cloud})`).join(', ');
  return new ResizeError('AmbiguousName', `resizes of several servers named '${name}' are open: ${ids}; give the id`, {
    servers,
  });
}
