/** Progress of a resize that is waited for: one line that is rewritten on a terminal, plain lines elsewhere. */
import { ON_TIMEOUT } from '../client/start-text';
import type { RunStatus } from '../client/run-status';
import { failingNow, verdictsText } from './checks-view';
import type { Invocation } from './invocation';
import { isDecided } from './status-view';
import { fromNow, moment, span } from './times';

/** Takes each status as it comes; `done` leaves the terminal as it should be. */
export interface Progress {
  show: (status: RunStatus) => void;
  trouble: (error: unknown) => void;
  done: () => void;
}

/** The kind of progress that fits where stderr goes; with -q none. */
export function progressFor(invocation: Invocation, now: () => number = Date.now): Progress {
  if (invocation.options.quiet === true) return { show: ignore, trouble: ignore, done: ignore };
  return invocation.terminal.rewritable ? liveLine(invocation, now) : plainLines(invocation, now);
}

function ignore(): void {
  // Quiet.
}

function plainLines(invocation: Invocation, now: () => number): Progress {
  let last = '';
  const write = (text: string) => {
    if (text !== last) invocation.note(`${moment(new Date(now()).toISOString())}  ${text}`);
    last = text;
  };
  return {
    show: (status) => {
      const found = checksOf(status);
      write(`${status.phase}: ${status.message}${found === '' ? '' : ` (${found})`}`);
    },
    trouble: () => write('Temporal does not answer; still trying'),
    done: ignore,
  };
}

function liveLine(invocation: Invocation, now: () => number): Progress {
  const { output } = invocation;
  const width = invocation.terminal.errColumns || 80;
  let status: RunStatus | undefined;
  let since = now();
  let silent = false;
  const head = (phase: string) => `${phase.padEnd(18)} ${span(now() - since).padStart(7)}`;
  const draw = () => {
    if (status === undefined) return;
    const rest = silent ? 'Temporal does not answer; still trying' : tail(status, now());
    output.rewrite(`${head(status.phase)}  ${rest}`, width - 1);
  };
  const timer = setInterval(draw, 1000);
  return {
    show: (next) => {
      silent = false;
      if (status !== undefined && status.phase !== next.phase) {
        // The phase that is over stays on the screen with the time it took.
        output.rewrite();
        // The new status knows what the last check said.
        output.note(`${head(status.phase)}  ${checksOf({ ...next, phase: status.phase })}`.trimEnd());
        since = now();
      }
      status = next;
      draw();
    },
    trouble: () => {
      silent = true;
      draw();
    },
    done: () => {
      clearInterval(timer);
      output.rewrite();
    },
  };
}

/** What the checks have said so far, while they run. */
function checksOf({ phase, checks }: RunStatus): string {
  return phase === 'preparing' || phase === 'verifying' ? verdictsText(checks, phase === 'preparing') : '';
}

/** What the server shows, and what comes next. */
function tail(status: RunStatus, now: number): string {
  const { observed, decisionDeadline } = status;
  const task = observed?.taskState ? `/${observed.taskState}` : '';
  const seen = observed === undefined ? '' : `${observed.status}${task}  `;
  const found = checksOf(status);
  if (found !== '') return `${seen}${found}`;
  if (status.phase !== 'awaiting-decision' || decisionDeadline === undefined || isDecided(status)) {
    // Not twice on one short line.
    return observed !== undefined && status.message.includes(`shows ${observed.status}`)
      ? status.message
      : `${seen}${status.message}`;
  }
  const failing = failingNow(status.checks)
    .map((name) => `check ${name} fails  `)
    .join('');
  if (status.overdue === true) return `${failing}${seen}overdue: it still waits for a decision`;
  return `${failing}${seen}decision due ${fromNow(decisionDeadline, now)}, else ${ON_TIMEOUT[status.onTimeout]}`;
}
