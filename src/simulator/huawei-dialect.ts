import type { MiddlewareHandler } from 'hono';
import type { Cloud } from './cloud';
import type { ComputeEnv } from './compute-api';

/** What differs on Huawei Cloud and its family (vendor's ECS API reference); Nova's own answers are rewritten. */
export interface HuaweiHabits {
  /** A running server is not resized: it has to be stopped first (Ecs.0100). */
  stoppedOnly: boolean;
}

/** Its newest microversion, and its page. */
export const HUAWEI = { microversion: '2.60', pageSize: 25 } as const;

/** Provider codes of what Nova says in words, and the shape each is told in. */
const CODES: readonly { words: RegExp; code: string; shape: 'error' | 'gateway' }[] = [
  { words: /must change flavor/, code: 'Ecs.0009', shape: 'error' },
  { words: /^Flavor .* could not be found/, code: 'Ecs.0029', shape: 'error' },
  { words: /is locked/, code: 'Ecs.0605', shape: 'gateway' },
];

/** States for which the vendor's table has no row are shown as UNKNOWN; this one passes within a moment. */
const NOT_IN_THE_TABLE = 'resize_migrated';

export function huaweiDialect(cloud: Cloud, habits: HuaweiHabits): MiddlewareHandler<ComputeEnv> {
  return async (c, next) => {
    const server = /\/servers\/([^/]+)\/action$/.exec(new URL(c.req.url).pathname)?.[1];
    if (habits.stoppedOnly && server !== undefined && (await c.req.text()).includes('"resize"')) {
      if (cloud.vmStateOf(server) === 'active') {
        const error = { code: 'Ecs.0100', message: 'The server must be stopped before this operation.' };
        return c.json({ error }, 400);
      }
    }
    await next();
    if (!/json/.test(c.res.headers.get('content-type') ?? '')) return undefined;
    const { status, headers } = c.res;
    const body: unknown = await c.res.json();
    c.res = undefined;
    c.res = new Response(JSON.stringify(status >= 400 ? toldByCode(body) : rewritten(body)), {
      status,
      headers: fresh(headers),
    });
    return undefined;
  };
}

function fresh(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete('content-length');
  return kept;
}

function toldByCode(body: unknown): unknown {
  const fault: unknown = typeof body === 'object' && body !== null ? Object.values(body)[0] : undefined;
  const message = typeof fault === 'object' && fault !== null && 'message' in fault ? String(fault.message) : '';
  const known = CODES.find(({ words }) => words.test(message));
  if (known === undefined) return body;
  return known.shape === 'error'
    ? { error: { code: known.code, message } }
    : { error_code: known.code, error_msg: message };
}

/** vm_state in capitals, "" for no task, UNKNOWN for what the table does not list. */
function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, rewritten(item)]));
  if (!('OS-EXT-STS:vm_state' in fields)) return fields;
  const task: unknown = fields['OS-EXT-STS:task_state'];
  return {
    ...fields,
    'OS-EXT-STS:vm_state': String(fields['OS-EXT-STS:vm_state']).toUpperCase(),
    'OS-EXT-STS:task_state': task ?? '',
    ...(task === NOT_IN_THE_TABLE && { status: 'UNKNOWN' }),
  };
}
