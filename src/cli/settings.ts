/** Options that several commands share, and where their defaults come from. */
import { Option, type Command } from 'commander';
import { durationOf } from '../client/duration';
import { ResizeError } from '../client/resize-error';
import type { Terminal } from './terminal';

/** What the design knows and this version does not have: refused, never accepted and ignored. */
const NOT_YET: readonly (readonly [flags: string, field: string])[] = [
  ['--at <time>', 'at'],
  ['--decide-until <time>', 'decideUntil'],
];

/** Adds the options that are known and not supported, out of sight. */
export function addUnsupported(command: Command): Command {
  for (const [flags] of NOT_YET) command.addOption(new Option(flags).hideHelp());
  return command;
}

/** @throws ResizeError NotSupported for the first of them that was given */
export function refuseUnsupported(options: Readonly<Record<string, unknown>>): void {
  for (const [flags, field] of NOT_YET) {
    if (options[field] !== undefined) throw notSupported(flags.replace(/ .*/, ''));
  }
}

/** `--checks: not supported by this version`. */
export function notSupported(what: string): ResizeError {
  return new ResizeError('NotSupported', `${what}: not supported by this version`, { what });
}

/** Options that name a cloud. */
export interface CloudOptions {
  cloud?: string;
  osCloud?: string;
}

/** The cloud: --cloud, or --os-cloud, else OS_CLOUD. @throws ResizeError Usage */
export function cloudOf(options: CloudOptions, terminal: Pick<Terminal, 'env'>): string {
  const { cloud, osCloud } = options;
  if (cloud !== undefined && osCloud !== undefined && cloud !== osCloud) {
    throw new ResizeError('Usage', `--cloud ${cloud} and --os-cloud ${osCloud} name two clouds: give one of them`);
  }
  const found = cloud ?? osCloud ?? terminal.env['OS_CLOUD'];
  if (!found) {
    throw new ResizeError(
      'Usage',
      "which cloud? Give --cloud NAME (a profile in the worker's clouds.yaml) or set OS_CLOUD",
    );
  }
  return found;
}

/** What an option gives, in ms. @throws ResizeError InvalidRequest, which names the option */
export function durationIn(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : durationOf(text, option);
}

/** The person: the option, else DURABLE_RESIZE_USER, else `user@host`. */
export function personOf(given: string | undefined, terminal: Pick<Terminal, 'env' | 'person'>): string {
  return given ?? (terminal.env['DURABLE_RESIZE_USER'] || terminal.person());
}
