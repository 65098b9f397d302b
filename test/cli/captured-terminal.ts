/** A terminal that keeps what is written to it, and answers as it is told. */
import { runCommandLine } from '../../src/cli/program';
import type { Terminal } from '../../src/cli/terminal';
import type { ConnectOptions } from '../../src/client/temporal-link';

/** What a call of the command line left behind. */
export interface Call {
  code: number;
  out: string;
  err: string;
  /** What was asked of the person. */
  questions: string[];
  /** stdout, which must be one JSON document. */
  json: () => unknown;
}

/** How the terminal is for one call. */
export interface Setting {
  connect?: ConnectOptions;
  env?: Record<string, string>;
  /** A person is there, and types this. */
  answer?: string;
  /** stderr is a terminal. */
  rewritable?: boolean;
  interrupted?: AbortSignal;
  /** Told of each piece that is written to stderr. */
  onErr?: (text: string) => void;
}

/** Runs one command line, given as words or as one text that is split at blanks. */
export async function call(line: string | readonly string[], setting: Setting = {}): Promise<Call> {
  const args = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
  const written = { out: '', err: '' };
  const questions: string[] = [];
  const terminal: Terminal = {
    out: (text) => (written.out += text),
    err: (text) => {
      written.err += text;
      setting.onErr?.(text);
    },
    env: setting.env ?? {},
    interactive: setting.answer !== undefined,
    rewritable: setting.rewritable ?? false,
    ask: (question) => {
      questions.push(question);
      return Promise.resolve(setting.answer ?? '');
    },
    interrupted: setting.interrupted ?? new AbortController().signal,
    person: () => 'user@host',
  };
  const code = await runCommandLine(args, terminal, setting.connect);
  return { code, ...written, questions, json: () => JSON.parse(written.out) as unknown };
}
