import { temporal } from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../workflows/messages';

const { IndexedValueType } = temporal.api.enums.v1;

const TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const;

/** How often it is looked whether what was registered is listed, and for how long; milliseconds. */
const LOOK_EVERY = 250;
const LOOK_FOR = 10_000;

/**
 * Registers the project's search attributes where that is allowed, and waits until they are listed.
 * @returns the names that the namespace has, of the right type: a workflow may upsert these and no others, since an
 *   unknown one fails its task for ever
 */
export async function registerSearchAttributes(
  connection: NativeConnection,
  namespace: string,
  warn: (message: string) => void,
): Promise<string[]> {
  let known = await listed(connection, namespace);
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !known.includes(name));
  if (missing.length === 0) return known;
  const names = missing.map(([name]) => name).join(', ');
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, TYPES[type]])),
    });
  } catch (error) {
    warn(
      `search attributes ${names} are not in namespace ${namespace} and could not be added (${reason(error)}); lists in the Temporal UI lack them`,
    );
    return known;
  }
  const end = Date.now() + LOOK_FOR;
  while (known.length < Object.keys(SEARCH_ATTRIBUTES).length && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    known = await listed(connection, namespace);
  }
  return known;
}

async function listed(connection: NativeConnection, namespace: string): Promise<string[]> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Object.entries(SEARCH_ATTRIBUTES)
      .filter(([name, type]) => customAttributes[name] === TYPES[type])
      .map(([name]) => name);
  } catch {
    // Where they cannot be listed they cannot be trusted to be there.
    return [];
  }
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));
