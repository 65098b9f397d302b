/** How the state of a resize is shown to a person. */
import { deciders } from '../resize/approvals';
import { deciderText, type Decision } from '../resize/decision';
import type { Flavor } from '../resize/observation';
import { REVERT_LOSES } from '../resize/outcome';
import type { PolicyId } from '../resize/policy';
import { requesterText } from '../resize/proven';
import { ON_TIMEOUT } from '../client/start-text';
import type { RunStatus } from '../client/run-status';
import { checkRows } from './checks-view';
import { keyValueTable, listTable } from './text-table';
import { fromNow, moment } from './times';

/** The flavors of a resize that was taken over: the cloud does not show the old one. */
export const UNKNOWN_OLD = 'its old one';
export const TAKEN_OVER = ', taken over';

/** One resize, a line for each thing that is known; first what a person acts on. */
export function statusView(status: RunStatus, now: number, columns?: number): string[] {
  const { server, observed, advice } = status;
  return keyValueTable(
    [
      ['server', server.name === undefined ? server.id : `${server.name} (${server.id})`],
      ['cloud', placeOf(status)],
      ['flavor', changeText(status)],
      ['phase', phaseText(status)],
      ['', status.message],
      ['what you can do', advice?.you],
      ['administrator', advice?.administrator],
      ['decide by', deadlineText(status, now)],
      ['who decides', status.approvals === undefined ? undefined : decidersText(status)],
      ['votes missing', votesText(status)],
      ['policy', policyRow(status.policy)],
      ['a revert loses', loss(status)],
      ['server shows', observed === undefined ? undefined : observedText(observed)],
      ['watched', watchedText(status)],
      ['unreachable', status.unreachableSince === undefined ? undefined : `since ${moment(status.unreachableSince)}`],
      ...checkRows(status.checks),
      ['observe-only', status.brake === true ? 'on: the worker sends no request to any server' : undefined],
      ['ownership', status.ownership === 'unproven' ? 'unproven: the cloud does not show its action log' : undefined],
      ['outage', status.outageSeconds === undefined ? undefined : `at most ${status.outageSeconds} s`],
      ['requested', requestText(status)],
      ...decisionRows(status),
      ...extensionRows(status),
      ['request id', status.requestId],
      ['workflow', status.workflowId],
      ['run', status.runId],
      ['as known', asKnown(status)],
    ],
    columns,
  );
}

/** `strict, version 3 (SHA-256 0a1b2c3d4e5f)` */
export function policyRow(policy: PolicyId | undefined): string | undefined {
  return policy && `${policy.name}, version ${policy.version} (SHA-256 ${policy.digest.slice(0, 12)})`;
}

/** Many resizes, a line each. */
export function listView(list: readonly RunStatus[]): string[] {
  return listTable(
    ['SERVER', 'CLOUD', 'FLAVOR', 'PHASE', 'REQUESTED', 'BY', 'DECIDE BY', 'SERVER ID'],
    list.map((status) => [
      status.server.name ?? '-',
      status.cloud,
      `${status.from?.name ?? oldFlavor(status)} -> ${status.to.name}`,
      phaseText(status),
      moment(status.requestedAt),
      status.requestedBy,
      deadlineWord(status),
      status.server.id,
    ]),
  );
}

/** The phase, and how it ended. */
export function phaseText(status: RunStatus): string {
  const { phase, outcome, cause, execution } = status;
  if (outcome !== undefined) return `${phase}: ${outcome}${cause === undefined ? '' : ` (${cause})`}`;
  return execution === 'running' ? phase : `${phase}, workflow ${execution}`;
}

/**
 * Was a resize of somebody else's taken over? Its old flavor is shown by no cloud; of any other it is known as soon as
 * the ownership is.
 */
export function isAdopted(status: RunStatus): boolean {
  return status.from === undefined && status.ownership !== undefined;
}

/** Is it decided, so that no deadline counts any more? */
export function isDecided({ phase, votesMissing }: RunStatus): boolean {
  return votesMissing === undefined || phase === 'confirming' || phase === 'reverting' || phase === 'closed';
}

/** Stands for a flavor that is not known. */
function oldFlavor(status: RunStatus): string {
  return isAdopted(status) ? UNKNOWN_OLD : 'unknown';
}

function changeText(status: RunStatus): string {
  const from = status.from === undefined ? oldFlavor(status) : flavorText(status.from);
  return `${from} -> ${flavorText(status.to)}${isAdopted(status) ? TAKEN_OVER : ''}`;
}

/** `m1.small (1 vCPU, 2 GiB, 20 GB disk)`, as far as known. */
export function flavorText(flavor: Flavor): string {
  const parts = [
    flavor.vcpus === undefined ? undefined : `${flavor.vcpus} vCPU`,
    flavor.ram === undefined ? undefined : `${Math.round((flavor.ram / 1024) * 10) / 10} GiB RAM`,
    flavor.disk === undefined ? undefined : `${flavor.disk} GiB disk`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? flavor.name : `${flavor.name} (${parts.join(', ')})`;
}

/** What the server shows, on one line. */
export function observedText(observed: NonNullable<RunStatus['observed']>): string {
  const task = observed.taskState === undefined || observed.taskState === '' ? '' : `, task ${observed.taskState}`;
  const state = observed.vmState === undefined ? '' : `, vm ${observed.vmState}`;
  const flavor = observed.flavor === undefined ? '' : `, flavor ${observed.flavor}`;
  return `${observed.status}${state}${task}${flavor} (seen ${moment(observed.at)})`;
}

function watchedText({ watched }: RunStatus): string | undefined {
  if (watched === undefined) return undefined;
  return watched ? 'yes: the run hears of changes at once' : 'no: the run observes the server at its own pace';
}

/** The price of a revert, while there may be one. */
export function loss(status: RunStatus): string | undefined {
  if (status.revertLoses === undefined || status.execution !== 'running') return undefined;
  return `${REVERT_LOSES[status.revertLoses]}${sinceWhen(status)}`;
}

/** When an adopted resize was done is not known, only when it was taken over. */
function sinceWhen(status: RunStatus): string {
  if (status.verifiedAt === undefined) return '';
  const when = moment(status.verifiedAt);
  return isAdopted(status) ? ` (resized before it was taken over at ${when})` : ` (resized ${when})`;
}

/** `approve by bob (claimed) at ...`. The name is the sender's claim; Temporal's own cancel has none. */
export function decisionText(decision: Decision): string {
  const why = decision.why === undefined ? '' : ` [${decision.counted ? '' : 'does not count: '}${decision.why}]`;
  const at = `at ${moment(decision.at)}`;
  if (decision.via === 'cancel') return `${deciderText(decision)} ${at}${why}`;
  const reason = decision.reason === undefined ? '' : `: ${decision.reason}`;
  return `${deciderText(decision)} ${at} by ${decision.via}${reason}${why}`;
}

function placeOf(status: RunStatus): string {
  const project = status.project === undefined ? '' : `, project ${status.project}`;
  return `${status.cloud}${project}${status.region === undefined ? '' : `, region ${status.region}`}`;
}

function requestText(status: RunStatus): string {
  const reason = status.reason === undefined ? '' : `: ${status.reason}`;
  return `by ${requesterText(status)} at ${moment(status.requestedAt)}${reason}`;
}

/** As recorded; a record that has no room for names does not say who. */
function decidersText(status: RunStatus): string {
  const { approvals } = status;
  const isShort = approvals?.approvedBy === undefined;
  return isShort ? `${approvals?.required ?? 1} people; the record has no room for their names` : deciders(status);
}

function votesText({ execution, votesMissing }: RunStatus): string | undefined {
  return execution !== 'running' || votesMissing === undefined ? undefined : String(votesMissing);
}

/** The deadline, as long as it counts. */
function deadlineOf(status: RunStatus): string | undefined {
  return status.execution === 'running' && !isDecided(status) ? status.decisionDeadline : undefined;
}

function deadlineText(status: RunStatus, now: number): string | undefined {
  const deadline = deadlineOf(status);
  if (deadline === undefined) return undefined;
  const when = `${moment(deadline)} (${fromNow(deadline, now)})`;
  if (status.overdue === true) {
    // The deadline that is known now is the next one.
    const since = status.overdueSince === undefined ? '' : ` since ${moment(status.overdueSince)}`;
    return `overdue${since}: nobody decided in time, and it still waits for a decision; the next deadline is ${when}`;
  }
  return `${when}; if nobody does, ${ON_TIMEOUT[status.onTimeout]}`;
}

function deadlineWord(status: RunStatus): string {
  const deadline = deadlineOf(status);
  if (deadline === undefined) return '-';
  return status.overdue === true ? 'overdue' : moment(deadline);
}

function decisionRows(status: RunStatus): [string, string | undefined][] {
  const omitted = status.decisionsOmitted ?? 0;
  return [
    ...(omitted > 0 ? [['decisions', `${omitted} older not shown`] as [string, string]] : []),
    ...status.decisions.map((decision, index): [string, string] => [
      index === 0 && omitted === 0 ? 'decisions' : '',
      decisionText(decision),
    ]),
  ];
}

function extensionRows({ extensions = [] }: RunStatus): [string, string][] {
  return extensions.map(({ by, reason, at, deadline }, index) => [
    index === 0 ? 'extended' : '',
    `to ${moment(deadline)} by ${by} (claimed) at ${moment(at)}${reason === undefined ? '' : `: ${reason}`}`,
  ]);
}

function asKnown(status: RunStatus): string {
  if (status.live) return 'just now, by a worker';
  if (status.outcome !== undefined) return 'at the end';
  if (status.execution !== 'running') return 'as last recorded before its workflow ended';
  return `as last recorded${status.truncated === true ? ', shortened' : ''}: no worker was asked, or none answered`;
}
