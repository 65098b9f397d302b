/** Everything real around one resize: a Temporal server, worker processes, a cloud lab, the client. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { ResizeClient, type ResizeInput, type ResizeRun, type ResizeStatus } from '../../src';
import type { Phase } from '../../src/resize/outcome';
import { cloudTaskQueue, TASK_QUEUE } from '../../src/workflows/messages';
import { startTemporal } from '../../scripts/temporal-cli.js';
import type { TemporalServer } from '../../scripts/temporal-cli-api.js';
import type { NovaLab } from '../nova/nova-lab';
import { until } from '../nova/wait';
import { isPolled } from '../pollers';
import { ownNamespace, QUICK } from '../shared';
import { brokenPromises } from './promises-kept';

const root = path.join(__dirname, '..', '..');

/** Short time-outs, so that lost answers and lost workers are noticed within seconds. */
const quick = {
  DURABLE_RESIZE_HTTP_TIMEOUT: '1s',
  DURABLE_RESIZE_SETTLE_MARGIN: '500ms',
  DURABLE_RESIZE_STICKY_TIMEOUT: '1s',
  DURABLE_RESIZE_SHUTDOWN_GRACE: '5s',
};

/** For `npm run coverage`: workers write down what they ran, workflows in the main thread, where it is seen. */
function measured(): NodeJS.ProcessEnv {
  const folder = process.env['TEST_COVERAGE'];
  return folder === undefined ? {} : { NODE_V8_COVERAGE: folder, TEMPORAL_DEBUG: '1' };
}

/** A cloud; one that was started for these tests alone ends with them. */
export type Lab = NovaLab & { stop?: () => Promise<void> };

/** One worker process. */
export interface WorkerProcess {
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Sends a signal, and does not wait for what it does. */
  signal(signal: NodeJS.Signals): void;
  output(): string;
}

export interface Rig {
  lab: NovaLab;
  /** Where this rig's resizes are: the variables of a process that uses them too. */
  env: { TEMPORAL_ADDRESS: string; TEMPORAL_NAMESPACE: string };
  resizes: ResizeClient;
  client: Client;
  /** All that workers, and a Temporal server of its own, wrote so far, for the search for secrets. */
  output(): string;
  startWorker(env?: NodeJS.ProcessEnv): Promise<WorkerProcess>;
  /** Boots a server f1, and starts its resize to f2. */
  start(change?: Partial<ResizeInput>, boot?: { stopped?: boolean }): Promise<ResizeRun>;
  /** kill -9 of the Temporal server, and another one goes on from its file; only with `temporal: 'durable'`. */
  crashTemporal(): Promise<void>;
  stop(): Promise<void>;
}

export interface RigOptions {
  /** The compute API as the workers are to see it, when that is not the lab's own address. */
  computeUrl?: string;
  /** The lab is for others too: it goes on when this rig is stopped. */
  keepsLab?: boolean;
  /** Keys to be added to each profile. */
  profile?: Record<string, unknown>;
  /**
   * A namespace of the server that all test files share, or a server of its own; a durable one keeps everything in a
   * file, so that it can crash.
   * @default 'shared'
   */
  temporal?: 'shared' | 'own' | 'durable';
  /** A server with log-in instead: its workers log in as `worker`, and this rig as `ana`. */
  login?: { address: string; namespace: string; as(name: string): { authorization: string } };
  /** More dynamic configuration of a Temporal server of its own, values in JSON. */
  dynamicConfig?: Record<string, string>;
}

let serial = 0;

/** Workers are the tests' to start. */
export async function startRig(
  lab: Lab,
  { computeUrl, keepsLab = false, profile = {}, temporal = 'shared', login, dynamicConfig = {} }: RigOptions = {},
): Promise<Rig> {
  const folder = await mkdtemp(path.join(tmpdir(), 'story-'));
  const cloudsYaml = await lab.writeCloudsYaml(folder);
  const keys = { ...profile, ...(computeUrl !== undefined && { compute_endpoint_override: computeUrl }) };
  if (Object.keys(keys).length > 0) await addToProfiles(cloudsYaml, keys);
  const serverOptions = {
    dynamicConfig: { ...QUICK, ...dynamicConfig },
    ...(temporal === 'durable' && { dbFile: path.join(folder, 'temporal.db') }),
  };
  let server: TemporalServer | undefined;
  if (temporal !== 'shared') server = await startTemporal(serverOptions);
  const { address, namespace } = login ?? server ?? (await ownNamespace());
  const temporalEnv = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    ...(login && { TEMPORAL_GRPC_META_AUTHORIZATION: login.as('worker').authorization }),
  };
  const connection = await Connection.connect({ address, ...(login && { metadata: login.as('ana') }) });
  const client = new Client({ connection, namespace });
  const resizes = await ResizeClient.connect({ client });
  const workers: { child: ChildProcess; output: string; ended: Promise<unknown> }[] = [];

  const startWorker = async (env: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> => {
    const child = spawn(process.execPath, [path.join(root, 'dist', 'worker.js')], {
      cwd: folder,
      env: { ...process.env, ...quick, ...measured(), OS_CLIENT_CONFIG_FILE: cloudsYaml, ...temporalEnv, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'exit');
    const worker = { child, output: '', ended };
    workers.push(worker);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (worker.output += text.toString()));
    await until(
      'the worker to be ready',
      () => {
        if (child.exitCode !== null) throw new Error(`the worker ended: ${worker.output}`);
        return Promise.resolve(worker.output.includes('worker ready') ? true : undefined);
      },
      // The machine may be busy with other tests.
      { within: 50_000, seen: () => worker.output },
    );
    // Only then does a start find it.
    const queue = env['DURABLE_RESIZE_TASK_QUEUE'] ?? TASK_QUEUE;
    const clouds = /worker ready: clouds (.*?);/.exec(worker.output)?.[1]?.split(', ') ?? [];
    await until('Temporal to know of the worker', async () => {
      const known = await Promise.all([
        isPolled(client, queue, 'workflows'),
        ...clouds.map((cloud) => isPolled(client, cloudTaskQueue(queue, cloud), 'activities')),
      ]);
      return known.every(Boolean) ? true : undefined;
    });
    const end = (signal: NodeJS.Signals) => async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    };
    return {
      kill: end('SIGKILL'),
      stop: end('SIGTERM'),
      signal: (signal) => void child.kill(signal),
      output: () => worker.output,
    };
  };

  return {
    lab,
    env: temporalEnv,
    resizes,
    client,
    output: () => [...workers.map(({ output }) => output), server?.log() ?? ''].join('\n'),
    startWorker,
    async start(change = {}, boot = {}) {
      const id = change.server ?? (await lab.boot(`story-${++serial}`, boot));
      return resizes.start({ ...usual, ...change, server: id });
    },
    async crashTemporal() {
      if (server === undefined || temporal !== 'durable')
        throw new Error('a Temporal server without a file does not come back');
      await server.kill();
      server = await startTemporal({ ...serverOptions, port: server.port });
    },
    async stop() {
      const broken = await brokenPromises(client);
      if (process.env['DURABLE_RESIZE_DEBUG']) for (const { output } of workers) process.stderr.write(output);
      // Only a process that ends in order writes down what it ran.
      const inOrder = 'NODE_V8_COVERAGE' in measured();
      for (const { child } of workers) child.kill(inOrder ? 'SIGTERM' : 'SIGKILL');
      if (inOrder) await Promise.all(workers.map(({ ended }) => ended));
      await resizes.close();
      await connection.close();
      await server?.stop();
      if (!keepsLab) await lab.stop?.();
      await rm(folder, { recursive: true, force: true });
      // Every resize of every story is held against the promises, by its own history.
      if (broken.length > 0) throw new Error(`promises that are not kept:\n${broken.join('\n')}`);
    },
  };
}

async function addToProfiles(file: string, keys: Record<string, unknown>): Promise<void> {
  const { clouds } = parse(await readFile(file, 'utf8')) as { clouds: Record<string, object> };
  const extended = Object.entries(clouds).map(([name, profile]) => [name, { ...profile, ...keys }]);
  await writeFile(file, stringify({ clouds: Object.fromEntries(extended) as object }), { mode: 0o600 });
}

/** What every story asks for unless it says otherwise; looks come fast so that tests need not wait for them. */
export const usual: Omit<ResizeInput, 'server'> = {
  cloud: 'lab',
  flavor: 'f2',
  requestedBy: 'ana',
  decideWithin: '5 minutes',
  polling: { initial: 150, maximum: 1000, backoff: 1.3 },
};

/** Waits until the run is in this phase, by what is recorded with Temporal: no worker is needed. */
export async function untilPhase(run: ResizeRun, ...phases: Phase[]): Promise<ResizeStatus> {
  let last: ResizeStatus | undefined;
  return until(
    `${run.workflowId} to be ${phases.join(' or ')}`,
    async () => {
      last = await run.recorded();
      if (last.phase === 'closed' && !phases.includes('closed')) throw new Error(`it ended: ${last.message}`);
      return phases.includes(last.phase) ? last : undefined;
    },
    { within: 60_000, seen: () => `${last?.phase ?? ''}: ${last?.message ?? ''}` },
  );
}

/** Looks until the run is over, however it ends. */
export const ended = (run: ResizeRun): Promise<ResizeStatus> => untilPhase(run, 'closed');

/** What the cloud itself says: flavor, status, and how often each of the three requests reached its log. */
export async function truth(lab: NovaLab, server: string): Promise<Record<string, unknown>> {
  const { flavor, status, taskState } = await lab.server(server);
  const actions = await lab.actions(server);
  const count = (name: string) => actions.filter(({ action }) => action === name).length;
  return {
    flavor,
    status,
    taskState,
    resize: count('resize'),
    confirm: count('confirmResize'),
    revert: count('revertResize'),
  };
}

/**
 * Saves the histories of all runs of a resize, oldest first, as Temporal exports them: `<file>.json`, and for the
 * later runs of a chain `<file>.2.json` and so on.
 */
export async function saveHistories(rig: Rig, run: ResizeRun, file: string): Promise<void> {
  const { client } = rig;
  const runs: string[] = [];
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${run.workflowId}'` }))
    runs.unshift(runId);
  for (const [n, runId] of runs.entries()) {
    const history = await client.workflow.getHandle(run.workflowId, runId).fetchHistory();
    const compact = JSON.stringify(JSON.parse(historyToJSON(history)));
    await writeFile(`${file}${n === 0 ? '' : `.${n + 1}`}.json`, `${withoutRoot(compact)}\n`);
  }
}

/** JSON in which the files of stack traces are named from the root of the project, whatever machine they were recorded on. */
export function withoutRoot(json: string): string {
  return json.replaceAll(JSON.stringify(root + path.sep).slice(1, -1), '');
}
