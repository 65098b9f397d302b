import type { ServerRecord } from '../engine/server-record';

/** How a cloud answers a list with `changes-since` that it does not serve. */
const REFUSALS = [400, 401, 403, 404] as const;
type ChangesSince = 'known' | 'ignored' | (typeof REFUSALS)[number];

/** What can be wrong with lists of servers. A server is named by id, name or `*`. */
export interface ListFaultsSet {
  /**
   * `ignored`: as if it were not asked for, by a cloud that does not know it. 400, 401, 403 or 404: refused so.
   * @default 'known'
   */
  changesSince?: ChangesSince;
  /** Seconds until a change shows in a list with `changes-since`, as where that is read from an asynchronous replica. */
  late?: Record<string, number>;
  /** Seconds by which the clock of the host that saves the server is ahead; below 0 it is behind. */
  skew?: Record<string, number>;
  /** Servers that no list shows, as where their cell is down. Read by id they are there. */
  missing?: string[];
}

type Named = Pick<ServerRecord, 'id' | 'name'>;

/** A row as it was saved once, and from when on the replica has it; epoch ms. */
interface Saved {
  from: number;
  row: ServerRecord;
}

/** The faults of lists that are set, and what is needed to play them. */
export class ListFaults {
  changesSince: ChangesSince = 'known';
  private readonly late = new Map<string, number>();
  private readonly skew = new Map<string, number>();
  private readonly missing = new Set<string>();
  /** Of servers that are late: what was saved, oldest first. */
  private readonly saved = new Map<string, Saved[]>();

  /** Adds to what is set. What `unknownIn` finds must have been refused before. */
  add({ changesSince, late = {}, skew = {}, missing = [] }: ListFaultsSet): void {
    this.changesSince = changesSince ?? this.changesSince;
    for (const [server, seconds] of Object.entries(late)) this.late.set(server, seconds);
    for (const [server, seconds] of Object.entries(skew)) this.skew.set(server, seconds);
    for (const server of missing) this.missing.add(server);
  }

  /** Forgets everything; with a server, only what was set for that. */
  forget(server?: string): void {
    for (const set of [this.late, this.skew, this.missing, this.saved]) {
      if (server === undefined) set.clear();
      else set.delete(server);
    }
    if (server === undefined) this.changesSince = 'known';
  }

  show(): Required<ListFaultsSet> {
    const { changesSince, late, skew, missing } = this;
    return { changesSince, late: Object.fromEntries(late), skew: Object.fromEntries(skew), missing: [...missing] };
  }

  isMissing(server: Named): boolean {
    return this.missing.size > 0 && namesOf(server).some((name) => this.missing.has(name));
  }

  /** To be called when a server has changed: stamps it by the clock of its host. */
  save(server: ServerRecord): void {
    const now = Date.now();
    server.updated = new Date(now + 1000 * secondsOf(this.skew, server));
    const late = secondsOf(this.late, server);
    if (late === 0) {
      this.saved.delete(server.id);
      return;
    }
    const rows = this.saved.get(server.id) ?? [];
    const visible = rows.findLastIndex(({ from }) => from <= now);
    this.saved.set(server.id, [...rows.slice(Math.max(visible, 0)), { from: now + 1000 * late, row: { ...server } }]);
  }

  /** The server as the replica has it; undefined where it has not heard of it yet. */
  atReplica(server: ServerRecord): ServerRecord | undefined {
    const rows = this.saved.get(server.id);
    if (rows === undefined || secondsOf(this.late, server) === 0) return server;
    return rows.findLast(({ from }) => from <= Date.now())?.row;
  }
}

/** What is misspelt in a change of these settings. */
export function unknownIn(change: ListFaultsSet): string[] {
  const { changesSince = 'known', ...more } = change;
  const values: readonly unknown[] = ['known', 'ignored', ...REFUSALS];
  return [
    ...(values.includes(changesSince) ? [] : [`changesSince ${JSON.stringify(changesSince)}`]),
    ...Object.keys(more).filter((key) => !['late', 'skew', 'missing'].includes(key)),
  ];
}

const namesOf = ({ id, name }: Named): string[] => [id, name, '*'];

function secondsOf(set: ReadonlyMap<string, number>, server: Named): number {
  if (set.size === 0) return 0;
  const name = namesOf(server).find((one) => set.has(one));
  return name === undefined ? 0 : (set.get(name) ?? 0);
}
