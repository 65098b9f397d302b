import { embeddedFlavor, type Flavor } from '../engine/flavors';
import type { Addresses } from './control';
import { hostId } from '../engine/instance-actions';
import type { ServerRecord } from '../engine/server-record';
import { statusOf } from '../engine/states';
import { seconds, timestamp } from './timestamps';

/** For whom a server is shown, and how. */
export interface Viewer {
  /** Minor number of the microversion. */
  minor: number;
  admin: boolean;
  /** In a list server_groups are left out. */
  list: boolean;
  addresses: (server: ServerRecord) => Addresses;
  /** Links to a resource, with or without the project in them as the request had it. */
  links: (path: string, bookmarkOnly?: boolean) => unknown[];
}

// Measured: REVERT_RESIZE, SHUTOFF and ERROR show no progress.
const progressing = new Set(['ACTIVE', 'BUILD', 'REBUILD', 'RESIZE', 'VERIFY_RESIZE', 'MIGRATING']);

/** A server as `GET /servers/{id}` shows it; the order of the fields is Nova's. */
export function serverView(server: ServerRecord, viewer: Viewer): Record<string, unknown> {
  const { minor, admin } = viewer;
  const status = statusOf(server.vmState, server.taskState);
  const imageLinks = (id: string): unknown => ({ id, links: viewer.links(`images/${id}`, true) });
  return {
    id: server.id,
    name: server.name,
    status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: server.host === null ? '' : hostId(server.projectId, server.host),
    image: server.imageId === null ? '' : imageLinks(server.imageId),
    flavor: minor >= 47 ? embeddedFlavor(server.flavor) : flavorReference(server.flavor, viewer),
    created: seconds(server.created),
    updated: seconds(server.updated),
    addresses: addressesView(viewer.addresses(server)),
    accessIPv4: '',
    accessIPv6: '',
    links: viewer.links(`servers/${server.id}`),
    'OS-DCF:diskConfig': 'MANUAL',
    ...(server.fault !== null && (status === 'ERROR' || status === 'DELETED') && { fault: faultView(server, admin) }),
    ...(progressing.has(status) && { progress: 0 }),
    'OS-EXT-AZ:availability_zone': server.host === null ? '' : 'nova',
    config_drive: '',
    key_name: null,
    'OS-SRV-USG:launched_at': server.launched === null ? null : timestamp(server.launched),
    'OS-SRV-USG:terminated_at': server.terminated === null ? null : timestamp(server.terminated),
    ...(admin && hostView(server, minor)),
    'OS-EXT-STS:task_state': server.taskState,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': server.power,
    'os-extended-volumes:volumes_attached': [],
    ...(admin && minor >= 16 && !viewer.list && { host_status: 'UP' }),
    ...(minor >= 9 && { locked: server.locked !== null }),
    ...(minor >= 73 && { locked_reason: server.locked?.reason ?? null }),
    ...(minor >= 19 && { description: server.description }),
    ...(minor >= 26 && { tags: [] }),
    ...(minor >= 63 && { trusted_image_certificates: null }),
    ...(!admin && minor >= 90 && { 'OS-EXT-SRV-ATTR:hostname': server.name }),
    ...(minor >= 71 && !viewer.list && { server_groups: [] }),
    ...(admin && minor >= 16 && viewer.list && { host_status: 'UP' }),
  };
}

/** As Nova with Neutron shows them. */
function addressesView(addresses: Addresses): unknown {
  const view = (addr: string) => ({
    version: addr.includes(':') ? 6 : 4,
    addr,
    'OS-EXT-IPS:type': 'fixed',
    'OS-EXT-IPS-MAC:mac_addr': 'fa:16:3e:00:00:01',
  });
  return Object.fromEntries(Object.entries(addresses).map(([network, all]) => [network, all.map(view)]));
}

function flavorReference(flavor: Flavor, viewer: Viewer): unknown {
  return { id: flavor.id, links: viewer.links(`flavors/${flavor.id}`, true) };
}

/** Members see no details of a 500. */
function faultView(server: ServerRecord, admin: boolean): unknown {
  const { fault } = server;
  if (fault === null) return undefined;
  const view = { code: fault.code, created: seconds(fault.created), message: fault.message };
  return admin ? { ...view, details: fault.details } : view;
}

function hostView(server: ServerRecord, minor: number): Record<string, unknown> {
  return {
    'OS-EXT-SRV-ATTR:host': server.host,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${server.number.toString(16).padStart(8, '0')}`,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.host,
    ...(minor >= 3 && {
      'OS-EXT-SRV-ATTR:reservation_id': server.reservationId,
      'OS-EXT-SRV-ATTR:launch_index': 0,
      'OS-EXT-SRV-ATTR:hostname': server.name,
      'OS-EXT-SRV-ATTR:kernel_id': '',
      'OS-EXT-SRV-ATTR:ramdisk_id': '',
      'OS-EXT-SRV-ATTR:root_device_name': '/dev/sda',
      'OS-EXT-SRV-ATTR:user_data': null,
    }),
  };
}
