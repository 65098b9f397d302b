/** What is told: the status for queries, the memo, the search attributes and the details in the Temporal UI. */
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { deciderText, winner, type Decision } from '../resize/decision';
import { plain } from '../resize/markdown';
import { memoOf, REVERT_LOSES, type ResizeStatus } from '../resize/outcome';
import { describe } from '../resize/situation';
import { MEMO_STATUS } from './messages';
import { fromName, phaseOf, type RunState } from './run-state';

const ATTRIBUTE = {
  phase: defineSearchAttributeKey('ResizePhase', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('ResizeOutcome', SearchAttributeType.KEYWORD),
  cloud: defineSearchAttributeKey('ResizeCloud', SearchAttributeType.KEYWORD),
  server: defineSearchAttributeKey('ResizeServerName', SearchAttributeType.KEYWORD),
  deadline: defineSearchAttributeKey('ResizeDecisionDeadline', SearchAttributeType.DATETIME),
};

/** The status as it is now. */
export function statusOf(state: RunState): ResizeStatus {
  const { request, prepared, ledger, seen, ending, concern, resizeAction } = state;
  const info = workflowInfo();
  const requestId = state.resize.requestId ?? resizeAction?.requestId;
  const outage = outageSeconds(state);
  const advice = ending?.advice ?? concern?.advice;
  const terminal = ledger.terminal;
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    phase: phaseOf(state),
    cloud: request.cloud,
    ...(prepared && { project: prepared.project }),
    ...(prepared?.region !== undefined && { region: prepared.region }),
    server: {
      id: request.server,
      ...(prepared && { name: prepared.server.name }),
      ...(seen && { powerState: seen.server.powerState }),
    },
    ...(prepared && prepared.adopted === undefined && { from: prepared.server.flavor }),
    to: prepared?.to ?? { name: request.flavor },
    requestedBy: request.requestedBy,
    ...(request.reason !== undefined && { reason: request.reason }),
    requestedAt: state.requestedAt,
    ...(state.verifiedAt !== undefined && { verifiedAt: state.verifiedAt }),
    ...(requestId !== undefined && { requestId }),
    ...(prepared && { ownership: prepared.logReadable ? 'proven' : 'unproven' }),
    live: true,
    ...(state.brake && { brake: true }),
    ...(outage !== undefined && { outageSeconds: outage }),
    ...(state.deadline !== undefined && { decisionDeadline: new Date(state.deadline).toISOString() }),
    onTimeout: request.onTimeout,
    ...(state.overdue && { overdue: true }),
    ...(prepared && { revertLoses: prepared.revertLoses }),
    ...(seen && {
      observed: {
        status: seen.server.status,
        vmState: seen.server.vmState,
        ...(seen.server.taskState !== null && { taskState: seen.server.taskState }),
        flavor: seen.server.flavor.name,
        at: seen.at,
      },
    }),
    ...(state.unreachableSince !== undefined && { unreachableSince: state.unreachableSince }),
    ...(terminal === undefined && ending === undefined && { votesMissing: 1 }),
    decisions: ledger.decisions,
    ...(ledger.omitted > 0 && { decisionsOmitted: ledger.omitted }),
    checks: [],
    ...(ending && { outcome: ending.outcome }),
    ...(ending?.cause !== undefined && { cause: ending.cause }),
    message: messageOf(state),
    ...(advice && { advice }),
  };
}

/**
 * Writes the status where it is read without a worker. A memo update is an event, so it is written when something
 * changed that a reader acts on, not on every look.
 */
export class Report {
  #published = '';

  constructor(private readonly state: RunState) {}

  publish(): void {
    const { state } = this;
    const status = statusOf(state);
    setCurrentDetails(detailsOf(status));
    const memo = memoOf(status);
    // What was observed, and when, changes with every look; the query has it live.
    const message = state.concern?.is ?? state.ending?.message;
    const key = JSON.stringify({ ...memo, observed: undefined, server: undefined, message });
    if (key === this.#published) return;
    this.#published = key;
    upsertMemo({ [MEMO_STATUS]: memo });
    const attributes = attributesOf(status, state.prepared?.searchAttributes ?? []);
    if (attributes.length > 0) upsertSearchAttributes(attributes);
  }
}

function attributesOf(status: ResizeStatus, known: readonly string[]): SearchAttributeUpdatePair[] {
  const { server, decisionDeadline, outcome } = status;
  const all: (SearchAttributeUpdatePair | undefined)[] = [
    { key: ATTRIBUTE.phase, value: status.phase },
    { key: ATTRIBUTE.cloud, value: status.cloud },
    server.name === undefined ? undefined : { key: ATTRIBUTE.server, value: server.name },
    outcome === undefined ? undefined : { key: ATTRIBUTE.outcome, value: outcome },
    decisionDeadline === undefined ? undefined : { key: ATTRIBUTE.deadline, value: new Date(decisionDeadline) },
  ];
  return all.filter((pair) => pair !== undefined).filter(({ key }) => known.includes(key.name));
}

function messageOf(state: RunState): string {
  const { request, prepared, ending, concern, seen } = state;
  const { terminal } = state.ledger;
  if (ending !== undefined) return ending.message;
  if (concern !== undefined) return concern.message;
  const name = prepared?.server.name ?? request.server;
  const from = fromName(state);
  const to = prepared?.to?.name ?? request.flavor;
  const remarks = [
    ...(state.brake ? ['a worker in observe mode holds the request back'] : []),
    ...(state.slow === undefined ? [] : [state.slow.why]),
    ...(state.unreachableSince === undefined ? [] : [`the cloud could not be asked since ${state.unreachableSince}`]),
    ...(state.stage === 'window' && state.power === 'stopped'
      ? ['it was stopped for the resize, and cannot be started or tested before the decision']
      : []),
    ...(state.note === undefined ? [] : [state.note]),
  ];
  const sentence = (() => {
    switch (state.stage) {
      case 'preparing':
        return `looking at ${name} before anything is asked of the cloud`;
      case 'resizing':
        return `resizing ${name} from ${from} to ${to}${seen ? `; ${describe(seen.server)}` : ''}`;
      case 'window':
        return terminal === undefined
          ? `${name} runs with ${to} (no checks requested) and waits for a decision; ${deadlineClause(state)}`
          : `${winner(terminal)}; ${name} is about to be ${terminal.decision === 'approve' ? 'confirmed' : 'reverted'}`;
      case 'confirming':
        return `confirming ${to} for ${name}`;
      case 'reverting':
        return `reverting ${name} to ${from}`;
    }
  })();
  return [sentence, ...remarks].join('; ');
}

function deadlineClause(state: RunState): string {
  if (state.lateHold !== undefined) return state.lateHold;
  const at = state.deadline === undefined ? 'the deadline' : new Date(state.deadline).toISOString();
  if (state.overdue) return `overdue: nobody decided; it is held, and asked again at ${at}`;
  const then = { revert: 'it is reverted', confirm: 'it is confirmed', hold: 'it is held' }[state.request.onTimeout];
  return `without one, ${then} at ${at}`;
}

function outageSeconds(state: RunState): number | undefined {
  const { startTime, finishTime } = state.resizeAction ?? {};
  if (startTime === undefined || finishTime === undefined) return undefined;
  const seconds = (Date.parse(finishTime) - Date.parse(startTime)) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds * 10) / 10 : undefined;
}

/** Markdown for the Temporal UI, which asks a worker for it. */
function detailsOf(status: ResizeStatus): string {
  // Both are of use as long as there is something to decide.
  const waits = status.votesMissing !== undefined;
  const lines = [
    `**${status.phase}**: ${plain(status.message)}`,
    '',
    `- server: ${plain(status.server.name ?? '')} \`${status.server.id}\` in ${plain(status.cloud)}`,
    `- flavor: ${plain([...(status.from === undefined ? [] : [status.from.name]), status.to.name].join(' -> '))}`,
    `- requested by ${plain(status.requestedBy)} (claimed) at ${status.requestedAt}`,
    ...(waits && status.decisionDeadline !== undefined ? [`- decision deadline: ${status.decisionDeadline}`] : []),
    ...(waits && status.revertLoses !== undefined ? [`- a revert loses: ${REVERT_LOSES[status.revertLoses]}`] : []),
    ...status.decisions.map((each) => `- ${decisionLine(each)}`),
    ...(status.advice === undefined ? [] : ['', `**What to do**: ${status.advice.you}`]),
    ...(status.advice?.administrator === undefined ? [] : ['', `**Administrator**: ${status.advice.administrator}`]),
  ];
  return lines.join('\n');
}

function decisionLine(decision: Decision): string {
  const { at, counted, why } = decision;
  return `${plain(deciderText(decision))} at ${at}${counted ? '' : ` — not counted: ${plain(why ?? '')}`}`;
}
