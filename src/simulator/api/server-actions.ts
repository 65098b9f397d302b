import { ApiFault, forbidden, unexpected } from './api-fault';
import type { Caller, SimulatedCloud } from '../engine/simulated-cloud';
import { endEvents, startEvent } from '../engine/instance-actions';
import * as life from '../engine/life-steps';
import { confirm, migrate, resize, revert } from '../engine/resize-steps';
import { finishedMigration, type Migration, type ServerRecord } from '../engine/server-record';
import type { VmState } from '../engine/states';
import type { Sequence } from '../engine/steps';

/** One action of `POST /servers/{id}/action`: who may send it, in which states, and its effect. */
interface Action {
  /** The name in Nova's messages: 'stop' where the key of the body is `os-stop`. */
  name: string;
  /** The vm_states it is allowed in; the task must be empty. */
  vmStates?: readonly VmState[];
  /** Only administrators; the policy's name. */
  policy?: string;
  /** Is carried out on a locked server too. */
  lockedToo?: true;
  check?: (argument: unknown, caller: Caller) => void;
  status: 202 | 204;
  /** Runs the remaining checks and returns the effect, which is applied a moment later; requests race in between. */
  prepare: (cloud: SimulatedCloud, server: ServerRecord, argument: unknown, caller: Caller) => () => void;
}

const running: readonly VmState[] = ['active', 'stopped'];

const actions: Record<string, Action> = {
  resize: {
    name: 'resize',
    vmStates: running,
    status: 202,
    check: checkResize,
    prepare(cloud, server, argument, caller) {
      const flavor = cloud.flavors.find(flavorIdOf(argument));
      if (flavor === undefined || flavor.disabled)
        throw new ApiFault(400, `Flavor ${flavorIdOf(argument)} could not be found.`);
      if (flavor === server.flavor) throw new ApiFault(400, 'When resizing, instances must change flavor!');
      if (flavor.disk === 0 && server.flavor.disk !== 0) {
        const why = 'Resize to zero disk flavor is not allowed.';
        throw new ApiFault(400, `Server disk was unable to be resized because: ${why}`);
      }
      cloud.requireCores(server.projectId, flavor.vcpus - server.flavor.vcpus);
      return () => move(cloud, server, resize, cloud.migration(server, flavor, caller), caller);
    },
  },
  migrate: {
    name: 'migrate',
    vmStates: running,
    policy: 'os_compute_api:os-migrate-server:migrate',
    status: 202,
    prepare: (cloud, server, _, caller) => () =>
      move(cloud, server, migrate, cloud.migration(server, server.flavor, caller), caller),
  },
  confirmResize: {
    name: 'confirmResize',
    vmStates: ['resized'],
    status: 204,
    prepare(cloud, server, _, caller) {
      const migration = requireFinished(server);
      return () => {
        const entry = cloud.record(server, confirm.action, caller);
        if (migration.status === 'finished') {
          migration.status = 'confirming';
          void cloud.conductor.begin(server, confirm, entry, migration);
        } else {
          // Both were accepted. After a revert both fail; after another confirm this one does, and nothing else happens.
          startEvent(entry, 'compute_confirm_resize', migration.source);
          if (migration.status === 'reverting') cloud.conductor.markConflict(server);
          void cloud.conductor.failConfirm(entry);
        }
      };
    },
  },
  revertResize: {
    name: 'revertResize',
    vmStates: ['resized'],
    status: 202,
    prepare(cloud, server, _, caller) {
      const migration = requireFinished(server);
      requireCoresBack(cloud, server, migration);
      return () => {
        if (server.taskState !== null) throw unexpectedTask();
        const raced = migration.status === 'confirming';
        const confirming = server.actions.at(-1);
        void cloud.conductor.begin(server, revert, cloud.record(server, revert.action, caller), migration);
        if (!raced) return;
        cloud.conductor.markConflict(server);
        if (confirming !== undefined) void cloud.conductor.failConfirm(confirming);
      };
    },
  },
  'os-start': simple('start', ['stopped'], life.start),
  'os-stop': simple('stop', ['active', 'error'], life.stop),
  pause: simple('pause', ['active'], life.pause),
  unpause: simple('unpause', ['paused'], life.unpause),
  reboot: {
    name: 'reboot',
    vmStates: ['active', 'stopped', 'paused', 'error'],
    status: 202,
    check(argument) {
      const type = String((argument as { type?: unknown } | null)?.type);
      if (!['SOFT', 'HARD'].includes(type.toUpperCase())) {
        const allowed = "['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']";
        throw invalid('type', type, `'${type}' is not one of ${allowed}`);
      }
    },
    prepare(cloud, server, argument, caller) {
      const type = (argument as { type: string }).type.toUpperCase() === 'HARD' ? 'HARD' : 'SOFT';
      if (type === 'SOFT' && server.vmState !== 'active') throw inState(server, 'reboot');
      return () => begin(cloud, server, life.reboot(type), caller);
    },
  },
  lock: {
    name: 'lock',
    lockedToo: true,
    status: 202,
    prepare: (cloud, server, argument, caller) => () => {
      // Nova's "owner" is everybody in the server's project, its administrator too; his second lock changes nothing.
      const owner = caller.projectId === server.projectId;
      if (server.locked !== null && owner) return;
      const reason = caller.minor >= 73 ? (argument as { locked_reason?: string } | null)?.locked_reason : undefined;
      server.locked = { by: owner ? 'owner' : 'admin', reason: reason ?? null };
      cloud.control.lists.save(server);
      immediately(cloud, server, 'lock', caller);
    },
  },
  unlock: {
    name: 'unlock',
    lockedToo: true,
    status: 202,
    prepare(cloud, server, _, caller) {
      if (server.locked?.by === 'admin' && !caller.admin) {
        throw forbidden('os_compute_api:os-lock-server:unlock:unlock_override');
      }
      return () => {
        server.locked = null;
        cloud.control.lists.save(server);
        immediately(cloud, server, 'unlock', caller);
      };
    },
  },
  'os-resetState': {
    name: 'resetState',
    policy: 'os_compute_api:os-admin-actions:reset_state',
    lockedToo: true,
    status: 202,
    check(argument) {
      const state = String((argument as { state?: unknown } | null)?.state);
      if (!['active', 'error'].includes(state)) {
        throw invalid('state', state, `'${state}' is not one of ['active', 'error']`);
      }
    },
    prepare: (cloud, server, argument, caller) => () => {
      const { state } = argument as { state: 'active' | 'error' };
      cloud.record(server, 'resetState', caller);
      cloud.conductor.reset(server, state);
    },
  },
  // What these do is not simulated, only that they are refused in VERIFY_RESIZE.
  suspend: refusedOrUnknown('suspend', ['active']),
  rescue: refusedOrUnknown('rescue', ['active', 'stopped', 'error']),
  rebuild: refusedOrUnknown('rebuild', ['active', 'stopped', 'error']),
  createImage: refusedOrUnknown('createImage', ['active', 'stopped', 'paused']),
  shelve: refusedOrUnknown('shelve', ['active', 'stopped', 'paused']),
  'os-migrateLive': {
    ...refusedOrUnknown('os-migrateLive', ['active', 'paused']),
    policy: 'os_compute_api:os-migrate-server:migrate_live',
  },
  evacuate: { ...refusedOrUnknown('evacuate', ['active', 'stopped', 'error']), policy: 'os_compute_api:os-evacuate' },
};

/** Carries out the body of `POST /servers/{id}/action`. @returns the HTTP status of the answer */
export async function act(cloud: SimulatedCloud, serverId: string, body: unknown, caller: Caller): Promise<202 | 204> {
  const [key = '', ...more] = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  if (key === '' || more.length > 0) throw new ApiFault(400, 'Malformed request body');
  const action = actions[key];
  if (action === undefined) throw new ApiFault(400, `There is no such action: ${key}`);
  const argument = (body as Record<string, unknown>)[key];
  action.check?.(argument, caller);
  const server = cloud.find(serverId, caller);
  if (action.policy !== undefined && !caller.admin) throw forbidden(action.policy);
  if (server.locked !== null && !caller.admin && !action.lockedToo) {
    throw new ApiFault(409, `Instance ${server.id} is locked`);
  }
  if (action.vmStates !== undefined) {
    if (!action.vmStates.includes(server.vmState)) throw inState(server, action.name);
    if (server.taskState !== null) throw inTask(server, action.name);
  }
  const effect = action.prepare(cloud, server, argument, caller);
  const generation = server.generation;
  await cloud.conductor.wait(cloud.conductor.timings.race);
  // Nova saves the task only if it is still empty, and answers the second request with 500.
  const decides = key === 'confirmResize' || key === 'revertResize';
  if (action.vmStates !== undefined && !decides && server.generation !== generation) throw unexpectedTask();
  effect();
  return action.status;
}

function simple(name: string, vmStates: readonly VmState[], sequence: Sequence): Action {
  return {
    name,
    vmStates,
    status: 202,
    prepare: (cloud, server, _, caller) => () => begin(cloud, server, sequence, caller),
  };
}

function refusedOrUnknown(name: string, vmStates: readonly VmState[]): Action {
  return {
    name,
    vmStates,
    status: 202,
    prepare: () => {
      throw new ApiFault(501, `${name} is not simulated.`);
    },
  };
}

function begin(cloud: SimulatedCloud, server: ServerRecord, sequence: Sequence, caller: Caller): void {
  void cloud.conductor.begin(server, sequence, cloud.record(server, sequence.action, caller));
}

function move(
  cloud: SimulatedCloud,
  server: ServerRecord,
  sequence: Sequence,
  migration: Migration,
  caller: Caller,
): void {
  const done = cloud.conductor.begin(server, sequence, cloud.record(server, sequence.action, caller), migration);
  void cloud.conductor.unlessStopped(done.then(() => cloud.confirmAfterWindow(server, migration)));
}

/** Logs an action that is done when the answer is sent: one event, finished. */
function immediately(cloud: SimulatedCloud, server: ServerRecord, name: string, caller: Caller): void {
  const entry = cloud.record(server, name, caller);
  startEvent(entry, `api_${name}`, server.host ?? '');
  endEvents(entry, 'all');
}

function requireFinished(server: ServerRecord): Migration {
  const migration = finishedMigration(server);
  // Also the answer to a second confirm or revert right after a confirm was accepted: nothing else tells of that.
  if (migration === undefined) throw new ApiFault(400, 'Instance has not been resized.');
  return migration;
}

/** A revert to a larger flavor may exceed the quota; Nova answers that with 500 (measured). */
function requireCoresBack(cloud: SimulatedCloud, server: ServerRecord, { oldFlavor }: Migration): void {
  try {
    cloud.requireCores(server.projectId, oldFlavor.vcpus - server.flavor.vcpus);
  } catch {
    throw unexpected('nova.exception.TooManyInstances');
  }
}

function inState(server: ServerRecord, name: string): ApiFault {
  return new ApiFault(409, `Cannot '${name}' instance ${server.id} while it is in vm_state ${server.vmState}`);
}

function inTask(server: ServerRecord, name: string): ApiFault {
  return new ApiFault(
    409,
    `Cannot '${name}' instance ${server.id} while it is in task_state ${server.taskState ?? ''}`,
  );
}

function unexpectedTask(): ApiFault {
  return unexpected('nova.exception.UnexpectedTaskStateError');
}

/** Only an id: Nova 26 takes no URI, whatever its documentation says (measured). */
function flavorIdOf(argument: unknown): string {
  return String((argument as { flavorRef: string | number }).flavorRef);
}

function invalid(field: string, value: string, why: string): ApiFault {
  return new ApiFault(400, `Invalid input for field/attribute ${field}. Value: ${value}. ${why}`);
}

function checkResize(argument: unknown): void {
  if (typeof argument !== 'object' || argument === null) {
    throw invalid('resize', 'None', "None is not of type 'object'");
  }
  const { flavorRef, ...more } = argument as Record<string, unknown>;
  if (flavorRef === undefined) throw invalid('resize', '{}', "'flavorRef' is a required property");
  if (flavorRef === '') throw invalid('flavorRef', '', "'' is too short");
  const extra = Object.keys(more).filter((key) => key !== 'OS-DCF:diskConfig');
  if (extra.length > 0) {
    const value = JSON.stringify(argument).replaceAll('"', "'").replaceAll(':', ': ').replaceAll(',', ', ');
    const names = extra.map((key) => `'${key}'`).join(', ');
    const verb = extra.length === 1 ? 'was' : 'were';
    throw invalid('resize', value, `Additional properties are not allowed (${names} ${verb} unexpected)`);
  }
}
