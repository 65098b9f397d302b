/**
 * What the watcher of a cloud asks for, remembers and reports. Pure: the time comes with each call.
 *
 * Nova's `changes-since` (Compute API, "List Servers Detailed") selects by the time that the host which saved a server
 * wrote into its row, inclusive, in whole seconds. A replica of the database may show a row late, and clocks of hosts
 * differ: so each list overlaps the one before, and what is shown again is recognised.
 */

import { isUnderWay } from './situation-facts';
import { iso } from './iso-time';

/** A server as a list shows it, as far as it says whether something has happened. */
export interface ServerRow {
  id: string;
  /** Upper case. */
  status: string;
  /** Lower case. */
  vmState?: string;
  /** Lower case; null means "no task". */
  taskState: string | null;
  locked?: boolean;
  /** When the row was last saved, by the clock of the cloud; ISO 8601. */
  updated?: string;
}

/** How a cloud is watched: by `changes-since`, by comparing lists of a status, or, where neither is possible, not. */
export type WatchMode = 'changes' | 'difference' | 'off';

const SECOND = 1000;

/** Rows may appear so late, ms. Without an overlap they would never be seen. */
const OVERLAP = 5 * SECOND;
/** Now and then the list goes back further, for rows that appear later still and for hosts whose clocks are behind; ms. */
const SWEEP = { every: 60 * SECOND, overlap: 120 * SECOND };
/** The first list begins so long before the cloud's own time. */
const FIRST_OVERLAP = 60 * SECOND;
/** Between two lists: while a resize is under way, and while all servers only wait for people; ms. */
const TICK = { moving: 500, waiting: 1000 };
/** A list waits so long at most after answers that ask to slow down, or none; ms. */
const LONGEST_TICK = 10 * SECOND;
/** The watcher takes this part of the requests that a profile allows. */
export const SHARE_OF_LIMIT = 0.25;
/** A resize that takes longer than this has no need of the quicker tick, ms. */
const MOVING_FOR = 30 * 60 * SECOND;

const MOVING: readonly string[] = ['RESIZE', 'REVERT_RESIZE'];

/** May a run have something to do? The steps inside a resize are not reported: each would cost it an observation. */
export const isNotable = (row: ServerRow): boolean => !isUnderWay(row);

const isMoving = ({ status, taskState }: ServerRow): boolean =>
  MOVING.includes(status) || taskState?.startsWith('resize_') === true;

/**
 * The wait between two lists, ms.
 * @param failures how many lists in a row were refused or had no answer
 * @param limit.perSecond what the profile allows, if it limits requests
 * @param limit.requests how many one list takes
 */
export function tickOf(
  moving: boolean,
  failures: number,
  limit: { perSecond?: number; requests?: number } = {},
): number {
  const { perSecond, requests = 1 } = limit;
  const usual = moving ? TICK.moving : TICK.waiting;
  const allowed = perSecond === undefined ? 0 : (SECOND * requests) / (perSecond * SHARE_OF_LIMIT);
  return Math.max(Math.min(usual * 2 ** failures, LONGEST_TICK), allowed);
}

/** The changes of a cloud, list by list. */
export class Changes {
  readonly #known = new Map<string, { row: string; updated: number }>();
  readonly #movingSince = new Map<string, number>();
  #underWay: ReadonlyMap<string, string> | undefined;
  #watermark: number | undefined;
  #sweptAt: number;

  /** @param watermark where an earlier watcher was; ISO 8601, by the clock of the cloud */
  constructor(now: number, watermark?: string) {
    const from = Date.parse(watermark ?? '');
    if (!Number.isNaN(from)) this.#watermark = from;
    this.#sweptAt = now;
  }

  get watermark(): string | undefined {
    return this.#watermark === undefined ? undefined : iso(this.#watermark);
  }

  /** How many servers are remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** Is a resize under way? */
  isMoving(now: number): boolean {
    for (const [id, since] of this.#movingSince) if (now - since > MOVING_FOR) this.#movingSince.delete(id);
    return this.#movingSince.size > 0;
  }

  /** @param cloudTime the cloud's own time, if it tells it */
  begin(cloudTime: string | undefined, now: number): void {
    const time = Date.parse(cloudTime ?? '');
    this.#watermark = (Number.isNaN(time) ? now : time) - FIRST_OVERLAP;
  }

  /** What the next list asks for; undefined before it has begun. */
  since(now: number): string | undefined {
    if (this.#watermark === undefined) return undefined;
    return iso(this.#watermark - (this.#isSweepDue(now) ? SWEEP.overlap : OVERLAP));
  }

  #isSweepDue(now: number): boolean {
    return now - this.#sweptAt >= SWEEP.every;
  }

  /**
   * Takes one list of what changed.
   * @param cloudTime the cloud's own time of the answer: a host whose clock is ahead must not move the watermark past it
   * @param now the time that `since` was asked with
   * @returns the ids of servers whose runs have to be told
   */
  take(rows: readonly ServerRow[], cloudTime: string | undefined, now: number): string[] {
    // Not before: a list that fails is no sweep.
    if (this.#isSweepDue(now)) this.#sweptAt = now;
    const time = Date.parse(cloudTime ?? '');
    const latest = Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
    const changed = rows.filter((row) => this.#isNew(row));
    for (const row of changed) this.#follow(row, now);
    const newest = Math.min(latest, Math.max(...rows.map(({ updated }) => Date.parse(updated ?? '') || 0)));
    this.#watermark = Math.max(this.#watermark ?? 0, newest);
    this.#forget();
    return changed.filter(isNotable).map(({ id }) => id);
  }

  /**
   * Takes one list of the servers that a resize has to do with now, where a cloud does not list changes.
   * @returns the ids of servers that came to rest, or that are no longer listed
   */
  takeDifference(rows: readonly ServerRow[], now: number): string[] {
    const before = this.#underWay ?? new Map<string, string>();
    const listed = new Map(rows.map((row) => [row.id, stateOf(row)]));
    for (const row of rows) this.#follow(row, now);
    this.#underWay = listed;
    const gone = [...before.keys()].filter((id) => !listed.has(id));
    for (const id of gone) this.#movingSince.delete(id);
    return [
      ...gone,
      ...rows.filter((row) => isNotable(row) && before.get(row.id) !== stateOf(row)).map(({ id }) => id),
    ];
  }

  #isNew(row: ServerRow): boolean {
    const state = `${row.updated ?? ''} ${stateOf(row)}`;
    if (this.#known.get(row.id)?.row === state) return false;
    this.#known.set(row.id, { row: state, updated: Date.parse(row.updated ?? '') || (this.#watermark ?? 0) });
    return true;
  }

  #follow(row: ServerRow, now: number): void {
    if (!isMoving(row)) this.#movingSince.delete(row.id);
    else if (!this.#movingSince.has(row.id)) this.#movingSince.set(row.id, now);
  }

  /** No list goes back further than the sweep. */
  #forget(): void {
    const oldest = (this.#watermark ?? 0) - SWEEP.overlap - OVERLAP;
    for (const [id, { updated }] of this.#known) if (updated < oldest) this.#known.delete(id);
  }
}

const stateOf = ({ status, vmState, taskState, locked }: ServerRow): string =>
  [status, vmState, taskState, locked].join(' ');
