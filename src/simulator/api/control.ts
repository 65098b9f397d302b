import { flowAnswer } from '../huawei/flow-control';
import { driverCalls, type DriverCall } from '../engine/steps';
import { ListFaults, unknownIn, type ListFaultsSet } from './list-faults';

/** What goes wrong on the way of one HTTP request; used for the next `times` requests that match. */
export interface HttpFault {
  /** A server's id, or `*` for every request, also those that name no server. */
  server: string;
  /**
   * An action (`resize`), a method (`GET`), a method and what it is about (`GET server`, `GET instance-actions`), or the
   * kind of a list of servers (`changes-since`, `status`, `name`, `all`).
   */
  match: string;
  /**
   * `drop-before`: the connection is closed, nothing is carried out. `drop-after`: carried out, closed without an
   * answer. `hang-before`: arrives `seconds` late, even if the client has gone. `hang-after`: carried out, answered
   * `seconds` late. `status:503`: answered so, with `headers`, and not carried out. `flow:Common.0024`: dropped by flow
   * control in the form that belongs to this code of Huawei's (Common.0024, Common.1503, Ecs.0100, Ecs.0603,
   * APIG.0308, APIGW.0308).
   */
  fault: string;
  /** @default 1 */
  times?: number;
  /** @default 0 */
  seconds?: number;
  headers?: Record<string, string>;
}

/** What can be set (`PUT /_lab`). Servers of a driver call are named by id, name or `*`; the test harness of the real Nova takes the same. */
export interface ControlChange {
  /** Seconds that a driver call takes longer. */
  delay?: Partial<Record<DriverCall, Record<string, number>>>;
  /** Servers whose driver call fails. */
  fail?: Partial<Record<DriverCall, string[]>>;
  http?: HttpFault[];
  lists?: ListFaultsSet;
  /** By server (id, name or `*`) the fixed addresses that it shows in each network, for checks of something that runs here. */
  addresses?: Record<string, Addresses>;
}

/** By network. */
export type Addresses = Record<string, string[]>;

/**
 * What is set, and per server (`-` for a request that names none) how many requests came in, faulty ones included. Below
 * `-` are log-ins too (`POST tokens`).
 */
export interface ControlState extends ControlChange {
  /** For example `{"<id>": {"POST resize": 1, "GET server": 12, "GET instance-actions": 3}}`. */
  counters: Record<string, Record<string, number>>;
  /** What the lists of servers (`GET servers` in the counters) asked for: `{"changes-since": 60, "status": 1}`. */
  listed: Record<string, number>;
}

interface Named {
  id: string;
  name: string;
}

const faults = /^(drop-before|drop-after|hang-before|hang-after|status:[1-5]\d\d)$/;
const isFault = (fault: string): boolean => {
  const [kind, code = ''] = fault.split(':');
  return kind === 'flow' ? flowAnswer(code) !== undefined : faults.test(fault);
};

/** What was set from outside, and what arrived from there. */
export class Control {
  private delay = new Map<DriverCall, Map<string, number>>();
  private fail = new Map<DriverCall, Set<string>>();
  private http: Required<HttpFault>[] = [];
  private addresses = new Map<string, Addresses>();
  private counters = new Map<string, Map<string, number>>();
  private listed = new Map<string, number>();
  private moments = new Map<string, Map<string, number>>();
  /** What is set for lists. */
  readonly lists = new ListFaults();

  /** Adds to what is set: servers of a call are united, http entries appended. Throws where the change is misspelt. */
  add(change: ControlChange): void {
    const unknown = [
      ...Object.keys(change).filter((key) => !['delay', 'fail', 'http', 'lists', 'addresses'].includes(key)),
      ...[change.delay ?? {}, change.fail ?? {}]
        .flatMap((calls) => Object.keys(calls))
        .filter((call) => !(driverCalls as readonly string[]).includes(call)),
      ...(change.http ?? []).map(({ fault }) => fault).filter((fault) => !isFault(fault)),
      ...unknownIn(change.lists ?? {}),
    ];
    if (unknown.length > 0) throw new TypeError(`unknown: ${unknown.join(', ')}`);
    for (const call of driverCalls) {
      const delays = Object.entries(change.delay?.[call] ?? {});
      if (delays.length > 0) this.delay.set(call, new Map([...(this.delay.get(call) ?? []), ...delays]));
      const failing = change.fail?.[call] ?? [];
      if (failing.length > 0) this.fail.set(call, new Set([...(this.fail.get(call) ?? []), ...failing]));
    }
    this.http.push(...(change.http ?? []).map((fault) => ({ times: 1, seconds: 0, headers: {}, ...fault })));
    this.lists.add(change.lists ?? {});
    for (const [server, shown] of Object.entries(change.addresses ?? {})) this.addresses.set(server, shown);
  }

  /** Forgets everything, counters too; with a server, only what was set for that. */
  forget(server?: string): void {
    this.lists.forget(server);
    if (server === undefined) {
      this.delay.clear();
      this.fail.clear();
      this.http = [];
      this.addresses.clear();
      this.counters.clear();
      this.listed.clear();
      this.moments.clear();
      return;
    }
    for (const named of [...this.delay.values(), ...this.fail.values()]) named.delete(server);
    this.http = this.http.filter((fault) => fault.server !== server);
    this.addresses.delete(server);
    this.counters.delete(server);
    this.moments.delete(server);
  }

  show(): ControlState {
    return {
      delay: Object.fromEntries([...this.delay].map(([call, delays]) => [call, Object.fromEntries(delays)])),
      fail: Object.fromEntries([...this.fail].map(([call, failing]) => [call, [...failing]])),
      http: this.http,
      lists: this.lists.show(),
      addresses: Object.fromEntries(this.addresses),
      counters: Object.fromEntries([...this.counters].map(([server, counts]) => [server, Object.fromEntries(counts)])),
      listed: Object.fromEntries(this.listed),
    };
  }

  /** How much longer a driver call takes for this server, in seconds. */
  delayOf(call: DriverCall, server: Named): number {
    const delays = this.delay.get(call);
    return delays?.get(server.id) ?? delays?.get(server.name) ?? delays?.get('*') ?? 0;
  }

  /** By default each server has a loopback address of its own, at which a test may listen. */
  addressesOf(server: Named & { number: number }): Addresses {
    const { addresses } = this;
    const own = `127.77.${(server.number >> 8) & 255}.${server.number & 255}`;
    return addresses.get(server.id) ?? addresses.get(server.name) ?? addresses.get('*') ?? { lab: [own] };
  }

  fails(call: DriverCall, server: Named): boolean {
    const failing = this.fail.get(call);
    return failing !== undefined && [server.id, server.name, '*'].some((who) => failing.has(who));
  }

  /** Notes when something last happened to a server: a request that changes it came in, or it came to a vm_state. */
  happened(server: string, what: string): void {
    this.moments.set(server, (this.moments.get(server) ?? new Map<string, number>()).set(what, Date.now()));
  }

  /** By server, for example `{"<id>": {"POST resize": 1764090000000, "resized": 1764090001234}}`: ms since the epoch. */
  showMoments(server?: string): Record<string, Record<string, number>> {
    const shown = [...this.moments].filter(([id]) => server === undefined || id === server);
    return Object.fromEntries(shown.map(([id, moments]) => [id, Object.fromEntries(moments)]));
  }

  /** Counts a request, `what` being for example `POST resize`. */
  count(server: string, what: string): void {
    const counts = this.counters.get(server) ?? new Map<string, number>();
    this.counters.set(server, counts.set(what, (counts.get(what) ?? 0) + 1));
    if (what.startsWith('POST ')) this.happened(server, what);
  }

  /** Counts a request. Gives the fault that it runs into. @param list the kind of a list of servers */
  arrived(server: string, what: string, list?: string): Required<HttpFault> | undefined {
    this.count(server, what);
    if (list !== undefined) this.listed.set(list, (this.listed.get(list) ?? 0) + 1);
    const [method = '', ...kind] = what.split(' ');
    const names = [what, method, kind.join(' '), ...(list === undefined ? [] : [list])];
    const found = this.http.find((fault) => [server, '*'].includes(fault.server) && names.includes(fault.match));
    if (found !== undefined && --found.times <= 0) this.http = this.http.filter((fault) => fault !== found);
    return found;
  }
}

/** What a list of servers asks for. */
const LISTS = ['changes-since', 'status', 'name'] as const;

/**
 * What a request is about: the server's id or `-`, for example `POST resize` or `GET instance-actions`, and for a list of
 * servers its kind.
 */
export function describeRequest(method: string, url: URL, body: string): [server: string, what: string, list?: string] {
  const [server, what] = subjectOf(method, url.pathname, body);
  if (what !== 'GET servers') return [server, what];
  return [server, what, LISTS.find((key) => url.searchParams.has(key)) ?? 'all'];
}

function subjectOf(method: string, path: string, body: string): [server: string, what: string] {
  const match = /\/v2(?:\.1)?(?:\/[0-9a-f]{32})?\/([^/]+)(?:\/([0-9a-f-]{36}))?(?:\/(.+))?$/.exec(path);
  if (match === null) return ['-', `${method} ${path}`];
  const [, collection = '', server, below] = match;
  if (collection !== 'servers' || server === undefined) return ['-', `${method} ${collection}`];
  if (below === undefined) return [server, `${method} server`];
  if (below === 'action') return [server, `${method} ${actionIn(body)}`];
  const [kind = '', ...one] = below.replace(/^os-/, '').split('/');
  return [server, `${method} ${one.length > 0 ? kind.replace(/s$/, '') : kind}`];
}

function actionIn(body: string): string {
  try {
    return Object.keys(JSON.parse(body) as object)[0] ?? 'action';
  } catch {
    return 'action';
  }
}
