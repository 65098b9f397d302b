/** The outside of the command line: what it writes to, asks, and is interrupted by. Tests have one of their own. */
import { createInterface } from 'node:readline';
import { hostname, userInfo } from 'node:os';

/** Where the command line runs. */
export interface Terminal {
  /** Data. */
  out: (text: string) => void;
  /** Everything else. */
  err: (text: string) => void;
  env: Readonly<Record<string, string | undefined>>;
  /** Is a person there to answer a question? */
  interactive: boolean;
  /** May lines on stderr be rewritten? */
  rewritable: boolean;
  /** Width of stdout, when it is a terminal. */
  columns?: number;
  /** Width of stderr, when it is a terminal; 0 is a terminal that does not tell. */
  errColumns?: number;
  /** Resolves to the line that was typed, or to '' at the end of the input. */
  ask: (question: string) => Promise<string>;
  /** Ctrl-C. */
  interrupted: AbortSignal;
  /** `user@host`: the person, when no option or variable names one. */
  person: () => string;
}

/** The terminal of this process. `interrupted` comes from the one who listens for SIGINT. */
export function processTerminal(interrupted: AbortSignal): Terminal {
  const { stdin, stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) {
    // `durable-resize list | head -1` closes the pipe: that is no error, and the exit code stays what it was.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    env,
    interactive: stdin.isTTY && stderr.isTTY,
    rewritable: stderr.isTTY && env['TERM'] !== 'dumb',
    ...(stdout.isTTY ? { columns: stdout.columns } : {}),
    ...(stderr.isTTY ? { errColumns: stderr.columns } : {}),
    ask: (question) =>
      new Promise((resolve) => {
        // Not raw: Ctrl-C stays a signal.
        const lines = createInterface({ input: stdin, output: stderr, terminal: false });
        stderr.write(question);
        lines.once('line', (line) => {
          resolve(line);
          lines.close();
        });
        lines.once('close', () => resolve(''));
      }),
    interrupted,
    person: () => `${userName()}@${hostname()}`,
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user id without a name.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
