/** Everything that comes in from outside while a resize runs: votes, operators' words, questions, a cancel. */
import { ApplicationFailure, CancellationScope, setHandler, workflowInfo } from '@temporalio/workflow';
import { judge, record, type Judgement, type Standing, type VoteRefusal, type Decision } from '../resize/decision';
import * as messages from './messages';
import { statusOf, type Report } from './report';
import { phaseOf, type RunState } from './run-state';

const AFTERWARDS: Readonly<Partial<Record<RunState['stage'], string>>> = {
  confirming: 'the server is being confirmed',
  reverting: 'the server is being reverted',
  resizing: 'the server is reverted as soon as the cloud has resized it',
};

/** What the story needs to know of the door. */
export interface Door {
  /** A look was asked for; the story takes it and sets it back. */
  lookNow: boolean;
}

/**
 * Sets all handlers; to be called before anything is awaited. All votes pass the same judgement, whatever way they
 * come. A signal never fails the workflow: what does not count is kept with the reason.
 */
export function openDoor(state: RunState, report: Report): Door {
  const door: Door = { lookNow: false };

  const consider = (choice: unknown, payload: unknown, via: Decision['via']): Judgement => {
    const judgement = judge(state.ledger, choice, payload, via, standingOf(state));
    state.ledger = record(state.ledger, judgement);
    report.publish();
    return judgement;
  };

  setHandler(messages.approve, (vote) => void consider('approve', vote, 'signal'), {
    description: 'Approve: confirm the resize once the server is proven. { "by": "you", "reason": "…" }',
  });
  setHandler(messages.reject, (vote) => void consider('reject', vote, 'signal'), {
    description: 'Reject: bring the old server back. { "by": "you", "reason": "…" }',
  });
  setHandler(messages.observeNow, () => void (door.lookNow = true), {
    description: 'Look at the server now instead of waiting for the timer. No payload.',
  });
  setHandler(messages.status, () => statusOf(state), { description: 'The state of this resize.' });

  setHandler(
    messages.decide,
    (vote) => {
      consider(choiceIn(vote), withoutChoice(vote), 'update');
      return statusOf(state);
    },
    {
      description: 'Decide, and be told: { "decision": "approve" | "reject", "by": "you", "reason": "…" }',
      validator: (vote) => {
        const judgement = judge(state.ledger, choiceIn(vote), withoutChoice(vote), 'update', standingOf(state));
        if (judgement.is === 'refused') throw refuse(judgement.type, judgement.message);
      },
    },
  );
  setHandler(
    messages.retry,
    (word) => {
      state.retryBy = word;
      if (state.rejected) state.rejected = { ...state.rejected, notBefore: 0 };
      door.lookNow = true;
      return statusOf(state);
    },
    {
      description: 'In needs-operator: look at once and judge anew. { "by": "you" }',
      validator: (word) => onlyForOperators(state, 'retry', word),
    },
  );
  setHandler(
    messages.abandon,
    (word) => {
      state.abandonedBy = word;
      return statusOf(state);
    },
    {
      description: 'In needs-operator: give up; the server stays as it is. { "by": "you", "reason": "…" }',
      validator: (word) => onlyForOperators(state, 'abandon', word),
    },
  );

  // A cancel is an input to the rules, not an exception: it counts as a reject by the same judgement.
  void CancellationScope.current().cancelRequested.catch(() => {
    consider('reject', { by: 'Temporal cancel request', reason: 'the workflow was cancelled' }, 'cancel');
  });
  return door;
}

function standingOf(state: RunState): Standing {
  const now = Date.now();
  const afterwards = state.ending === undefined ? AFTERWARDS[state.stage] : `the resize ended: ${state.ending.outcome}`;
  return {
    // The first run id of a reset run is that of the run it was reset from: votes for either are for this resize.
    runs: [...state.runs, workflowInfo().firstExecutionRunId],
    proofIn: state.proofIn,
    now: new Date(now).toISOString(),
    pastDeadline: state.deadline !== undefined && now > state.deadline && state.overdue !== true,
    ...(afterwards !== undefined && { afterwards }),
  };
}

function onlyForOperators(state: RunState, what: string, word: unknown): void {
  const by = typeof word === 'object' && word !== null && 'by' in word ? word.by : undefined;
  if (typeof by !== 'string' || by.trim() === '') throw refuse('InvalidDecision', `${what}: say who: { by, reason? }`);
  const phase = phaseOf(state);
  if (phase !== 'needs-operator') {
    throw refuse('InvalidDecision', `${what} is for phase needs-operator; this resize is in phase ${phase}`);
  }
}

function refuse(type: VoteRefusal, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true });
}

// Over the wire anything can come, whatever the type says.
function choiceIn(vote: unknown): unknown {
  return typeof vote === 'object' && vote !== null && 'decision' in vote ? vote.decision : undefined;
}
function withoutChoice(vote: unknown): unknown {
  if (typeof vote !== 'object' || vote === null) return vote;
  return Object.fromEntries(Object.entries(vote).filter(([name]) => name !== 'decision'));
}
