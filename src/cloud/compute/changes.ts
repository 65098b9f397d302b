import * as v from 'valibot';

import { present } from '../../resize/present';
import { CloudFailure } from '../http/cloud-failure';
import type { ServerRow } from '../../resize/changes';
import type { ServersChanged } from '../cloud';
import type { ComputeReader } from './compute-reader';
import { READ_SERVER } from './endpoint';
import { hasNext, Links, walk, type Page } from './pages';
import { taskIn } from './server';
import { isoTime, utc } from './times';

/** Whatever a row holds, it must not hide the others: a field of another form counts as not shown. */
const Text = v.fallback(v.nullish(v.string()), undefined);

const Row = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  status: Text,
  updated: Text,
  locked: v.fallback(v.nullish(v.boolean()), undefined),
  'OS-EXT-STS:vm_state': Text,
  'OS-EXT-STS:task_state': Text,
});

const Rows = v.object({ servers: v.array(v.unknown()), servers_links: Links });
const Any = v.unknown();

/** A row with addresses, links and metadata takes 1 to 4 KB, and an answer may have 2 MB. */
const PAGE = 500;

/** The statuses between a resize and its end. */
const LISTED: readonly string[] = ['RESIZE', 'REVERT_RESIZE', 'VERIFY_RESIZE'];

/** So far a row may be older than what was asked for before it counts as "the cloud ignores the filter", ms. */
const TOLERANCE = 60_000;

/** The row in an entry of the list; none where it has no id. */
function rowIn(entry: unknown): ServerRow[] {
  const parsed = v.safeParse(Row, entry);
  if (!parsed.success) return [];
  const { id, status, locked, updated, ...states } = parsed.output;
  const row = {
    id,
    status: status?.toUpperCase() ?? 'UNKNOWN',
    vmState: states['OS-EXT-STS:vm_state']?.toLowerCase(),
    taskState: taskIn(states['OS-EXT-STS:task_state']),
    locked: locked ?? undefined,
    updated: isoTime(utc(updated ?? '')),
  };
  return [present(row)];
}

/** The lists that tell whether something happened to a server of the project. */
export class ServerChanges {
  readonly #api: ComputeReader;

  constructor(api: ComputeReader) {
    this.#api = api;
  }

  /** See `Cloud.serversChangedSince`. */
  async since(since: string | undefined): Promise<ServersChanged> {
    if (since === undefined) {
      const { time } = await this.#api.getDated('read the time of the cloud', '/servers?limit=1', READ_SERVER, Any);
      return present({ rows: [], cloudTime: isoTime(time) });
    }
    const from = Date.parse(since);
    // Whole seconds: Huawei's reference has no other form, and Nova keeps no other.
    const filter = { 'changes-since': `${new Date(from).toISOString().slice(0, 19)}Z` };
    const ignored = ({ updated }: ServerRow) => updated !== undefined && Date.parse(updated) < from - TOLERANCE;
    const list = await this.#list('list the servers that changed', filter, ignored);
    return list.rows.some(ignored) ? { ...list, rows: [], ignored: true } : list;
  }

  /** See `Cloud.serversUnderWay`. */
  async underWay(): Promise<ServerRow[]> {
    const found = new Map<string, ServerRow>();
    for (const status of LISTED) {
      const { rows } = await this.#list(`list the servers in ${status}`, { status });
      for (const row of rows.filter(isUnderWay)) found.set(row.id, row);
    }
    return [...found.values()];
  }

  /**
   * All pages of a list, up to a row that makes the rest of no use. An old Nova answers 400 to a marker whose server was
   * deleted after the page before was read: then the list is read again from its start, once.
   */
  async #list(
    tried: string,
    filter: Record<string, string>,
    isEnough: (row: ServerRow) => boolean = () => false,
  ): Promise<{ rows: ServerRow[]; cloudTime?: string }> {
    const last = { marked: false };
    const read = async () => {
      const times: (string | undefined)[] = [];
      const page = async (query: URLSearchParams): Promise<Page<ServerRow>> => {
        last.marked = query.has('marker');
        const full = Number(query.get('limit'));
        for (const [key, value] of Object.entries(filter)) query.set(key, value);
        const path = `/servers/detail?${query.toString()}`;
        const { value, time } = await this.#api.getDated(tried, path, READ_SERVER, Rows);
        times.push(isoTime(time));
        const { servers, servers_links: links } = value;
        return { items: servers.flatMap(rowIn), more: hasNext(links) || servers.length >= full };
      };
      const rows = new Map<string, ServerRow>();
      for await (const row of walk(page, ({ id }) => id, { size: PAGE })) {
        rows.set(row.id, row);
        if (isEnough(row)) break;
      }
      return present({ rows: [...rows.values()], cloudTime: times[0] });
    };
    try {
      return await read();
    } catch (error) {
      if (!last.marked || !(error instanceof CloudFailure) || error.trouble.status !== 400) throw error;
      return read();
    }
  }
}

/** Clouds show some of these servers as UNKNOWN, and some answer with more than the status that was asked for. */
function isUnderWay({ status, taskState }: ServerRow): boolean {
  return LISTED.includes(status) || taskState?.startsWith('resize_') === true;
}
