import * as v from 'valibot';

import type { ActionSeen } from '../../resize/observation';

export const ActionEntry = v.object({
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

export const ActionDetail = v.object({
  instanceAction: v.object({ ...ActionEntry.entries, events: v.nullish(v.array(Event)) }),
});

type Entry = v.InferOutput<typeof ActionEntry>;
type Events = v.InferOutput<typeof Event>[];

/**
 * The event whose success ends an action. A move is a chain of events with gaps in between, in which all that are there
 * have finished (measured: 2 to 60 ms on an idle cloud; the next one starts when another host takes its message), so
 * "all finished" ends nothing. The names are those of Nova's compute manager; a move between cells has its own.
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

/** Is how this action ended worth a read of its own? The others are told by the list alone. */
export function isDetailRead(action: string): boolean {
  return Object.hasOwn(ENDS, action);
}

/** Nova writes times in UTC without saying so. */
function utc(time: string): string {
  return /(z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`;
}

function seen(entry: Entry): Omit<ActionSeen, 'result'> {
  const { user_id: userId, project_id: projectId, start_time: startTime } = entry;
  return {
    action: entry.action,
    requestId: entry.request_id,
    ...(userId === undefined || userId === null ? {} : { userId }),
    ...(projectId === undefined || projectId === null ? {} : { projectId }),
    ...(startTime === undefined || startTime === null ? {} : { startTime: utc(startTime) }),
  };
}

/** An entry of the list: only that it failed can be seen there (Nova sets the message to "Error" with the event). */
export function fromList(entry: Entry): ActionSeen {
  return { ...seen(entry), result: entry.message === 'Error' ? 'error' : 'unknown' };
}

/** An entry with its events, where they are shown. */
export function fromDetail(entry: v.InferOutput<typeof ActionDetail>['instanceAction']): ActionSeen {
  const { events } = entry;
  if (events === undefined || events === null) return fromList(entry);
  const failed = earliest(events.filter(({ result }) => result?.toLowerCase() === 'error'));
  const result = failed !== undefined || entry.message === 'Error' ? 'error' : endOf(entry.action, events);
  const finished = events.flatMap(({ finish_time: time }) => (time === undefined || time === null ? [] : [time]));
  const last = finished.sort().at(-1);
  return {
    ...seen(entry),
    result,
    ...(result === 'running' || last === undefined ? {} : { finishTime: utc(last) }),
    ...(failed === undefined ? {} : { failedEvent: failed.event }),
  };
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

/** The failure that came first is the cause; those around it (conductor_migrate_server around cold_migrate) follow. */
function earliest(events: Events): Events[number] | undefined {
  return [...events].sort((a, b) => (a.finish_time ?? '').localeCompare(b.finish_time ?? ''))[0];
}
