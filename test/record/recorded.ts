/** The recorded runs of test/histories, to be read as they are or with something changed. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { historyIn, type RunHistory } from '../../src/record/history';

const folder = path.join(__dirname, '..', 'histories');

export const RECORDED = readdirSync(folder).filter((name) => name.endsWith('.json'));

/** An event as it stands in the file. */
export type RawEvent = { eventId: string; eventTime: string; eventType: string; principal?: object } & Record<
  string,
  unknown
>;

/** Changes the events of a history; payloads are plain JSON while it does. */
export type Change = (events: RawEvent[]) => void;

/** The file's JSON, with its payloads still encoded. */
export const rawOf = (name: string): { events: RawEvent[] } =>
  JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as { events: RawEvent[] };

export function recorded(name: string, change: Change = () => undefined): RunHistory {
  const opened = opening(rawOf(name)) as { events: RawEvent[] };
  change(opened.events);
  return historyIn(closing(opened));
}

/** The event of this type; of several the n-th. */
export function eventOf(
  events: RawEvent[],
  type: string,
  nth = 0,
  holds: (event: RawEvent) => boolean = () => true,
): RawEvent {
  const found = events.filter((event) => event.eventType === `EVENT_TYPE_${type}` && holds(event))[nth];
  if (found === undefined) throw new Error(`no event of type ${type}`);
  return found;
}

/** The event that asks for this activity. */
export const askedFor = (events: RawEvent[], activity: string, nth = 0): RawEvent =>
  eventOf(events, 'ACTIVITY_TASK_SCHEDULED', nth, (event) =>
    JSON.stringify(event).includes(`"activityType":{"name":"${activity}"}`),
  );

/** The event with the answer of this activity. */
export function answerOf(events: RawEvent[], activity: string, nth = 0): RawEvent {
  const { eventId } = askedFor(events, activity, nth);
  return eventOf(events, 'ACTIVITY_TASK_COMPLETED', 0, (event) =>
    JSON.stringify(event).includes(`"scheduledEventId":"${eventId}"`),
  );
}

/** Replaces a text everywhere in an event. */
export function replaced(event: RawEvent, text: string, by: string): void {
  const json = JSON.stringify(event);
  if (!json.includes(text)) throw new Error(`event ${event.eventId} does not hold ${text}`);
  Object.assign(event, JSON.parse(json.replaceAll(text, by)) as object);
}

/** Sets a field of an event at a path. */
export function set(event: unknown, keys: readonly (string | number)[], value: unknown): void {
  const [key = '', ...rest] = keys;
  const here = event as Record<string | number, unknown>;
  if (rest.length === 0) here[key] = value;
  else set((here[key] ??= {}), rest, value);
}

const MARK = 'plain json';

function opening(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opening);
  if (typeof value !== 'object' || value === null) return value;
  if ('metadata' in value && 'data' in value && typeof value.data === 'string') {
    return { [MARK]: JSON.parse(Buffer.from(value.data, 'base64').toString('utf8')) as unknown };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, opening(item)]));
}

function closing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closing);
  if (typeof value !== 'object' || value === null) return value;
  if (MARK in value) {
    const data = Buffer.from(JSON.stringify(value[MARK])).toString('base64');
    return { metadata: { encoding: Buffer.from('json/plain').toString('base64') }, data };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, closing(item)]));
}

/** A payload in a change: `result.payloads[0]` of an event is this key, then the JSON. */
export const PLAIN = MARK;
