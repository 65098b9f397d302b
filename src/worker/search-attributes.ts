import { setTimeout as sleep } from 'node:timers/promises';
import { temporal } from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../workflows/messages';
import { reasonOf } from './worker-error';

const { IndexedValueType } = temporal.api.enums.v1;

const TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const;

/** How often the worker checks whether what it registered is listed, and for how long; milliseconds. */
const CHECK_EVERY = 250;
const CHECK_FOR = 10_000;
/** The most that one call may take; milliseconds. */
const CALL_WITHIN = 5000;

/**
 * Registers the project's search attributes where that is allowed, and waits until they are listed. One by one: a
 * namespace may have room for some of them only.
 * @returns the names that the namespace has, of the right type: a workflow may upsert these and no others, since an
 *   unknown one fails its task for ever
 */
export async function registerSearchAttributes(
  connection: NativeConnection,
  namespace: string,
  warn: (message: string) => void,
): Promise<string[]> {
  const call = <T>(make: () => Promise<T>) => connection.withDeadline(Date.now() + CALL_WITHIN, make);
  const { operatorService } = connection;
  const wanted = Object.entries(SEARCH_ATTRIBUTES);
  const listed = async (): Promise<string[]> => {
    try {
      const { customAttributes } = await call(() => operatorService.listSearchAttributes({ namespace }));
      return wanted.filter(([name, type]) => customAttributes[name] === TYPES[type]).map(([name]) => name);
    } catch {
      // Where they cannot be listed nobody knows that they are there.
      return [];
    }
  };

  let known = await listed();
  const refused = new Map<string, string>();
  for (const [name, type] of wanted.filter(([name]) => !known.includes(name))) {
    try {
      const searchAttributes = { [name]: TYPES[type] };
      await call(() => operatorService.addSearchAttributes({ namespace, searchAttributes }));
    } catch (error) {
      refused.set(name, reasonOf(error));
    }
  }
  const end = Date.now() + CHECK_FOR;
  while (known.length + refused.size < wanted.length && Date.now() < end) {
    known = await listed();
    await sleep(CHECK_EVERY);
  }
  const missing = wanted.map(([name]) => name).filter((name) => !known.includes(name));
  if (missing.length > 0) {
    const reasons = new Set(missing.map((name) => refused.get(name) ?? 'not listed after 10 s'));
    warn(
      `namespace ${namespace} lacks the search attributes ${missing.join(', ')} (${[...reasons].join('; ')}): runs work without them, lists in the Temporal UI do not show or filter by them`,
    );
  }
  return known;
}
