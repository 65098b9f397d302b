/** One call of the command line: its settings, its output, its connection. */
import { ResizeClient } from '../client/resize-client';
import { ResizeError } from '../client/resize-error';
import type { ResizeRun } from '../client/resize-run';
import { textOf, type ConnectOptions } from '../client/temporal-link';
import { command } from '../resize/shell';
import { Output } from './output';
import type { Terminal } from './terminal';

/** The options that every command has. */
export interface CommonOptions {
  format?: 'table' | 'json';
  quiet?: boolean;
  /** False after `--no-input`. */
  input?: boolean;
}

/** What a command gets to work with. */
export class Invocation {
  /** What to say on Ctrl-C: what goes on without us, and how to come back. */
  onInterrupt = 'interrupted';
  readonly output: Output;
  readonly terminal: Omit<Terminal, 'out' | 'err' | 'ask'>;
  private connected: Promise<ResizeClient> | undefined;

  constructor(
    terminal: Terminal,
    readonly options: CommonOptions,
    private readonly connect: ConnectOptions,
  ) {
    this.terminal = terminal;
    this.output = new Output(terminal);
  }

  get json(): boolean {
    return this.options.format === 'json';
  }

  /** Is there a person to ask, and may we? */
  get mayAsk(): boolean {
    return this.terminal.interactive && this.options.input !== false;
  }

  /**
   * A command of this program to copy, as this program was called, with every word quoted for the shell.
   * @param options those that take a value, and those that are true
   */
  command(name: string, operands: readonly string[], options: Readonly<Record<string, string | true>> = {}): string {
    const given = Object.entries(options).flatMap(([option, value]) => [
      `--${option}`,
      ...(value === true ? [] : [value]),
    ]);
    // An operand that looks like an option is none after `--`.
    const words = operands.some((operand) => operand.startsWith('-'))
      ? [...given, '--', ...operands]
      : [...operands, ...given];
    return `${programOf(this.terminal.env)} ${command(name, ...words)}`;
  }

  /** Connects when a command first needs it: a wrong option is reported without a server. */
  client(): Promise<ResizeClient> {
    this.connected ??= ResizeClient.connect({ env: this.terminal.env, ...this.connect });
    return this.connected;
  }

  /** The newest resize of a server. Where several servers have this name, says which one it is. */
  async find(server: string): Promise<ResizeRun> {
    const run = await (await this.client()).get(server);
    if (run.namesakes.length > 0) {
      const others = run.namesakes.map(({ id, cloud }) => `${id} (${cloud})`).join(', ');
      this.note(`${server}: this is server ${run.server}; the resizes of others of this name are over: ${others}`);
    }
    return run;
  }

  /** The data: as one JSON document, or as the lines of `view`. */
  data(value: unknown, view: () => readonly string[]): void {
    if (this.json) this.output.json(value);
    else this.output.data(...view());
  }

  /** What a person may want to know beside the data, line by line; not with -q. */
  note(...lines: readonly string[]): void {
    if (this.options.quiet !== true) this.output.note(...lines);
  }

  /** A failure beside others, in table mode; the JSON document has it already. */
  complain(error: unknown, about?: string): void {
    if (!this.json) this.output.note(`durable-resize: ${about === undefined ? '' : `${about}: `}${textOf(error)}`);
    if (this.terminal.env['DURABLE_RESIZE_DEBUG']) this.output.note(...stackOf(error).split('\n'));
  }

  /** The failure that ends the call. */
  fail(error: unknown): number {
    const failure = asResizeError(error);
    if (this.json) this.output.json({ error: failure });
    this.complain(failure.code === 'Unexpected' ? error : failure);
    return failure.exitCode;
  }

  /** Closes the connection, without waiting for a server that does not answer. */
  async close(): Promise<void> {
    const client = await this.connected?.catch(() => undefined);
    if (client === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, 500)));
    await Promise.race([client.close(), enough]);
    clearTimeout(timer);
  }
}

/** How this program was called: in a clone it is a script of npm. */
export function programOf(env: Terminal['env']): string {
  return env['npm_lifecycle_event'] === 'starter' ? 'npm run -s starter --' : 'durable-resize';
}

/** Whatever was thrown, as a failure with a code. */
export function asResizeError(error: unknown): ResizeError {
  return error instanceof ResizeError
    ? error
    : new ResizeError('Unexpected', textOf(error), undefined, { cause: error });
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
