import * as v from 'valibot';

import { UNKNOWN_FLAVOR, type Flavor, type ServerSeen } from '../../resize/observation';
import { present } from '../../resize/present';
import { Count, Size } from './flavors';

/**
 * Below 2.47 a server shows the id of its flavor, from then on its data without the id. `"flavor": {}` is allowed too;
 * it must not hide what state the server is in.
 */
const EmbeddedFlavor = v.fallback(
  v.optional(
    v.union([
      v.object({ id: v.pipe(v.string(), v.nonEmpty()) }),
      v.object({
        original_name: v.pipe(v.string(), v.nonEmpty()),
        vcpus: Size,
        ram: Size,
        disk: Size,
        ephemeral: Size,
      }),
    ]),
  ),
  undefined,
);

/** Only shown to people: an unreadable value must not hide the rest. */
const ForPeople = v.fallback(v.nullish(v.string()), undefined);

const Fault = v.object({
  message: ForPeople,
  code: v.fallback(v.nullish(Count), undefined),
  created: ForPeople,
});

/**
 * Compute API, "Show server details": by network, each with how it got there; "floating" is translated to a fixed one.
 * A network without a readable address is left out.
 */
const Addresses = v.fallback(
  v.optional(
    v.record(
      v.string(),
      v.fallback(
        v.array(v.object({ addr: v.string(), 'OS-EXT-IPS:type': v.fallback(v.optional(v.string()), undefined) })),
        [],
      ),
    ),
  ),
  undefined,
);

const Server = v.object({
  id: v.string(),
  name: ForPeople,
  status: v.string(),
  tenant_id: ForPeople,
  flavor: EmbeddedFlavor,
  image: v.optional(v.unknown()),
  metadata: v.fallback(v.nullish(v.record(v.string(), v.unknown())), undefined),
  locked: v.fallback(v.nullish(v.boolean()), undefined),
  fault: v.fallback(v.nullish(Fault), undefined),
  updated: ForPeople,
  addresses: Addresses,
  'OS-EXT-STS:vm_state': v.string(),
  'OS-EXT-STS:task_state': v.nullish(v.string()),
  'OS-EXT-STS:power_state': v.fallback(v.nullish(v.number()), undefined),
});

export const ServerBody = v.object({ server: Server });

/** An entry of a list. An incomplete one must not hide the others. */
export const ServerEntry = v.object({
  id: v.string(),
  name: ForPeople,
  status: ForPeople,
  tenant_id: ForPeople,
  flavor: EmbeddedFlavor,
});

type Shown = v.InferOutput<typeof Server>;

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
 * Huawei's ECS API reference, "Querying Details About an ECS": charging_mode in the metadata, set by the cloud; "0" is
 * pay per use. On other clouds metadata belong to the user, so other values are ignored.
 */
const BILLING: ReadonlyMap<string, ServerSeen['billing']> = new Map([
  ['1', 'prepaid'],
  ['2', 'spot'],
]);

/** The words for "no task": null and "" by the API, and what clouds that are no Nova write instead. */
const NO_TASK = ['', 'none', 'null', 'nil', '-', 'n/a'];

/** The task that is under way; null for none. */
export function taskIn(state: string | null | undefined): string | null {
  const task = (state ?? '').trim().toLowerCase();
  return NO_TASK.includes(task) ? null : task;
}

/** The flavor as the server itself shows it: with all data, or with an id whose data must be looked up. */
export function embeddedFlavor({ flavor }: Pick<Shown, 'flavor'>): { complete: Flavor } | { id: string } {
  if (flavor === undefined) return { complete: UNKNOWN_FLAVOR };
  if ('id' in flavor) return { id: flavor.id };
  const { original_name: name, ...sizes } = flavor;
  return { complete: present({ name, ...sizes }) };
}

/** The server of one answer, normalised: clouds differ in letter case and in how they write "none". */
export function serverOf(shown: Shown, flavor: Flavor): ServerSeen {
  const { image, locked } = shown;
  return present({
    id: shown.id,
    name: shown.name ?? shown.id,
    status: shown.status.toUpperCase(),
    vmState: shown['OS-EXT-STS:vm_state'].toLowerCase(),
    taskState: taskIn(shown['OS-EXT-STS:task_state']),
    powerState: POWER[shown['OS-EXT-STS:power_state'] ?? -1] ?? 'unknown',
    flavor,
    locked: locked ?? undefined,
    fault: faultOf(shown),
    updated: shown.updated ?? undefined,
    project: shown.tenant_id ?? '',
    bootsFromVolume: bootsFromVolume(image),
    billing: BILLING.get(String(shown.metadata?.['charging_mode'])),
  });
}

/** By network; in each, the fixed ones first. */
export function addressesOf({ addresses = {} }: Pick<Shown, 'addresses'>): Record<string, string[]> {
  const networks = Object.entries(addresses).map(([network, all]): [string, string[]] => {
    const [floating, fixed] = [true, false].map((is) =>
      all.filter((one) => (one['OS-EXT-IPS:type'] === 'floating') === is),
    );
    return [network, [...(fixed ?? []), ...(floating ?? [])].map(({ addr }) => addr)];
  });
  return Object.fromEntries(networks.filter(([, all]) => all.length > 0));
}

function faultOf({ fault }: Shown): ServerSeen['fault'] {
  if (fault === undefined || fault === null) return undefined;
  const { message, code, created } = fault;
  return present({
    message: message ?? 'the cloud gives no reason',
    code: code ?? undefined,
    created: created ?? undefined,
  });
}

/** Compute API: the image of a server that boots from a volume is an empty string. */
function bootsFromVolume(image: unknown): boolean | undefined {
  if (image === '') return true;
  return typeof image === 'object' && image !== null ? false : undefined;
}
