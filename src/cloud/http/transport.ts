import http, { Agent as HttpAgent } from 'node:http';
import https, { Agent as HttpsAgent, type AgentOptions } from 'node:https';

import axios, { isAxiosError } from 'axios';

import type { Trouble } from '../../resize/failure';
import { CloudFailure } from './cloud-failure';
import { Politeness } from './throttle';
import type { Reply } from './reply';
import { KnownSecrets } from '../auth/known-secrets';
import type { Secret } from '../auth/secret';

/** An answer that is larger than this is not the compute API's (a page of 1,000 servers by name is about 1 MB). */
const LARGEST_ANSWER = 2 * 1024 * 1024;

/** A message is for people, and travels through memos of Temporal; a longer one is cut. */
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
  /** An action on what was read a moment ago: it never waits for its turn. */
  atOnce?: boolean;
}

/** No connection came about, so nothing of the request can have arrived. */
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

/** One HTTP client per cloud: every request goes out exactly once, no redirect is followed, nothing of axios comes out. */
export class Transport {
  readonly #timeout: number;
  readonly #userAgent: string;
  /** Where to log to, for all that use this transport. */
  readonly log: Log;
  /** When requests may go. */
  readonly politeness: Politeness;
  readonly #reads: { httpAgent: HttpAgent; httpsAgent: HttpsAgent };
  readonly #writes: { httpAgent: HttpAgent; httpsAgent: HttpsAgent };
  /** What is taken out of whatever a cloud says. */
  readonly secrets = new KnownSecrets();

  constructor(options: { timeout: number; userAgent: string; tls: Tls; log: Log; perSecond?: number }) {
    this.#timeout = options.timeout;
    this.#userAgent = options.userAgent;
    this.log = options.log;
    this.politeness = new Politeness(options.perSecond, (message) => options.log('warn', message));
    const { verify, ca, cert, key } = options.tls;
    const tls: AgentOptions = {
      rejectUnauthorized: verify,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key: key.reveal() }),
    };
    this.#reads = {
      httpAgent: new HttpAgent({ keepAlive: true }),
      httpsAgent: new HttpsAgent({ keepAlive: true, ...tls }),
    };
    // A write gets a connection of its own: one that was kept open may be closed by the server in the same instant,
    // and then nobody knows whether the write arrived.
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
    return new CloudFailure(
      {
        ...trouble,
        tried: clean(trouble.tried),
        message: clean(trouble.message),
        ...(trouble.code === undefined ? {} : { code: clean(trouble.code) }),
        ...(trouble.requestId === undefined ? {} : { requestId: clean(trouble.requestId) }),
      },
      sent,
    );
  }

  /**
   * Sends one request once, when its turn has come. Gives every answer back, whatever its status.
   * @throws CloudFailure rate-limited (its turn is too far away), no-answer, garbage (too large, cut off, no HTTP) or configuration (no URL)
   */
  async send(request: OneRequest): Promise<Reply> {
    const notNow = await this.politeness.before(request);
    if (notNow !== undefined) throw this.failure(notNow, false);
    const began = Date.now();
    // axios' own time-out starts anew with every byte; a body that drips would hold it for ever.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), this.#timeout);
    try {
      const response = await axios.request<string>({
        method: request.method,
        url: request.url,
        headers: {
          Accept: 'application/json',
          'User-Agent': this.#userAgent,
          ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { data: JSON.stringify(request.body) }),
        responseType: 'text',
        transformResponse: [(data: unknown) => data],
        validateStatus: () => true,
        maxRedirects: 0,
        transport: LARGE_HEADERS,
        maxContentLength: LARGEST_ANSWER,
        signal: deadline.signal,
        ...(request.method === 'GET' ? this.#reads : this.#writes),
      });
      const headers = response.headers as Record<string, unknown>;
      this.log('debug', `HTTP ${response.status}`, { tried: request.tried, ms: Date.now() - began });
      const reply: Reply = {
        tried: request.tried,
        status: response.status,
        text: typeof response.data === 'string' ? response.data : '',
        header: (name) => {
          const value = headers[name];
          return typeof value === 'string' ? value : undefined;
        },
      };
      this.politeness.after(reply, began);
      return reply;
    } catch (error) {
      const failure = this.#noAnswer(request, error, deadline.signal.aborted);
      this.log('debug', failure.message, { tried: request.tried, ms: Date.now() - began });
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  #noAnswer({ tried, url }: OneRequest, error: unknown, timedOut: boolean): CloudFailure {
    const code = isAxiosError(error) && typeof error.code === 'string' ? error.code : '';
    const words = error instanceof Error ? error.message : '';
    const where = originOf(url);
    if (where === undefined || code === 'ERR_INVALID_URL') {
      return this.failure(
        {
          kind: 'configuration',
          tried,
          message: `The address for "${tried}" is not a URL.`,
          advice: 'Check auth_url and endpoint override of this profile, and the catalog of the cloud.',
        },
        false,
      );
    }
    if (timedOut) {
      return this.failure({
        kind: 'no-answer',
        tried,
        message: `No answer to "${tried}" from ${where} within ${this.#timeout / 1000} s.`,
        advice: 'Look whether the cloud and the network to it are up.',
      });
    }
    const never = NEVER_SENT[code];
    if (never !== undefined) {
      const certificate = never.includes('certificate');
      return this.failure(
        {
          kind: 'no-answer',
          tried,
          message: `No answer to "${tried}" from ${where}: ${never} (${code}).`,
          advice: certificate
            ? 'Name the right certificate authority as cacert in this profile.'
            : 'Look whether the address is right and the cloud is up.',
        },
        false,
      );
    }
    const broken = brokenAnswer(code, words);
    if (broken !== undefined) {
      return this.failure({
        kind: 'garbage',
        tried,
        message: `The answer to "${tried}" from ${where} ${broken}.`,
        advice: 'Look at what stands between the worker and the cloud (proxy, load balancer).',
      });
    }
    return this.failure({
      kind: 'no-answer',
      tried,
      message: `No answer to "${tried}" from ${where}: the connection broke${code === '' ? '' : ` (${code})`}.`,
      advice: 'Look whether the cloud and the network to it are up.',
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
