import * as v from 'valibot';

import type { Flavor } from '../../resize/observation';

/** Some clouds write counts as text. */
export const Count = v.union([
  v.number(),
  v.pipe(
    v.string(),
    v.regex(/^\d+$/),
    v.transform((text) => Number(text)),
  ),
]);

/** A size is for people to read; an odd one must not hide the rest. */
export const Size = v.fallback(v.optional(Count), undefined);

export const FlavorEntry = v.object({
  id: v.string(),
  name: v.string(),
  vcpus: Size,
  ram: Size,
  disk: Size,
  'OS-FLV-EXT-DATA:ephemeral': Size,
  'OS-FLV-DISABLED:disabled': v.fallback(v.optional(v.boolean(), false), false),
});

export const FlavorBody = v.object({ flavor: FlavorEntry });

/** Compute API, "Show flavor details" -> what we keep of it. */
export function flavorOf(entry: v.InferOutput<typeof FlavorEntry>): Flavor {
  const { id, name, vcpus, ram, disk } = entry;
  const ephemeral = entry['OS-FLV-EXT-DATA:ephemeral'];
  return {
    name,
    id,
    ...(vcpus === undefined ? {} : { vcpus }),
    ...(ram === undefined ? {} : { ram }),
    ...(disk === undefined ? {} : { disk }),
    ...(ephemeral === undefined ? {} : { ephemeral }),
  };
}

/** Flavors do not change once made, but they can be deleted and made anew under the same id: kept for minutes only. */
export class FlavorCache {
  static readonly #LIFE = 5 * 60_000;
  static readonly #ENTRIES = 500;
  readonly #kept = new Map<string, { flavor: Flavor; until: number }>();

  get(id: string): Flavor | undefined {
    const entry = this.#kept.get(id);
    if (entry !== undefined && Date.now() < entry.until) return entry.flavor;
    this.#kept.delete(id);
    return undefined;
  }

  keep(id: string, flavor: Flavor): void {
    if (this.#kept.size >= FlavorCache.#ENTRIES) this.#kept.clear();
    this.#kept.set(id, { flavor, until: Date.now() + FlavorCache.#LIFE });
  }
}
