/** Everything real that the demo plays on: a Temporal server with its UI, a simulated cloud, a worker, the client. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import type { TemporalCli, TemporalServer } from '../../scripts/temporal-cli-api.js';
import { loadProfiles, openCloud, type Cloud } from '../cloud';
import { ResizeClient } from '../client/resize-client';
import { startSimulator, type Simulator } from '../simulator';
import { startGuests, type Guests } from './guests';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- a script outside of src, shared with npm run temporal
const temporalCli = require(path.join(__dirname, '../../scripts/temporal-cli.js')) as TemporalCli;

/** Finds or fetches the program of the Temporal server. */
export const { findTemporal } = temporalCli;

/** The name of the cloud's profile. */
export const CLOUD = 'demo';

/** How long a worker may take to be ready, ms. */
const READY_WITHIN = 30_000;

export interface WorkerProcess {
  pid: number;
  isAlive: () => boolean;
  kill: () => Promise<void>;
}

export interface Stage {
  temporal: TemporalServer;
  simulator: Simulator;
  guests: Guests;
  client: Client;
  resizes: ResizeClient;
  /** The cloud as a user of it sees it, past the worker: to read what became of a server. */
  cloud: Cloud;
  startWorker: () => Promise<WorkerProcess>;
  /** The newest. */
  worker: () => WorkerProcess;
  /** Never resolves; rejects when a part that all rests on ends by itself. */
  broken: Promise<never>;
  /** Ends all of it. May be called again. */
  close: () => Promise<void>;
}

/** The demo is about servers of its own; what the caller has set is about others. */
export function forgetSettings(): void {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(TEMPORAL|OS|DURABLE_RESIZE)_/.test(name) || name === 'DURABLE_RESIZE_TEMPORAL_CLI',
  );
  process.env = Object.fromEntries(kept);
}

/**
 * Starts all of it, on free ports.
 * @param executable the program of the Temporal server
 */
export async function setStage(executable: string): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = [];
  let closing = false;
  const close = async () => {
    closing = true;
    for (const closer of closers.splice(0).reverse()) await closer().catch(() => undefined);
  };
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'durable-resize-demo-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const temporal = await temporalCli.startTemporal({ executable, ui: true });
    closers.push(() => temporal.stop());
    // Slow enough to be watched: a resize takes about 3 s.
    const simulator = await startSimulator({ timings: { step: 800 } });
    closers.push(() => simulator.close());
    const guests = await startGuests(simulator);
    closers.push(() => guests.close());
    const cloudsYaml = path.join(folder, 'clouds.yaml');
    await writeFile(cloudsYaml, profileOf(simulator), { mode: 0o600 });
    const temporalToml = path.join(folder, 'temporal.toml');
    await writeFile(temporalToml, '[profile.default]\n');
    const connection = await Connection.connect({ address: temporal.address });
    closers.push(() => connection.close());
    const client = new Client({ connection });
    const resizes = await ResizeClient.connect({ client });
    const cloud = openCloud(loadProfiles({ OS_CLIENT_CONFIG_FILE: cloudsYaml }).open(CLOUD), { httpTimeout: 5000 });

    let worker: WorkerProcess;
    const startWorker = async () => {
      const child = spawnWorker(folder, {
        TEMPORAL_ADDRESS: temporal.address,
        // The caller's own would count otherwise.
        TEMPORAL_CONFIG_FILE: temporalToml,
        OS_CLIENT_CONFIG_FILE: cloudsYaml,
      });
      const kill = killerOf(child);
      closers.push(kill);
      await ready(child);
      worker = { pid: child.pid ?? 0, isAlive: () => isAlive(child), kill };
      return worker;
    };
    worker = await startWorker();
    const broken = temporal.exited.then(() => {
      if (closing) return new Promise<never>(() => undefined);
      throw new Error(`the Temporal server ended by itself: ${temporal.log()}`);
    });
    broken.catch(() => undefined);
    return { temporal, simulator, guests, client, resizes, cloud, startWorker, worker: () => worker, broken, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function spawnWorker(folder: string, env: NodeJS.ProcessEnv): ChildProcess {
  const program = path.join(__dirname, '..', 'worker.js');
  return spawn(process.execPath, ['-r', path.join(__dirname, 'end-with-parent.js'), program], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
    // In a group of its own: a Ctrl-C on the terminal is for the demo, which ends its worker itself.
    detached: true,
    env: {
      ...process.env,
      ...env,
      DEMO_FOLDER: folder,
      // A killed worker is noticed by its silence; a demo has no minutes for that.
      DURABLE_RESIZE_HTTP_TIMEOUT: '1s',
      DURABLE_RESIZE_SETTLE_MARGIN: '2s',
      DURABLE_RESIZE_STICKY_TIMEOUT: '1s',
      // The servers of the demo are on this machine.
      DURABLE_RESIZE_CHECK_NETWORKS: '127.0.0.0/8',
    },
  });
}

const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

function killerOf(child: ChildProcess): () => Promise<void> {
  const ended = once(child, 'exit');
  return async () => {
    if (isAlive(child)) child.kill('SIGKILL');
    await ended;
  };
}

/** Resolves when the worker says that it works. */
async function ready(child: ChildProcess): Promise<void> {
  let output = '';
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the worker was not ready in time: ${output}`)), READY_WITHIN);
    child.once('exit', () => reject(new Error(`the worker ended: ${output}`)));
    child.stderr?.on('data', (text: Buffer) => {
      output = (output + text.toString()).slice(-4000);
      if (output.includes('worker ready')) resolve();
    });
  }).finally(() => clearTimeout(timer));
}

function profileOf(simulator: Simulator): string {
  const { authUrl, password, projectName, region } = simulator;
  const domains = { user_domain_id: 'default', project_domain_id: 'default' };
  const auth = { auth_url: authUrl, username: 'demo', password, project_name: projectName, ...domains };
  return stringify({ clouds: { [CLOUD]: { auth, region_name: region } } });
}
