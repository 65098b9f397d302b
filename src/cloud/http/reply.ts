import * as v from 'valibot';

import type { Trouble } from '../../resize/failure';
import { present } from '../../resize/present';
import { judge, type Refusal } from './refusals';

/** One HTTP answer, read to its end. */
export interface Reply {
  /** What was tried, for messages: "resize server 4f..." */
  tried: string;
  /** Does the request change something, so that a lost answer leaves open whether it was carried out? */
  changes: boolean;
  status: number;
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
  text: string;
}

/** Null is "not given". */
const given = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  );
const Scalar = v.union([v.string(), v.number()]);
const Fault = v.object({
  message: given(v.string()),
  code: given(Scalar),
  error_code: given(v.string()),
  retryAfter: given(Scalar),
});
/** Gateways put the error at the top: `{"error_msg", "error_code"}`; some of them write `{"code", "message"}`. */
const GatewayError = v.union([
  v.object({ error_msg: given(v.string()), error_code: v.string(), request_id: given(v.string()) }),
  v.object({ message: v.string(), code: v.string() }),
]);
/** Nova `{"<fault>": {"code", "message"}}` and Keystone `{"error": {...}}` have one shape: one key, one object. */
const NamedFault = v.record(v.string(), v.unknown());

/** What a fault without words is called. */
const NO_MESSAGE = 'no message';

type Body = { ok: true; json: unknown } | { ok: false; why: string };

/** The JSON of an answer, or in words what it is instead. */
function bodyOf(reply: Reply): Body {
  const text = reply.text.trim();
  if (text === '') return { ok: false, why: 'an empty body' };
  // Whatever its type says: some clouds send JSON as text/plain or text/html.
  try {
    return { ok: true, json: JSON.parse(text) as unknown };
  } catch {
    // The parser's own message quotes the text, which may hold anything.
  }
  const type = reply.header('content-type') ?? '';
  if (/html/i.test(type) || /^<(!doctype|html)/i.test(text)) return { ok: false, why: 'an HTML page' };
  if (type !== '' && !/json/i.test(type)) return { ok: false, why: `content of type ${type.split(';')[0] ?? ''}` };
  return { ok: false, why: 'JSON that is broken or cut off' };
}

type FullRefusal = Refusal & {
  retryAfter?: string | number;
  /** The body itself names an HTTP status of 400 or more. */
  failed: boolean;
  /** A gateway writes the id of the request into the body. */
  requestId?: string;
};

/** The error inside a JSON body, when it has one of the shapes that clouds use. */
function refusalIn(json: unknown, status: number): FullRefusal | undefined {
  const gateway = v.safeParse(GatewayError, json);
  if (gateway.success) {
    const error = gateway.output;
    if (!('error_code' in error)) return { status, message: error.message, code: error.code, failed: true };
    const { error_code: code, error_msg: message = code, request_id: requestId } = error;
    return present({ status, message, code, failed: true, requestId });
  }
  const named = v.safeParse(NamedFault, json);
  if (!named.success) return undefined;
  for (const [fault, content] of Object.entries(named.output)) {
    const parsed = v.safeParse(Fault, content);
    if (!parsed.success) continue;
    const { message, code, error_code, retryAfter } = parsed.output;
    const provider = error_code ?? (typeof code === 'string' && !/^\d+$/.test(code) ? code : undefined);
    const failed = Number(code) >= 400;
    if (message === undefined && provider === undefined && !failed) continue;
    return present({ status, fault, failed, message: message ?? provider ?? NO_MESSAGE, code: provider, retryAfter });
  }
  return undefined;
}

/** `Retry-After` (RFC 9110, 10.2.3: seconds or a date) in ms from now; undefined when it says nothing usable. */
export function readRetryAfter(value: string | number | undefined, now: number): number | undefined {
  if (value === undefined || value === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.round(seconds * 1000) : undefined;
  const date = Date.parse(String(value));
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The request id to quote to the cloud's administrator. */
export function requestIdOf(reply: Reply): string | undefined {
  const id = reply.header('x-compute-request-id') ?? reply.header('x-openstack-request-id');
  return id === undefined || id === '' ? undefined : id;
}

function facts(reply: Reply): Pick<Trouble, 'tried' | 'status' | 'requestId'> {
  const requestId = requestIdOf(reply) ?? reply.header('x-request-id');
  return present({ tried: reply.tried, status: reply.status, requestId });
}

/** An answer that is not the API's. */
export function garbage(reply: Reply, why: string): Trouble {
  return {
    kind: 'garbage',
    ...facts(reply),
    message: `The answer to "${reply.tried}" is not the cloud's API: HTTP ${reply.status} with ${why}.`,
    advice: 'Look at what stands between the worker and the cloud (proxy, load balancer, login page) and at the URL.',
  };
}

/** What an answer that is no success means. */
export function troubleOf(reply: Reply): Trouble {
  const { status } = reply;
  if (status >= 300 && status < 400) {
    return garbage(reply, 'a redirect, which is not followed because it would carry the token elsewhere');
  }
  const body = bodyOf(reply);
  const refusal = body.ok ? refusalIn(body.json, status) : undefined;
  // A 401 or 429 stops a request whoever writes it, with or without a body (old auth middleware answers in plain text);
  // a 5xx page of a gateway leaves it open. Any other answer counts only in the API's own words: a 404 of a
  // load balancer must never look like a deleted server.
  if (refusal === undefined && ![401, 407, 413, 429].includes(status) && status < 500) {
    return garbage(reply, body.ok ? 'JSON that is not an error of the API' : body.why);
  }
  const found: Refusal = refusal ?? { status, message: body.ok ? NO_MESSAGE : body.why };
  const { kind, advice, retryAfter } = judge(found, { changes: reply.changes });
  const { code } = found;
  return present({
    kind,
    requestId: refusal?.requestId,
    ...facts(reply),
    // The cloud's own words come first: long sentences are cut where they are kept.
    message: `${found.message.trim().replace(/\.$/, '')} (HTTP ${status}${code === undefined ? '' : ` ${code}`} to "${reply.tried}")`,
    advice,
    code,
    // Nova writes `Retry-After: 0` into the 413 of a used-up quota, which no waiting frees.
    retryAfter:
      kind === 'quota'
        ? undefined
        : (readRetryAfter(reply.header('retry-after'), Date.now()) ??
          readRetryAfter(refusal?.retryAfter, Date.now()) ??
          retryAfter),
  });
}

/**
 * What a 2xx answer to an action means: undefined is "accepted". Huawei answers a request that its flow control
 * dropped with 202 and the code Common.0024 in the body; any other code in such a body leaves it open.
 */
export function troubleInAcceptance(reply: Reply): Trouble | undefined {
  if (![200, 202, 204].includes(reply.status)) return troubleOf(reply);
  const body = bodyOf(reply);
  const refusal = body.ok ? refusalIn(body.json, reply.status) : undefined;
  if (refusal === undefined || (refusal.code === undefined && !refusal.failed)) return undefined;
  const trouble = troubleOf(reply);
  return trouble.kind === 'bad-request' ? garbage(reply, 'an error in its body') : trouble;
}

/** Reads what we need out of a 200: the value, or the trouble that it is not there. */
export function read<Schema extends v.GenericSchema>(
  reply: Reply,
  schema: Schema,
): { value: v.InferOutput<Schema> } | { trouble: Trouble } {
  if (reply.status < 200 || reply.status >= 300) return { trouble: troubleOf(reply) };
  const body = bodyOf(reply);
  if (!body.ok) return { trouble: garbage(reply, body.why) };
  const parsed = v.safeParse(schema, body.json);
  if (parsed.success) return { value: parsed.output };
  const path = parsed.issues.map((issue) => v.getDotPath(issue)).find((dotPath) => dotPath !== null);
  // An error in a 200: the code decides (see refusals.ts).
  const code = refusalIn(body.json, reply.status)?.code;
  if (code !== undefined) {
    const trouble = troubleOf(reply);
    if (trouble.kind !== 'bad-request') return { trouble };
  }
  return { trouble: garbage(reply, `JSON in which ${path ?? 'what was asked for'} is missing or has another form`) };
}
