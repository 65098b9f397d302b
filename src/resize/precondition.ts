/** What cannot work is refused before anything is touched. */
import type { Flavor, ServerSeen } from './observation';
import { sameFlavor } from './situation';
import type { Advice, RevertLoses } from './outcome';

/** Why a resize is refused, in one sentence, and what to do instead. */
export interface Refusal {
  message: string;
  advice?: Advice;
}

/**
 * What speaks against resizing this server to this flavor, as far as it can be seen before asking the cloud.
 * @param asked the flavor as the request names it
 * @param to undefined when the cloud knows no such flavor
 */
export function refusalOf(
  server: ServerSeen,
  asked: string,
  to: Flavor | undefined,
  where: { project: string; region?: string },
  expect: { project?: string; region?: string } = {},
): Refusal | undefined {
  const who = `server ${server.name} (${server.id})`;
  const refuse = (message: string, you: string): Refusal => ({ message, advice: { you } });
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
  if (to === undefined) {
    return refuse(
      `flavor ${asked} is not known to the cloud (missing, disabled or private)`,
      'See: openstack flavor list --all',
    );
  }
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
      'Look whose resize it is, then: openstack server resize confirm|revert ' + server.id,
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
  if (sameFlavor(server.flavor, to)) {
    return refuse(`${who} already has flavor ${to.name}`, 'Nothing to do.');
  }
  return undefined;
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
