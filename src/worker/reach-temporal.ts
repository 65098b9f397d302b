/** The way to Temporal at the start: a server or a namespace that is not there yet is waited for, with a bound. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { reasonOf, WorkerError } from './worker-error';

/** Between two attempts; milliseconds. */
const RETRY_EVERY = 1000;
/** The most that one call may take; milliseconds. */
const CALL_WITHIN = 5000;
/** An attempt that takes longer than this is told of; milliseconds. */
const SLOW = 2000;

/** gRPC status codes (grpc.io, "Status codes and their use in gRPC"). */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

/** How the SDK's native part words the last two where it gives no code (measured with 1.24.0). */
const DENIED = /does not have permission|valid authentication credentials/;

/** How long a starting worker waits, and whom it tells. */
export interface Patience {
  /** Milliseconds for all of it. */
  within: number;
  /** Aborted when the worker is to end. */
  stop: AbortSignal;
  say: (message: string) => void;
}

/** Why an attempt failed: a sentence for the end, and what is waited for; what no wait can mend has none. */
interface Setback {
  sentence: string;
  waitFor?: string;
}

/**
 * Connects to the Temporal server and makes sure that it has the namespace.
 * @returns undefined when `stop` was aborted before
 * @throws WorkerError when the time is up, or when Temporal refuses the credentials
 */
export async function reachTemporal(
  options: NativeConnectionOptions,
  namespace: string,
  { within, stop, say }: Patience,
): Promise<NativeConnection | undefined> {
  const address = options.address ?? 'localhost:7233';
  // Not AbortSignal.timeout in AbortSignal.any: nothing holds its timer, and Node.js may collect it before it fires.
  const end = new AbortController();
  const over = end.signal;
  setTimeout(() => end.abort(), within).unref();
  stop.addEventListener('abort', () => end.abort());
  if (stop.aborted) end.abort();
  const isOver = new Promise<undefined>((resolve) => {
    over.addEventListener('abort', () => resolve(undefined));
  });
  let connection: NativeConnection | undefined;
  let setback = noServer(address, 'no answer');
  let waitingFor: string | undefined;
  const tell = (what: string | undefined) => {
    if (what !== undefined && what !== waitingFor) say(`waiting for ${what}`);
    waitingFor = what;
  };
  const attempt = async (): Promise<NativeConnection | undefined> => {
    try {
      connection ??= await NativeConnection.connect(options);
      const { workflowService } = connection;
      await connection.withDeadline(Date.now() + CALL_WITHIN, () => workflowService.describeNamespace({ namespace }));
      return connection;
    } catch (error) {
      setback = setbackOf(error, address, namespace);
      return undefined;
    }
  };
  for (;;) {
    // An attempt may hang for longer than the wait: a server may take a connection and never answer.
    const slow = setTimeout(() => tell(setback.waitFor), SLOW);
    const reached = await Promise.race([attempt(), isOver]);
    clearTimeout(slow);
    if (stop.aborted) return undefined;
    if (reached !== undefined) return reached;
    if (over.aborted || setback.waitFor === undefined) throw new WorkerError(setback.sentence);
    tell(setback.waitFor);
    await sleep(RETRY_EVERY, undefined, { signal: over }).catch(() => undefined);
  }
}

function setbackOf(error: unknown, address: string, namespace: string): Setback {
  const code = codeOf(error);
  if (code === NOT_FOUND) {
    return {
      sentence: `Temporal at ${address} has no namespace '${namespace}'; create it with "temporal operator namespace create --namespace ${namespace}", or set TEMPORAL_NAMESPACE`,
      waitFor: `namespace '${namespace}' at ${address}`,
    };
  }
  const reason = reasonOf(error);
  if (code === PERMISSION_DENIED || code === UNAUTHENTICATED || DENIED.test(reason)) {
    return {
      sentence: `Temporal at ${address} does not let this worker into namespace '${namespace}' (${reason}); check TEMPORAL_API_KEY or the TEMPORAL_TLS_* files`,
    };
  }
  return noServer(address, reason);
}

function codeOf(error: unknown): number | undefined {
  const grpc = error instanceof ServiceError ? (error.cause ?? error) : error;
  return isGrpcServiceError(grpc) ? grpc.code : undefined;
}

const noServer = (address: string, reason: string): Setback => ({
  sentence: `no Temporal server answers at ${address} (${reason}); start one, or set TEMPORAL_ADDRESS`,
  waitFor: `a Temporal server at ${address}`,
});
