/** All that a resize needs, as real processes with their default settings: Temporal, a simulated cloud, a worker. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { TemporalCli, TemporalServer } from '../../scripts/temporal-cli-api.js';
import { ResizeClient } from '..';
import { SETTINGS } from '../worker/settings';
import { Lab } from './lab';
import { cpuOf, memoryOf, ownFolder, startProgram, type Child } from './processes';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- a script outside of src, shared with npm run temporal
const temporalCli = require(path.join(__dirname, '../../scripts/temporal-cli.js')) as TemporalCli;

/** Finds or fetches the program of the Temporal server. */
export const { findTemporal } = temporalCli;

/** CPU in ms and memory in MB; undefined where the system does not tell. */
export interface Usage {
  server: number | undefined;
  worker: number | undefined;
}

export interface Stack {
  lab: Lab;
  client: Client;
  resizes: ResizeClient;
  /** Ids of the servers that no measurement has taken yet. */
  take: (count: number) => string[];
  cpu: () => Usage;
  memory: () => Usage;
  worker: () => Child;
  /** @param env settings of the worker */
  startWorker: (env?: NodeJS.ProcessEnv) => Promise<Child>;
  /** The address of the Temporal server. */
  address: string;
  temporal: TemporalServer;
  close: () => Promise<void>;
}

export interface StackOptions {
  servers: number;
  /** Milliseconds of a step of the cloud, of which a resize has about four. @default the simulator's own */
  step?: number;
  /** Settings of the first worker. */
  worker?: NodeJS.ProcessEnv;
}

/** The profile of the simulator's clouds.yaml. */
export const CLOUD = 'lab';

const program = (name: string) => path.join(__dirname, '..', name);

export async function startStack({ servers, step, worker: workerEnv = {} }: StackOptions): Promise<Stack> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer().catch(() => undefined);
  };
  try {
    const folder = ownFolder();
    const temporal = await temporalCli.startTemporal();
    closers.push(() => temporal.stop());
    const paced = step === undefined ? [] : ['--step', String(step)];
    const simulator = await startProgram(
      program('simulator/main.js'),
      ['--servers', String(servers), '--port', '0', ...paced],
      { ready: 'Delays and failures', cwd: folder },
    );
    closers.push(() => simulator.end('SIGKILL'));
    const url = /serves at (\S+)/.exec(simulator.output())?.[1] ?? /http:\/\/[^/\s]+/.exec(simulator.stdout())?.[0];
    const cloudsYaml = path.join(folder, 'clouds.yaml');
    await writeFile(cloudsYaml, simulator.stdout(), { mode: 0o600 });
    const lab = new Lab(url ?? '');
    const free = servers === 0 ? [] : await lab.servers();
    await lab.forget();

    const connection = await Connection.connect({ address: temporal.address });
    closers.push(() => connection.close());
    const client = new Client({ connection });
    let worker: Child | undefined;
    const startWorker = async (env: NodeJS.ProcessEnv = {}) => {
      worker = await startProgram(program('worker.js'), [], {
        ready: 'worker ready',
        env: { TEMPORAL_ADDRESS: temporal.address, OS_CLIENT_CONFIG_FILE: cloudsYaml, ...env },
        cwd: folder,
      });
      return worker;
    };
    closers.push(async () => worker?.end('SIGKILL'));
    await startWorker(workerEnv);
    await untilPolled(client, ['durable-resize', `durable-resize-${CLOUD}`]);

    const usage = (read: (pid: number) => number | undefined): Usage => ({
      server: read(temporal.pid),
      worker: read(worker?.pid ?? 0),
    });
    return {
      lab,
      client,
      resizes: await ResizeClient.connect({ client }),
      take: (count) => free.splice(0, count),
      cpu: () => usage(cpuOf),
      memory: () => usage(memoryOf),
      worker: () => worker as Child,
      startWorker,
      address: temporal.address,
      temporal,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A start looks whether a worker is there: Temporal knows of it a moment after "worker ready". */
async function untilPolled(client: Client, queues: readonly string[]): Promise<void> {
  for (const [type, name] of queues.entries()) {
    for (;;) {
      const { pollers } = await client.workflowService.describeTaskQueue({
        namespace: 'default',
        taskQueue: { name },
        // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum's package is not a dependency of ours
        taskQueueType: type + 1,
      });
      if (pollers.length > 0) break;
      await sleep(100);
    }
  }
}

/** The variable of a setting of the worker whose name ends so, where this commit has it. */
export function settingNamed(end: string): string | undefined {
  return Object.values(SETTINGS).find(({ variable }) => variable.endsWith(end))?.variable;
}
