/** What was seen of a server at one moment. Plain data: it travels through Temporal and is carried as JSON. */

/** A flavor as far as the cloud shows it. A server shows `id` only below microversion 2.47; `ram` in MiB, `disk` in GiB. */
export interface Flavor {
  name: string;
  id?: string;
  /** The server does not show which flavor it has (compute API below 2.47: `"flavor": {}`). It is the same as no other. */
  unknown?: true;
  vcpus?: number;
  ram?: number;
  disk?: number;
  /** GiB of local ephemeral disk. */
  ephemeral?: number;
}

export const UNKNOWN_FLAVOR: Flavor = { name: 'unknown', unknown: true };

/** A server as the cloud showed it in one answer, normalised at the edge (huawei-ecs: letter case and "" differ). */
export interface ServerSeen {
  id: string;
  name: string;
  /** As the cloud writes it, upper case: ACTIVE, RESIZE, VERIFY_RESIZE, ERROR, ... */
  status: string;
  /** Lower case. */
  vmState: string;
  /** Lower case; null, "" and a missing field all mean "no task". */
  taskState: string | null;
  powerState: 'running' | 'shutdown' | 'paused' | 'crashed' | 'suspended' | 'none' | 'unknown';
  flavor: Flavor;
  /** Absent below microversion 2.9. */
  locked?: boolean;
  /** Shown by Nova for ERROR only, and a moment after it. */
  fault?: { message: string; code?: number; created?: string };
  /**
   * When the cloud last saved the server, as it writes it, in whole seconds: with the same stamp and the same state nothing
   * has happened to it. Only ever compared with another one of the same server.
   */
  updated?: string;
  project: string;
  /** The server's disk is a volume (no image): a revert loses nothing of it. Absent where it cannot be told. */
  bootsFromVolume?: boolean;
  /** How it is paid for, where that is not by use or not shown: by year or month, or as a spot server. */
  billing?: 'prepaid' | 'spot';
}

/** One entry of os-instance-actions. */
export interface ActionSeen {
  /** resize, confirmResize, revertResize, migrate, delete, ... */
  action: string;
  /** The X-Compute-Request-Id of the POST that caused it (measured): this is how an action is known for good. */
  requestId: string;
  userId?: string;
  projectId?: string;
  startTime?: string;
  /** How it ended: no member sees more than that. `running` until an end is seen; `unknown` where events are hidden (below 2.51). */
  result: 'running' | 'success' | 'error' | 'unknown';
  /** When its last event finished. */
  finishTime?: string;
  /** The name of the event that failed, for example `conductor_migrate_server`. */
  failedEvent?: string;
}

/** One look at a server: the server first, then its action log, so that whatever caused the state is in the log. */
export interface Observation {
  /** The worker's clock; for display only. */
  at: string;
  /** `missing` is a 404. */
  server: ServerSeen | 'missing';
  /** Newer than the baseline, newest first. `unreadable`: the cloud does not let us read the log. */
  actions: ActionSeen[] | 'unreadable';
}
