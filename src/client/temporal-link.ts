/** The way to Temporal: how it is found, how long a call may take, and what its failures mean to a person. */
import {
  Client,
  Connection,
  isGrpcServiceError,
  NamespaceNotFoundError,
  ServiceError,
  WorkflowNotFoundError,
  type ConnectionLike,
  type ConnectionOptions,
} from '@temporalio/client';
import { TASK_QUEUE } from '../workflows/messages';
import { present } from '../resize/present';
import { readTemporalConfig, TemporalConfigError } from '../temporal/temporal-config';
import { ResizeError } from './resize-error';

/** How long things may take, in milliseconds. The defaults are for people; tests are quicker. */
export interface Timing {
  /** Finding the Temporal server. @default 5000 */
  connect: number;
  /** One call to Temporal that no worker is needed for. @default 5000 */
  call: number;
  /** A worker's answer to an update, before the vote is sent as a signal instead. @default 5000 */
  answer: number;
  /** A worker's answer to the question for the live status. @default 2000 */
  query: number;
  /** Between two reads of the status while waiting. @default 2000 */
  poll: number;
  /** How long `retry` and `abandon` wait for their effect. @default 3000 */
  effect: number;
  /** A worker's answer to a question, before the client checks what it waits for; and between two checks. @default 10000 */
  pickUp: number;
  /** A worker that has not polled for this long is gone: a poll takes at most 60 s. @default 70000 */
  workerGone: number;
  /** The longest wait in the queue of workers that are there; more than `workerGone`. @default 120000 */
  busy: number;
}

export const TIMING: Readonly<Timing> = {
  connect: 5_000,
  call: 5_000,
  answer: 5_000,
  query: 2_000,
  poll: 2_000,
  effect: 3_000,
  pickUp: 10_000,
  workerGone: 70_000,
  busy: 120_000,
};

/** How to reach Temporal. */
export interface ConnectOptions {
  /** A connection of the caller's, who also closes it. */
  connection?: ConnectionLike;
  /** A client of the caller's, who also closes its connection; its namespace and data converter are used. */
  client?: Client;
  /** @default from TEMPORAL_NAMESPACE or the config file, else `default` */
  namespace?: string;
  /** Base name of the task queues. @default DURABLE_RESIZE_TASK_QUEUE, else `durable-resize` */
  taskQueue?: string;
  /** Where TEMPORAL_* and DURABLE_RESIZE_* are read. @default process.env */
  env?: Readonly<Record<string, string | undefined>>;
  timing?: Partial<Timing>;
}

/** gRPC status codes (grpc.io, "Status codes and their use in gRPC") that mean something here. */
const GRPC = { deadlineExceeded: 4, permissionDenied: 7, unavailable: 14, unauthenticated: 16, cancelled: 1 } as const;

/** One connection with its namespace and task queue; every call through it is bounded. */
export class TemporalLink {
  private readonly inFlight = new Set<Promise<unknown>>();
  /** The connection, when it is ours to close. */
  private readonly own: Connection | undefined;

  private constructor(
    readonly client: Client,
    /** For messages. */
    readonly address: string,
    readonly taskQueue: string,
    readonly timing: Readonly<Timing>,
    own?: Connection,
  ) {
    this.own = own;
  }

  /**
   * Finds Temporal: by what the caller gave, else by TEMPORAL_* and the config file.
   * @throws ResizeError NoTemporal, NotAuthenticated; InvalidRequest for a config file that cannot be read
   */
  static async open(options: ConnectOptions): Promise<TemporalLink> {
    const env = options.env ?? process.env;
    const taskQueue = options.taskQueue ?? (env['DURABLE_RESIZE_TASK_QUEUE'] || TASK_QUEUE);
    const timing = { ...TIMING, ...options.timing };
    if (options.client) {
      return new TemporalLink(options.client, addressOf(options.client.connection), taskQueue, timing);
    }
    if (options.connection) {
      const client = new Client({
        connection: options.connection,
        ...present({ namespace: options.namespace ?? undefined }),
      });
      return new TemporalLink(client, addressOf(options.connection), taskQueue, timing);
    }
    const found = readConfig(env);
    const namespace = options.namespace ?? found.namespace;
    const address = found.connectionOptions.address ?? 'localhost:7233';
    const connection = Connection.lazy({ ...found.connectionOptions, address, connectTimeout: timing.connect });
    try {
      await connection.ensureConnected();
    } catch (error) {
      await connection.close();
      throw (
        meaningOf(error, address, namespace) ??
        new ResizeError(
          'NoTemporal',
          `no Temporal server answers at ${address}: start it, or set TEMPORAL_ADDRESS to where it is`,
          { address },
          { cause: error },
        )
      );
    }
    const client = new Client({ connection, ...present({ namespace }) });
    return new TemporalLink(client, address, taskQueue, timing, connection);
  }

  get namespace(): string {
    return this.client.options.namespace;
  }

  /**
   * One call to Temporal that ends within `within` ms. Failures of the way there become ResizeErrors; what Temporal or
   * a workflow says about the call itself (not found, refused, failed) passes through.
   */
  call<T>(doing: string, within: number, act: () => Promise<T>): Promise<T> {
    return this.bounded(doing, within, this.client.withDeadline(Date.now() + within, act));
  }

  /**
   * The same for a call that Temporal answers when something has happened. It is cancelled instead of given a deadline:
   * a second before a deadline the server answers with nothing, and the SDK asks again at once (measured with server
   * 1.32.0: 400 times in that second).
   */
  wait<T>(doing: string, within: number, act: () => Promise<T>): Promise<T> {
    return this.bounded(doing, within, this.client.withAbortSignal(AbortSignal.timeout(within), act));
  }

  private async bounded<T>(doing: string, within: number, running: Promise<T>): Promise<T> {
    this.inFlight.add(running);
    const settled = () => this.inFlight.delete(running);
    running.then(settled, settled);
    let timer: NodeJS.Timeout | undefined;
    // The SDK sleeps between its own attempts, past the deadline: without this clock 2 s can become 5.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.noAnswer(doing, within)), within + 250);
    });
    try {
      return await Promise.race([running, late]);
    } catch (error) {
      if (error instanceof ResizeError) throw error;
      if (isTimeUp(error)) throw this.noAnswer(doing, within, error);
      throw meaningOf(error, this.address, this.namespace) ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for the calls on their way, then closes the connection if it is ours. */
  async close(): Promise<void> {
    // Closing a channel while a call waits for its next attempt crashes the process ("Channel has been shut down").
    while (this.inFlight.size > 0) await Promise.allSettled(this.inFlight);
    await this.own?.close();
  }

  private noAnswer(doing: string, within: number, cause?: unknown): ResizeError {
    return new ResizeError(
      'NoTemporal',
      `Temporal at ${this.address} did not answer within ${within / 1000} s (${doing}): check that it is up, then ask again`,
      { address: this.address },
      { cause },
    );
  }
}

function readConfig(env: Readonly<Record<string, string | undefined>>): {
  namespace?: string;
  connectionOptions: ConnectionOptions;
} {
  try {
    const { namespace, connectionOptions } = readTemporalConfig(env);
    // Made for the worker's kind of connection, but these four fields mean the same here.
    const { address, apiKey, tls, metadata } = connectionOptions as ConnectionOptions;
    return present({ namespace, connectionOptions: present({ address, apiKey, tls, metadata }) });
  } catch (error) {
    if (!(error instanceof TemporalConfigError)) throw error;
    throw new ResizeError('InvalidRequest', error.message, undefined, { cause: error });
  }
}

function addressOf(connection: ConnectionLike): string {
  return connection instanceof Connection ? connection.options.address : 'the given connection';
}

function grpcCode(error: unknown): number | undefined {
  const grpc = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(grpc) ? grpc.code : undefined;
}

function isTimeUp(error: unknown): boolean {
  const code = grpcCode(error);
  return code === GRPC.deadlineExceeded || code === GRPC.unavailable || code === GRPC.cancelled;
}

/** What a failure on the way to Temporal means; undefined for what says something about the call itself. */
function meaningOf(error: unknown, address: string, namespace: string | undefined): ResizeError | undefined {
  if (error instanceof NamespaceNotFoundError) {
    return new ResizeError(
      'NoTemporal',
      `Temporal at ${address} has no namespace '${namespace ?? 'default'}': create it, or set TEMPORAL_NAMESPACE`,
      { address },
      { cause: error },
    );
  }
  const code = grpcCode(error);
  if (code === GRPC.permissionDenied || code === GRPC.unauthenticated) {
    return new ResizeError(
      'NotAuthenticated',
      `Temporal at ${address} does not accept these credentials: check TEMPORAL_API_KEY or the TEMPORAL_TLS_* files`,
      { address },
      { cause: error },
    );
  }
  return undefined;
}

/** The text of whatever was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Did Temporal say that there is no such workflow, or that it is over? */
export function isGone(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError;
}
