import type { ServerRow } from '../resize/changes';
import type { ActionSeen, Flavor, ServerSeen } from '../resize/observation';
import type { LastAction, Refusal } from '../resize/precondition';
import type { Log } from './http/transport';

/** The three actions of a resize, and what some clouds need around it, by their names in the compute API. */
export type ServerAction = 'resize' | 'confirmResize' | 'revertResize' | 'os-stop' | 'os-start';

/** A server as a list shows it. */
export interface ServerListed {
  id: string;
  name: string;
  flavor: Flavor;
  project?: string;
}

/** What changed in the project since a moment of the cloud's clock. */
export interface ServersChanged {
  rows: ServerRow[];
  /** The `Date` of the first answer, in the form of `updated`; absent where the cloud gives none. */
  cloudTime?: string;
  /** The cloud gave servers that did not change: it does not know the filter. `rows` is empty then. */
  ignored?: true;
}

/** One project on one cloud. Everything it throws is a CloudFailure. */
export interface Cloud {
  /** The profile's name. */
  readonly name: string;
  /** Requests per second of all workers together, if the profile limits them. */
  readonly requestsPerSecond?: number;
  /** Milliseconds after which it confirms a resize by itself, if the profile has it; the API does not show it. */
  readonly autoConfirmWindow?: number;
  /** The policy that each resize on it is under, if the profile names one. */
  readonly policy?: string;
  /** The project, region and user of this profile's token. */
  identity(): Promise<{ project: string; region?: string; userId?: string }>;
  /**
   * Lets a log-in that this cloud refused be sent again, once, before its pause is over: an operator says that it works
   * now. Without this, a restart of the worker does it.
   */
  forgetRefusedLogin(): void;
  /** Reads one server. @throws CloudFailure `not-found` */
  serverById(id: string): Promise<ServerSeen>;
  /** The same, with its addresses by network; in each, the fixed ones first. */
  serverWithAddresses(id: string): Promise<{ server: ServerSeen; addresses: Record<string, string[]> }>;
  /** The servers of the project with exactly this name. */
  serversByName(name: string): Promise<{ id: string; name: string }[]>;
  /** The servers of the project with this status, all from one list. */
  serversWithStatus(status: string): Promise<ServerListed[]>;
  /**
   * The servers of the project that changed at `since` or later, deleted ones too (compute API, "List Servers Detailed",
   * `changes-since`). Rows can appear late and their clocks differ: ask with an overlap.
   * @param since ISO 8601, by the cloud's clock; without it only `cloudTime` is read, from a list of one server
   * @throws CloudFailure with `trouble.status` 400, 401, 403 or 404 where the cloud refuses this list
   */
  serversChangedSince(since: string | undefined): Promise<ServersChanged>;
  /**
   * The servers of the project that are being resized or reverted, or wait for a confirm, for a cloud that cannot tell
   * what changed: one list for each of the three.
   */
  serversUnderWay(): Promise<ServerRow[]>;
  /**
   * The flavor with this id, else with this name, or with this URI.
   * @returns why not, where it is a URI of something else; undefined when there is none, or it is disabled
   */
  findFlavor(reference: string): Promise<Flavor | Refusal | undefined>;
  /**
   * The action log of a server, newest first: the entries above the request id `newerThan`, or all of them when it is
   * not given or not in the log. How it ended is read for moves, rebuilds and deletes; other entries are `unknown`
   * unless the list says that they failed.
   */
  actions(serverId: string, newerThan?: string): Promise<ActionSeen[]>;
  /** The request id of the newest entry of the action log; undefined when it is empty. One request, whatever its length. */
  newestAction(serverId: string): Promise<string | undefined>;
  /** The newest action that changes what a resize has done, and the request id of the entry before it. */
  lastTouchingAction(serverId: string): Promise<LastAction | undefined>;
  /**
   * Sends one action, once. Resolved means accepted, never done. After a 401 the token is renewed and the action sent
   * again, because a request with that answer was not carried out.
   * @param options.flavorId the target, for `resize`
   * @param options.notAfter epoch ms: the end of the time the caller has. Nothing is sent unless more than one HTTP
   *   time-out is left (`no-time`)
   * @returns the X-Compute-Request-Id, which is the request_id of the entry in the action log (measured)
   */
  post(
    serverId: string,
    action: ServerAction,
    options?: { flavorId?: string; notAfter?: number },
  ): Promise<{ requestId?: string }>;
  /**
   * Runs work whose requests follow each other without a pause. It starts when the throttle admits all of them; a read
   * in it that would have to wait fails.
   * @param requests how many it usually needs
   * @param tried for the message when it cannot start soon
   * @throws CloudFailure `rate-limited`, never `sent`
   */
  withoutPause<T>(requests: number, tried: string, work: () => Promise<T>): Promise<T>;
}

/** How this worker sends requests to clouds. */
export interface CloudSettings {
  /** Milliseconds for one HTTP request, from connecting to the last byte. */
  httpTimeout: number;
  /** Default: durable-resize/<version>. */
  userAgent?: string;
  /** Receives log lines; no secret is in them. */
  log?: Log;
}
