import type { Flavor } from './flavors';
import type { InstanceAction } from './instance-actions';
import type { VmState } from './states';
import type { MigrationStatus } from './steps';

/** One move of a server from a host to another (or to the same one), with the flavor before and after. */
export interface Migration {
  id: number;
  uuid: string;
  type: 'resize' | 'migration';
  status: MigrationStatus;
  source: string;
  destination: string | null;
  oldFlavor: Flavor;
  newFlavor: Flavor;
  /** What the server was before: what a confirm or a revert leads back to. */
  before: VmState;
  userId: string | null;
  projectId: string | null;
  created: Date;
  updated: Date;
}

/** Why a server is in ERROR. */
export interface ServerFault {
  code: number;
  created: Date;
  message: string;
  /** Shown to administrators only. */
  details: string;
}

/** A server, as in the cloud's database. */
export interface ServerRecord {
  id: string;
  /** Counts the servers of this cloud: instance-00000001. */
  number: number;
  name: string;
  projectId: string;
  userId: string;
  imageId: string | null;
  vmState: VmState;
  taskState: string | null;
  power: number;
  flavor: Flavor;
  host: string | null;
  locked: { by: 'owner' | 'admin'; reason: string | null } | null;
  description: string | null;
  metadata: Record<string, string>;
  created: Date;
  updated: Date;
  launched: Date | null;
  terminated: Date | null;
  fault: ServerFault | null;
  reservationId: string;
  /** Oldest first. */
  actions: InstanceAction[];
  /** Oldest first. */
  migrations: Migration[];
  /** Counts the sequences started on this server. A sequence that finds a higher number than its own has been replaced. */
  generation: number;
}

/** The newest migration that waits for a confirm or a revert. */
export function finishedMigration(server: ServerRecord): Migration | undefined {
  return server.migrations.findLast((migration) => migration.status === 'finished');
}
