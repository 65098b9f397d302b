import type * as v from 'valibot';

import type { Session } from '../auth/session';
import { CloudFailure } from '../http/cloud-failure';
import { read } from '../http/reply';
import type { Transport } from '../http/transport';
import { versionHeaders } from './endpoint';

/** Reads of the compute API: a path in, checked JSON out. */
export class ComputeReader {
  readonly #transport: Transport;
  readonly #session: Session;

  constructor(transport: Transport, session: Session) {
    this.#transport = transport;
    this.#session = session;
  }

  /** Where the API is, and in whose project. */
  async place(): Promise<{ url: string; project: string; maximum?: number }> {
    const endpoint = await this.#session.endpoint();
    return { ...endpoint, project: (await this.#session.token()).project };
  }

  /** @param version the newest microversion that the schema knows */
  async get<Schema extends v.GenericSchema>(
    tried: string,
    path: string,
    version: number,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    return (await this.getDated(tried, path, version, schema)).value;
  }

  /** @returns also the time at which the cloud answered, by its own clock and in the form of HTTP */
  async getDated<Schema extends v.GenericSchema>(
    tried: string,
    path: string,
    version: number,
    schema: Schema,
  ): Promise<{ value: v.InferOutput<Schema>; time: string | undefined }> {
    const reply = await this.#session.send({
      tried,
      method: 'GET',
      path,
      headers: (endpoint) => versionHeaders(endpoint, version),
    });
    const result = read(reply, schema);
    if ('trouble' in result) throw this.#transport.failure(result.trouble);
    return { value: result.value, time: reply.header('date') };
  }

  /** An id as one part of a path: an empty one or dots would lead to another address. */
  segment(tried: string, id: string): string {
    if (!/^\.{0,2}$/.test(id)) return encodeURIComponent(id);
    throw this.#transport.failure({ kind: 'not-found', tried, message: `"${id}" is not an id.` }, false);
  }
}

/** What asking again may change. */
const PASSING: readonly CloudFailure['trouble']['kind'][] = [
  'not-authenticated',
  'rate-limited',
  'server-error',
  'conflict',
  'host-unavailable',
];

/**
 * Was the request answered in a way that asking again does not change: not offered, not allowed, not there? By the API
 * itself or by what stands before it (Apache answers 404 with a page of its own to a name with a slash in it).
 */
export function isSettled(error: unknown): error is CloudFailure {
  if (!(error instanceof CloudFailure)) return false;
  const { kind, status = 0 } = error.trouble;
  if (status === 501) return kind === 'server-error';
  return status >= 300 && status < 500 && status !== 407 && !PASSING.includes(kind);
}
