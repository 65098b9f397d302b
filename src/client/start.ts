/** Starting a resize: everything that can be refused is refused before anything runs. */
import { WorkflowExecutionAlreadyStartedError, type WorkflowExecutionDescription } from '@temporalio/client';
import { approvalsStatus, requiredApprovals } from '../resize/approvals';
import { memoOf } from '../resize/memo';
import type { ResizeStatus } from '../resize/outcome';
import {
  checkRequest,
  InvalidRequest,
  isServerId,
  workflowIdOf,
  type ResizeInput,
  type ResizeRequest,
} from '../resize/request';
import { present } from '../resize/present';
import { withoutNulls } from '../resize/wire-json';
import { MEMO_KEY, MEMO_STATUS, RESIZE_SERVER, type Inspection, type ResizeServer } from '../workflows/messages';
import { inspect } from './inspect';
import { ResizeError } from './resize-error';
import { describeRun, firstRunOf } from './run-chain';
import { executionOf, keyOf, recordedStatus } from './run-status';
import { ResizeRun } from './resize-run';
import type { OnWaiting } from './short-workflow';
import { staticDetails, staticSummary } from './start-text';
import type { TemporalLink } from './temporal-link';

/** What a resize is asked for; the server may also be a name that is unique in the project. */
export type StartInput = ResizeInput;

/** Stands for the server while only its name is known. */
const ANY_SERVER = '00000000-0000-4000-8000-000000000000';

/**
 * Checks everything about a request that can be checked without looking at anything.
 * @returns the checked request; its server may still be a name
 * @throws ResizeError InvalidRequest
 */
export function checkStart(input: StartInput): ResizeRequest {
  const { given, name } = namedIn(input);
  return { ...checked({ ...given, server: isServerId(name) ? name : ANY_SERVER }), server: name };
}

/** @throws ResizeError InvalidRequest */
function namedIn(input: StartInput): { given: StartInput; name: string } {
  const given = withoutNulls(input) as StartInput | null | undefined;
  const server: unknown = given?.server;
  if (!given || typeof server !== 'string' || server.trim() === '') {
    throw new ResizeError('InvalidRequest', 'server: is missing; give its id or its name');
  }
  return { given, name: server.trim() };
}

/** The request as the policy of its cloud makes it; without one, as it was checked. */
export const ruledBy = (request: ResizeRequest, { gate }: Pick<Inspection, 'gate'>): ResizeRequest => ({
  ...request,
  ...gate,
});

function checked(input: unknown): ResizeRequest {
  try {
    return checkRequest(input);
  } catch (error) {
    if (error instanceof InvalidRequest) {
      throw new ResizeError('InvalidRequest', error.message, undefined, { cause: error });
    }
    throw error;
  }
}

/**
 * Starts a resize, or returns the run of the same key.
 * @throws ResizeError InvalidRequest; what `inspect` throws; Conflict; Refused
 */
export async function start(link: TemporalLink, input: StartInput, onWaiting?: OnWaiting): Promise<ResizeRun> {
  const asked = checkStart(input);
  // What is sent is the input as it was given: what it does not say, a policy of the worker may say.
  const { given } = namedIn(input);
  const inspection = await inspect(link, { ...present(given), server: asked.server, cloud: asked.cloud }, onWaiting);
  const server = inspection.server.id.toLowerCase();
  const request = { ...ruledBy(asked, inspection), server };
  const sent = { ...given, server, cloud: asked.cloud };
  const workflowId = workflowIdOf(request.server);
  // Temporal itself refuses a second run. An earlier one matters where the key may be its key, or before a refusal.
  let asksFirst = request.key !== undefined || inspection.refusal !== undefined;
  for (let attempt = 1; ; attempt++) {
    const newest = asksFirst ? await describeRun(link, workflowId) : undefined;
    if (newest !== undefined) {
      if (request.key !== undefined && keyOf(newest) === request.key) return existing(link, newest, inspection);
      if (executionOf(newest) === 'running') throw conflict(newest);
    }
    if (inspection.refusal !== undefined) throw refused(inspection);
    try {
      return await begin(link, workflowId, sent, request, inspection);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError) || attempt === 3) throw error;
      asksFirst = true;
    }
  }
}

async function begin(
  link: TemporalLink,
  workflowId: string,
  sent: ResizeInput,
  request: ResizeRequest,
  inspection: Inspection,
): Promise<ResizeRun> {
  // No time-outs: a resize is never left in VERIFY_RESIZE by a clock. No retry: a second run would resize again.
  // No search attributes: a start with a name that the namespace does not have is refused.
  const handle = await link.call('start the resize', link.timing.call, () =>
    link.client.workflow.start<ResizeServer>(RESIZE_SERVER, {
      workflowId,
      taskQueue: link.taskQueue,
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [sent],
      memo: present({
        [MEMO_STATUS]: memoOf(firstStatus(workflowId, request, inspection)),
        [MEMO_KEY]: request.key,
      }),
      staticSummary: staticSummary(request, inspection),
      staticDetails: staticDetails(request, inspection),
    }),
  );
  const runId = handle.firstExecutionRunId;
  return new ResizeRun(link, { workflowId, firstRunId: runId, runId }, { inspection });
}

function existing(link: TemporalLink, newest: WorkflowExecutionDescription, inspection: Inspection): ResizeRun {
  const chain = { workflowId: newest.workflowId, firstRunId: firstRunOf(newest), runId: newest.runId };
  return new ResizeRun(link, chain, { inspection, sameKey: true });
}

/** What is known before a worker takes it up; the run id is not known yet. */
function firstStatus(workflowId: string, request: ResizeRequest, inspection: Inspection): ResizeStatus {
  const { id, name, powerState } = inspection.server;
  const { cloud, requestedBy, onTimeout } = request;
  return {
    workflowId,
    runId: '',
    phase: 'preparing',
    cloud,
    project: inspection.project,
    server: { id, name, powerState },
    to: inspection.to ?? { name: request.flavor },
    ...present({
      region: inspection.region,
      from: inspection.from,
      reason: request.reason,
      approvals: approvalsStatus(request, []),
      policy: inspection.policy,
    }),
    requestedBy,
    requestedAt: new Date().toISOString(),
    ownership: inspection.ownership,
    live: false,
    onTimeout,
    revertLoses: inspection.revertLoses,
    votesMissing: requiredApprovals(request),
    decisions: [],
    checks: [],
    message: 'accepted by Temporal; waiting for a worker to take it up',
  };
}

function conflict(running: WorkflowExecutionDescription): ResizeError {
  const { workflowId, runId, phase } = recordedStatus(running);
  return new ResizeError(
    'Conflict',
    `a resize of this server is already running (${workflowId}, phase ${phase}): wait for its end, or decide or cancel it first`,
    { workflowId, runId, phase },
  );
}

/** What an inspection would refuse, as the failure that `start` throws. */
export function refused(inspection: Inspection): ResizeError {
  const { refusal, server } = inspection;
  const advice = refusal?.advice === undefined ? '' : `. ${refusal.advice.you}`;
  return new ResizeError('Refused', `${server.name}: ${refusal?.message ?? 'refused'}${advice}`, { inspection });
}
