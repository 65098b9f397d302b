import type { Control } from '../api/control';
import type { Scheduler } from './hosts';
import { endEvents, startEvent, type InstanceAction } from './instance-actions';
import { rolledBack } from './resize-steps';
import type { Migration, ServerRecord } from './server-record';
import type { Change, DriverCall, Place, Step, Sequence } from './steps';

/** How long things take, in milliseconds. */
export interface Timings {
  /**
   * One step; a resize is about four of them.
   * @default 350
   */
  step: number;
  /**
   * How long the server shows nothing of an accepted confirm.
   * @default 4 steps
   */
  confirm: number;
  /**
   * From ERROR until the server shows the fault and no task, and from the end of an action until the log shows it.
   * @default a fifth of a step
   */
  settle: number;
  /**
   * From the checks of a request until it takes effect: requests closer together than this race, as on a real Nova.
   * @default 5
   */
  race: number;
}

const noValidHost = 'No valid host was found. No valid host found for resize';
const conductorHost = 'conductor';

/** Runs the steps of an action on a server, each for as long as it takes. */
export class Conductor {
  private stopped = false;
  /** Ends a wait early. A set, because each listener that is added to an AbortSignal compares itself with all others. */
  private readonly waiting = new Set<() => void>();
  /** Servers on which a confirm and a revert run at the same time. */
  private readonly conflicting = new WeakSet<ServerRecord>();

  constructor(
    readonly timings: Timings,
    private readonly control: Control,
    private readonly scheduler: Scheduler,
  ) {}

  /** Ends all waiting; no server changes after this. */
  stop(): void {
    this.stopped = true;
    for (const end of this.waiting) end();
  }

  /** Starts a sequence, in place of one that runs. Its first step takes effect at once: Nova sets the task before it answers. */
  begin(server: ServerRecord, sequence: Sequence, action: InstanceAction, migration?: Migration): Promise<void> {
    const generation = ++server.generation;
    const first = sequence.steps[0];
    if (first !== undefined) this.change(server, first.set, migration);
    return this.unlessStopped(this.run(server, sequence, action, migration, generation));
  }

  /**
   * A confirm and a revert of the same resize were both accepted: the confirm removes the guest from the source host, the
   * revert needs it there. As on a real Nova most often: both fail, ERROR with the old flavor.
   */
  markConflict(server: ServerRecord): void {
    this.conflicting.add(server);
  }

  /** Ends the event of a confirm that conflicts with another request in Error; it has no other effect. */
  failConfirm(action: InstanceAction): Promise<void> {
    return this.unlessStopped(
      this.wait(this.timings.confirm).then(() => endEvents(action, 'all', 'Conflict updating instance')),
    );
  }

  /** What an administrator's reset does: sets the state, clears the task, stops what runs. Fault and migration stay. */
  reset(server: ServerRecord, vmState: 'active' | 'error'): void {
    server.generation += 1;
    this.change(server, { vmState, taskState: null });
  }

  /** Waits; rejects when the simulator is closing. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(end);
        if (this.stopped) reject(new DOMException('the simulator is closing', 'AbortError'));
        else resolve();
      };
      const timer = setTimeout(end, milliseconds);
      this.waiting.add(end);
      if (this.stopped) end();
    });
  }

  private async run(
    server: ServerRecord,
    sequence: Sequence,
    action: InstanceAction,
    migration: Migration | undefined,
    generation: number,
  ): Promise<void> {
    for (const step of sequence.steps) {
      if (step.only === 'was-stopped' && migration?.before !== 'stopped') continue;
      if (step !== sequence.steps[0]) this.change(server, step.set, migration);
      for (const [event, place] of step.starts ?? []) startEvent(action, event, hostAt(place, server, migration));
      await this.wait(this.duration(step, server, migration));
      if (server.generation !== generation) return;
      if (step.schedules && !this.schedule(server, migration)) {
        await this.rollBack(server, action, migration);
        return;
      }
      if (step.call === 'finish_revert_migration' && this.conflicting.delete(server)) {
        await this.failBoth(server, action, migration);
        return;
      }
      if (step.call !== undefined && this.failsAt(step.call, server, migration)) {
        await this.fail(server, action, migration, step.failed, `${step.call} fails, as set in /_lab or by the flavor`);
        return;
      }
      endEvents(action, step.ends ?? []);
    }
    this.change(server, sequence.end, migration);
    this.control.happened(server.id, server.vmState);
    await this.settled();
    endEvents(action, 'all');
  }

  /** Chooses the host. A server that is being built is placed there at once. */
  private schedule(server: ServerRecord, migration: Migration | undefined): boolean {
    const host = this.scheduler.findHost(migration?.newFlavor ?? server.flavor, server.host);
    if (host === undefined) return false;
    if (migration === undefined) server.host = host;
    else migration.destination = host;
    this.scheduler.count(server);
    return true;
  }

  /** No valid host. A resize is rolled back without a fault; a server that is being built ends in ERROR. */
  private async rollBack(server: ServerRecord, action: InstanceAction, migration?: Migration): Promise<void> {
    if (migration === undefined) {
      await this.fail(server, action, migration, {}, 'No valid host was found. ');
      return;
    }
    this.change(server, rolledBack, migration);
    await this.settled();
    endEvents(action, 'all', noValidHost);
  }

  /** Ends a confirm and a revert that ran at the same time: ACTIVE with the new flavor for a moment, then ERROR. */
  private async failBoth(
    server: ServerRecord,
    action: InstanceAction,
    migration: Migration | undefined,
  ): Promise<void> {
    this.change(server, { vmState: 'before', taskState: null, flavor: 'new' }, migration);
    await this.settled();
    const actual = "Expected: {'task_state': ['resize_reverting']}. Actual: {'task_state': None}";
    const message = `Conflict updating instance ${server.id}. ${actual}`;
    await this.fail(server, action, migration, { flavor: 'old', migration: 'error' }, message);
  }

  /** ERROR first; the fault, the end of the task and the log's "Error" a moment later (measured). */
  private async fail(
    server: ServerRecord,
    action: InstanceAction,
    migration: Migration | undefined,
    also: Change | undefined,
    message: string,
  ): Promise<void> {
    this.change(server, { ...also, vmState: 'error' }, migration);
    const generation = server.generation;
    await this.settled();
    endEvents(action, 'all', message);
    if (server.generation !== generation) return;
    const now = new Date();
    server.fault = { code: 500, created: now, message, details: `Traceback (most recent call last):\n${message}\n` };
    this.change(server, { taskState: null });
  }

  /** Applies what a step changes, and saves the server. */
  private change(server: ServerRecord, set: Change, migration?: Migration): void {
    if (Object.keys(set).length === 0) return;
    apply(server, set, migration);
    this.scheduler.count(server);
    this.control.lists.save(server);
  }

  /** Nothing awaits a sequence; that it is aborted when the simulator closes is no failure. */
  async unlessStopped(sequence: Promise<void>): Promise<void> {
    try {
      await sequence;
    } catch (error) {
      if (!this.stopped) throw error;
    }
  }

  private async settled(): Promise<void> {
    await this.wait(this.timings.settle);
  }

  private duration(step: Step, server: ServerRecord, migration: Migration | undefined): number {
    const specs = (migration?.newFlavor ?? server.flavor).extraSpecs;
    const unit = Number(specs['lab:step'] ?? this.timings.step);
    const base = step.takes === 'confirm' ? this.timings.confirm : step.takes * unit;
    if (step.call === undefined) return base;
    return base + 1000 * (this.control.delayOf(step.call, server) + Number(specs[`lab:delay:${step.call}`] ?? 0));
  }

  private failsAt(call: DriverCall, server: ServerRecord, migration: Migration | undefined): boolean {
    return this.control.fails(call, server) || migration?.newFlavor.extraSpecs['lab:fail'] === call;
  }
}

function apply(server: ServerRecord, set: Change, migration: Migration | undefined): void {
  const now = new Date();
  if (set.vmState !== undefined) server.vmState = set.vmState === 'before' ? beforeOf(server, migration) : set.vmState;
  if (set.taskState !== undefined) server.taskState = set.taskState;
  if (set.power !== undefined) server.power = set.power;
  if (set.launched) server.launched = now;
  if (migration !== undefined) {
    if (set.flavor !== undefined) server.flavor = set.flavor === 'new' ? migration.newFlavor : migration.oldFlavor;
    if (set.host !== undefined) server.host = set.host === 'source' ? migration.source : migration.destination;
    if (set.migration !== undefined) {
      migration.status = set.migration;
      migration.updated = now;
    }
  }
  if (server.vmState === 'deleted') server.terminated = now;
}

function beforeOf(server: ServerRecord, migration: Migration | undefined): ServerRecord['vmState'] {
  return migration?.before ?? server.vmState;
}

function hostAt(place: Place, server: ServerRecord, migration: Migration | undefined): string {
  if (place === 'conductor') return conductorHost;
  const host = place === 'source' ? migration?.source : migration?.destination;
  return host ?? server.host ?? conductorHost;
}
