/** The worker's own settings, from `DURABLE_RESIZE_*`. All of them are in one table in docs/settings.md. */
import { isIPv4, isIPv6 } from 'node:net';
import { readDuration } from '../resize/request';
import { TASK_QUEUE } from '../workflows/messages';

export interface WorkerSettings {
  /** Base name of the task queues. */
  taskQueue: string;
  /** The profiles to serve; undefined: every profile there is. */
  clouds?: string[];
  /** `observe`: no POST to any server; runs wait and say so. */
  brake: boolean;
  /** Milliseconds for one HTTP request. */
  httpTimeout: number;
  /** Milliseconds added to the time-outs before a lost request counts as gone. */
  settleMargin: number;
  /** Milliseconds a stopping worker waits for its activities. */
  shutdownGrace: number;
  /** Milliseconds that a killed worker's cached workflows wait before another worker gets them. */
  stickyTimeout: number;
  /** How many activities of one cloud this process runs at the same time. */
  maxActivities: number;
  /** Where Prometheus finds the metrics, `host:port`; undefined: nowhere. */
  metricsAddress?: string;
}

/** A setting that cannot be meant: one sentence names the variable and what it may be. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** @throws SettingsError */
export function readSettings(env: NodeJS.ProcessEnv): WorkerSettings {
  const span = (name: string, fallback: string): number => {
    const text = env[name];
    try {
      return readDuration(text === undefined || text === '' ? fallback : text, name);
    } catch (error) {
      throw new SettingsError(error instanceof Error ? error.message : String(error));
    }
  };
  const mode = env['DURABLE_RESIZE_MODE'] ?? '';
  if (!['', 'act', 'observe'].includes(mode)) {
    throw new SettingsError(`DURABLE_RESIZE_MODE: "${mode}" is not a mode; leave it out, or set it to observe`);
  }
  const metricsAddress = address(env, 'DURABLE_RESIZE_METRICS_ADDRESS');
  const clouds = (env['DURABLE_RESIZE_CLOUDS'] ?? '').split(',').map((name) => name.trim());
  const named = clouds.filter((name) => name !== '');
  return {
    taskQueue: env['DURABLE_RESIZE_TASK_QUEUE'] || TASK_QUEUE,
    ...(named.length > 0 && { clouds: named }),
    brake: mode === 'observe',
    httpTimeout: span('DURABLE_RESIZE_HTTP_TIMEOUT', '10s'),
    settleMargin: span('DURABLE_RESIZE_SETTLE_MARGIN', '30s'),
    shutdownGrace: span('DURABLE_RESIZE_SHUTDOWN_GRACE', '15s'),
    stickyTimeout: span('DURABLE_RESIZE_STICKY_TIMEOUT', '10s'),
    maxActivities: count(env, 'DURABLE_RESIZE_MAX_ACTIVITIES', 50),
    ...(metricsAddress !== undefined && { metricsAddress }),
  };
}

function count(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new SettingsError(`${name}: "${text}" is not a whole number from 1 to 9999`);
}

/** The SDK binds to an IP address and a port; names and a port alone are a stack trace of its native part. */
function address(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  const ip = /^\[(.+)\]$/.exec(host)?.[1];
  const isAddress = ip === undefined ? isIPv4(host) : isIPv6(ip);
  if (isAddress && Number(port) >= 1 && Number(port) <= 65_535) return text;
  throw new SettingsError(`${name}: "${text}" is not an IP address and a port, such as 127.0.0.1:9464`);
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
