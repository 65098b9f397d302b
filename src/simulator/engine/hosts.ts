import type { Flavor } from './flavors';
import type { ServerRecord } from './server-record';

/** A compute host; `vcpus` is its capacity. */
export interface Host {
  name: string;
  vcpus: number;
}

/**
 * The scheduler: a host with room for the flavor, a different one if there is any. A resize holds its room on both
 * sides until it is confirmed or reverted, so a full cloud rolls resizes back although each would fit alone (measured).
 */
export function findHost(
  hosts: readonly Host[],
  servers: Iterable<ServerRecord>,
  flavor: Flavor,
  source: string | null,
): string | undefined {
  if (flavor.extraSpecs['lab:no_valid_host'] === 'true') return undefined;
  const used = new Map<string, number>();
  const hold = (host: string | null, vcpus: number): void => {
    if (host !== null) used.set(host, (used.get(host) ?? 0) + vcpus);
  };
  for (const server of servers) {
    if (server.vmState === 'deleted') continue;
    const moving = server.migrations.findLast(({ status }) => !['confirmed', 'reverted', 'error'].includes(status));
    if (moving === undefined) {
      hold(server.host, server.flavor.vcpus);
    } else {
      hold(moving.source, moving.oldFlavor.vcpus);
      hold(moving.destination, moving.newFlavor.vcpus);
    }
  }
  const room = hosts
    .map((host) => ({ name: host.name, free: host.vcpus - (used.get(host.name) ?? 0) }))
    .filter((host) => host.free >= flavor.vcpus)
    .sort((a, b) => b.free - a.free);
  return (room.find((host) => host.name !== source) ?? room[0])?.name;
}
