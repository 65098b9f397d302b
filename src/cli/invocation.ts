/** One call of the command line: its settings, its output, its connection. */
import { ResizeClient } from '../client/resize-client';
import { ResizeError } from '../client/resize-error';
import { textOf, type ConnectOptions } from '../client/temporal-link';
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
  private connected: Promise<ResizeClient> | undefined;

  constructor(
    readonly terminal: Terminal,
    readonly options: CommonOptions,
    private readonly connect: ConnectOptions,
  ) {}

  get json(): boolean {
    return this.options.format === 'json';
  }

  /** Is there a person to ask, and may we? */
  get mayAsk(): boolean {
    return this.terminal.interactive && this.options.input !== false;
  }

  /** How this program is called, for advice that can be copied. */
  get program(): string {
    return this.terminal.env['npm_lifecycle_event'] === 'starter' ? 'npm run -s starter --' : 'durable-resize';
  }

  /** Connects when a command first needs it: a wrong option is told without a server. */
  client(): Promise<ResizeClient> {
    this.connected ??= ResizeClient.connect({ env: this.terminal.env, ...this.connect });
    return this.connected;
  }

  /** The data: as one JSON document, or as the text of `view`. */
  data(value: unknown, view: () => string): void {
    this.terminal.out(this.json ? `${JSON.stringify(value, null, 2)}\n` : ensureNewline(view()));
  }

  /** What a person may want to know beside the data; not with -q. */
  note(text: string): void {
    if (this.options.quiet !== true) this.terminal.err(ensureNewline(text));
  }

  /** A failure beside others, in table mode; the JSON document has it already. */
  complain(error: unknown, about?: string): void {
    if (!this.json) this.terminal.err(`durable-resize: ${about === undefined ? '' : `${about}: `}${textOf(error)}\n`);
    if (this.terminal.env['DURABLE_RESIZE_DEBUG']) this.terminal.err(`${stackOf(error)}\n`);
  }

  /** The failure that ends the call. */
  fail(error: unknown): number {
    const failure = asResizeError(error);
    if (this.json) this.terminal.out(`${JSON.stringify({ error: failure.toJSON() }, null, 2)}\n`);
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

/** Whatever was thrown, as a failure with a code. */
export function asResizeError(error: unknown): ResizeError {
  return error instanceof ResizeError
    ? error
    : new ResizeError('Unexpected', textOf(error), undefined, { cause: error });
}

function ensureNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
