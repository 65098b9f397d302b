import * as v from 'valibot';

import type { ActionSeen } from '../../resize/observation';
import type { LastAction } from '../../resize/precondition';
import { present } from '../../resize/present';
import { isTouching } from '../../resize/situation-facts';
import { Cache } from './cache';
import { isSettled, type ComputeReader } from './compute-reader';
import { ACT } from './endpoint';
import { hasNext, Links, walk, type Page } from './pages';
import { utc } from './times';

const ActionEntry = v.object({
  action: v.string(),
  request_id: v.string(),
  user_id: v.nullish(v.string()),
  project_id: v.nullish(v.string()),
  start_time: v.nullish(v.string()),
  message: v.nullish(v.string()),
});

const Event = v.object({
  event: v.string(),
  start_time: v.nullish(v.string()),
  finish_time: v.nullish(v.string()),
  result: v.nullish(v.string()),
});

const ActionDetail = v.object({
  instanceAction: v.object({ ...ActionEntry.entries, events: v.nullish(v.array(Event)) }),
});

const ActionList = v.object({ instanceActions: v.array(ActionEntry), links: Links });

type Entry = v.InferOutput<typeof ActionEntry>;
type Detail = v.InferOutput<typeof ActionDetail>['instanceAction'];
type Events = v.InferOutput<typeof Event>[];

/**
 * The event whose success ends an action. A move is a chain of events with gaps (measured: 2 to 60 ms on an idle cloud,
 * until another host takes the message), so an action is not over when all its events have finished. The names are those of Nova's compute manager; a move between cells has its own.
 */
const ENDS: Record<string, { event: string; betweenCells?: string }> = {
  resize: { event: 'compute_finish_resize', betweenCells: 'compute_finish_snapshot_based_resize_at_dest' },
  migrate: { event: 'compute_finish_resize', betweenCells: 'compute_finish_snapshot_based_resize_at_dest' },
  confirmResize: { event: 'compute_confirm_resize', betweenCells: 'conductor_confirm_snapshot_based_resize' },
  revertResize: { event: 'compute_finish_revert_resize', betweenCells: 'conductor_revert_snapshot_based_resize' },
  evacuate: { event: 'compute_rebuild_instance' },
  rebuild: { event: 'compute_rebuild_instance' },
  delete: { event: 'compute_terminate_instance' },
};

/** Is the result of this action needed, so that its events are read? */
function isDetailRead(action: string): boolean {
  return Object.hasOwn(ENDS, action);
}

function seen(entry: Entry): Omit<ActionSeen, 'result'> {
  const { user_id: userId, project_id: projectId, start_time: startTime } = entry;
  return present({
    action: entry.action,
    requestId: entry.request_id,
    userId: userId ?? undefined,
    projectId: projectId ?? undefined,
    startTime: typeof startTime === 'string' ? utc(startTime) : undefined,
  });
}

/** An entry of the list: only that it failed can be seen there (Nova sets the message to "Error" with the event). */
function fromList(entry: Entry): ActionSeen {
  return { ...seen(entry), result: entry.message === 'Error' ? 'error' : 'unknown' };
}

/** An entry with its events, where they are shown. */
function fromDetail(entry: Detail): ActionSeen {
  const { events } = entry;
  if (events === undefined || events === null) return fromList(entry);
  const failed = earliest(events.filter(({ result }) => result?.toLowerCase() === 'error'));
  const result: ActionSeen['result'] =
    failed !== undefined || entry.message === 'Error' ? 'error' : endOf(entry.action, events);
  const finished = events.flatMap(({ finish_time: time }) => (time === undefined || time === null ? [] : [time]));
  const last = finished.sort().at(-1);
  return present({
    ...seen(entry),
    result,
    finishTime: result === 'running' || last === undefined ? undefined : utc(last),
    failedEvent: failed?.event,
  });
}

/** Has the action ended, so that its entry does not change any more? */
function isFinished({ events }: Detail, { result }: ActionSeen): boolean {
  const closed = (events ?? []).every(({ finish_time: time }) => time !== undefined && time !== null);
  return result !== 'running' && result !== 'unknown' && closed;
}

function endOf(action: string, events: Events): 'running' | 'success' {
  const end = ENDS[action];
  const succeeded = (name: string | undefined) =>
    events.some(({ event, result }) => event === name && result?.toLowerCase() === 'success');
  if (end === undefined) return 'running';
  if (succeeded(end.event)) return 'success';
  // Between cells the conductor stays in charge: its own event closes last.
  const allFinished = events.every(({ finish_time: time }) => time !== undefined && time !== null);
  return succeeded(end.betweenCells) && allFinished ? 'success' : 'running';
}

/** The event that failed first is the cause; events around it (conductor_migrate_server around cold_migrate) fail after it. */
function earliest(events: Events): Events[number] | undefined {
  return [...events].sort((a, b) => (a.finish_time ?? '').localeCompare(b.finish_time ?? ''))[0];
}

/** The size of the first page: enough for what happened since a run began. */
const RECENT = 20;
/** How many pages are searched for the action that a server waits after, behind entries for volumes and the like. */
const PAGES_BACK = 3;
/** The events of so many new actions are read; older ones are judged by the list alone. */
const DETAILS = 30;

/** The action logs of a project's servers (os-instance-actions). The cost of a read does not grow with the server's past. */
export class ActionLog {
  readonly #api: ComputeReader;
  readonly #finished = new Cache<ActionSeen>({ entries: 1000 });

  constructor(api: ComputeReader) {
    this.#api = api;
  }

  /** The request id of the newest entry: entries above it are new later. One request. */
  async newest(server: string): Promise<string | undefined> {
    for await (const entry of this.#entries(server, { first: 1, pages: 1 })) return entry.request_id;
    return undefined;
  }

  /** The entries above a request id, newest first, or all of them when it is not given or not in the log. */
  async since(server: string, newerThan?: string): Promise<ActionSeen[]> {
    const entries: Entry[] = [];
    for await (const entry of this.#entries(server, { first: RECENT })) {
      if (entry.request_id === newerThan) break;
      entries.push(entry);
    }
    const seen: ActionSeen[] = [];
    let details = 0;
    for (const entry of entries) {
      const read = isDetailRead(entry.action) && details++ < DETAILS;
      seen.push(read ? await this.#detail(server, entry) : fromList(entry));
    }
    return seen;
  }

  /** The newest action that changes what a resize has done, and the request id of the entry before it. */
  async lastTouching(server: string): Promise<LastAction | undefined> {
    let found: Entry | undefined;
    let before: string | undefined;
    for await (const entry of this.#entries(server, { first: RECENT, pages: PAGES_BACK })) {
      if (found !== undefined) {
        before = entry.request_id;
        break;
      }
      if (isTouching(entry.action)) found = entry;
    }
    return found && present({ action: await this.#detail(server, found), before });
  }

  async *#entries(server: string, pages: { first: number; pages?: number }): AsyncGenerator<Entry> {
    const { maximum = 0 } = await this.#api.place();
    const page = async (query: URLSearchParams): Promise<Page<Entry>> => {
      // The log has no pages below 2.58.
      const paged = maximum >= ACT;
      const body = await this.#api.get(
        triedOf(server),
        `${this.#path(server)}${paged ? `?${query.toString()}` : ''}`,
        ACT,
        ActionList,
      );
      return { items: body.instanceActions, more: hasNext(body.links), whole: !paged };
    };
    yield* walk(page, ({ request_id: id }) => id, pages);
  }

  /** An action with its result; one that has ended is read once. */
  async #detail(server: string, entry: Entry): Promise<ActionSeen> {
    // One request may cause two actions: the delete of a server in VERIFY_RESIZE confirms first.
    const key = `${server} ${entry.request_id} ${entry.action}`;
    const kept = this.#finished.get(key);
    if (kept !== undefined) return kept;
    const tried = triedOf(server);
    try {
      const path = `${this.#path(server)}/${this.#api.segment(tried, entry.request_id)}`;
      const { instanceAction } = await this.#api.get(tried, path, ACT, ActionDetail);
      const action = fromDetail(instanceAction);
      if (isFinished(instanceAction, action)) this.#finished.keep(key, action);
      return action;
    } catch (error) {
      // Purged in between, or details are closed to members where the list is open.
      if (isSettled(error)) return fromList(entry);
      throw error;
    }
  }

  #path(server: string): string {
    return `/servers/${this.#api.segment(triedOf(server), server)}/os-instance-actions`;
  }
}

const triedOf = (server: string) => `read the actions of server ${server}`;
