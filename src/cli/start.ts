/** `start`: begin a resize, or only check it (`--dry-run`). */
import { ResizeError } from '../client/resize-error';
import type { ResizeRun } from '../client/resize-run';
import { checkStart, refused, ruledBy, type StartInput } from '../client/start';
import { present } from '../resize/present';
import type { OnTimeout } from '../resize/request';
import { readChecksFile } from './checks-file';
import { exitCodeOf, EXIT } from './exit-codes';
import type { Invocation } from './invocation';
import { stepsAfterStart } from './next-steps';
import { cloudOf, personOf, refuseUnsupported, type CloudOptions } from './settings';
import { inspectionView, startView } from './start-view';
import { statusView } from './status-view';
import { follow, showStatus } from './wait';

/** The options of `start`, as commander names them. */
export interface StartOptions extends CloudOptions {
  reason?: string;
  requestedBy?: string;
  decideWithin?: string;
  onTimeout?: OnTimeout;
  approvals?: number;
  approver?: string[];
  allowRequester?: boolean;
  resizeWithin?: string;
  settleWithin?: string;
  expectProject?: string;
  key?: string;
  adopt?: boolean;
  stopFirst?: boolean;
  checks?: string;
  autoConfirm?: boolean;
  bakeFor?: string;
  policy?: string;
  dryRun?: boolean;
  wait?: boolean;
  throughOperator?: boolean;
}

/** @returns the exit code */
export async function startCommand(
  invocation: Invocation,
  server: string,
  flavor: string,
  options: StartOptions,
): Promise<number> {
  refuseUnsupported({ ...options });
  if (options.throughOperator === true && options.wait !== true) {
    throw new ResizeError('Usage', '--through-operator: only with --wait');
  }
  if (options.wait === true && options.dryRun === true) {
    throw new ResizeError('Usage', '--dry-run starts nothing that --wait could wait for: give one of them');
  }
  const { terminal } = invocation;
  const input: StartInput = {
    cloud: cloudOf(options, terminal),
    server,
    flavor,
    requestedBy: personOf(options.requestedBy, terminal),
    ...present({
      reason: options.reason,
      decideWithin: options.decideWithin,
      onTimeout: options.onTimeout,
      approvals: approvalsIn(options),
      resizeWithin: options.resizeWithin,
      settleWithin: options.settleWithin,
      key: options.key,
      adopt: options.adopt,
      stopFirst: options.stopFirst,
      autoConfirm: options.autoConfirm,
      bakeFor: options.bakeFor,
      policy: options.policy,
      checks: options.checks === undefined ? undefined : readChecksFile(options.checks),
      expect: options.expectProject === undefined ? undefined : { project: options.expectProject },
    }),
  };
  const asked = withOptionNames(() => checkStart(input));
  const resizes = await invocation.client();
  const onWaiting = (message: string) => invocation.note(message);
  if (options.dryRun === true) return dryRun(invocation, input, onWaiting);

  invocation.onInterrupt = `interrupted; to see whether it was started: ${invocation.command('status', [server])}`;
  const run = await resizes.start(input, onWaiting);
  const request = ruledBy(asked, run.inspection ?? {});
  const steps = stepsAfterStart(invocation, run);
  if (!invocation.json || options.wait === true) {
    if (run.sameKey)
      invocation.note(`key ${input.key ?? ''}: this resize was started by an earlier call; nothing new was started`);
  }
  if (options.wait === true) {
    if (!run.sameKey) invocation.note(...startView(run, request, terminal.columns));
    invocation.note(...steps);
    return finish(invocation, run, options);
  }
  const status = await run.recorded();
  invocation.data(status, () =>
    run.sameKey ? statusView(status, Date.now(), terminal.columns) : startView(run, request, terminal.columns),
  );
  invocation.note(...steps);
  return EXIT.ok;
}

async function finish(invocation: Invocation, run: ResizeRun, options: StartOptions): Promise<number> {
  const status = await follow(invocation, run, present({ throughOperator: options.throughOperator }));
  showStatus(invocation, status);
  return exitCodeOf(status);
}

async function dryRun(
  invocation: Invocation,
  input: StartInput,
  onWaiting: (message: string) => void,
): Promise<number> {
  const resizes = await invocation.client();
  const inspection = await resizes.inspect({ ...present(input), runChecks: true }, onWaiting);
  const view = () => inspectionView(inspection, invocation.terminal.columns);
  if (inspection.refusal !== undefined) {
    // One JSON document: the failure, which has the inspection in its details.
    if (!invocation.json) invocation.data(inspection, view);
    throw refused(inspection);
  }
  invocation.data(inspection, view);
  invocation.note('a resize could start; nothing was started');
  return EXIT.ok;
}

/** Any of the three options asks for the rules of approval. */
function approvalsIn({ approvals, approver, allowRequester }: StartOptions): StartInput['approvals'] {
  const given = present({ required: approvals, approvers: approver, allowRequester });
  return Object.keys(given).length === 0 ? undefined : given;
}

/** Fields that have another name as an option. */
const OPTIONS: Readonly<Record<string, string>> = {
  'approvals.required': '--approvals',
  'approvals.approvers': '--approver',
};
const NAMED = /^(\w+Within|onTimeout|requestedBy|cloud|reason|key|checks|autoConfirm|bakeFor)(?=:)/;

/** The check names fields; on the command line they are options. */
function withOptionNames<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ResizeError)) throw error;
    const message = error.message
      .replace(/^(approvals\.\w+)(\.\d+)?(?=:)/, (field, name: string) => OPTIONS[name] ?? field)
      .replace(NAMED, optionOf)
      .replace('allowRequester', optionOf);
    throw new ResizeError(error.code, message, error.details, { cause: error });
  }
}

const optionOf = (field: string) => `--${field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
