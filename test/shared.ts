/** What the test files of one run share: a Temporal server, and files that are made once. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { temporal } from '@temporalio/proto';
import { withLock } from '../scripts/lock.js';
import { searchAttributes, startTemporal } from '../scripts/temporal-cli.js';

/** How the global set-up tells the test files where these are. */
const ADDRESS = 'DURABLE_RESIZE_TEST_TEMPORAL';
const FOLDER = 'DURABLE_RESIZE_TEST_FOLDER';

const { IndexedValueType } = temporal.api.enums.v1;
const TYPES = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  Datetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const;

/** Dynamic configuration of a Temporal server that makes tests quick. */
export const QUICK: Readonly<Record<string, string>> = {
  // The server fires timers up to a second late, to save work; most of a test's time would go into that.
  'history.timerProcessorMaxTimeShift': '"5ms"',
  // With the default a run takes 30 s of fast observations before it continues as new.
  'limit.historyCount.suggestContinueAsNew': '400',
  // A queue has four partitions, each of which is polled and asks the others.
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
};

/** For what is about the length of a run: Temporal's default. */
export const FULL_LENGTH: Readonly<Record<string, string>> = { 'limit.historyCount.suggestContinueAsNew': '4096' };

/** For workers in the tests' process: workflows run in its main thread. A thread of their own loads the SDK again, for 0.4 s of CPU. */
export const IN_PROCESS = { debugMode: true } as const;

/** For the global set-up. */
export async function startShared(): Promise<{ stop: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'durable-resize-run-'));
  const server = await startTemporal({ dynamicConfig: QUICK });
  process.env[ADDRESS] = server.address;
  process.env[FOLDER] = folder;
  return {
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function shared(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: this Jest config lacks test/global-setup.ts`);
  return value;
}

/**
 * A namespace on the shared server, for a test file that has it to itself. It takes 15 ms; a server takes a second.
 * @param withAttributes register the project's search attributes?
 */
export async function ownNamespace(
  withAttributes = true,
  namespace = `test-${randomUUID()}`,
): Promise<{ address: string; namespace: string }> {
  const address = shared(ADDRESS);
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    if (withAttributes) await addOurSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
  return { address, namespace };
}

export async function addOurSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const types = Object.entries(searchAttributes).map(([name, type]) => [name, TYPES[type]] as const);
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(types) });
}

/** The path of a file that the first test file to ask for it makes, and the others use. */
export async function sharedFile(name: string, make: () => Promise<string>): Promise<string> {
  const folder = shared(FOLDER);
  const file = path.join(folder, name);
  await withLock(path.join(folder, `${name}.lock`), async () => {
    if (existsSync(file)) return;
    await writeFile(`${file}.draft`, await make());
    await rename(`${file}.draft`, file);
  });
  return file;
}
