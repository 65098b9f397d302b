/** The commands, their options and their help. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, Option, type OptionValues } from 'commander';
import { ResizeError } from '../client/resize-error';
import type { ConnectOptions } from '../client/temporal-link';
import { PHASES } from '../resize/outcome';
import { decideCommand } from './decide';
import { EXAMPLES } from './examples';
import { EXIT } from './exit-codes';
import { Invocation, type CommonOptions } from './invocation';
import { addUnsupported, notSupported } from './settings';
import { orphansCommand } from './orphans';
import { startCommand } from './start';
import type { Terminal } from './terminal';
import { cancelCommand, listCommand, operatorCommand, statusCommand, waitCommand } from './wait';

/**
 * Runs one command line.
 * @param args what stands after the program's name
 * @param connect how Temporal is reached, when not by the environment
 * @returns the exit code; nothing is thrown
 */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  connect: ConnectOptions = {},
): Promise<number> {
  let invocation = new Invocation(terminal, { format: wantsJson(args) ? 'json' : 'table' }, connect);
  let code: number = EXIT.ok;
  const program = describeProgram(terminal, async (options, act) => {
    invocation = new Invocation(terminal, options, connect);
    code = await act(invocation);
  });
  let onAbort: (() => void) | undefined;
  const interrupted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new ResizeError('Interrupted', invocation.onInterrupt));
    terminal.interrupted.addEventListener('abort', onAbort);
  });
  try {
    await Promise.race([program.parseAsync([...args], { from: 'user' }), interrupted]);
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) return invocation.fail(error);
    // Help that was asked for is data; help instead of a command is an answer to a mistake.
    if (error.exitCode === 0) return EXIT.ok;
    if (error.code === 'commander.help') return EXIT.usage;
    return invocation.fail(
      new ResizeError('Usage', `${error.message.replace(/^error: /, '').replaceAll('\n', ' ')} (see --help)`),
    );
  } finally {
    if (onAbort !== undefined) terminal.interrupted.removeEventListener('abort', onAbort);
    await invocation.close();
  }
}

type Run = (options: CommonOptions, act: (invocation: Invocation) => Promise<number>) => Promise<void>;

function describeProgram(terminal: Terminal, run: Run): Command {
  const program = new Command('durable-resize')
    .description('Resizes cloud servers: the new size is confirmed, or truly undone, only by a decision.')
    .version(version(), '--version')
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true })
    .addOption(new Option('-f, --format <format>', 'how data is printed').choices(['table', 'json']).default('table'))
    .option('-q, --quiet', 'print the data and failures, nothing else')
    .option('--no-input', 'never ask a question');

  const add = (name: string, description: string): Command =>
    program.command(name).description(description).addHelpText('after', examples(name));
  /** The action of a command: its own options, and those that all have. */
  const does =
    (act: (invocation: Invocation, operands: string[], options: OptionValues) => Promise<number>) =>
    async (...parameters: unknown[]): Promise<void> => {
      const command = parameters.at(-1) as Command;
      const operands = command.processedArgs.flat() as string[];
      await run(program.opts(), (invocation) => act(invocation, operands, command.opts()));
    };

  addUnsupported(
    add('start', 'resize a server; a person then decides whether it keeps the new size')
      .argument('<server>', 'id, or name that is unique in the project')
      .argument('<flavor>', 'name or id of the new flavor')
      .option('--cloud <name>', "profile in the worker's clouds.yaml (default: OS_CLOUD)")
      .addOption(new Option('--os-cloud <name>', 'the same as --cloud').hideHelp())
      .option('--reason <text>', 'why')
      .option('--requested-by <name>', 'who asks for it (default: DURABLE_RESIZE_USER, else user@host)')
      .option('--decide-within <duration>', 'time to decide, once the resized server is there (default: 30m)')
      .addOption(
        new Option('--on-timeout <what>', 'what happens if nobody decides (default: revert)').choices([
          'revert',
          'confirm',
          'hold',
        ]),
      )
      .option('--resize-within <duration>', 'time the cloud has, before an operator is asked (default: 2h)')
      .option('--settle-within <duration>', 'time a confirm or revert has, before an operator is asked (default: 10m)')
      .option('--expect-project <id>', 'refuse if the server is in another project')
      .option('--key <text>', 'your own name for this request: the same again returns the run it started')
      .option('--adopt', 'take over a server that already waits in VERIFY_RESIZE with this flavor')
      .option('--stop-first', 'stop the server before the resize if the cloud wants that, and start it afterwards')
      .option('--dry-run', 'look, say what would be refused, start nothing')
      .option('--wait', 'wait for the end')
      .option('--through-operator', 'with --wait: go on waiting when an operator is needed'),
  ).action(
    does((invocation, [server = '', flavor = ''], options) => startCommand(invocation, server, flavor, options)),
  );

  for (const choice of ['approve', 'reject'] as const) {
    const command = add(choice, choice === 'approve' ? 'keep the new size' : 'go back to the old size')
      .argument('<server...>', 'ids, workflow ids or names')
      .option('--by <name>', 'who decides (default: DURABLE_RESIZE_USER, else user@host)')
      .option('--reason <text>', 'why')
      .option('--run <id>', 'the run that was looked at; it decides no other (default: the newest)');
    if (choice === 'reject') command.option('-y, --yes', 'do not ask on a terminal');
    command.action(does((invocation, servers, options) => decideCommand(invocation, choice, servers, options)));
  }

  add('status', 'show how a resize stands')
    .argument('<server>', 'id, workflow id or name')
    .action(does((invocation, [server = '']) => statusCommand(invocation, server)));

  add('cancel', 'ask to stop: before the cloud was asked it ends the resize, later it counts as a reject')
    .argument('<server>', 'id, workflow id or name')
    .action(does((invocation, [server = '']) => cancelCommand(invocation, server)));

  add('wait', 'wait for the end of a resize; the exit code says how it ended')
    .argument('<server>', 'id, workflow id or name')
    .option('--timeout <duration>', 'stop waiting after this long (exit 5)')
    .option('--through-operator', 'go on waiting when an operator is needed')
    .action(does((invocation, [server = ''], options) => waitCommand(invocation, server, options)));

  for (const word of ['retry', 'abandon'] as const) {
    add(
      word,
      word === 'retry'
        ? 'in phase needs-operator: look at once and judge anew'
        : 'in phase needs-operator: give up; the server stays as it is',
    )
      .argument('<server>', 'id, workflow id or name')
      .option('--by <name>', 'who says so (default: DURABLE_RESIZE_USER, else user@host)')
      .option('--reason <text>', 'why')
      .action(does((invocation, [server = ''], options) => operatorCommand(invocation, word, server, options)));
  }

  add('list', 'show the resizes that Temporal keeps, newest first')
    .addOption(new Option('--phase <phase>', 'only those in this phase').choices(PHASES))
    .option('--open', 'only those that still run')
    .action(does((invocation, _operands, options) => listCommand(invocation, options)));

  add('orphans', 'find servers that wait in VERIFY_RESIZE while no running resize owns them')
    .option('--cloud <name>', "profile in the worker's clouds.yaml (default: OS_CLOUD)")
    .addOption(new Option('--os-cloud <name>', 'the same as --cloud').hideHelp())
    .option('--every <duration>', 'look again every so often, by a Temporal schedule: a metric and log lines tell')
    .action(does((invocation, _operands, options) => orphansCommand(invocation, options)));

  for (const [name, description] of [
    ['extend', 'give people more time to decide (not supported by this version)'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .allowUnknownOption()
      .argument('[anything...]')
      .action(does(() => Promise.reject(notSupported(name))));
  }
  return program;
}

function examples(command: string): string {
  const lines = EXAMPLES[command] ?? [];
  return lines.length === 0 ? '' : `\nExamples:\n${lines.map((line) => `  $ durable-resize ${line}`).join('\n')}\n`;
}

/** Whether JSON is wanted must be known even when the rest cannot be parsed. */
function wantsJson(args: readonly string[]): boolean {
  return args.some((arg, index) => {
    if (arg === '-fjson' || arg === '--format=json') return true;
    return arg === 'json' && ['-f', '--format'].includes(args[index - 1] ?? '');
  });
}

function version(): string {
  const file = readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
