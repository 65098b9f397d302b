/** What cannot work is refused before anything is touched. */
import type { ActionSeen, Flavor, ServerSeen } from './observation';
import { present } from './present';
import { sameFlavor } from './situation-facts';
import type { Advice, RevertLoses } from './outcome';

/** Why a resize is refused, in one sentence, and what to do instead. */
export interface Refusal {
  message: string;
  advice?: Advice;
}

/**
 * What speaks against resizing this server to this flavor, as far as it can be seen before asking the cloud.
 * @param asked the flavor as the request names it
 * @param to undefined when the cloud knows no such flavor; a refusal when the request names it in a way that cannot be
 */
export function refusalOf(
  server: ServerSeen,
  asked: string,
  to: Flavor | Refusal | undefined,
  where: { project: string; region?: string },
  expect: { project?: string; region?: string } = {},
): Refusal | undefined {
  const who = `server ${server.name} (${server.id})`;
  const elsewhere = refusalOfPlace(who, where, expect);
  if (elsewhere !== undefined) return elsewhere;
  if (to === undefined || isRefusal(to)) return to ?? unknownFlavor(asked);
  if (server.status === 'ERROR' || server.vmState === 'error') {
    const fault = server.fault === undefined ? '' : ` (${server.fault.message})`;
    return refuse(
      `${who} is in ERROR${fault}; a resize needs a healthy server`,
      'Ask your cloud’s administrator what happened before resizing.',
    );
  }
  if (server.status === 'VERIFY_RESIZE') {
    return refuse(
      `${who} already waits in VERIFY_RESIZE for an earlier resize to be confirmed or reverted`,
      `To take it over: ask for flavor ${server.flavor.name} with --adopt; or end it by hand: openstack server resize confirm|revert ${server.id}`,
    );
  }
  if (server.taskState !== null) {
    return refuse(
      `${who} is busy (${server.taskState})`,
      'Wait until its task has ended: openstack server show ' + server.id,
    );
  }
  if (!['active', 'stopped'].includes(server.vmState)) {
    return refuse(
      `${who} is ${server.status}; only a running or a stopped server can be resized`,
      'Bring it to ACTIVE or SHUTOFF first.',
    );
  }
  if (server.locked === true) {
    return refuse(
      `${who} is locked; the cloud refuses to resize it`,
      'Find out why it is locked, then: openstack server unlock ' + server.id,
    );
  }
  if (server.billing !== undefined) return refusalOfBilling(who, server.billing);
  if (server.flavor.unknown === true) {
    return refuse(
      `the cloud does not show which flavor ${who} has, so it cannot be told what a revert would lead back to`,
      `Ask your cloud’s administrator: openstack server show ${server.id} has to name its flavor.`,
    );
  }
  if (sameFlavor(server.flavor, to)) {
    return refuse(`${who} already has flavor ${to.name}`, 'Nothing to do.');
  }
  return undefined;
}

/**
 * Huawei's ECS API reference, "Modifying the Specifications of an ECS": what is paid by year or month changes by an
 * order, which the compute API cannot place, and a spot server not at all.
 */
function refusalOfBilling(who: string, billing: 'prepaid' | 'spot'): Refusal {
  return billing === 'prepaid'
    ? refuse(
        `${who} is paid by year or month (its metadata says charging_mode 1); another flavor needs an order, which this program cannot place`,
        'Change its specifications in the console, or by POST /v1.1/{project_id}/cloudservers/{server_id}/resize, which places the order. A finished order cannot be reverted here.',
      )
    : refuse(
        `${who} is a spot server (its metadata says charging_mode 2); the cloud does not resize these`,
        'Create a server with the new flavor in its place.',
      );
}

export function refusalOfPlace(
  who: string,
  where: { project: string; region?: string },
  expect: { project?: string; region?: string },
): Refusal | undefined {
  if (expect.project !== undefined && expect.project !== where.project) {
    return refuse(
      `${who} is in project ${where.project}, not in ${expect.project}`,
      'Check the cloud profile, or leave the expected project out.',
    );
  }
  if (expect.region !== undefined && expect.region !== where.region) {
    return refuse(
      `${who} is in region ${where.region ?? '(none)'}, not in ${expect.region}`,
      'Check the cloud profile, or leave the expected region out.',
    );
  }
  return undefined;
}

/** A resize that waits in VERIFY_RESIZE, and where it stands in the action log. */
export interface Adoptable {
  /** Of its `resize` action. */
  requestId: string;
  /** The request id of the action before it. */
  baseline?: string;
}

/** The newest action that changes what a resize has done, and the request id of the entry before it. */
export interface LastAction {
  action: ActionSeen;
  before?: string;
}

/**
 * The resize that a server waits for, if it can be taken over; else why not. Taken over is only what the log shows to
 * be a resize that nothing has happened to since: not a cold migration, nor what somebody is confirming right now.
 * @param last of its action log
 */
export function adoptableIn(
  server: ServerSeen,
  asked: string,
  to: Flavor | Refusal | undefined,
  last: LastAction | 'none' | 'unreadable',
): Adoptable | Refusal {
  if (to === undefined || isRefusal(to)) return to ?? unknownFlavor(asked);
  const who = `server ${server.name} (${server.id})`;
  if (server.status !== 'VERIFY_RESIZE' || server.vmState !== 'resized' || server.taskState !== null) {
    return refuse(
      `${who} does not wait in VERIFY_RESIZE (it is ${server.status}, ${server.taskState ?? 'no task'}); there is nothing to adopt`,
      'Leave --adopt out to resize it.',
    );
  }
  if (server.flavor.unknown === true) {
    return refuse(
      `the cloud does not show which flavor ${who} waits with`,
      `Ask whoever resized it, then end it by hand: openstack server resize confirm|revert ${server.id}`,
    );
  }
  if (!sameFlavor(server.flavor, to)) {
    return refuse(
      `${who} waits with flavor ${server.flavor.name}, not with ${to.name}`,
      `Ask for the flavor that it has now, ${server.flavor.name}, with --adopt.`,
    );
  }
  if (last === 'unreadable') {
    return refuse(
      `the action log of ${who} cannot be read, so it cannot be told whose resize it waits for`,
      `Ask whoever resized it, then end it by hand: openstack server resize confirm|revert ${server.id}`,
    );
  }
  const noResize = (what: string) =>
    refuse(
      `${who} waits after ${what}, not after a resize`,
      `See who did what: openstack server event list ${server.id}`,
    );
  if (last === 'none') return noResize('an action that is not in its log');
  const { action, before } = last;
  if (action.action !== 'resize' || action.result === 'error') return noResize(`the action ${action.action}`);
  return present({ requestId: action.requestId, baseline: before });
}

/** By it a refusal is known from a flavor. */
export const isRefusal = (found: object): found is Refusal => 'message' in found;

function unknownFlavor(asked: string): Refusal {
  return refuse(
    `flavor ${asked} is not known to the cloud (missing, disabled or private)`,
    'See: openstack flavor list --all',
  );
}

function refuse(message: string, you: string): Refusal {
  return { message, advice: { you } };
}

/**
 * What a revert would lose: writes since the resize go to the copy on the new host, and a revert starts the old one.
 * A server that boots from a volume, with no ephemeral disk in the flavor, keeps everything.
 */
export function revertLosesOf(server: ServerSeen): RevertLoses {
  if (server.bootsFromVolume === undefined) return 'unknown';
  if (!server.bootsFromVolume) return 'local-disks';
  if (server.flavor.ephemeral === undefined) return 'unknown';
  return server.flavor.ephemeral > 0 ? 'local-disks' : 'nothing';
}
