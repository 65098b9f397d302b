/** What the command line exits with: one number for each way a resize can stand, one for each failure. */
import { OUTCOMES } from '../resize/outcome';
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
  /** Terminated from outside: nobody knows how the server is. */
  terminated: 21,
  interrupted: 130,
} as const;

/** What `wait` exits with when it returns this status. */
export function exitCodeOf(status: RunStatus): number {
  if (status.outcome !== undefined) return OUTCOMES[status.outcome].exitCode;
  if (status.execution === 'terminated') return EXIT.terminated;
  if (status.execution !== 'running') return EXIT.error;
  return status.phase === 'needs-operator' ? EXIT.needsOperator : EXIT.stillRunning;
}
