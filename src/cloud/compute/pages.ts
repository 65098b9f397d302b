import * as v from 'valibot';

/** How many entries are asked for at once: the most that Nova's default and Huawei allow. A cloud may give fewer. */
const PAGE = 1000;
/** A cloud that never ends its list must not hold a worker. */
const PAGES = 200;

export interface Page<Item> {
  items: Item[];
  /** The cloud says that there is more: a link with rel "next". */
  more?: boolean;
  /** The list has no pages: this is all of it. */
  whole?: boolean;
}

/**
 * Goes through a list page by page, with `limit` and `marker` (compute API, "Paginated collections"). The cloud's
 * "next" link only says that there is more; its URL is not followed, because behind a proxy it names the inner host.
 * @param page reads one page for the given query
 * @param markerOf what names an item in `marker`
 * @param options.first the size of the first page, where that is mostly enough
 * @param options.size the size of the others
 * @param options.pages how many are read at most
 */
export async function* walk<Item>(
  page: (query: URLSearchParams) => Promise<Page<Item>>,
  markerOf: (item: Item) => string,
  { size = PAGE, first = size, pages = PAGES }: { first?: number; size?: number; pages?: number } = {},
): AsyncGenerator<Item> {
  let marker: string | undefined;
  for (let count = 0; count < pages; count++) {
    const limit = count === 0 ? first : size;
    const query = new URLSearchParams({ limit: String(limit) });
    if (marker !== undefined) query.set('marker', marker);
    const { items, more, whole } = await page(query);
    yield* items;
    const last = items.at(-1);
    const next = last === undefined ? undefined : markerOf(last);
    // The same page again: the cloud does not know `marker`.
    if (whole === true || next === undefined || next === marker || (more !== true && items.length < limit)) return;
    marker = next;
  }
}

/** The links beside a list. */
export const Links = v.optional(v.unknown());

const Link = v.object({ rel: v.string() });

/** Does the cloud say that there is more? What is no list of links says nothing. */
export function hasNext(links: unknown): boolean {
  return Array.isArray(links) && links.some((link) => v.is(Link, link) && link.rel === 'next');
}
