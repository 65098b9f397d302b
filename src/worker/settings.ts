/** The worker's own settings, from `DURABLE_RESIZE_*`. docs/settings.md has a row for each. */
import { isIPv4, isIPv6 } from 'node:net';
import * as v from 'valibot';
import { isNetwork } from '../checks';
import { DECIDERS } from '../resize/proven';
import { readDuration } from '../resize/request';
import { TASK_QUEUE } from '../workflows/messages';

/** A setting with a value that it cannot have: one sentence names the variable and what it must be. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Node's timers overflow after 24 days, and no time-out of a worker is meant to be longer than an hour. */
const LONGEST = 3_600_000;

const DURATION = 'a duration such as "90s", "30 minutes" or "1h", and at most an hour';
const duration = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return readDuration(dataset.value, 'duration');
    } catch {
      addIssue({ message: DURATION });
      return NEVER;
    }
  }),
  v.maxValue(LONGEST, DURATION),
);

/** Temporal's own limit for the name of a task queue is 1000; the set-up of docker-compose.yml has 255. */
const queueName = v.pipe(
  v.string(),
  v.regex(/^(?!\/_sys\/)[\x21-\x7e]{1,200}$/, 'a name of at most 200 characters without spaces, not in /_sys/'),
);

/** A profile's name becomes part of a task queue's name. */
const PROFILES = 'names of profiles, separated by commas';
const profileNames = v.pipe(
  v.string(),
  v.transform((text) => [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => name !== '')),
  v.array(v.pipe(v.string(), v.regex(/^[^\p{Cc}]{1,200}$/u, PROFILES))),
  v.minLength(1, PROFILES),
);

/** The SDK binds to an IP address and a port; a name, or a port alone, ends in a stack trace of its native part. */
const socketAddress = v.pipe(
  v.string(),
  v.check((text) => {
    const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
    const ip = /^\[(.+)\]$/.exec(host)?.[1];
    return (ip === undefined ? isIPv4(host) : isIPv6(ip)) && Number(port) >= 1 && Number(port) <= 65_535;
  }, 'an IP address and a port, such as 127.0.0.1:9464'),
);

const count = v.pipe(v.string(), v.regex(/^[1-9]\d{0,3}$/, 'a whole number from 1 to 9999'), v.transform(Number));

/** The SDK's own smallest cache is 2. */
const cacheSize = v.pipe(
  v.string(),
  v.regex(/^([2-9]|[1-9]\d{1,4})$/, 'a whole number from 2 to 99999'),
  v.transform(Number),
);

const observeOnly = v.pipe(
  v.picklist(['act', 'observe'], '"act" or "observe"'),
  v.transform((mode) => mode === 'observe'),
);

const onOrOff = v.pipe(
  v.picklist(['on', 'off'], '"on" or "off"'),
  v.transform((text) => text === 'on'),
);

const NETWORKS = 'networks such as 10.0.0.0/8, separated by commas';
const networks = v.pipe(
  v.string(),
  v.transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
  v.array(v.pipe(v.string(), v.check(isNetwork, NETWORKS))),
  v.minLength(1, NETWORKS),
);

const path = v.pipe(v.string(), v.regex(/^[^\p{Cc}]{1,4096}$/u, 'the path of a file'));
const deciders = v.picklist(DECIDERS, '"claimed" or "proven"');

const setting = <Schema extends v.GenericSchema<string | undefined, unknown>>(variable: string, schema: Schema) => ({
  variable,
  schema,
});

/** Every setting of the worker: its variable, what it may be, and its default as a person would write it. */
export const SETTINGS = {
  /** Base name of the task queues. */
  taskQueue: setting('DURABLE_RESIZE_TASK_QUEUE', v.optional(queueName, TASK_QUEUE)),
  /** The profiles to serve; undefined: every profile there is. */
  clouds: setting('DURABLE_RESIZE_CLOUDS', v.optional(profileNames)),
  /** Observe-only mode: no request to any server; runs wait and say so. */
  observeOnly: setting('DURABLE_RESIZE_MODE', v.optional(observeOnly, 'act')),
  /** Does a vote count for the name in it, or for who sent it, as Temporal says? */
  deciders: setting('DURABLE_RESIZE_DECIDERS', v.optional(deciders, 'claimed')),
  /** Milliseconds for one HTTP request. */
  httpTimeout: setting('DURABLE_RESIZE_HTTP_TIMEOUT', v.optional(duration, '10s')),
  /** Milliseconds added to the time-outs before a lost request counts as gone. */
  settleMargin: setting('DURABLE_RESIZE_SETTLE_MARGIN', v.optional(duration, '30s')),
  /** Milliseconds that a starting worker waits for the Temporal server and its namespace. */
  startTimeout: setting('DURABLE_RESIZE_START_TIMEOUT', v.optional(duration, '60s')),
  /** Milliseconds that a stopping worker waits for its activities. */
  shutdownGrace: setting('DURABLE_RESIZE_SHUTDOWN_GRACE', v.optional(duration, '15s')),
  /** Milliseconds that a killed worker's cached workflows wait before another worker gets them. */
  stickyTimeout: setting('DURABLE_RESIZE_STICKY_TIMEOUT', v.optional(duration, '2s')),
  /** How many runs this process keeps in memory between two of their tasks; undefined: as memory allows. */
  maxCachedRuns: setting('DURABLE_RESIZE_MAX_CACHED_RUNS', v.optional(cacheSize)),
  /** Watch all servers of a cloud with one list, and let the runs hear of changes; off: each run observes its own. */
  watcher: setting('DURABLE_RESIZE_WATCHER', v.optional(onOrOff, 'on')),
  /** How many activities of one cloud this process runs at the same time. */
  maxActivities: setting('DURABLE_RESIZE_MAX_ACTIVITIES', v.optional(count, '50')),
  /** The only networks that checks may reach; undefined: all but loopback, link-local and metadata addresses. */
  checkNetworks: setting('DURABLE_RESIZE_CHECK_NETWORKS', v.optional(networks)),
  /** A file with the headers that are added to the requests of checks, by host; undefined: none. */
  checkHeaders: setting('DURABLE_RESIZE_CHECK_HEADERS', v.optional(path)),
  /** The folder with the policies; undefined: there are none. */
  policies: setting('DURABLE_RESIZE_POLICIES', v.optional(path)),
  /** The folder of the audit log; undefined: none is kept. */
  audit: setting('DURABLE_RESIZE_AUDIT', v.optional(path)),
  /** A file that says who is told of what; undefined: nobody. */
  notify: setting('DURABLE_RESIZE_NOTIFY', v.optional(path)),
  /** Where Prometheus finds the metrics; undefined: nowhere. */
  metricsAddress: setting('DURABLE_RESIZE_METRICS_ADDRESS', v.optional(socketAddress)),
};

/** The settings by their names in this program. */
export type WorkerSettings = { [Name in keyof typeof SETTINGS]: v.InferOutput<(typeof SETTINGS)[Name]['schema']> };

/**
 * Reads the settings; an empty value counts as not set. No value is quoted: it may be a secret in the wrong place.
 * @throws SettingsError
 */
export function readSettings(env: NodeJS.ProcessEnv): WorkerSettings {
  const read = Object.entries(SETTINGS).map(([name, { variable, schema }]) => {
    const { success, output, issues } = v.safeParse(schema, env[variable] || undefined);
    if (!success) throw new SettingsError(`${variable} must be ${issues[0].message}; correct or unset it`);
    return [name, output];
  });
  return Object.fromEntries(read) as WorkerSettings;
}

/**
 * How many HTTP requests one activity may need: a token, the server, its flavor, the log, three of its entries, and
 * for an acting one the POST, and on a 401 a new token and once more.
 */
const REQUESTS = { read: 8, act: 10 };

/** The activities' time-outs that follow from the settings; the workflow gets them with what `prepareResize` returns. */
export function timingOf(settings: WorkerSettings): { read: number; act: number; settle: number } {
  const { httpTimeout, settleMargin } = settings;
  const act = (REQUESTS.act + 1) * httpTimeout;
  return { read: Math.min(REQUESTS.read * httpTimeout + 1000, 60_000), act, settle: act + httpTimeout + settleMargin };
}
