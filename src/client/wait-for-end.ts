/** Waiting for the end of a resize, by what Temporal has recorded: it works while no worker is there. */
import type { DurationInput } from '../resize/request';
import { durationOf } from './duration';
import { ResizeError } from './resize-error';
import { newestOf, type Chain } from './run-chain';
import { fullStatus, liveStatus, recordedStatus, type RunStatus } from './run-status';
import type { TemporalLink } from './temporal-link';

/** How long to wait, and what to hear meanwhile. */
export interface WaitOptions {
  /** Milliseconds, or a text such as `10m`. When it has passed, the state so far is returned. @default without end */
  timeout?: DurationInput;
  /** Stay when the resize comes to phase needs-operator. @default false */
  throughOperator?: boolean;
  /** Called with the first status, and with each that differs from the one before. */
  onChange?: (status: RunStatus) => void;
  /** Called when the status cannot be read; waiting goes on. */
  onTrouble?: (error: unknown) => void;
  /** Ask a worker each time for what is not recorded on each change (what the server shows). @default false */
  live?: boolean;
  /** Stops the waiting, never the resize: the promise is rejected with code Interrupted. */
  signal?: AbortSignal;
}

/** So many failures in a row, before anything was learnt, end the waiting. */
const FIRST_FAILURES = 3;

/** Is there nothing more to wait for? */
function isOver(status: RunStatus, throughOperator: boolean): boolean {
  return status.execution !== 'running' || (status.phase === 'needs-operator' && !throughOperator);
}

/**
 * Waits until the resize is over, or needs an operator, or `timeout` has passed; the returned status tells which.
 * @throws ResizeError InvalidRequest for a bad duration; Interrupted; NotFound and NoTemporal when nothing was learnt
 */
export async function waitForEnd(link: TemporalLink, chain: Chain, options: WaitOptions): Promise<RunStatus> {
  const { throughOperator = false, onChange, onTrouble, live = false, signal } = options;
  const timeout = options.timeout ?? undefined;
  const end = timeout === undefined ? Infinity : Date.now() + durationOf(timeout, 'timeout');
  let last: RunStatus | undefined;
  for (let failures = 0; ;) {
    stopIfAsked(signal, chain);
    try {
      const info = await newestOf(link, chain);
      const recorded = recordedStatus(info);
      const over = isOver(recorded, throughOperator);
      let status = recorded;
      if (over) status = await fullStatus(link, info);
      else if (live) status = (await liveStatus(link, info)) ?? recorded;
      // The worker may be a step further than the record that ended the waiting: then the waiting goes on.
      const done = over && isOver(status, throughOperator);
      if (JSON.stringify(status) !== JSON.stringify(last)) onChange?.(status);
      last = status;
      failures = 0;
      if (done) return status;
    } catch (error) {
      if (error instanceof ResizeError && error.code === 'NotFound') throw error;
      failures++;
      if (last === undefined && (failures >= FIRST_FAILURES || Date.now() >= end)) throw error;
      onTrouble?.(error);
    }
    const left = end - Date.now();
    if (left <= 0 && last !== undefined) return last;
    await pause(Math.max(Math.min(link.timing.poll, left), 0), signal);
  }
}

function stopIfAsked(signal: AbortSignal | undefined, chain: Chain): void {
  if (signal?.aborted !== true) return;
  throw new ResizeError(
    'Interrupted',
    `stopped waiting; the resize goes on (workflow ${chain.workflowId}, run ${chain.runId})`,
    { workflowId: chain.workflowId, runId: chain.runId },
  );
}

/** Sleeps, or less when the signal comes. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener('abort', wake);
  });
}
