/** What a vote is judged against, as the run stands. */
import type { Standing } from './decision';
import { present } from './present';
import { mayBeResized, type RunState, type Stage } from './run-state';

/** What is being done after the terminal decision. */
export function afterwardsOf(stage: Stage): string | undefined {
  switch (stage.is) {
    case 'preparing':
    case 'stopping':
    case 'window':
      return undefined;
    case 'resizing':
      return 'the server is reverted as soon as the cloud has resized it';
    case 'confirming':
      return 'the server is being confirmed';
    case 'reverting':
      return 'the server is being reverted';
    case 'starting':
    case 'closed':
      return `the resize ended: ${stage.ending.outcome}`;
  }
}

/** The request that is taken over was made before; one that is on its way cannot be taken back. */
function isCloudAsked(state: RunState): boolean {
  return state.request.adopt === true || state.inFlight === 'resize' || mayBeResized(state);
}

/**
 * @param firstRunId the run that a reset run was reset from: votes for either are for this resize
 * @param now workflow time, ms
 */
export function standingOf(state: RunState, firstRunId: string, now: number): Standing {
  const { stage, runs, deadline, request, prepared } = state;
  const ended = stage.is === 'starting' || stage.is === 'closed';
  const afterwards = afterwardsOf(stage);
  return {
    // Where it is proven who started the resize, that is the requester, whatever the request claims.
    gate: present({ requestedBy: prepared?.requester?.name ?? request.requestedBy, approvals: request.approvals }),
    cloudAsked: isCloudAsked(state),
    runs: [...runs, firstRunId],
    proofIn: stage.is === 'window' && stage.proofOut !== true,
    now: new Date(now).toISOString(),
    pastDeadline: stage.is === 'window' && stage.overdueSince === undefined && deadline !== undefined && now > deadline,
    ...present({ afterwards, over: ended ? afterwards : undefined }),
  };
}
