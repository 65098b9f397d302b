/** The options of `npm run bench`. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { SECTIONS, type SectionName } from './result';

export interface Options {
  only: readonly SectionName[];
  rounds: number;
  runs: number;
  full?: boolean;
  sample?: boolean;
  write?: boolean;
  out: string;
  compare?: string;
  report?: string;
}

/** The last result, which git ignores. */
export const LATEST = '.cache/bench/latest.json';

function count(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= 10_000) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to 10000.`);
  };
}

function sections(text: string): readonly SectionName[] {
  const names = text.split(',').map((name) => name.trim());
  const known = SECTIONS.filter((name) => names.includes(name));
  if (known.length === names.length) return known;
  throw new InvalidArgumentError(`Give some of ${SECTIONS.join(', ')}, separated by commas.`);
}

function program(): Command {
  return new Command('bench')
    .usage('[options]')
    .description(
      'Measures what a resize costs and how fast it is, on the simulated cloud, and prints it beside the goals.',
    )
    .addOption(
      new Option('--only <sections>', `measure these only, of ${SECTIONS.join(', ')}`)
        .argParser(sections)
        .default(SECTIONS, 'all'),
    )
    .option('--rounds <number>', 'rounds of what is repeated', count(1), 3)
    .option('--runs <number>', 'resizes in flight in the section crowd; its goals are for 1000', count(10), 1000)
    .option('--full', 'also 10,000 that wait for people, and an hour of waiting: more than two hours')
    .option('--sample', 'count the events and requests of one resize; exit code 1 when one too many is spent')
    .option('--out <file>', 'where the result goes, as JSON', LATEST)
    .option('--compare <file>', 'an earlier result, for the ratio to it')
    .option('--write', 'also write docs/performance.md, its charts and docs/performance.json')
    .option('--report <file>', 'measure nothing; report on an earlier result')
    .addHelpText('after', '\nExample: npm run bench -- --only cost,kill --rounds 5');
}

/**
 * Reads the options. A wrong one is answered in one sentence.
 * @returns the exit code, when that was all
 */
export function readOptions(
  args: readonly string[],
  stdout: (text: string) => void,
  stderr: (text: string) => void,
): Options | number {
  const command = program().exitOverride().configureOutput({ writeOut: stdout, writeErr: stderr });
  try {
    return command.parse(args, { from: 'user' }).opts<Options>();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}
