import type { MiddlewareHandler } from 'hono';
import type { SimulatedCloud } from '../engine/simulated-cloud';
import type { ComputeEnv } from '../api/compute-api';

/** The dialect of Huawei Cloud and its family (vendor's ECS API reference): Nova's answers, rewritten. */
export interface HuaweiOptions {
  /** A running server is not resized: it has to be stopped first (Ecs.0100). */
  stoppedOnly: boolean;
}

/** Its newest microversion, and its page. */
export const HUAWEI = { microversion: '2.60', pageSize: 25 } as const;

/** `nova`: under the name of Nova's fault. `error`: under "error". `gateway`: at the top of the body. */
type Shape = 'nova' | 'error' | 'gateway';

/** The provider codes that stand for Nova's messages ("Error Codes" of the reference). */
const CODES: readonly { words: RegExp; code: string; message: string; shape: Shape }[] = [
  {
    words: /must change flavor/,
    code: 'Ecs.0009',
    message: 'Another flavor must be used for resizing.',
    shape: 'error',
  },
  { words: /^Flavor .* could not be found/, code: 'Ecs.0029', message: 'The flavor does not exist.', shape: 'error' },
  { words: /^Quota exceeded/, code: 'Ecs.0001', message: 'Insufficient ECS quota.', shape: 'error' },
  { words: /is locked/, code: 'Ecs.0605', message: 'ECS locked.', shape: 'nova' },
];
const NO_TOKEN = { code: 'Common.0013', message: 'Invalid token.', shape: 'error' } as const;
const NOT_SIGNED = {
  code: 'APIGW.0301',
  message: 'Incorrect IAM authentication information: verify aksk signature fail',
  shape: 'gateway',
} as const;

const rebuilding = ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning'];
const resizing = ['resize_prep', 'resize_migrating', 'resize_migrated', 'resize_finish'];
const rebooting = ['rebooting', 'reboot_pending', 'reboot_started'];
/**
 * Tasks by vm_state, as "ECS Statuses" maps them to a status; "" is none. What is not listed shows as UNKNOWN: a server
 * that was running when its resize began does so until the end of it.
 */
const LISTED: Readonly<Record<string, readonly string[]>> = {
  building: ['scheduling', 'block_device_mapping', 'networking', 'spawning', ''],
  active: [
    ...[...rebooting, 'rebooting_hard', 'reboot_pending_hard', 'reboot_started_hard'],
    ...[...rebuilding, 'migrating', 'powering-off', 'deleting', ''],
  ],
  stopped: [...resizing, ...rebuilding, 'powering-on', 'deleting', ''],
  resized: ['resize_reverting', ''],
  error: [...rebuilding, 'deleting', ''],
  deleted: [''],
};

/** Rewrites Nova's answers. */
export function huaweiAnswers(): MiddlewareHandler<ComputeEnv> {
  return async (c, next) => {
    await next();
    if (!/json/.test(c.res.headers.get('content-type') ?? '') || c.res.status === 204) return undefined;
    const { status, headers } = c.res;
    const text = await c.res.text();
    if (text === '') return undefined;
    const body: unknown = JSON.parse(text);
    const signed = c.req.header('Authorization') !== undefined;
    const error = status === 401 ? inShape(signed ? NOT_SIGNED : NO_TOKEN, '') : translated(body);
    c.res = undefined;
    c.res = new Response(JSON.stringify(status >= 400 ? error : rewritten(body)), {
      status,
      headers: withoutLength(headers),
    });
    return undefined;
  };
}

/** Refuses to resize a server that runs; stands behind the authentication. */
export function stoppedFirst(cloud: SimulatedCloud): MiddlewareHandler<ComputeEnv> {
  return async (c, next) => {
    const server = /\/servers\/([^/]+)\/action$/.exec(new URL(c.req.url).pathname)?.[1];
    const resizes = server !== undefined && (await c.req.text()).includes('"resize"');
    if (!resizes || cloud.find(server, c.var.caller).vmState !== 'active') return next();
    const message = 'The ECS status does not meet requirements. Make the ECS in the required status and try again.';
    return c.json(inShape({ code: 'Ecs.0100', message, shape: 'error' }, ''), 400);
  };
}

function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete('content-length');
  return kept;
}

function translated(body: unknown): unknown {
  const entries: [string, unknown][] = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  const [name = '', fault] = entries[0] ?? [];
  const words = typeof fault === 'object' && fault !== null && 'message' in fault ? String(fault.message) : '';
  const known = CODES.find((one) => one.words.test(words));
  return known === undefined ? body : inShape(known, name);
}

function inShape({ code, message, shape }: { code: string; message: string; shape: Shape }, fault: string): unknown {
  switch (shape) {
    case 'nova':
      return { [fault]: { code, message } };
    case 'error':
      return { error: { code, message } };
    case 'gateway':
      return { error_msg: message, error_code: code, request_id: 'the-gateway-s-own-request-id' };
  }
}

/** vm_state in capitals, "" for no task, UNKNOWN for what the table does not list. */
function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, rewritten(item)]));
  const { 'OS-EXT-STS:vm_state': vmState, 'OS-EXT-STS:task_state': taskState } = fields;
  if (typeof vmState !== 'string') return fields;
  const task = typeof taskState === 'string' ? taskState : '';
  return {
    ...fields,
    'OS-EXT-STS:vm_state': vmState.toUpperCase(),
    'OS-EXT-STS:task_state': task,
    ...(LISTED[vmState]?.includes(task) !== true && { status: 'UNKNOWN' }),
  };
}
