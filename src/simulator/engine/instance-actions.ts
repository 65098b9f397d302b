import { createHash } from 'node:crypto';
import { timestamp } from '../api/timestamps';

/** One entry of os-instance-actions, and its events. */
export interface InstanceAction {
  action: string;
  serverId: string;
  /** The X-Compute-Request-Id of the request that caused it. */
  requestId: string;
  /** Null where the cloud acted by itself (the confirm window). */
  userId: string | null;
  projectId: string | null;
  started: Date;
  updated: Date;
  /** "Error" as soon as one event ended so; the words "No valid host" are nowhere for a member. */
  message: 'Error' | null;
  /** Oldest first. */
  events: ActionEvent[];
}

export interface ActionEvent {
  event: string;
  host: string;
  started: Date;
  finished: Date | null;
  result: 'Success' | 'Error' | null;
  details: string | null;
  traceback: string | null;
}

/** Begins an event. */
export function startEvent(action: InstanceAction, event: string, host: string): void {
  const now = new Date();
  action.events.push({ event, host, started: now, finished: null, result: null, details: null, traceback: null });
}

/** Ends the open events of these names, or all open ones; an error marks the action too. */
export function endEvents(action: InstanceAction, names: readonly string[] | 'all', error?: string): void {
  const now = new Date();
  for (const event of action.events.toReversed()) {
    if (event.finished !== null || (names !== 'all' && !names.includes(event.event))) continue;
    event.finished = now;
    event.result = error === undefined ? 'Success' : 'Error';
    action.updated = now;
    if (error !== undefined) {
      event.details = error;
      event.traceback = `  File "nova/compute/manager.py", in decorated_function\n    raise ${error}\n`;
      action.message = 'Error';
    }
  }
}

/** An action as the list shows it. */
export function actionView(action: InstanceAction, minor: number): Record<string, unknown> {
  return {
    action: action.action,
    instance_uuid: action.serverId,
    request_id: action.requestId,
    user_id: action.userId,
    project_id: action.projectId,
    start_time: timestamp(action.started),
    message: action.message,
    ...(minor >= 58 && { updated_at: timestamp(action.updated) }),
  };
}

/**
 * An action with its events, newest first. Below 2.51 a member sees no events at all; above it he sees how each ended
 * and nothing of why: no traceback, host or details.
 */
export function actionDetailView(
  action: InstanceAction,
  server: { projectId: string },
  minor: number,
  admin: boolean,
): Record<string, unknown> {
  const view = actionView(action, minor);
  if (!admin && minor < 51) return view;
  const events = action.events.toReversed().map((event) => ({
    event: event.event,
    start_time: timestamp(event.started),
    finish_time: event.finished === null ? null : timestamp(event.finished),
    result: event.result,
    ...(admin && { traceback: event.traceback }),
    ...(admin && minor >= 62 && { host: event.host }),
    ...(minor >= 62 && { hostId: hostId(server.projectId, event.host) }),
    ...(admin && minor >= 84 && { details: event.details }),
  }));
  return { ...view, events };
}

/** Nova's way of telling hosts apart without naming them. */
export function hostId(projectId: string, host: string): string {
  return createHash('sha224').update(`${projectId}${host}`).digest('hex');
}
