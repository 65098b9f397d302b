/** Sets up the workers of this process: one for the workflows, one for the activities of each cloud. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  DefaultLogger,
  LogTimestamp,
  NativeConnection,
  Runtime,
  Worker,
  type Logger,
  type WorkerOptions,
} from '@temporalio/worker';
import { activitiesOf } from '../activities';
import { USUAL_REQUESTS } from '../activities/act';
import { loadProfiles, openCloud, ProfileError, type Cloud } from '../cloud';
import { readTemporalConfig, TemporalConfigError } from '../temporal/temporal-config';
import { cloudTaskQueue } from '../workflows/messages';
import { registerSearchAttributes } from './search-attributes';
import { readSettings, SettingsError, timingOf, type WorkerSettings } from './settings';

/** What keeps a worker from starting; one sentence. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}

/** How long the worker tries to reach a Temporal server that is not up yet, and how often; milliseconds. */
const CONNECT_FOR = 60_000;
const CONNECT_EVERY = 1000;

/**
 * Runs until the process is told to stop (SIGINT, SIGTERM).
 * @param say tells what is going on
 * @throws WorkerError, SettingsError, ProfileError, TemporalConfigError with one sentence each
 */
export async function runWorker(env: NodeJS.ProcessEnv, say: (message: string) => void): Promise<void> {
  const settings = readSettings(env);
  const logger = workerLog();
  // Only what was read from the profiles goes on from here; a bad profile stops nobody but those who asked for it.
  const clouds = openClouds(settings, env, say);
  // Before the runtime, which would keep a process alive that has nothing to do.
  const { connectionOptions, namespace = 'default' } = readTemporalConfig(env);
  installRuntime(settings, logger);

  const address = connectionOptions.address ?? 'localhost:7233';
  const connection = await connect(connectionOptions, address, say);
  try {
    const warn = (message: string) => logger.warn(message);
    const searchAttributes = await registerSearchAttributes(connection, namespace, warn);
    const common = {
      connection,
      namespace,
      identity: `durable-resize@${hostname()}`,
      shutdownGraceTime: settings.shutdownGrace,
    };
    const workers = await Promise.all([
      Worker.create({
        ...common,
        ...workflowCode(),
        taskQueue: settings.taskQueue,
        stickyQueueScheduleToStartTimeout: settings.stickyTimeout,
      }),
      ...clouds.map((cloud) => Worker.create({ ...common, ...cloudWork(cloud, settings, searchAttributes) })),
    ]);
    const running = workers.map((worker) => worker.run());
    say(
      `worker ready: clouds ${clouds.map(({ name }) => name).join(', ')}; Temporal ${address}, namespace ${namespace}`,
    );
    if (settings.brake) say('observe mode: no request is sent to any server');
    // One that fails takes the others down with it: half a worker would leave runs waiting without a word.
    await Promise.all(running).catch((error: unknown) => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      throw error;
    });
  } finally {
    // After a failed start some workers still hold the connection; the process ends then, and its own error counts.
    await connection.close().catch(() => undefined);
  }
}

/** Each worker here does one kind of work, as it should; the SDK warns of each that it does not do the other. */
const AS_IT_SHOULD_BE = /^No (workflows|activities|Nexus services) registered/;

function workerLog(): DefaultLogger {
  const log = new DefaultLogger('INFO');
  return new DefaultLogger('INFO', ({ level, message, meta, timestampNanos }) => {
    // The time of what is said, not of its printing: the SDK holds messages back for a moment, to sort them.
    if (!AS_IT_SHOULD_BE.test(message)) log.log(level, message, { ...meta, [LogTimestamp]: timestampNanos });
  });
}

/** The SDK's own part, once per process: signals, log, metrics. */
function installRuntime({ metricsAddress }: WorkerSettings, logger: Logger): void {
  try {
    Runtime.install({
      logger,
      shutdownSignals: ['SIGINT', 'SIGTERM'],
      telemetryOptions: {
        // What the native part says goes the same way: of itself it writes colours, into files as well.
        logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
        ...(metricsAddress !== undefined && { metrics: { prometheus: { bindAddress: metricsAddress } } }),
      },
    });
  } catch (error) {
    if (metricsAddress === undefined) throw error;
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new WorkerError(`DURABLE_RESIZE_METRICS_ADDRESS: cannot serve metrics at ${metricsAddress}: ${reason}`);
  }
}

function openClouds(settings: WorkerSettings, env: NodeJS.ProcessEnv, say: (message: string) => void): Cloud[] {
  const profiles = loadProfiles(env);
  const names = settings.clouds ?? profiles.names();
  if (names.length === 0) {
    throw new WorkerError(
      'no cloud to serve: put a clouds.yaml here, in ~/.config/openstack or in OS_CLIENT_CONFIG_FILE, or set OS_AUTH_URL and its companions',
    );
  }
  const clouds = names.flatMap((name) => {
    try {
      const log = (level: string, message: string) => {
        if (level === 'warn' || level === 'error') say(`${name}: ${message}`);
      };
      return [openCloud(profiles.open(name), { httpTimeout: settings.httpTimeout, log })];
    } catch (error) {
      if (!(error instanceof ProfileError) || settings.clouds !== undefined) throw error;
      say(`cloud ${name} is not served: ${error.message}`);
      return [];
    }
  });
  if (clouds.length === 0) throw new WorkerError('no profile can be used; mend one of those named above');
  return clouds;
}

function cloudWork(
  cloud: Cloud,
  settings: WorkerSettings,
  searchAttributes: string[],
): Pick<
  WorkerOptions,
  'taskQueue' | 'activities' | 'maxConcurrentActivityTaskExecutions' | 'maxTaskQueueActivitiesPerSecond'
> {
  const { brake, taskQueue, maxActivities } = settings;
  const { requestsPerSecond } = cloud;
  const activities = activitiesOf({
    cloud,
    brake,
    timing: timingOf(settings),
    searchAttributes: () => searchAttributes,
  });
  return {
    taskQueue: cloudTaskQueue(taskQueue, cloud.name),
    activities: { ...activities },
    maxConcurrentActivityTaskExecutions: maxActivities,
    // Temporal keeps to this for all workers of the queue together. Each has a limit of its own besides (src/cloud),
    // which spreads the requests inside the activities.
    ...(requestsPerSecond !== undefined && { maxTaskQueueActivitiesPerSecond: requestsPerSecond / USUAL_REQUESTS }),
  };
}

/** The bundle made at build time; without it (sources run directly) it is made now. */
function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = join(__dirname, '..', 'workflow-bundle.js');
  return existsSync(codePath) ? { workflowBundle: { codePath } } : { workflowsPath: require.resolve('../workflows') };
}

async function connect(
  options: Parameters<typeof NativeConnection.connect>[0],
  address: string,
  say: (message: string) => void,
): Promise<NativeConnection> {
  const end = Date.now() + CONNECT_FOR;
  for (let n = 0; ; n++) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      if (Date.now() >= end) {
        const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
        throw new WorkerError(
          `no Temporal server answers at ${address} (${reason}); start one, or set TEMPORAL_ADDRESS`,
        );
      }
      if (n === 0) say(`waiting for a Temporal server at ${address}`);
      await new Promise((resolve) => setTimeout(resolve, CONNECT_EVERY));
    }
  }
}

/** One sentence for what people can mend; undefined for a fault of this program. */
export function sentenceFor(error: unknown): string | undefined {
  const ours = [WorkerError, SettingsError, ProfileError, TemporalConfigError].some((known) => error instanceof known);
  return ours && error instanceof Error ? error.message : undefined;
}
