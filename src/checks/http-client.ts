/** One HTTP request of a check: guarded, bounded in time and size, and straight to its host. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios, { type AxiosResponse } from 'axios';
import type { Try } from '../resize/check-verdict';
import { present } from '../resize/present';
import { connectionFault } from './connection-fault';
import { Deadline } from './deadline';
import type { HostHeaders } from './host-headers';
import type { Networks } from './networks';

/** As most browsers and tools; a longer chain is a loop. */
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

export interface CheckRequest {
  url: URL;
  method: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  json?: unknown;
  /** Statuses that are an answer, redirect or not. */
  takes?: readonly number[];
  /** Follow redirects? A request that sends something does not. */
  follow: boolean;
  /** At most so many bytes of the body are read. */
  largest: number;
  /** For all of it, ms. */
  timeout: number;
  /** The worker shuts down. */
  signal: AbortSignal;
}

export interface CheckAnswer {
  status: number;
  body: string;
  /** The body is longer than what was read of it. */
  cut: boolean;
  /** From the start to the end of it, ms. */
  took: number;
}

export class HttpClient {
  readonly #networks: Networks;
  readonly #headers: HostHeaders;
  readonly #agents: { httpAgent: HttpAgent; httpsAgent: HttpsAgent };

  constructor(networks: Networks, headers: HostHeaders) {
    this.#networks = networks;
    this.#headers = headers;
    // Each try makes a connection of its own: one that was open before says nothing about who connects now.
    const { lookup } = networks;
    this.#agents = { httpAgent: new HttpAgent({ lookup }), httpsAgent: new HttpsAgent({ lookup }) };
  }

  /**
   * Sends a request, and follows its redirects.
   * @returns the answer, or what its absence says
   * @throws when the signal is aborted
   */
  async send(request: CheckRequest): Promise<CheckAnswer | Try> {
    const began = performance.now();
    const deadline = new Deadline(request.timeout, request.signal);
    try {
      const response = await this.#followed(request, deadline.signal);
      if ('verdict' in response) return response;
      const read = await bodyOf(response.data, request.largest);
      return { status: response.status, ...read, took: Math.round(performance.now() - began) };
    } catch (error) {
      request.signal.throwIfAborted();
      return connectionFault(error, deadline.passed);
    } finally {
      deadline.end();
    }
  }

  async #followed(request: CheckRequest, signal: AbortSignal): Promise<AxiosResponse<Readable> | Try> {
    let url = request.url;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      const response = await this.#once(request, url, signal);
      const { status, headers } = response;
      const location: unknown = headers['location'];
      const ends = !request.follow || !REDIRECTS.includes(status) || request.takes?.includes(status) === true;
      if (ends || typeof location !== 'string') return response;
      response.data.destroy();
      if (!URL.canParse(location, url.href)) return { verdict: 'fail', reason: `status ${status} leads to no URL` };
      url = new URL(location, url.href);
      if (!/^https?:$/.test(url.protocol)) return { verdict: 'fail', reason: `status ${status} leads away from HTTP` };
    }
    return { verdict: 'fail', reason: `it redirects more than ${MOST_REDIRECTS} times` };
  }

  #once(request: CheckRequest, url: URL, signal: AbortSignal): Promise<AxiosResponse<Readable>> {
    this.#networks.refuseLiteral(url.hostname);
    // The worker's headers are for the host that the check names, not for wherever that leads to.
    const own = url.origin === request.url.origin ? this.#headers.for(url) : {};
    return axios.request<Readable>({
      ...this.#agents,
      url: withoutUserInfo(url),
      method: request.method,
      headers: present({
        Accept: '*/*',
        'User-Agent': 'durable-resize',
        'Content-Type': request.json === undefined ? undefined : 'application/json',
        ...request.headers,
        ...own,
      }),
      data: request.json === undefined ? undefined : JSON.stringify(request.json),
      responseType: 'stream',
      validateStatus: () => true,
      maxRedirects: 0,
      // A check asks the server, not a proxy that may answer for it.
      proxy: false,
      signal,
    });
  }
}

/** A redirect may bring some. */
function withoutUserInfo(url: URL): string {
  const bare = new URL(url.href);
  bare.username = bare.password = '';
  return bare.href;
}

async function bodyOf(stream: Readable, largest: number): Promise<{ body: string; cut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    // To leave the loop ends the connection.
    if (size > largest) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, largest).toString(), cut: size > largest };
}
