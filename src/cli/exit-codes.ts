/** What the command line exits with: one number for each outcome and state of a resize, one for each failure. */
import { OUTCOMES } from '../resize/outcome';
import { RESIZE_ERRORS } from '../client/resize-error';
import type { RunStatus } from '../client/run-status';

/** Exit codes that are neither an outcome (see OUTCOMES) nor a failure (see RESIZE_ERRORS). */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  /** `wait --timeout` ran out: still running. */
  stillRunning: 5,
  /** It waits for an operator. */
  needsOperator: 20,
  /** Terminated from outside: the state of the server is not known. */
  terminated: 21,
  interrupted: 130,
} as const;

/** Every exit code with its names, lowest first: outcomes, failures, and what is neither. */
export function namesByExitCode(): [code: number, names: string[]][] {
  const codes = new Map<number, string[]>();
  const add = (code: number, name: string) => codes.set(code, [...(codes.get(code) ?? []), name]);
  for (const [outcome, { exitCode }] of Object.entries(OUTCOMES)) add(exitCode, outcome);
  for (const [name, code] of Object.entries(RESIZE_ERRORS)) add(code, name);
  for (const [name, code] of Object.entries(EXIT)) if (!codes.has(code)) add(code, name);
  return [...codes].sort(([one], [other]) => one - other);
}

/** What `wait` exits with when it returns this status. */
export function exitCodeOf(status: RunStatus): number {
  if (status.outcome !== undefined) return OUTCOMES[status.outcome].exitCode;
  if (status.execution === 'terminated') return EXIT.terminated;
  if (status.execution !== 'running') return EXIT.error;
  return status.phase === 'needs-operator' ? EXIT.needsOperator : EXIT.stillRunning;
}
