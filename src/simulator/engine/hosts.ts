import type { Flavor } from './flavors';
import type { ServerRecord } from './server-record';

/** A compute host; `vcpus` is its capacity. */
export interface Host {
  name: string;
  vcpus: number;
}

interface Hold {
  host: string | null;
  vcpus: number;
}

/**
 * The scheduler. A resize holds its room on both sides until it is confirmed or reverted, so a full cloud rolls resizes
 * back although each would fit alone (measured).
 */
export class Scheduler {
  /** VCPUs in use, by host: kept, because a sum over all servers at each resize takes seconds with 10,000 servers. */
  private readonly used = new Map<string, number>();
  private readonly held = new WeakMap<ServerRecord, Hold[]>();

  constructor(private readonly hosts: readonly Host[]) {}

  /** Counts what a server holds now. To be called when its host, flavor, state or migrations have changed. */
  count(server: ServerRecord): void {
    for (const { host, vcpus } of this.held.get(server) ?? []) this.add(host, -vcpus);
    const holds = holdsOf(server);
    for (const { host, vcpus } of holds) this.add(host, vcpus);
    this.held.set(server, holds);
  }

  /** A host with room for the flavor, a different one if there is any. */
  findHost(flavor: Flavor, source: string | null): string | undefined {
    if (flavor.extraSpecs['lab:no_valid_host'] === 'true') return undefined;
    const room = this.hosts
      .map((host) => ({ name: host.name, free: host.vcpus - (this.used.get(host.name) ?? 0) }))
      .filter((host) => host.free >= flavor.vcpus)
      .sort((a, b) => b.free - a.free);
    return (room.find((host) => host.name !== source) ?? room[0])?.name;
  }

  private add(host: string | null, vcpus: number): void {
    if (host !== null) this.used.set(host, (this.used.get(host) ?? 0) + vcpus);
  }
}

function holdsOf(server: ServerRecord): Hold[] {
  if (server.vmState === 'deleted') return [];
  const moving = server.migrations.findLast(({ status }) => !['confirmed', 'reverted', 'error'].includes(status));
  if (moving === undefined) return [{ host: server.host, vcpus: server.flavor.vcpus }];
  return [
    { host: moving.source, vcpus: moving.oldFlavor.vcpus },
    { host: moving.destination, vcpus: moving.newFlavor.vcpus },
  ];
}
