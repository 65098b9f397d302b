/** Commands to copy, for what a person does next. They name the server by its id, which no other server has. */
import type { ResizeRun } from '../client/resize-run';
import type { RunStatus } from '../client/run-status';
import type { Invocation } from './invocation';

type Commands = Pick<Invocation, 'command'>;

/** After `start`. */
export function stepsAfterStart(invocation: Commands, { server, runId: run }: ResizeRun): string[] {
  return [
    '',
    `to watch:    ${invocation.command('wait', [server])}`,
    `to approve:  ${invocation.command('approve', [server], { run })}`,
    `to reject:   ${invocation.command('reject', [server], { run })}`,
    `to cancel:   ${invocation.command('cancel', [server])}`,
    '',
  ];
}

/** What a resize waits for a person to do; nothing when it waits for nobody. */
export function stepsFor(invocation: Commands, status: RunStatus): string[] {
  const { execution, phase, server, runId: run, cloud } = status;
  if (execution === 'terminated' && status.outcome === undefined && cloud !== 'unknown') {
    return [`to see whether it waits in VERIFY_RESIZE:  ${invocation.command('orphans', [], { cloud })}`];
  }
  if (execution !== 'running') return [];
  if (phase === 'needs-operator') {
    return [
      `to observe it now and go on:  ${invocation.command('retry', [server.id])}`,
      `to give up:                   ${invocation.command('abandon', [server.id])}`,
    ];
  }
  if (phase === 'awaiting-decision' && status.votesMissing !== undefined) {
    return [
      `to approve:  ${invocation.command('approve', [server.id], { run })}`,
      `to reject:   ${invocation.command('reject', [server.id], { run })}`,
    ];
  }
  return [];
}
