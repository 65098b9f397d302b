/** The commands, their options and their help. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option, type OptionValues } from 'commander';
import { ResizeError } from '../client/resize-error';
import { ON_TIMEOUT } from '../client/start-text';
import type { ConnectOptions } from '../client/temporal-link';
import { PHASES } from '../resize/outcome';
import { addAudit } from './audit-commands';
import { decideCommand } from './decide';
import { EXAMPLES } from './examples';
import { EXIT, namesByExitCode } from './exit-codes';
import { historyCommand } from './history';
import { Invocation, programOf, type CommonOptions } from './invocation';
import { orphansCommand } from './orphans';
import { Output } from './output';
import { addUnsupported } from './settings';
import { startCommand } from './start';
import type { Terminal } from './terminal';
import {
  cancelCommand,
  extendCommand,
  listCommand,
  operatorCommand,
  statusCommand,
  waitCommand,
  type ListOptions,
} from './wait';

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
    // Help that was asked for is data; help instead of a command answers a mistake.
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
  const output = new Output(terminal);
  const called = programOf(terminal.env);
  const program = new Command(called)
    .description(
      'Resizes cloud servers. A resized server keeps its new size only by a decision of a person or of the request;\n' +
        'otherwise it goes back to the old one. A resize goes on when this program ends: "wait" comes back to it.',
    )
    .version(version(), '--version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.data(...linesOf(text)),
      writeErr: (text) => output.note(...linesOf(text)),
      outputError: () => undefined,
    })
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', environmentHelp)
    .addOption(new Option('-f, --format <format>', 'how data is printed').choices(['table', 'json']).default('table'))
    .option('-q, --quiet', 'print data and failures, nothing else')
    .option('--no-input', 'never ask a question');

  const add: Add = (name, description, parent = program) =>
    parent
      .command(name)
      .description(description)
      .addHelpText('after', examples(called, nameOf(name, parent, program)));
  /** The action of a command: its own options, and those that all have. */
  const does: Does =
    (act) =>
    async (...parameters: unknown[]): Promise<void> => {
      const command = parameters.at(-1) as Command;
      const operands = command.processedArgs.flat() as string[];
      await run(program.opts(), (invocation) => act(invocation, operands, command.opts()));
    };

  addUnsupported(
    add('start', 'resize a server; a person then decides whether it keeps the new size')
      .argument('<server>', 'id, or name that is unique in the project')
      .argument('<flavor>', 'id, name or URI of the new flavor')
      .option('--cloud <name>', "profile in the worker's clouds.yaml (default: OS_CLOUD)")
      .addOption(new Option('--os-cloud <name>', 'the same as --cloud').hideHelp())
      .option('--reason <text>', 'why')
      .option('--requested-by <name>', 'who asks for it (default: DURABLE_RESIZE_USER, else user@host)')
      .option('--decide-within <duration>', 'time to decide, from when the resized server runs (default: 30m)')
      .addOption(
        new Option('--on-timeout <what>', 'what happens if nobody decides (default: revert)').choices(
          Object.keys(ON_TIMEOUT),
        ),
      )
      .addOption(
        new Option('--approvals <n>', 'how many different people have to approve (default: 1)').argParser(wholeNumber),
      )
      .option('--approver <name>', 'one who may vote; repeat it for each (default: anyone)', eachOf)
      .option('--allow-requester', "with these two: the requester's own approval counts")
      .option('--resize-within <duration>', 'time the cloud has to resize, before an operator is called (default: 2h)')
      .option('--settle-within <duration>', 'time a confirm or revert has, before an operator is called (default: 10m)')
      .option('--expect-project <id>', 'refuse if the server is in another project')
      .option('--key <text>', 'your own name for this request: the same key again returns the run that it started')
      .option('--adopt', 'take over a server that already waits in VERIFY_RESIZE with this flavor')
      .option('--stop-first', 'stop the server before the resize if the cloud wants that, and start it afterwards')
      .option('--checks <file>', 'YAML or JSON with checks of its health, before and after the resize (docs/checks.md)')
      .option('--auto-confirm', 'confirm without people when all checks have passed for the time of --bake-for')
      .option('--bake-for <duration>', 'with --auto-confirm: for so long the checks have to pass')
      .option('--policy <name>', 'rules of your organisation, by their name on the worker (docs/policy.md)')
      .option('--dry-run', 'check the request and the server, and run its checks once; start nothing')
      .option('--wait', 'wait for the end; the exit code says how it ended')
      .option('--through-operator', 'with --wait: go on waiting while an operator is needed'),
  ).action(
    does((invocation, [server = '', flavor = ''], options) => startCommand(invocation, server, flavor, options)),
  );

  for (const choice of ['approve', 'reject'] as const) {
    const command = add(choice, choice === 'approve' ? 'keep the new size' : 'go back to the old size')
      .argument('<server...>', 'ids, workflow ids or names')
      .option('--by <name>', 'who decides (default: DURABLE_RESIZE_USER, else user@host)')
      .option('--reason <text>', 'why')
      .option('--run <id>', 'decide only this run (default: the newest)');
    if (choice === 'reject') command.option('-y, --yes', 'do not ask for a confirmation');
    command.action(does((invocation, servers, options) => decideCommand(invocation, choice, servers, options)));
  }

  add('status', 'show the state of a resize, and what to do')
    .argument('<server>', 'id, workflow id or name')
    .action(does((invocation, [server = '']) => statusCommand(invocation, server)));

  add('cancel', 'ask to stop: before the cloud was asked it ends the resize, later it counts as a reject')
    .argument('<server>', 'id, workflow id or name')
    .action(does((invocation, [server = '']) => cancelCommand(invocation, server)));

  add('wait', 'wait for the end of a resize; the exit code says how it ended')
    .argument('<server>', 'id, workflow id or name')
    .option('--timeout <duration>', 'stop waiting after this long (exit 5)')
    .option('--through-operator', 'go on waiting while an operator is needed')
    .action(does((invocation, [server = ''], options) => waitCommand(invocation, server, options)));

  for (const word of ['retry', 'abandon'] as const) {
    add(
      word,
      word === 'retry'
        ? 'in phase needs-operator: observe the server now, and go on if it is repaired'
        : 'in phase needs-operator: end the resize; the server stays as it is',
    )
      .argument('<server>', 'id, workflow id or name')
      .option('--by <name>', 'who decides it (default: DURABLE_RESIZE_USER, else user@host)')
      .option('--reason <text>', 'why')
      .action(does((invocation, [server = ''], options) => operatorCommand(invocation, word, server, options)));
  }

  add('extend', 'give people more time to decide')
    .argument('<server>', 'id, workflow id or name')
    .argument('<duration>', 'so much longer than now; until 24 hours after the resize was ready to be decided')
    .option('--by <name>', 'who decides it (default: DURABLE_RESIZE_USER, else user@host)')
    .option('--reason <text>', 'why')
    .action(does((invocation, [server = '', more = ''], options) => extendCommand(invocation, server, more, options)));

  add('list', 'show the resizes that Temporal keeps, newest first')
    .addOption(new Option('--phase <phase>', 'only those in this phase').choices(PHASES))
    .option('--open', 'only those that still run')
    .option('--waiting-for <name>', "only those that wait for this person's vote")
    .addOption(new Option('--limit <n>', 'at most so many').argParser(wholeNumber).default(100))
    .action(does((invocation, _operands, options) => listCommand(invocation, options as ListOptions)));

  add('history', 'show what happened in the resizes of a server: votes, verdicts, requests, how each ended')
    .argument('<server>', 'id, workflow id or name')
    .action(does((invocation, [server = '']) => historyCommand(invocation, server)));

  addAudit(add, does);

  add('orphans', 'find servers that wait in VERIFY_RESIZE while no resize of ours runs')
    .option('--cloud <name>', "profile in the worker's clouds.yaml (default: OS_CLOUD)")
    .addOption(new Option('--os-cloud <name>', 'the same as --cloud').hideHelp())
    .option('--every <duration>', 'search again every so often, by a Temporal schedule, for a metric and log lines')
    .action(does((invocation, _operands, options) => orphansCommand(invocation, options)));

  return program;
}

/** Adds a command, with its examples. @param parent the command that it is a part of; absent for the program itself */
export type Add = (name: string, description: string, parent?: Command) => Command;
/** The action of a command, as commander calls it. */
export type Does = (
  act: (invocation: Invocation, operands: string[], options: OptionValues) => Promise<number>,
) => (...parameters: unknown[]) => Promise<void>;

/** `audit verify`, as the examples know it. */
const nameOf = (name: string, parent: Command, program: Command) =>
  parent === program ? name : `${parent.name()} ${name}`;

/** Where Temporal is, and what the exit codes mean. */
function environmentHelp(): string {
  const codes = namesByExitCode().map(([code, names]) => `  ${String(code).padEnd(4)} ${names.join(', ')}`);
  return [
    '',
    'Environment:',
    '  Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the Temporal config file; default localhost:7233.',
    '  OS_CLOUD names the cloud, DURABLE_RESIZE_USER the person. Credentials of clouds are on the workers only.',
    '',
    'Exit codes (docs/wire.md explains them):',
    ...codes,
  ].join('\n');
}

function examples(called: string, command: string): string {
  const lines = EXAMPLES[command] ?? [];
  return lines.length === 0 ? '' : `\nExamples:\n${lines.map((line) => `  $ ${called} ${line}`).join('\n')}\n`;
}

/** The lines of a text that commander made. */
const linesOf = (text: string) => text.replace(/\n$/, '').split('\n');

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number above zero.');
  return value;
}

/** All values of an option that is given more than once. */
const eachOf = (value: string, before: readonly string[] = []): string[] => [...before, value];

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
