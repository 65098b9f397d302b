import * as v from 'valibot';

import type { Flavor, ServerSeen } from '../../resize/observation';
import { Count, Size } from './flavors';

/** Below 2.47 a server shows the id of its flavor, from then on its data without the id. */
const EmbeddedFlavor = v.union([
  v.object({ id: v.string() }),
  v.object({
    original_name: v.string(),
    vcpus: Size,
    ram: Size,
    disk: Size,
    ephemeral: Size,
  }),
]);

export const ServerBody = v.object({
  server: v.object({
    id: v.string(),
    name: v.string(),
    status: v.string(),
    tenant_id: v.string(),
    flavor: EmbeddedFlavor,
    image: v.optional(v.unknown()),
    metadata: v.fallback(v.nullish(v.record(v.string(), v.unknown())), undefined),
    locked: v.nullish(v.boolean()),
    fault: v.nullish(v.object({ message: v.string(), code: v.nullish(Count), created: v.nullish(v.string()) })),
    'OS-EXT-STS:vm_state': v.string(),
    'OS-EXT-STS:task_state': v.nullish(v.string()),
    'OS-EXT-STS:power_state': v.fallback(v.nullish(v.number()), undefined),
  }),
});

type Shown = v.InferOutput<typeof ServerBody>['server'];

/** Compute API, "Show server details": the numbers of OS-EXT-STS:power_state. */
const POWER: Record<number, ServerSeen['powerState']> = {
  0: 'none',
  1: 'running',
  3: 'paused',
  4: 'shutdown',
  6: 'crashed',
  7: 'suspended',
};

/**
 * Huawei's ECS API reference, "Querying Details About an ECS": charging_mode in the metadata; "0" is by use. The cloud
 * sets it; elsewhere metadata are the user's own words, and only these values are taken for it.
 */
const BILLING: ReadonlyMap<string, ServerSeen['billing']> = new Map([
  ['1', 'prepaid'],
  ['2', 'spot'],
]);

/** The flavor as the server itself shows it: with all data, or with an id whose data must be looked up. */
export function embeddedFlavor({ flavor }: Shown): { complete: Flavor } | { id: string } {
  if ('id' in flavor) return { id: flavor.id };
  const { original_name: name, vcpus, ram, disk, ephemeral } = flavor;
  return {
    complete: {
      name,
      ...(vcpus === undefined ? {} : { vcpus }),
      ...(ram === undefined ? {} : { ram }),
      ...(disk === undefined ? {} : { disk }),
      ...(ephemeral === undefined ? {} : { ephemeral }),
    },
  };
}

/** One answer -> the server, normalised: clouds differ in letter case and in how they write "none". */
export function serverOf(shown: Shown, flavor: Flavor): ServerSeen {
  const task = shown['OS-EXT-STS:task_state'];
  const { fault, image, locked } = shown;
  const billing = BILLING.get(String(shown.metadata?.['charging_mode']));
  return {
    id: shown.id,
    name: shown.name,
    status: shown.status.toUpperCase(),
    vmState: shown['OS-EXT-STS:vm_state'].toLowerCase(),
    taskState: task === undefined || task === null || task === '' ? null : task.toLowerCase(),
    powerState: POWER[shown['OS-EXT-STS:power_state'] ?? -1] ?? 'unknown',
    flavor,
    ...(locked === undefined || locked === null ? {} : { locked }),
    ...(fault === undefined || fault === null
      ? {}
      : {
          fault: {
            message: fault.message,
            ...(fault.code === undefined || fault.code === null ? {} : { code: fault.code }),
            ...(fault.created === undefined || fault.created === null ? {} : { created: fault.created }),
          },
        }),
    project: shown.tenant_id,
    // Compute API: the image of a server that boots from a volume is an empty string.
    ...(image === '' ? { bootsFromVolume: true } : {}),
    ...(typeof image === 'object' && image !== null ? { bootsFromVolume: false } : {}),
    ...(billing === undefined ? {} : { billing }),
  };
}
