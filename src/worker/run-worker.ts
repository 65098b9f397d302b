/** Sets up the workers of this process: one for the workflows, one for the activities of each cloud. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { AuditError, AuditLog } from '../audit/audit-log';
import { activitiesOf } from '../activities';
import { Watcher } from '../activities/watcher';
import { loadProfiles, openCloud, ProfileError, type Cloud, type Profile } from '../cloud';
import type { Policies } from '../policy';
import { readTemporalConfig } from '../temporal/temporal-config';
import { cloudTaskQueue, watcherTaskQueue } from '../workflows/messages';
import { present } from '../resize/present';
import type { Checker } from '../checks';
import type { Targets } from '../notify';
import { activitiesPerSecond } from './activities-per-second';
import { cachedRuns } from './cached-runs';
import { checkerOf } from './checker';
import { policiesIn } from './policies';
import { reachTemporal } from './reach-temporal';
import { runAll } from './run-all';
import { installRuntime, workerLog } from './runtime';
import { registerSearchAttributes } from './search-attributes';
import { readSettings, SETTINGS, SettingsError, timingOf, type WorkerSettings } from './settings';
import { targetsOf } from './targets';
import { WorkerError } from './worker-error';

/** A worker that has failed ends the others of its process, which may take so much longer than their activities; ms. */
const ENDS_WITHIN = 2000;

/**
 * Runs until it is told to stop. What can be judged without Temporal is judged before anything is started.
 * @param say tells what is going on
 * @param stop aborted when the worker is to end; it then finishes what it has begun
 * @throws WorkerError, SettingsError, ProfileError, TemporalConfigError with one sentence each. The native runtime may still be
 *   there then: the caller ends the process
 */
export async function runWorker(
  env: NodeJS.ProcessEnv,
  say: (message: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const settings = readSettings(env);
  const checker = checkerOf(settings);
  const policies = policiesIn(settings.policies);
  const targets = targetsOf(settings, say);
  const { connectionOptions, namespace = 'default' } = readTemporalConfig(env);
  // Only what was read from the profiles goes on from here; a bad profile stops nobody but those who asked for it.
  const clouds = openClouds(settings, env, say, policies);
  const audit = await auditLogOf(settings);
  for (const { target, cloud } of targets?.strangers(clouds.map(({ name }) => name)) ?? [])
    say(`target ${target} of the notifications: this worker does not serve cloud ${cloud}`);
  const logger = workerLog();
  installRuntime(settings.metricsAddress, logger);

  const patience = { within: settings.startTimeout, stop, say };
  const connection = await reachTemporal(connectionOptions, namespace, patience);
  if (connection === undefined) return;
  const searchAttributes = await registerSearchAttributes(connection, namespace, (text) => void logger.warn(text));
  const workers = await createWorkers(connection, namespace, clouds, {
    settings,
    checker,
    policies,
    searchAttributes,
    ...present({ audit, targets }),
  });
  const ended = runAll(workers, stop, settings.shutdownGrace + ENDS_WITHIN);
  const names = clouds.map(({ name }) => name).join(', ');
  say(
    `worker ready: clouds ${names}; Temporal ${connectionOptions.address ?? 'localhost:7233'}, namespace ${namespace}`,
  );
  if (settings.observeOnly) say('observe-only mode: no request is sent to any server');
  if (audit !== undefined) say(`audit log: ${audit.file}`);
  await ended;
  await audit?.close();
  await connection.close();
}

/** @throws SettingsError where the folder cannot be used: a worker that is to record starts nothing without */
async function auditLogOf({ audit }: WorkerSettings): Promise<AuditLog | undefined> {
  if (audit === undefined) return undefined;
  try {
    return await AuditLog.open(audit);
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    throw new SettingsError(`${SETTINGS.audit.variable}: ${error.message}`);
  }
}

function openClouds(
  settings: WorkerSettings,
  env: NodeJS.ProcessEnv,
  say: (message: string) => void,
  policies: Policies,
): Cloud[] {
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
      const profile = profiles.open(name);
      refuseUnknownPolicy(profile, policies);
      return [openCloud(profile, { httpTimeout: settings.httpTimeout, log })];
    } catch (error) {
      if (!(error instanceof ProfileError) || settings.clouds !== undefined) throw error;
      say(`cloud ${name} is not served: ${error.message}`);
      return [];
    }
  });
  if (clouds.length === 0) throw new WorkerError('no profile can be used; fix one of those named above');
  return clouds;
}

/** A cloud whose policy is not known is not served: without it, what is weaker would be started. */
function refuseUnknownPolicy({ name, source, policy }: Profile, policies: Policies): void {
  if (policy === undefined || policies.names().includes(policy)) return;
  throw new ProfileError(
    `Profile ${name} in ${source}: durable_resize.policy: ${policies.whyUnknown(policy)} (DURABLE_RESIZE_POLICIES).`,
  );
}

/** What all clouds of this worker have in common. */
interface Shared {
  settings: WorkerSettings;
  checker: Checker;
  policies: Policies;
  audit?: AuditLog;
  targets?: Targets;
  /** Those that the namespace has. */
  searchAttributes: readonly string[];
}

function createWorkers(
  connection: NativeConnection,
  namespace: string,
  clouds: readonly Cloud[],
  shared: Shared,
): Promise<Worker[]> {
  const { settings } = shared;
  const { taskQueue, shutdownGrace, stickyTimeout, maxCachedRuns = cachedRuns() } = settings;
  const common = {
    connection,
    namespace,
    identity: `durable-resize@${hostname()}`,
    shutdownGraceTime: shutdownGrace,
    // An activity that sends a request is not cut short, and has ended by then. What still hangs is the way to Temporal.
    shutdownForceTime: shutdownGrace + timingOf(settings).act,
  };
  const forWorkflows = {
    ...workflowCode(),
    taskQueue,
    stickyQueueScheduleToStartTimeout: stickyTimeout,
    maxCachedWorkflows: maxCachedRuns,
  };
  const forClouds = clouds.flatMap((cloud) => cloudWork(cloud, shared));
  return Promise.all([forWorkflows, ...forClouds].map((own) => Worker.create({ ...common, ...own })));
}

type CloudWork = Pick<
  WorkerOptions,
  | 'taskQueue'
  | 'activities'
  | 'maxConcurrentActivityTaskExecutions'
  | 'maxHeartbeatThrottleInterval'
  | 'maxTaskQueueActivitiesPerSecond'
>;

/** The workers of one cloud: one for its servers one by one, and one that watches them all. */
function cloudWork(
  cloud: Cloud,
  { settings, checker, policies, audit, targets, searchAttributes }: Shared,
): CloudWork[] {
  const { observeOnly, deciders, taskQueue, maxActivities } = settings;
  const { requestsPerSecond } = cloud;
  const watcher = settings.watcher ? new Watcher(cloud, taskQueue, () => searchAttributes) : undefined;
  const activities = activitiesOf({
    cloud,
    checker,
    policies,
    observeOnly,
    deciders,
    timing: timingOf(settings),
    searchAttributes: () => searchAttributes,
    ...present({ audit, targets, watcher }),
  });
  const oneByOne: CloudWork = {
    taskQueue: cloudTaskQueue(taskQueue, cloud.name),
    activities: { ...activities },
    maxConcurrentActivityTaskExecutions: maxActivities,
    // What a request has led to must reach Temporal before the worker can be lost.
    maxHeartbeatThrottleInterval: '500ms',
    // Temporal keeps to this for all workers of the queue together. Each has a limit of its own besides (src/cloud),
    // which spreads the requests inside the activities.
    ...(requestsPerSecond !== undefined && {
      maxTaskQueueActivitiesPerSecond: activitiesPerSecond(requestsPerSecond, settings.watcher),
    }),
  };
  if (watcher === undefined) return [oneByOne];
  const all: CloudWork = {
    taskQueue: watcherTaskQueue(taskQueue, cloud.name),
    activities: { ...activities },
    maxHeartbeatThrottleInterval: '500ms',
  };
  return [oneByOne, all];
}

/** The bundle made at build time; without it (sources run directly) it is made now. */
function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = join(__dirname, '..', 'workflow-bundle.js');
  return existsSync(codePath) ? { workflowBundle: { codePath } } : { workflowsPath: require.resolve('../workflows') };
}
