import { ApiFault, forbidden } from './api-fault';
import type { Caller, SimulatedCloud } from '../engine/simulated-cloud';
import type { ServerRecord } from '../engine/server-record';
import { statusOf } from '../engine/states';
import type { ListFaults } from './list-faults';
import { parseTime } from './timestamps';

const statuses = new Set([
  ...['ACTIVE', 'BUILD', 'DELETED', 'ERROR', 'HARD_REBOOT', 'MIGRATING', 'PASSWORD', 'PAUSED', 'REBOOT', 'REBUILD'],
  ...['RESCUE', 'RESIZE', 'REVERT_RESIZE', 'SHELVED', 'SHELVED_OFFLOADED', 'SHUTOFF', 'SOFT_DELETED', 'SUSPENDED'],
  ...['UNKNOWN', 'VERIFY_RESIZE'],
]);
const known = new Set([
  ...['name', 'status', 'changes-since', 'changes-before', 'limit', 'marker', 'all_tenants', 'uuid', 'flavor', 'host'],
  ...['image', 'vm_state', 'task_state', 'sort_key', 'sort_dir', 'deleted', 'project_id', 'tenant_id', 'user_id'],
]);

/** What `GET /servers` and `/servers/detail` select, newest first. */
export function selectServers(cloud: SimulatedCloud, query: URLSearchParams, caller: Caller): ServerRecord[] {
  const unknown = [...query.keys()].find((key) => !known.has(key));
  if (unknown !== undefined && caller.minor >= 75) {
    throw new ApiFault(400, `'${unknown}' does not match any of the regexes: '^_'`);
  }
  const everybody = ['1', 'true', 'True', ''].includes(query.get('all_tenants') ?? 'no');
  if (everybody && !caller.admin) throw forbidden('os_compute_api:servers:index:get_all_tenants');
  const status = query.get('status')?.toUpperCase();
  if (status !== undefined && !statuses.has(status)) throw new ApiFault(400, 'Invalid status value');
  const faults = cloud.control.lists;
  const since = sinceIn(query, faults);
  const before = timeIn(query, 'changes-before');
  const name = query.get('name');
  const pattern = name === null ? undefined : patternIn(name);
  const is = (key: string, value: string | null): boolean => !query.has(key) || query.get(key) === value;
  const isSelected = (server: ServerRecord): boolean =>
    // First what leaves few of them: one list a second of 10,000 servers has to stay light.
    (since === undefined || savedAt(server) >= since) &&
    (everybody || server.projectId === caller.projectId) &&
    // Deleted servers are shown where changes are asked for: that is how a client learns of them.
    (server.vmState !== 'deleted' || since !== undefined) &&
    (before === undefined || savedAt(server) <= before) &&
    (status === undefined || statusOf(server.vmState, server.taskState) === status) &&
    (pattern?.test(server.name) ?? true) &&
    is('uuid', server.id) &&
    is('vm_state', server.vmState) &&
    is('flavor', server.flavor.id) &&
    !faults.isMissing(server);
  const selected: ServerRecord[] = [];
  for (const server of cloud.all()) {
    const shown = since === undefined ? server : faults.atReplica(server);
    if (shown !== undefined && isSelected(shown)) selected.push(shown);
  }
  return query.get('sort_dir') === 'asc' ? selected : selected.reverse();
}

/** Nova on MySQL keeps whole seconds. */
const savedAt = ({ updated }: ServerRecord): number => Math.floor(updated.getTime() / 1000) * 1000;

/** The `changes-since` of a list, as far as this cloud knows it. */
function sinceIn(query: URLSearchParams, { changesSince }: ListFaults): number | undefined {
  const since = timeIn(query, 'changes-since');
  if (since === undefined || changesSince === 'known') return since;
  switch (changesSince) {
    case 'ignored':
      return undefined;
    case 400:
      throw new ApiFault(400, "Additional properties are not allowed ('changes-since' was unexpected)");
    case 401:
      throw new ApiFault(401, 'The request you have made requires authentication.');
    case 403:
      throw forbidden('os_compute_api:servers:detail');
    case 404:
      throw new ApiFault(404, 'The resource could not be found.');
  }
}

/** A moment of the query in ms. */
export function timeIn(query: URLSearchParams, key: string): number | undefined {
  const text = query.get(key);
  if (text === null) return undefined;
  const time = parseTime(text);
  if (time === undefined) {
    throw new ApiFault(
      400,
      `Invalid input for query parameters ${key}. Value: ${text}. '${text}' is not a 'date-time'`,
    );
  }
  return time.getTime();
}

/** Names are matched as regular expressions. */
function patternIn(name: string): RegExp {
  try {
    return new RegExp(name);
  } catch {
    throw new ApiFault(400, `Invalid input for query parameters name. Value: ${name}.`);
  }
}
