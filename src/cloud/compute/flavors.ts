import * as v from 'valibot';

import type { Flavor } from '../../resize/observation';
import type { Refusal } from '../../resize/precondition';
import { present } from '../../resize/present';
import { CloudFailure } from '../http/cloud-failure';
import { Cache } from './cache';
import { isSettled, type ComputeReader } from './compute-reader';
import { READ_SERVER } from './endpoint';
import { flavorIdIn } from './flavor-uri';
import { hasNext, Links, walk, type Page } from './pages';

/** Some clouds write counts as text. */
export const Count = v.union([
  v.number(),
  v.pipe(
    v.string(),
    v.regex(/^\d+$/),
    v.transform((text) => Number(text)),
  ),
]);

/** Sizes are for people; an unreadable one must not hide the rest. */
export const Size = v.fallback(v.optional(Count), undefined);

const FlavorEntry = v.object({
  id: v.string(),
  // One flavor without a name must not hide the others.
  name: v.fallback(v.string(), ''),
  vcpus: Size,
  ram: Size,
  disk: Size,
  'OS-FLV-EXT-DATA:ephemeral': Size,
  'OS-FLV-DISABLED:disabled': v.fallback(v.optional(v.boolean(), false), false),
});

type Entry = v.InferOutput<typeof FlavorEntry>;

const FlavorBody = v.object({ flavor: FlavorEntry });

/** Compute API, "Show flavor details" -> what we keep of it. */
function flavorOf(entry: Entry): Flavor {
  const { id, name, vcpus, ram, disk, 'OS-FLV-EXT-DATA:ephemeral': ephemeral } = entry;
  return present({ name: name === '' ? id : name, id, vcpus, ram, disk, ephemeral });
}

const FlavorList = v.object({ flavors: v.array(FlavorEntry), flavors_links: Links });

/** The flavors that this project may see. */
export class Flavors {
  readonly #api: ComputeReader;
  /** By id. A flavor does not change, but it can be deleted and made anew under the same id: not kept for days. */
  readonly #kept = new Cache<Flavor>({ entries: 500, life: 60 * 60_000 });
  /**
   * By what people wrote. A name can go to another flavor: kept for minutes only, which is the time between an inspection
   * and its resize. A request is sent with the id, and the cloud refuses one that is gone.
   */
  readonly #found = new Cache<Flavor>({ entries: 500, life: 2 * 60_000 });

  constructor(api: ComputeReader) {
    this.#api = api;
  }

  /** The flavor of a server, for people to read: where it cannot be looked up, the id is all there is. */
  async ofServer(id: string): Promise<Flavor> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    try {
      const flavor = flavorOf(await this.#entry(`read flavor ${id}`, id));
      this.#kept.keep(id, flavor);
      return flavor;
    } catch (error) {
      // Deleted since the server got it, private to others, or with an id that is no part of a path.
      if (isSettled(error)) return { name: id, id };
      throw error;
    }
  }

  /**
   * The flavor with this id, name or URI.
   * @returns why not, where it is a URI of something else; undefined where there is none, or it is disabled
   */
  async find(reference: string): Promise<Flavor | Refusal | undefined> {
    const tried = `find flavor ${reference}`;
    const uri = flavorIdIn(reference, await this.#api.place());
    if (uri !== undefined && 'message' in uri) return uri;
    const kept = this.#found.get(reference);
    if (kept !== undefined) return kept;
    const entry = await this.#find(tried, uri?.id ?? reference, uri === undefined);
    if (entry === undefined || entry['OS-FLV-DISABLED:disabled']) return undefined;
    const flavor = flavorOf(entry);
    this.#found.keep(reference, flavor);
    this.#kept.keep(entry.id, flavor);
    return flavor;
  }

  async #find(tried: string, reference: string, orName: boolean): Promise<Entry | undefined> {
    try {
      // GET /flavors/detail is the list.
      if (reference !== 'detail') return await this.#entry(tried, reference);
    } catch (error) {
      // Also a 404 page of Apache's, which accepts no encoded slash in a path. The list decides whether it exists.
      if (!isSettled(error) && !isNoId(error)) throw error;
    }
    let named: Entry | undefined;
    for await (const flavor of this.#list(tried)) {
      if (flavor.id === reference) return flavor;
      if (orName && flavor.name === reference && !flavor['OS-FLV-DISABLED:disabled']) named ??= flavor;
    }
    return named;
  }

  async *#list(tried: string): AsyncGenerator<Entry> {
    const readPage =
      (filter: Record<string, string>) =>
      async (query: URLSearchParams): Promise<Page<Entry>> => {
        const search = new URLSearchParams({ ...Object.fromEntries(query), ...filter }).toString();
        const body = await this.#api.get(tried, `/flavors/detail?${search}`, READ_SERVER, FlavorList);
        return { items: body.flavors, more: hasNext(body.flavors_links) };
      };
    const idOf = ({ id }: Entry) => id;
    try {
      // Without it an administrator does not see the private ones; of others Nova ignores it.
      yield* walk(readPage({ is_public: 'None' }), idOf);
    } catch (error) {
      if (!isSettled(error)) throw error;
      yield* walk(readPage({}), idOf);
    }
  }

  async #entry(tried: string, id: string): Promise<Entry> {
    const path = `/flavors/${this.#api.segment(tried, id)}`;
    return (await this.#api.get(tried, path, READ_SERVER, FlavorBody)).flavor;
  }
}

/** It was not asked for at all: dots are no part of a path. */
function isNoId(error: unknown): boolean {
  return error instanceof CloudFailure && error.trouble.kind === 'not-found';
}
