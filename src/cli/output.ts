/** The one way to the terminal. Whoever wrote a text, it moves no cursor, and a line stays one line. */
import { printable, printableJson } from './printable';
import type { Terminal } from './terminal';

/** Carriage return, then "erase in line" (ECMA-48). */
const REWRITE = '\r\u001b[2K';

/** Data goes to stdout, everything else to stderr. */
export class Output {
  constructor(private readonly terminal: Pick<Terminal, 'out' | 'err' | 'ask'>) {}

  /** Data as text, line by line. */
  data(...lines: readonly string[]): void {
    if (lines.length > 0) this.terminal.out(text(lines));
  }

  /** Data as one JSON document. */
  json(value: unknown): void {
    this.terminal.out(`${printableJson(value)}\n`);
  }

  /** What is not data, line by line. */
  note(...lines: readonly string[]): void {
    if (lines.length > 0) this.terminal.err(text(lines));
  }

  /** A line of stderr that the next one replaces; cut to `width`. Without one the line is empty again. */
  rewrite(line = '', width = line.length): void {
    this.terminal.err(`${REWRITE}${printable(line).slice(0, width)}`);
  }

  /** @returns the line that was typed, or '' at the end of the input */
  ask(question: string): Promise<string> {
    return this.terminal.ask(printable(question));
  }
}

const text = (lines: readonly string[]) => lines.map((line) => `${printable(line)}\n`).join('');
