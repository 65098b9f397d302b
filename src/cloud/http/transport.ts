import http, { Agent as HttpAgent } from 'node:http';
import https, { Agent as HttpsAgent, type AgentOptions } from 'node:https';

import axios, { isAxiosError } from 'axios';

import type { Trouble } from '../../resize/failure';
import { present } from '../../resize/present';
import { CloudFailure } from './cloud-failure';
import { proxyFor, type Proxy } from './proxy';
import type { Reply } from './reply';
import { Throttle } from './throttle';
import { KnownSecrets } from '../auth/known-secrets';
import type { Secret } from '../auth/secret';

/** The largest answer that is read (a page of 1,000 servers by name is about 1 MB). */
const LARGEST_ANSWER = 2 * 1024 * 1024;

/** Messages are for people and are kept in Temporal's memos; a longer one is cut. */
const LONGEST_MESSAGE = 500;

/**
 * Bytes of headers that are read of one answer. Keystone sends the token in a header, and a signed token holds the
 * catalog: 20,000 characters are usual, and Node's own limit is 16 KiB.
 */
const LARGEST_HEADERS = 256 * 1024;

export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Record<string, unknown>,
) => void;

/** How to talk TLS to a cloud. */
export interface Tls {
  /** False: any certificate is taken. */
  verify: boolean;
  /** PEM of the certificate authority, instead of the system's. */
  ca?: string;
  /** PEM of a client certificate and its key. */
  cert?: string;
  key?: Secret;
}

export interface OneRequest {
  /** For messages: "resize server 4f...". */
  tried: string;
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /**
   * It changes a server, because of what was read a moment ago: it never queues, and a lost answer leaves open whether
   * it was carried out.
   */
  changes?: boolean;
}

/** Codes of failures to connect: nothing of the request can have arrived. */
const NEVER_SENT: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed and not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate comes from an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate comes from an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate comes from an authority that is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
};

/** Node takes this limit with each request, not with the agent; axios hands a transport its options. */
const LARGE_HEADERS = {
  request: (options: https.RequestOptions, answered: (answer: http.IncomingMessage) => void) =>
    (options.protocol === 'https:' ? https : http).request({ ...options, maxHeaderSize: LARGEST_HEADERS }, answered),
};

/** One HTTP client per cloud. It sends each request exactly once, follows no redirect, and lets no error of axios out. */
export class Transport {
  readonly #timeout: number;
  readonly #userAgent: string;
  /** Where to log to, for all that use this transport. */
  readonly log: Log;
  /** When requests may go. */
  readonly throttle: Throttle;
  readonly #reads: { httpAgent: HttpAgent; httpsAgent: HttpsAgent };
  readonly #writes: { httpAgent: HttpAgent; httpsAgent: HttpsAgent };
  #proxySecret: Secret | undefined;
  /** What is taken out of whatever a cloud says. */
  readonly secrets = new KnownSecrets();

  constructor(options: { timeout: number; userAgent: string; tls: Tls; log: Log; perSecond?: number }) {
    this.#timeout = options.timeout;
    this.#userAgent = options.userAgent;
    this.log = options.log;
    this.throttle = new Throttle(options.perSecond, (message) => options.log('warn', message));
    const { verify, ca, cert, key } = options.tls;
    const tls: AgentOptions = present({ rejectUnauthorized: verify, ca, cert, key: key?.reveal() });
    this.#reads = {
      httpAgent: new HttpAgent({ keepAlive: true }),
      httpsAgent: new HttpsAgent({ keepAlive: true, ...tls }),
    };
    // A write gets a new connection: the server may close one that was kept open at the same moment, and then it is
    // unknown whether the write arrived.
    this.#writes = {
      httpAgent: new HttpAgent({ keepAlive: false }),
      httpsAgent: new HttpsAgent({ keepAlive: false, ...tls }),
    };
  }

  /** Milliseconds one request may take, from connecting to the last byte of the answer. */
  get timeout(): number {
    return this.#timeout;
  }

  /** The failure for a trouble, with no secret in it. */
  failure(trouble: Trouble, sent = true): CloudFailure {
    const clean = (text: string) => {
      // In this order: a secret that was cut in two would not be recognised.
      const safe = this.secrets.redact(text);
      return safe.length > LONGEST_MESSAGE ? `${safe.slice(0, LONGEST_MESSAGE)}...` : safe;
    };
    const { kind, code, requestId, retryAfter = 0 } = trouble;
    return new CloudFailure(
      present({
        ...trouble,
        tried: clean(trouble.tried),
        message: clean(trouble.message),
        code: code === undefined ? undefined : clean(code),
        requestId: requestId === undefined ? undefined : clean(requestId),
        // Where the cloud names no time, the back-off does: it grows while the cloud goes on refusing.
        retryAfter: kind === 'rate-limited' && retryAfter <= 0 ? this.throttle.wait() : trouble.retryAfter,
      }),
      sent,
    );
  }

  /**
   * Sends one request once, when the throttle lets it go. Gives every answer back, whatever its status.
   * @throws CloudFailure rate-limited (it would have to queue for too long), no-answer, garbage (too large, cut off, no
   *   HTTP) or configuration (no URL)
   */
  async send(request: OneRequest): Promise<Reply> {
    const notNow = await this.throttle.before(request);
    if (notNow !== undefined) throw this.failure(notNow, false);
    const proxy = this.#proxy(request);
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const began = Date.now();
    // The time-out of axios restarts with each byte; a slow body would extend it without end.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), this.#timeout);
    try {
      const response = await axios.request<string>({
        method: request.method,
        url: request.url,
        headers: present({
          Accept: 'application/json',
          'User-Agent': this.#userAgent,
          'Content-Type': body === undefined ? undefined : 'application/json',
          ...request.headers,
        }),
        data: body,
        responseType: 'text',
        transformResponse: [(data: unknown) => data],
        validateStatus: () => true,
        maxRedirects: 0,
        transport: LARGE_HEADERS,
        maxContentLength: LARGEST_ANSWER,
        // For an HTTPS address the library opens a tunnel (CONNECT) with the TLS options of the agent.
        proxy: proxy?.config ?? false,
        signal: deadline.signal,
        ...(request.method === 'GET' ? this.#reads : this.#writes),
      });
      const headers = response.headers as Record<string, unknown>;
      this.log('debug', `HTTP ${response.status}`, { tried: request.tried, ms: Date.now() - began });
      const reply: Reply = {
        tried: request.tried,
        changes: request.changes === true,
        status: response.status,
        text: typeof response.data === 'string' ? response.data : '',
        header: (name) => {
          const value = headers[name];
          return typeof value === 'string' ? value : undefined;
        },
      };
      this.throttle.after(reply, began);
      return reply;
    } catch (error) {
      const failure = this.#noAnswer(request, proxy, error, deadline.signal.aborted);
      this.log('debug', failure.message, { tried: request.tried, ms: Date.now() - began });
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  #proxy({ tried, url }: OneRequest): Proxy | undefined {
    try {
      const proxy = proxyFor(url);
      if (proxy?.secret !== undefined && proxy.secret.reveal() !== this.#proxySecret?.reveal()) {
        this.#proxySecret = proxy.secret;
        this.secrets.keep(proxy.secret);
      }
      return proxy;
    } catch (error) {
      const message = `"${tried}" was not sent: ${error instanceof TypeError ? error.message : 'no proxy could be found'}.`;
      const advice =
        'Write the proxy into the environment of the worker as http://host:port, or name the cloud in NO_PROXY.';
      throw this.failure({ kind: 'configuration', tried, message, advice }, false);
    }
  }

  #noAnswer({ tried, url }: OneRequest, proxy: Proxy | undefined, error: unknown, timedOut: boolean): CloudFailure {
    const code = isAxiosError(error) && typeof error.code === 'string' ? error.code : '';
    const words = error instanceof Error ? error.message : '';
    const origin = originOf(url);
    if (origin === undefined || code === 'ERR_INVALID_URL') {
      const message = `The address for "${tried}" is not a URL.`;
      const advice = 'Check auth_url and endpoint override of this profile, and the catalog of the cloud.';
      return this.failure({ kind: 'configuration', tried, message, advice }, false);
    }
    const where = proxy === undefined ? origin : `${origin} through the proxy ${proxy.origin}`;
    const look =
      proxy === undefined
        ? 'Look whether the cloud and the network to it are up.'
        : 'Look whether the proxy (HTTP_PROXY, HTTPS_PROXY of the worker) and the cloud behind it are up.';
    const silence = (why: string, advice: string, sent = true) =>
      this.failure({ kind: 'no-answer', tried, message: `No answer to "${tried}" from ${where}${why}.`, advice }, sent);
    if (timedOut) return silence(` within ${this.#timeout / 1000} s`, look);
    const never = NEVER_SENT[code];
    if (never !== undefined) {
      const ca = 'Name the right certificate authority as cacert in this profile.';
      const address = proxy === undefined ? 'Look whether the address is right and the cloud is up.' : look;
      return silence(`: ${never} (${code})`, never.includes('certificate') ? ca : address, false);
    }
    const broken = brokenAnswer(code, words);
    if (broken === undefined) return silence(`: the connection broke${code === '' ? '' : ` (${code})`}`, look);
    return this.failure({
      kind: 'garbage',
      tried,
      message: `The answer to "${tried}" from ${where} ${broken}.`,
      advice: 'Look at what stands between the worker and the cloud (proxy, load balancer).',
    });
  }
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

/** In words, how an answer was broken in itself; undefined when there was none. */
function brokenAnswer(code: string, words: string): string | undefined {
  if (words.includes('maxContentLength')) return `is larger than ${LARGEST_ANSWER / 1024 / 1024} MB`;
  if (code === 'HPE_HEADER_OVERFLOW') {
    return `has headers of more than ${LARGEST_HEADERS / 1024} KB (a token comes in the header X-Subject-Token)`;
  }
  if (code.startsWith('HPE_')) return 'is not HTTP';
  if (code.startsWith('Z_')) return 'has a compressed body that is broken';
  // axios: the answer had begun and its body ended early.
  if (code === 'ERR_BAD_RESPONSE' || /aborted/i.test(words)) return 'was cut off';
  return undefined;
}
