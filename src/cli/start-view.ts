/** What `start` prints: what will happen when, and what a revert would lose. */
import type { Inspection } from '../client/inspect';
import { inWords, ON_TIMEOUT } from '../client/start-text';
import type { ResizeRun } from '../client/resize-run';
import { deciders } from '../resize/approvals';
import { REVERT_LOSES } from '../resize/outcome';
import type { ResizeRequest } from '../resize/request';
import { checkRows, checksPlan } from './checks-view';
import { flavorText, policyRow, TAKEN_OVER, UNKNOWN_OLD } from './status-view';
import { keyValueTable } from './text-table';

/** The plan of a resize that was just started. */
export function startView(
  run: Pick<ResizeRun, 'workflowId' | 'runId' | 'inspection'>,
  request: ResizeRequest,
  columns?: number,
): string[] {
  const { inspection } = run;
  return keyValueTable(
    [
      ...(inspection === undefined ? [] : serverRows(inspection)),
      ['requested', `by ${request.requestedBy}${request.reason === undefined ? '' : `: ${request.reason}`}`],
      ['the cloud has', cloudHas(request)],
      [
        'checks',
        request.checks === undefined
          ? 'none requested: nobody looks whether it is healthy'
          : checksPlan(request.checks),
      ],
      ['policy', policyRow(inspection?.policy)],
      ['who decides', deciders(request)],
      ['by itself', autoConfirmPlan(request)],
      [
        'people have',
        `${inWords(request.decideWithin)} to decide, from when ${clockStart(request)}; if nobody does, ` +
          ON_TIMEOUT[request.onTimeout],
      ],
      ['a revert loses', inspection === undefined ? undefined : REVERT_LOSES[inspection.revertLoses]],
      ['workflow', run.workflowId],
      ['run', run.runId],
    ],
    columns,
  );
}

/** What an inspection found, and what would be refused. */
export function inspectionView(inspection: Inspection, columns?: number): string[] {
  return keyValueTable(
    [
      ...serverRows(inspection),
      ['server shows', `${inspection.server.status}, power ${inspection.server.powerState}`],
      ['a revert loses', REVERT_LOSES[inspection.revertLoses]],
      [
        'ownership',
        inspection.ownership === 'unproven'
          ? 'unproven: the cloud does not show its action log'
          : 'can be proven from the action log',
      ],
      ['policy', policyRow(inspection.policy)],
      ...checkRows(inspection.checks ?? []),
      ['refused', inspection.refusal?.message],
    ],
    columns,
  );
}

function clockStart({ checks, adopt }: ResizeRequest): string {
  if (checks !== undefined) return 'all checks are in';
  return adopt ? 'it is taken over' : 'the resized server runs';
}

function autoConfirmPlan({ autoConfirm, bakeFor }: ResizeRequest): string | undefined {
  if (autoConfirm !== true || bakeFor === undefined) return undefined;
  return `it is confirmed when all checks have passed for ${inWords(bakeFor)}; a reject before that wins`;
}

function cloudHas({ adopt, resizeWithin }: ResizeRequest): string {
  return adopt
    ? 'resized it already: it waits in VERIFY_RESIZE and is taken over as it is'
    : `${inWords(resizeWithin)} to resize it; then an operator is called`;
}

function serverRows(inspection: Inspection): [string, string | undefined][] {
  const { server, from, to } = inspection;
  const region = inspection.region === undefined ? '' : `, region ${inspection.region}`;
  return [
    ['server', `${server.name} (${server.id})`],
    ['cloud', `${inspection.cloud}, project ${inspection.project}${region}`],
    [
      'flavor',
      `${from === undefined ? UNKNOWN_OLD : flavorText(from)} -> ${to === undefined ? 'unknown to the cloud' : flavorText(to)}${from === undefined ? TAKEN_OVER : ''}`,
    ],
  ];
}
