import axios from 'axios';
import type { LabUser, NovaLab } from '../nova/nova-lab';
import { until } from '../nova/wait';

/** An answer, whatever it is. */
export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: unknown;
}

export interface Request {
  body?: unknown;
  /** Null sends no header, which is 2.1. */
  microversion?: string | null;
  headers?: Record<string, string>;
  /** Instead of a token of the user's. */
  token?: string;
}

/** One HTTP request to the compute API, raw: what comes back is what the contract is about. */
export async function send(
  lab: NovaLab,
  user: LabUser,
  method: string,
  resource: string,
  { body, microversion = '2.93', headers = {}, token }: Request = {},
): Promise<Answer> {
  const answer = await axios.request<unknown>({
    method,
    url: `${lab.addresses.computeUrl}${resource}`,
    data: body,
    validateStatus: () => true,
    headers: {
      'X-Auth-Token': token ?? (await lab.token(user)),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(microversion !== null && { 'OpenStack-API-Version': `compute ${microversion}` }),
      ...headers,
    },
  });
  return { status: answer.status, headers: Object.fromEntries(Object.entries(answer.headers)), body: answer.data };
}

/** A field deep in an answer; undefined where there is none. */
export function at(value: unknown, ...keys: (string | number)[]): unknown {
  return keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** What the rules look at: status, vm_state, task_state and flavor, in one line. */
export async function look(lab: NovaLab, id: string): Promise<string> {
  const { status, body } = await send(lab, 'demo', 'GET', `/servers/${id}`, { microversion: '2.46' });
  if (status !== 200) return `${status}`;
  const server = at(body, 'server');
  const task = at(server, 'OS-EXT-STS:task_state') ?? '-';
  const fields = [at(server, 'status'), at(server, 'OS-EXT-STS:vm_state'), task, at(server, 'flavor', 'id')];
  return fields.join(' ');
}

/** Looks as fast as it can until the server shows one of `ends`; gives what was seen, each once in a row. */
export async function watch(lab: NovaLab, id: string, ...ends: string[]): Promise<string[]> {
  const seen: string[] = [];
  const deadline = Date.now() + 20_000;
  for (;;) {
    const now = await look(lab, id);
    if (now !== seen.at(-1)) seen.push(now);
    if (ends.includes(now)) return seen;
    if (Date.now() > deadline)
      throw new Error(`server ${id} did not get to ${ends.join(' or ')}: ${seen.join(' -> ')}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface Event {
  event: string;
  result: string | null;
}

export interface Entry {
  action: string;
  request_id: string;
  user_id: string | null;
  message: string | null;
  events: Event[];
}

/** The action log as a member sees it, newest first, as soon as all that began has ended. */
export async function log(lab: NovaLab, id: string, user: LabUser = 'demo'): Promise<Entry[]> {
  let entries: Entry[] = [];
  return until(
    `the actions of ${id} to be over`,
    async () => {
      const list = await send(lab, user, 'GET', `/servers/${id}/os-instance-actions`);
      entries = await Promise.all(
        (at(list.body, 'instanceActions') as Entry[]).map(async ({ request_id }) => {
          const one = await send(lab, user, 'GET', `/servers/${id}/os-instance-actions/${request_id}`);
          return at(one.body, 'instanceAction') as Entry;
        }),
      );
      const events = entries.flatMap((entry) => entry.events);
      return events.every(({ result }) => result !== null) ? entries : undefined;
    },
    { seen: () => JSON.stringify(entries) },
  );
}

/** `compute_finish_resize Success, ...`: the events of an entry in one line, newest first. */
export function eventsOf(entry: Entry | undefined): string[] {
  return (entry?.events ?? []).map(({ event, result }) => `${event} ${result ?? '-'}`);
}

/** A server that waits in VERIFY_RESIZE on f2, and the request id of its resize. */
export async function resized(
  lab: NovaLab,
  name: string,
  options?: { stopped: boolean },
): Promise<[id: string, requestId: string]> {
  const id = await lab.boot(name, options);
  const { status, requestId } = await lab.act(id, { resize: { flavorRef: 'f2' } });
  if (status !== 202 || requestId === undefined) throw new Error(`resize of ${name}: ${status}`);
  await lab.waitFor(id, 'VERIFY_RESIZE');
  return [id, requestId];
}

/** The four events of a resize that went well, newest first. */
export const resizeEvents = [
  'compute_finish_resize Success',
  'compute_resize_instance Success',
  'compute_prep_resize Success',
  'cold_migrate Success',
  'conductor_migrate_server Success',
];
