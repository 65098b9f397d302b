import { ApiFault } from './api-fault';

/** One page of a list, and where the next one is. */
export interface Page<T> {
  items: T[];
  next: { rel: 'next'; href: string }[] | undefined;
}

/** Cuts a page out of a list: `limit` is how many, `marker` the last item of the page before. */
export function pageOf<T>(all: readonly T[], url: URL, pageSize: number, idOf: (item: T) => string): Page<T> {
  const marker = url.searchParams.get('marker');
  const asked = url.searchParams.get('limit');
  if (asked !== null && !/^[0-9]*$/.test(asked)) {
    const why = `'${asked}' does not match '^[0-9]*$'`;
    throw new ApiFault(400, `Invalid input for query parameters limit. Value: ${asked}. ${why}`);
  }
  const from = marker === null ? 0 : all.findIndex((item) => idOf(item) === marker) + 1;
  if (marker !== null && from === 0) throw new ApiFault(400, `marker [${marker}] not found`);
  const limit = Math.min(asked === null || asked === '' ? pageSize : Number(asked), pageSize);
  const items = all.slice(from, from + limit);
  const last = items.at(-1);
  // Measured: a full page links to a next one, even where nothing follows.
  if (last === undefined || items.length < limit) return { items, next: undefined };
  const next = new URL(url);
  next.searchParams.set('marker', idOf(last));
  return { items, next: [{ rel: 'next', href: next.toString() }] };
}
