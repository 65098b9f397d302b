/** The message handlers of a resize: votes, operators' words, questions, a cancel. */
import { ApplicationFailure, CancellationScope, setHandler, workflowInfo } from '@temporalio/workflow';
import {
  CANCELLER,
  judge,
  readOperatorWord,
  type Decision,
  type Judgement,
  type OperatorRecord,
  type OperatorWord,
  type VoteRefusal,
} from '../resize/decision';
import { judgeExtension, type Extension } from '../resize/extension';
import type { ResizeStatus } from '../resize/outcome';
import { SEND_THE_SIGNAL, type VoteMessage } from '../resize/proven';
import { phaseOf } from '../resize/run-state';
import { standingOf } from '../resize/standing';
import { statusOf } from '../resize/status';
import * as messages from './messages';
import { BY_SIGNAL } from './messages';
import type { ProvenVotes } from './proven-votes';
import type { Run } from './run';

/**
 * Sets all handlers; to be called before anything is awaited. All votes pass the same judgement, whatever way they
 * come. A signal never fails the workflow: what does not count is kept with the reason.
 */
export function setHandlers(run: Run, proven: ProvenVotes): void {
  const judged = (choice: unknown, payload: unknown, via: Decision['via']): Judgement => {
    const standing = standingOf(run.state, workflowInfo().firstExecutionRunId, Date.now());
    return judge(run.state.ledger, choice, payload, via, standing);
  };
  const vote = (choice: unknown, payload: unknown, via: Decision['via']) => {
    run.apply({ is: 'voted', judgement: judged(choice, payload, via) });
    run.publishSoon();
  };
  const sent = (message: VoteMessage, payload: unknown) => {
    if (proven.came(message, payload)) run.publishSoon();
    else if (message === 'cancel') vote('reject', payload, 'cancel');
    else vote(message, payload, 'signal');
  };
  const status = () => statusOf(run.state, workflowInfo());

  setHandler(messages.approve, (payload) => sent('approve', payload), {
    description: 'Approve: confirm the resize once the server is proven. { "by": "you", "reason": "…" }',
  });
  setHandler(messages.reject, (payload) => sent('reject', payload), {
    description: 'Reject: bring the old server back. { "by": "you", "reason": "…" }',
  });
  setHandler(messages.observeNow, () => run.apply({ is: 'observation-wanted' }), {
    description: 'Observe the server now instead of waiting for the timer. No payload.',
  });
  setHandler(messages.status, status, { description: 'The state of this resize.' });
  setHandler(
    messages.decide,
    (payload) => {
      const { choice, rest } = choiceIn(payload);
      vote(choice, rest, 'update');
      return status();
    },
    {
      description: 'Decide, and be told: { "decision": "approve" | "reject", "by": "you", "reason": "…" }',
      validator: (payload) => {
        const { choice, rest } = choiceIn(payload);
        if (run.state.prepared?.deciders === 'proven') throw refuse('InvalidDecision', SEND_THE_SIGNAL, BY_SIGNAL);
        const judgement = judged(choice, rest, 'update');
        if (judgement.is === 'refused') throw refuse(judgement.type, judgement.message);
      },
    },
  );
  setHandler(
    messages.extend,
    (payload) => {
      run.apply({ is: 'extended', extension: extension(run, payload) });
      run.publishSoon();
      return status();
    },
    {
      description: 'More time to decide. { "by": "you", "for": "30m", "reason": "…" }',
      validator: (payload) => void extension(run, payload),
    },
  );
  setOperatorHandlers(run, status);

  // A cancel is an input to the rules, not an exception: it counts as a reject by the same judgement.
  void CancellationScope.current().cancelRequested.catch(() => {
    sent('cancel', { by: CANCELLER, reason: 'the workflow was cancelled' });
  });
}

function setOperatorHandlers(run: Run, status: () => ResizeStatus): void {
  const said = (word: OperatorRecord['word']) => (payload: OperatorWord) => {
    const at = new Date(Date.now()).toISOString();
    run.apply({ is: 'operator-said', word: { word, ...read(run, word, payload), at } });
    run.publishSoon();
    return status();
  };
  setHandler(messages.retry, said('retry'), {
    description: 'In needs-operator: observe at once and judge anew. { "by": "you" }',
    validator: (payload) => void read(run, 'retry', payload),
  });
  setHandler(messages.abandon, said('abandon'), {
    description: 'In needs-operator: give up; the server stays as it is. { "by": "you", "reason": "…" }',
    validator: (payload) => void read(run, 'abandon', payload),
  });
}

/** @throws ApplicationFailure InvalidDecision, TooLate */
function extension(run: Run, payload: unknown): Extension {
  const judged = judgeExtension(run.state, payload, Date.now());
  if ('extension' in judged) return judged.extension;
  throw refuse(judged.type, judged.message);
}

/** @throws ApplicationFailure InvalidDecision */
function read(run: Run, word: OperatorRecord['word'], payload: unknown): OperatorWord {
  const said = readOperatorWord(word, payload);
  if (typeof said === 'string') throw refuse('InvalidDecision', said);
  const phase = phaseOf(run.state);
  if (phase !== 'needs-operator') {
    throw refuse('InvalidDecision', `${word} is for phase needs-operator; this resize is in phase ${phase}`);
  }
  return said;
}

function refuse(type: VoteRefusal, message: string, details?: object): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, ...(details && { details: [details] }) });
}

/** Over the wire anything can come, whatever the type says. */
function choiceIn(payload: unknown): { choice: unknown; rest: unknown } {
  if (typeof payload !== 'object' || payload === null) return { choice: undefined, rest: payload };
  const { decision, ...rest } = payload as Record<string, unknown>;
  return { choice: decision, rest };
}
