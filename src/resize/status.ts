/** The status of a run, as everybody reads it. */
import { approvalsMissing, approvalsStatus, missingText, requiredApprovals } from './approvals';
import { winner, type Decision } from './decision';
import type { ResizeStatus } from './outcome';
import { freezeText } from './freeze';
import { bakeEnds, checkStatuses, healthText, problemNow } from './health';
import { policyId } from './policy';
import { present } from './present';
import { pendingDecision } from './proven';
import type { OnTimeout } from './request';
import { fromName, phaseOf, wasStopped, type RunState } from './run-state';
import { describe } from './situation-facts';
import { iso } from './iso-time';

/** What happens when nobody decides. */
export const THEN: Readonly<Record<OnTimeout, string>> = {
  revert: 'it is reverted',
  confirm: 'it is confirmed',
  hold: 'it is held',
};

/** Which run it is, as Temporal says. */
export interface RunIds {
  workflowId: string;
  runId: string;
}

export function statusOf(state: RunState, { workflowId, runId }: RunIds): ResizeStatus {
  const { request, prepared, ledger, observed, stage, issue, operatorWords, resizeAction } = state;
  const server = observed?.server;
  const ending = stage.is === 'closed' ? stage.ending : undefined;
  const overdueSince = stage.is === 'window' ? stage.overdueSince : undefined;
  return present({
    workflowId,
    runId,
    phase: phaseOf(state),
    cloud: request.cloud,
    project: prepared?.project,
    region: prepared?.region,
    server: present({ id: request.server, name: prepared?.server.name, powerState: server?.powerState }),
    from: prepared?.adopted === undefined ? prepared?.server.flavor : undefined,
    to: prepared?.to ?? { name: request.flavor },
    requestedBy: request.requestedBy,
    reason: request.reason,
    requester: prepared?.requester,
    deciders: prepared && (prepared.deciders ?? 'claimed'),
    policy: prepared?.policy && policyId(prepared.policy),
    requestedAt: state.requestedAt,
    verifiedAt: state.verifiedAt,
    requestId: state.sent.resize.requestId ?? resizeAction?.requestId,
    ownership: prepared && (prepared.logReadable ? ('proven' as const) : ('unproven' as const)),
    live: true,
    brake: state.observeOnly,
    outageSeconds: outageSeconds(state),
    decisionDeadline: state.deadline === undefined ? undefined : iso(state.deadline),
    onTimeout: request.onTimeout,
    overdue: overdueSince === undefined ? undefined : true,
    overdueSince,
    revertLoses: prepared?.revertLoses,
    observed:
      observed &&
      present({
        status: observed.server.status,
        vmState: observed.server.vmState,
        taskState: observed.server.taskState ?? undefined,
        flavor: observed.server.flavor.name,
        at: observed.at,
      }),
    unreachableSince: state.unreachableSince,
    votesMissing:
      ledger.terminal === undefined && ending === undefined && stage.is !== 'starting'
        ? approvalsMissing(request, ledger.decisions)
        : undefined,
    approvals: approvalsStatus(request, ledger.decisions),
    decisions: [...ledger.decisions, ...pendingDecisions(state)],
    decisionsOmitted: ledger.omitted > 0 ? ledger.omitted : undefined,
    extensions: state.extensions,
    operatorWords: operatorWords.length > 0 ? operatorWords : undefined,
    notices: state.told?.records,
    checks: checkStatuses(state),
    outcome: ending?.outcome,
    cause: ending?.cause,
    message: messageOf(state),
    advice: ending?.advice ?? issue?.advice,
  });
}

type Window = Extract<RunState['stage'], { is: 'window' }>;

/** Before it is known that senders are asked, a vote is in the ledger alone. */
function pendingDecisions({ prepared, pendingVotes, stage }: RunState): Decision[] {
  if (prepared?.deciders !== 'proven') return [];
  return pendingVotes.map((vote) => pendingDecision(vote, stage.is === 'closed'));
}

/** One sentence that a person understands. */
function messageOf(state: RunState): string {
  const { stage, issue, observeOnly, pause, unreachableSince, note } = state;
  if (stage.is === 'closed') return stage.ending.message;
  if (issue !== undefined) return issue.message;
  const remarks = [
    observeOnly === true ? 'a worker in observe-only mode holds the request back' : undefined,
    pause?.why,
    unreachableSince === undefined ? undefined : `the cloud could not be asked since ${unreachableSince}`,
    stage.is === 'window' && wasStopped(state)
      ? 'it was stopped for the resize, and cannot be started or tested before the decision'
      : undefined,
    note,
  ];
  return [sentenceOf(state), ...remarks.filter((remark) => remark !== undefined)].join('; ');
}

function sentenceOf(state: RunState): string {
  const { stage, request, prepared, observed } = state;
  const name = prepared?.server.name ?? request.server;
  const to = prepared?.to?.name ?? request.flavor;
  switch (stage.is) {
    case 'preparing':
      return prepared === undefined
        ? `observing ${name} before anything is asked of the cloud`
        : `checking ${name} before anything is asked of the cloud: ${healthText(state)}`;
    case 'stopping':
    case 'resizing': {
      const shown = observed === undefined ? '' : `; ${describe(observed.server)}`;
      return `resizing ${name} from ${fromName(state)} to ${to}${shown}`;
    }
    case 'window':
      return windowSentence(state, stage, `${name} has flavor ${to}`);
    case 'confirming':
      return `${decidedBy(state)}confirming ${to} for ${name}`;
    case 'reverting':
      return `${decidedBy(state)}reverting ${name} to ${fromName(state)}`;
    case 'starting':
    case 'closed':
      return stage.ending.message;
  }
}

/** What is wrong comes first. */
function windowSentence(state: RunState, stage: Window, has: string): string {
  if (stage.proofOut === true) return `${has} in VERIFY_RESIZE, and is being checked: ${healthText(state)}`;
  const problem = problemNow(state);
  const bad = problem === undefined ? '' : `${problem.what} fails: ${problem.why}; `;
  const well = problem === undefined ? ` (${healthText(state)})` : '';
  return `${bad}${has}${well} and waits for a decision${votes(state)}; ${deadlineClause(state, stage)}${bakes(state, stage)}`;
}

function bakes(state: RunState, { lastRound }: Window): string {
  const end = bakeEnds(state);
  if (end === undefined) return '';
  return lastRound === true
    ? '; its checks run once more, and if all pass, it is confirmed'
    : `; if its checks go on passing, it is confirmed at ${iso(end)}`;
}

/** Of one person the sentence says enough. */
function votes({ request, ledger }: RunState): string {
  if (requiredApprovals(request) === 1) return '';
  return `: ${missingText(approvalsMissing(request, ledger.decisions))}`;
}

function decidedBy({ ledger: { terminal } }: RunState): string {
  return terminal === undefined ? '' : `${winner(terminal)}; `;
}

function deadlineClause(
  { deadline, request, heldBy }: RunState,
  { lateHold, bakeMissed, overdueSince }: Window,
): string {
  if (lateHold !== undefined) return lateHold;
  if (bakeMissed !== undefined && overdueSince === undefined) return bakeMissed;
  const at = deadline === undefined ? 'the deadline' : iso(deadline);
  if (overdueSince !== undefined) {
    return `overdue since ${overdueSince}: nobody decided; it is held, and asked again at ${at}`;
  }
  const held = heldBy === undefined ? '' : ` (the end of the freeze ${freezeText(heldBy)})`;
  return `without one, ${THEN[request.onTimeout]} at ${at}${held}`;
}

function outageSeconds({ resizeAction }: RunState): number | undefined {
  const { startTime, finishTime } = resizeAction ?? {};
  if (startTime === undefined || finishTime === undefined) return undefined;
  const seconds = (Date.parse(finishTime) - Date.parse(startTime)) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 10) / 10 : undefined;
}
