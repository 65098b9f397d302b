import type { VmState } from './states';

/**
 * How the tables of steps are written: what a server shows during each step of an action, how long
 * that takes, which call of the hypervisor driver it makes, and which events it leaves in the action log.
 */

/** The calls of Nova's driver that can be delayed or made to fail. */
export const driverCalls = [
  'spawn',
  'migrate_disk_and_power_off',
  'finish_migration',
  'confirm_migration',
  'finish_revert_migration',
  'power_off',
  'power_on',
] as const;
export type DriverCall = (typeof driverCalls)[number];

export type MigrationStatus =
  | 'pre-migrating'
  | 'migrating'
  | 'post-migrating'
  | 'finished'
  | 'confirming'
  | 'confirmed'
  | 'reverting'
  | 'reverted'
  | 'error';

/** What a step changes on the server; what is absent stays. */
export interface Change {
  /** `before`: as it was before the resize, active or stopped. */
  vmState?: VmState | 'before';
  taskState?: string | null;
  power?: number;
  flavor?: 'old' | 'new';
  host?: 'source' | 'destination';
  migration?: MigrationStatus;
  /** The guest was started anew. */
  launched?: true;
}

/** Where an event of the action log happened. */
export type Place = 'conductor' | 'source' | 'destination';

export interface Step {
  set: Change;
  /** How long, in units of `timings.step`; `confirm` is `timings.confirm`. */
  takes: number | 'confirm';
  /** Delays of this driver call are added, and its failure ends the sequence in ERROR. */
  call?: DriverCall;
  /** The scheduler looks for a host in this step; none is found: the cloud rolls back in silence. */
  schedules?: true;
  /** Only for a server that was stopped before the resize. */
  only?: 'was-stopped';
  /** Events that begin with this step, in order. */
  starts?: readonly (readonly [name: string, place: Place])[];
  /** Events that end with it. What is still open ends a moment after the last step. */
  ends?: readonly string[];
  /** What a failure of the driver call changes besides vm_state error. */
  failed?: Change;
}

export interface Sequence {
  /** Its name in os-instance-actions. */
  action: string;
  steps: readonly Step[];
  end: Change;
}
