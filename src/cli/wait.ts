/** `wait`, `status`, `cancel`, `list`, `retry`, `abandon`: looking at resizes, and an operator's words to them. */
import type { ResizeRun } from '../client/resize-run';
import type { RunStatus } from '../client/run-status';
import type { WaitOptions } from '../client/wait-for-end';
import type { Phase } from '../resize/outcome';
import { EXIT, exitCodeOf } from './exit-codes';
import type { Invocation } from './invocation';
import { progressFor } from './progress';
import { durationOf, given, personOf } from './settings';
import { listView, statusView } from './status-view';

/** Waits and shows how it goes. Ctrl-C ends the waiting and leaves the resize alone. */
export async function follow(
  invocation: Invocation,
  run: ResizeRun,
  options: Pick<WaitOptions, 'timeout' | 'throughOperator'>,
): Promise<RunStatus> {
  const { terminal, program } = invocation;
  invocation.onInterrupt = `interrupted; the resize goes on. To come back: ${program} wait ${run.server} (or status, approve, reject, cancel)`;
  const progress = progressFor(invocation);
  const stop = () => progress.done();
  terminal.interrupted.addEventListener('abort', stop);
  try {
    return await run.wait({
      ...options,
      // Someone is looking: ask for what the server shows, too.
      live: terminal.rewritable && invocation.options.quiet !== true,
      onChange: (status) => progress.show(status),
      onTrouble: (error) => progress.trouble(error),
      signal: terminal.interrupted,
    });
  } finally {
    terminal.interrupted.removeEventListener('abort', stop);
    progress.done();
  }
}

/** The options of `wait`. */
export interface WaitCommandOptions {
  timeout?: string;
  throughOperator?: boolean;
}

/** @returns the exit code */
export async function waitCommand(
  invocation: Invocation,
  server: string,
  options: WaitCommandOptions,
): Promise<number> {
  const timeout = durationOf(options.timeout, '--timeout');
  const run = await (await invocation.client()).get(server);
  const status = await follow(invocation, run, given({ ...options, timeout }));
  show(invocation, status);
  const code = exitCodeOf(status);
  if (code === EXIT.stillRunning) {
    invocation.note(
      `still running after ${options.timeout ?? 'the time given'}; to come back: ${invocation.program} wait ${run.server}`,
    );
  }
  return code;
}

export async function statusCommand(invocation: Invocation, server: string): Promise<number> {
  const run = await (await invocation.client()).get(server);
  show(invocation, await run.status());
  return EXIT.ok;
}

export async function cancelCommand(invocation: Invocation, server: string): Promise<number> {
  const run = await (await invocation.client()).get(server);
  const status = await run.cancel();
  show(invocation, status);
  invocation.note(
    'Temporal has recorded the cancel: before the cloud was asked it ends the resize, later it counts as a reject, ' +
      `after a decision it changes nothing; to see: ${invocation.program} wait ${run.server}`,
  );
  return EXIT.ok;
}

/** `retry` and `abandon`, what an operator says in phase needs-operator. */
export async function operatorCommand(
  invocation: Invocation,
  word: 'retry' | 'abandon',
  server: string,
  options: { by?: string; reason?: string },
): Promise<number> {
  const run = await (await invocation.client()).get(server);
  const input = { by: personOf(options.by, invocation.terminal), ...given({ reason: options.reason }) };
  show(invocation, await (word === 'retry' ? run.retry(input) : run.abandon(input)));
  return EXIT.ok;
}

export async function listCommand(invocation: Invocation, options: { phase?: Phase; open?: boolean }): Promise<number> {
  const list = await (await invocation.client()).list(given({ ...options }));
  invocation.data(list, () => (list.length === 0 ? '' : listView(list)));
  if (list.length === 0) invocation.note('no such resizes are known');
  return EXIT.ok;
}

function show(invocation: Invocation, status: RunStatus): void {
  invocation.data(status, () => statusView(status, Date.now(), invocation.terminal.columns));
}
