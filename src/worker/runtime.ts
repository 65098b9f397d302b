/** The SDK's own part of the process: log and metrics. */
import { DefaultLogger, LogTimestamp, Runtime, type Logger } from '@temporalio/worker';
import { reasonOf, WorkerError } from './worker-error';

/** Each worker here does one kind of work, as it should; the SDK warns of each that it does not do the other. */
const AS_IT_SHOULD_BE = /^No (workflows|activities|Nexus services) registered/;

/** The worker's log, on stderr. */
export function workerLog(): Logger {
  const log = new DefaultLogger('INFO');
  return new DefaultLogger('INFO', ({ level, message, meta, timestampNanos }) => {
    // The SDK holds messages back for a moment, to sort them: each keeps the time at which it was written.
    if (!AS_IT_SHOULD_BE.test(message)) log.log(level, message, { ...meta, [LogTimestamp]: timestampNanos });
  });
}

/**
 * Installs it, once per process.
 * @throws WorkerError when the metrics cannot be served there
 */
export function installRuntime(metricsAddress: string | undefined, logger: Logger): void {
  try {
    Runtime.install({
      logger,
      // The SDK's own handlers end running workers only: before there is one, a signal would be lost.
      shutdownSignals: [],
      telemetryOptions: {
        // What the native part says goes the same way: of itself it writes colours, into files as well.
        logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
        ...(metricsAddress !== undefined && { metrics: { prometheus: { bindAddress: metricsAddress } } }),
      },
    });
  } catch (error) {
    if (metricsAddress === undefined) throw error;
    throw new WorkerError(
      `DURABLE_RESIZE_METRICS_ADDRESS: cannot serve metrics at ${metricsAddress}: ${reasonOf(error)}`,
    );
  }
}
