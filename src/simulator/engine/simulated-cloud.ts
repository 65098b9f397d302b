import { randomUUID } from 'node:crypto';
import { ApiFault } from '../api/api-fault';
import { Conductor, type Timings } from './conductor';
import type { Control } from '../api/control';
import { firstFlavors, Flavors, type Flavor, type NewFlavor } from './flavors';
import { Scheduler, type Host } from './hosts';
import { endEvents, type InstanceAction } from './instance-actions';
import { build, remove } from './life-steps';
import { confirm } from './resize-steps';
import type { Migration, ServerRecord } from './server-record';

/** Who sends a request, by its token. */
export interface Caller {
  /** Null where the cloud acts by itself. */
  userId: string | null;
  projectId: string | null;
  admin: boolean;
  requestId: string;
  /** Minor number of the microversion. */
  minor: number;
}

/** The settings of a simulated cloud. */
export interface CloudSettings {
  hosts: readonly Host[];
  flavors: readonly NewFlavor[];
  timings: Timings;
  /** Milliseconds after which the cloud confirms by itself; off by default, as on Nova. */
  confirmWindow: number | undefined;
  /** VCPUs a project may use; without a limit by default. */
  quotaCores: number | undefined;
}

/** The compute part of the simulated cloud: servers, flavors, migrations, and the action log. */
export class SimulatedCloud {
  readonly flavors: Flavors;
  readonly conductor: Conductor;
  private readonly scheduler: Scheduler;
  private readonly servers = new Map<string, ServerRecord>();
  private migrations = 0;

  constructor(
    private readonly settings: CloudSettings,
    readonly control: Control,
  ) {
    this.flavors = new Flavors([...firstFlavors, ...settings.flavors]);
    this.scheduler = new Scheduler(settings.hosts);
    this.conductor = new Conductor(settings.timings, control, this.scheduler);
  }

  /** All servers, deleted ones too, oldest first. */
  all(): Iterable<ServerRecord> {
    return this.servers.values();
  }

  /** A server that this caller may see, else 404. */
  find(id: string, caller: Caller, deletedToo = false): ServerRecord {
    const server = this.servers.get(id);
    if (
      server === undefined ||
      (server.projectId !== caller.projectId && !caller.admin) ||
      (server.vmState === 'deleted' && !deletedToo)
    ) {
      throw new ApiFault(404, `Instance ${id} could not be found.`);
    }
    return server;
  }

  /** Creates a server and starts to build it; `built` resolves when it is ACTIVE or in ERROR. */
  boot(
    caller: Caller & { userId: string; projectId: string },
    name: string,
    flavor: Flavor,
    imageId: string | null,
    metadata: Record<string, string> = {},
  ): { server: ServerRecord; built: Promise<void> } {
    this.requireCores(caller.projectId, flavor.vcpus);
    const now = new Date();
    const server: ServerRecord = {
      id: randomUUID(),
      number: this.servers.size + 1,
      name,
      projectId: caller.projectId,
      userId: caller.userId,
      imageId,
      vmState: 'building',
      taskState: 'scheduling',
      power: 0,
      flavor,
      host: null,
      locked: null,
      description: null,
      metadata,
      created: now,
      updated: now,
      launched: null,
      terminated: null,
      fault: null,
      reservationId: `r-${Math.random().toString(36).slice(2, 10)}`,
      actions: [],
      migrations: [],
      generation: 0,
    };
    this.servers.set(server.id, server);
    return { server, built: this.conductor.begin(server, build, this.record(server, build.action, caller)) };
  }

  /** Writes a new entry of the action log. */
  record(server: ServerRecord, action: string, caller: Caller): InstanceAction {
    const now = new Date();
    const entry: InstanceAction = {
      action,
      serverId: server.id,
      requestId: caller.requestId,
      userId: caller.userId,
      projectId: caller.projectId,
      started: now,
      updated: now,
      message: null,
      events: [],
    };
    server.actions.push(entry);
    return entry;
  }

  /** A new migration of a server to another flavor, or to another host with the same one. */
  migration(server: ServerRecord, newFlavor: Flavor, caller: Caller): Migration {
    const now = new Date();
    const migration: Migration = {
      id: ++this.migrations,
      uuid: randomUUID(),
      type: newFlavor === server.flavor ? 'migration' : 'resize',
      status: 'pre-migrating',
      source: server.host ?? '',
      destination: null,
      oldFlavor: server.flavor,
      newFlavor,
      before: server.vmState,
      userId: caller.userId,
      projectId: caller.projectId,
      created: now,
      updated: now,
    };
    server.migrations.push(migration);
    this.scheduler.count(server);
    return migration;
  }

  /** Confirms after `confirmWindow`, if there is one: an action confirmResize without a user. */
  async confirmAfterWindow(server: ServerRecord, migration: Migration): Promise<void> {
    const { confirmWindow } = this.settings;
    if (confirmWindow === undefined || migration.status !== 'finished') return;
    await this.conductor.wait(confirmWindow);
    if (server.vmState !== 'resized' || server.taskState !== null || !waits(migration)) return;
    const cloud: Caller = { userId: null, projectId: null, admin: true, requestId: `req-${randomUUID()}`, minor: 1 };
    migration.status = 'confirming';
    void this.conductor.begin(server, confirm, this.record(server, confirm.action, cloud), migration);
  }

  /**
   * Deletes a server. One in VERIFY_RESIZE is confirmed first, under the same request id (measured); one that is being
   * resized is deleted all the same.
   */
  delete(server: ServerRecord, caller: Caller): void {
    const migration = server.migrations.findLast(waits);
    if (server.vmState === 'resized' && server.taskState === null && migration !== undefined) {
      const entry = this.record(server, confirm.action, caller);
      entry.events.push({
        event: 'compute_confirm_resize',
        host: migration.source,
        started: new Date(),
        finished: new Date(),
        result: 'Success',
        details: null,
        traceback: null,
      });
      migration.status = 'confirmed';
      server.vmState = migration.before;
    }
    // What runs fails: its instance is gone.
    for (const running of server.actions) endEvents(running, 'all', `Instance ${server.id} could not be found.`);
    void this.conductor.begin(server, remove, this.record(server, remove.action, caller));
  }

  /** 403 where a project would use more VCPUs than it may; both flavors count until a resize is decided. */
  requireCores(projectId: string, more: number): void {
    const limit = this.settings.quotaCores;
    if (limit === undefined || more <= 0) return;
    let used = 0;
    for (const server of this.all()) {
      if (server.projectId === projectId && server.vmState !== 'deleted') used += server.flavor.vcpus;
    }
    if (used + more > limit) {
      throw new ApiFault(
        403,
        `Quota exceeded for cores: Requested ${more}, but already used ${used} of ${limit} cores`,
      );
    }
  }
}

const waits = (migration: Migration): boolean => migration.status === 'finished';
