#!/usr/bin/env node
/** Entry: the command line. */
import { EXIT } from './cli/exit-codes';
import { runCommandLine } from './cli/program';
import { processTerminal } from './cli/terminal';

const interrupt = new AbortController();
process.on('SIGINT', () => {
  // A second Ctrl-C does not wait for anything.
  if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
  interrupt.abort();
});

void runCommandLine(process.argv.slice(2), processTerminal(interrupt.signal)).then((code) => {
  // A call to a server that does not answer must not keep the process; what was written to a pipe must still arrive.
  process.stdout.write('', () => process.exit(code));
});
