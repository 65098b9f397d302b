/** `wait`, `status`, `cancel`, `list`, `extend`, `retry`, `abandon`: the state of resizes, and what an operator tells them. */
import { ResizeError } from '../client/resize-error';
import type { ResizeRun } from '../client/resize-run';
import type { RunStatus } from '../client/run-status';
import { durationOf } from '../client/duration';
import type { WaitOptions } from '../client/wait-for-end';
import type { Phase } from '../resize/outcome';
import { present } from '../resize/present';
import { EXIT, exitCodeOf } from './exit-codes';
import type { Invocation } from './invocation';
import { progressFor } from './progress';
import { stepsFor } from './next-steps';
import { durationIn, personOf } from './settings';
import { listView, statusView } from './status-view';

/** Waits, and shows how the resize goes. Ctrl-C ends the waiting, not the resize. */
export async function follow(
  invocation: Invocation,
  run: ResizeRun,
  options: Pick<WaitOptions, 'timeout' | 'throughOperator'>,
): Promise<RunStatus> {
  const { terminal } = invocation;
  invocation.onInterrupt = `interrupted; the resize goes on. To come back: ${invocation.command('wait', [run.server])}`;
  const progress = progressFor(invocation);
  const stop = () => progress.done();
  terminal.interrupted.addEventListener('abort', stop);
  try {
    return await run.wait({
      ...options,
      // A person watches: ask for what the server shows, too.
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
  const timeout = durationIn(options.timeout, '--timeout');
  const run = await invocation.find(server);
  const status = await follow(invocation, run, present({ ...options, timeout }));
  showStatus(invocation, status);
  const code = exitCodeOf(status);
  if (code === EXIT.stillRunning) {
    invocation.note(
      `still running after ${options.timeout ?? 'the time given'}; to come back: ${invocation.command('wait', [run.server])}`,
    );
  }
  return code;
}

export async function statusCommand(invocation: Invocation, server: string): Promise<number> {
  const run = await invocation.find(server);
  showStatus(invocation, await run.status());
  return EXIT.ok;
}

export async function cancelCommand(invocation: Invocation, server: string): Promise<number> {
  const run = await invocation.find(server);
  const status = await run.cancel();
  showStatus(invocation, status);
  const later = status.approvals?.approvers === undefined ? 'counts as a reject' : 'does not count (use reject)';
  invocation.note(
    `Temporal has recorded the cancel: before the cloud was asked it ends the resize, later it ${later}, ` +
      `after a decision it changes nothing; to see: ${invocation.command('wait', [run.server])}`,
  );
  return EXIT.ok;
}

/** `retry` and `abandon`, for a resize in phase needs-operator. */
export async function operatorCommand(
  invocation: Invocation,
  word: 'retry' | 'abandon',
  server: string,
  options: { by?: string; reason?: string },
): Promise<number> {
  const run = await invocation.find(server);
  const by = personOf(options.by, invocation.terminal);
  const input = { by, ...present({ reason: options.reason }) };
  const status = await (word === 'retry' ? run.retry(input) : run.abandon(input));
  invocation.note(
    status.execution === 'running' && status.phase === 'needs-operator'
      ? `${word} by ${by} (claimed) is recorded; the resize still needs an operator`
      : `${word} by ${by} (claimed) is recorded; the resize has gone on to phase ${status.phase}`,
  );
  showStatus(invocation, status);
  return EXIT.ok;
}

/** `extend`: more time to decide. */
export async function extendCommand(
  invocation: Invocation,
  server: string,
  more: string,
  options: { by?: string; reason?: string },
): Promise<number> {
  const duration = durationOf(more, 'duration');
  const run = await invocation.find(server);
  const by = personOf(options.by, invocation.terminal);
  const status = await run.extend({ by, for: duration, ...present({ reason: options.reason }) });
  invocation.note(`extend by ${by} (claimed) is recorded; decide until ${status.decisionDeadline ?? 'the deadline'}`);
  showStatus(invocation, status);
  return EXIT.ok;
}

/** The options of `list`. */
export interface ListOptions {
  phase?: Phase;
  open?: boolean;
  waitingFor?: string;
  limit: number;
}

export async function listCommand(invocation: Invocation, { limit, ...filter }: ListOptions): Promise<number> {
  if (filter.waitingFor?.trim() === '') {
    throw new ResizeError('Usage', '--waiting-for: is no name; give the name that the person votes under');
  }
  // One more shows whether there are more.
  const found = await (await invocation.client()).list({ ...filter, limit: limit + 1 });
  const list = found.slice(0, limit);
  invocation.data(list, () => (list.length === 0 ? [] : listView(list)));
  if (list.length === 0) invocation.note('no such resizes are known');
  if (found.length > limit) {
    invocation.note(`there are more than these ${limit}; --limit N shows more, --open and --phase ask for fewer`);
  }
  return EXIT.ok;
}

/** Prints a status, and what a person can do about it. */
export function showStatus(invocation: Invocation, status: RunStatus): void {
  invocation.data(status, () => statusView(status, Date.now(), invocation.terminal.columns));
  if (!invocation.json) invocation.note(...stepsFor(invocation, status));
}
