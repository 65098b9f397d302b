/** A run's history as Temporal exports it (`temporal workflow show -o json`), read into what a resize is made of. Pure. */
import { present } from '../resize/present';
import type { Principal } from '../resize/proven';

/** One run of `resizeServer`. */
export interface RunHistory {
  workflowId: string;
  runId: string;
  /** The run that the resize began with. */
  firstRunId: string;
  /** The request, as it was given. */
  request: unknown;
  /** What the run before knew, where this one continues it. */
  carried?: unknown;
  events: HistoryEvent[];
  /** Ids of events that are not where they belong. Temporal numbers the events of a run from 1, without gaps. */
  missing: number[];
}

/** How Temporal closed a run. */
export type Closing = 'completed' | 'failed' | 'canceled' | 'terminated' | 'timed-out';

/** An event that says something about a resize; those that only drive the workflow are left out. */
export type HistoryEvent = {
  id: number;
  /** ISO 8601, by the Temporal server's clock. Events that waited for a workflow task keep their own time. */
  at: string;
  /** Who caused it, where the server says so. */
  principal?: Principal;
} & Happening;

export type Happening =
  | { is: 'started' }
  | { is: 'scheduled'; activity: string; input: unknown }
  /** @property of the id of the event that scheduled it */
  | { is: 'begun'; of: number }
  | { is: 'answered'; of: number; result: unknown }
  /** @property known the last heartbeat of an activity that was lost */
  | { is: 'unanswered'; of: number; why: string; begun: boolean; known?: unknown }
  | { is: 'timer-started'; timer: string; summary: string }
  | { is: 'timer-fired'; timer: string }
  | { is: 'signaled'; name: string; payload: unknown }
  | { is: 'update'; name: string; payload: unknown; updateId: string }
  | { is: 'update-done'; accepted: number; result?: unknown }
  | { is: 'cancel-requested' }
  | { is: 'told'; status: unknown }
  | { is: 'continued'; nextRunId: string; carried: unknown }
  | { is: 'closed'; how: Closing; status?: unknown; message?: string; by?: string };

/** Why an activity that was cancelled has no answer. */
export const TAKEN_BACK = 'it was taken back';

/** What is read is no history of a resize: one clause says why. */
export class NoHistory extends Error {
  override readonly name = 'NoHistory';
}

/** @throws NoHistory */
export function historyIn(json: unknown): RunHistory {
  const events = field(json, 'events');
  if (!Array.isArray(events)) throw new NoHistory('it has no list "events"');
  const started = attributesOf(events[0]);
  if (typeOf(events[0]) !== 'WORKFLOW_EXECUTION_STARTED')
    throw new NoHistory('it does not begin with the start of a run');
  if (field(started, 'workflowType', 'name') !== 'resizeServer') {
    throw new NoHistory(
      `it is of a workflow of type ${textIn(started, 'workflowType', 'name') ?? 'unknown'}, not of resizeServer`,
    );
  }
  const [request, carried] = payloadsIn(field(started, 'input'));
  const runId = textIn(started, 'originalExecutionRunId') ?? textIn(started, 'firstExecutionRunId') ?? '';
  return {
    workflowId: textIn(started, 'workflowId') ?? '',
    runId,
    firstRunId: textIn(started, 'firstExecutionRunId') ?? runId,
    request,
    ...present({ carried: carried ?? undefined }),
    events: events.flatMap(eventIn),
    missing: events.flatMap((event, n) => (Number(field(event, 'eventId')) === n + 1 ? [] : [n + 1])).slice(0, 1),
  };
}

function eventIn(raw: unknown): HistoryEvent[] {
  const happening = happeningIn(typeOf(raw), attributesOf(raw), raw);
  if (happening === undefined) return [];
  const type = textIn(raw, 'principal', 'type');
  const name = textIn(raw, 'principal', 'name');
  const principal = type === undefined && name === undefined ? undefined : { type: type ?? '', name: name ?? '' };
  return [
    {
      id: Number(field(raw, 'eventId')),
      at: millis(textIn(raw, 'eventTime') ?? ''),
      ...present({ principal }),
      ...happening,
    },
  ];
}

/** Reads the attributes of an event by its type. */
function happeningIn(type: string, given: unknown, raw: unknown): Happening | undefined {
  const of = () => Number(field(given, 'scheduledEventId'));
  switch (type) {
    case 'WORKFLOW_EXECUTION_STARTED':
      return { is: 'started' };
    case 'ACTIVITY_TASK_SCHEDULED':
      return {
        is: 'scheduled',
        activity: textIn(given, 'activityType', 'name') ?? '',
        input: payloadsIn(field(given, 'input'))[0],
      };
    case 'ACTIVITY_TASK_STARTED':
      return { is: 'begun', of: of() };
    case 'ACTIVITY_TASK_COMPLETED':
      return { is: 'answered', of: of(), result: payloadsIn(field(given, 'result'))[0] };
    case 'ACTIVITY_TASK_FAILED':
    case 'ACTIVITY_TASK_TIMED_OUT':
    case 'ACTIVITY_TASK_CANCELED':
      return unanswered(type, given);
    case 'TIMER_STARTED':
      return { is: 'timer-started', timer: textIn(given, 'timerId') ?? '', summary: summaryOf(raw) };
    case 'TIMER_FIRED':
      return { is: 'timer-fired', timer: textIn(given, 'timerId') ?? '' };
    case 'WORKFLOW_EXECUTION_SIGNALED':
      return { is: 'signaled', name: textIn(given, 'signalName') ?? '', payload: payloadsIn(field(given, 'input'))[0] };
    case 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED':
      return {
        is: 'update',
        name: textIn(given, 'acceptedRequest', 'input', 'name') ?? '',
        payload: payloadsIn(field(given, 'acceptedRequest', 'input', 'args'))[0],
        updateId: textIn(given, 'acceptedRequest', 'meta', 'updateId') ?? '',
      };
    case 'WORKFLOW_EXECUTION_UPDATE_COMPLETED':
      return {
        is: 'update-done',
        accepted: Number(field(given, 'acceptedEventId')),
        result: payloadsIn(field(given, 'outcome', 'success'))[0],
      };
    case 'WORKFLOW_EXECUTION_CANCEL_REQUESTED':
      return { is: 'cancel-requested' };
    case 'WORKFLOW_PROPERTIES_MODIFIED': {
      const status = payloadIn(field(given, 'upsertedMemo', 'fields', 'status'));
      return status === undefined ? undefined : { is: 'told', status };
    }
    case 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW':
      return {
        is: 'continued',
        nextRunId: textIn(given, 'newExecutionRunId') ?? '',
        carried: payloadsIn(field(given, 'input'))[1],
      };
    default:
      return closingIn(type, given);
  }
}

function unanswered(type: string, given: unknown): Happening {
  const failure = field(given, 'failure');
  const timeout = field(failure, 'timeoutFailureInfo');
  const neverBegun = ['TIMEOUT_TYPE_SCHEDULE_TO_START', 3].includes(field(timeout, 'timeoutType') as string | number);
  const [known] = payloadsIn(field(timeout, 'lastHeartbeatDetails'));
  return {
    is: 'unanswered',
    of: Number(field(given, 'scheduledEventId')),
    why:
      type === 'ACTIVITY_TASK_CANCELED'
        ? TAKEN_BACK
        : (textIn(failure, 'cause', 'message') ?? textIn(failure, 'message') ?? 'no reason given'),
    begun: !neverBegun && (type !== 'ACTIVITY_TASK_CANCELED' || Number(field(given, 'startedEventId') ?? 0) > 0),
    ...(known !== undefined && known !== null && { known }),
  };
}

function closingIn(type: string, given: unknown): Happening | undefined {
  switch (type) {
    case 'WORKFLOW_EXECUTION_COMPLETED':
      return { is: 'closed', how: 'completed', status: payloadsIn(field(given, 'result'))[0] };
    case 'WORKFLOW_EXECUTION_FAILED': {
      const failure = field(given, 'failure');
      const status = payloadsIn(field(failure, 'applicationFailureInfo', 'details'))[0];
      return { is: 'closed', how: 'failed', status, ...present({ message: textIn(failure, 'message') }) };
    }
    case 'WORKFLOW_EXECUTION_CANCELED':
      return { is: 'closed', how: 'canceled' };
    case 'WORKFLOW_EXECUTION_TERMINATED':
      return {
        is: 'closed',
        how: 'terminated',
        ...present({ message: textIn(given, 'reason'), by: textIn(given, 'identity') }),
      };
    case 'WORKFLOW_EXECUTION_TIMED_OUT':
      return { is: 'closed', how: 'timed-out' };
    default:
      return undefined;
  }
}

/** What stands at a path in JSON; undefined where the path ends before. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

/** The same, where it is a text that is not empty. */
export function textIn(value: unknown, ...path: readonly string[]): string | undefined {
  const found = field(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The same, where it is a list. */
export function listIn(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

const typeOf = (raw: unknown) => (textIn(raw, 'eventType') ?? '').replace(/^EVENT_TYPE_/, '');

/** `activityTaskScheduledEventAttributes`, and so on: the one field of this form. */
function attributesOf(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null) return undefined;
  return Object.entries(raw).find(([name]) => name.endsWith('EventAttributes'))?.[1];
}

const summaryOf = (raw: unknown): string => {
  const summary = payloadIn(field(raw, 'userMetadata', 'summary'));
  return typeof summary === 'string' ? summary : '';
};

function payloadsIn(value: unknown): unknown[] {
  const payloads = field(value, 'payloads');
  return Array.isArray(payloads) ? payloads.map(payloadIn) : [];
}

/** Payloads are plain JSON here. What a codec has changed cannot be read, and counts as nothing. */
function payloadIn(payload: unknown): unknown {
  const data = textIn(payload, 'data');
  if (data === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

/** Temporal writes nanoseconds; what is compared here are times of JavaScript. */
const millis = (time: string): string => {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? time : new Date(ms).toISOString();
};
