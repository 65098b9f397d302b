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

// eslint-disable-next-line @typescript-eslint/no-require-imports -- a script outside of src, shared with npm run temporal
const { startTemporal } = require(path.join(__dirname, '../../scripts/temporal-cli.js')) as TemporalCli;

/** The name of the cloud's profile. */
export const CLOUD = 'demo';

/** How long a worker may take to be ready, ms. */
const READY_WITHIN = 30_000;

export interface WorkerProcess {
  pid: number;
  kill: () => Promise<void>;
}

export interface Stage {
  temporal: TemporalServer;
  simulator: Simulator;
  client: Client;
  resizes: ResizeClient;
  /** The cloud as a user of it sees it, past the worker: to read what became of a server. */
  cloud: Cloud;
  startWorker: () => Promise<WorkerProcess>;
  /** Ends all of it. May be called again. */
  close: () => Promise<void>;
}

/** @param say told what is started, since the first start may have to fetch Temporal */
export async function setStage(say: (text: string) => void): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer().catch(() => undefined);
  };
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'durable-resize-demo-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    say('starting a Temporal server, a simulated cloud and a worker …');
    const temporal = await startTemporal({ ui: true });
    closers.push(() => temporal.stop());
    // Slow enough to be watched: a resize takes about 3 s.
    const simulator = await startSimulator({ timings: { step: 800 } });
    closers.push(() => simulator.close());
    const cloudsYaml = path.join(folder, 'clouds.yaml');
    await writeFile(cloudsYaml, profileOf(simulator), { mode: 0o600 });
    const connection = await Connection.connect({ address: temporal.address });
    closers.push(() => connection.close());
    const client = new Client({ connection });
    const resizes = await ResizeClient.connect({ client });
    closers.push(() => resizes.close());
    const cloud = openCloud(loadProfiles({ OS_CLIENT_CONFIG_FILE: cloudsYaml }).open(CLOUD), { httpTimeout: 5000 });
    const startWorker = async () => {
      const child = spawnWorker(temporal.address, cloudsYaml, folder);
      const worker = await ready(child);
      closers.push(worker.kill);
      return worker;
    };
    return { temporal, simulator, client, resizes, cloud, startWorker, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function spawnWorker(address: string, cloudsYaml: string, cwd: string): ChildProcess {
  const dist = path.join(__dirname, '..');
  return spawn(process.execPath, ['-r', path.join(__dirname, 'end-with-parent.js'), path.join(dist, 'worker.js')], {
    cwd,
    stdio: ['pipe', 'ignore', 'pipe'],
    // In a group of its own: a Ctrl-C on the terminal is for the demo, which ends its worker itself.
    detached: true,
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: address,
      OS_CLIENT_CONFIG_FILE: cloudsYaml,
      // A killed worker is noticed by its silence; a demo has no minutes for that.
      DURABLE_RESIZE_HTTP_TIMEOUT: '1s',
      DURABLE_RESIZE_STICKY_TIMEOUT: '1s',
    },
  });
}

async function ready(child: ChildProcess): Promise<WorkerProcess> {
  let output = '';
  const ended = once(child, 'exit');
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the worker was not ready in time: ${output}`)), READY_WITHIN);
    void ended.then(() => reject(new Error(`the worker ended: ${output}`)));
    child.stderr?.on('data', (text: Buffer) => {
      output = (output + text.toString()).slice(-4000);
      if (!output.includes('worker ready')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return {
    pid: child.pid ?? 0,
    async kill() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

function profileOf(simulator: Simulator): string {
  const { authUrl, password, projectName, region } = simulator;
  const domains = { user_domain_id: 'default', project_domain_id: 'default' };
  const auth = { auth_url: authUrl, username: 'demo', password, project_name: projectName, ...domains };
  return stringify({ clouds: { [CLOUD]: { auth, region_name: region } } });
}
