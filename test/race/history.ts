/** The history of a run as its workflow tasks: what Temporal delivered in each, and what the run made of it. */
import { defaultPayloadConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time';
import type { temporal } from '@temporalio/proto';
import type { CheckTime, Verdict } from '../../src/resize/checks';
import { isDeadlineSummary } from '../../src/resize/summaries';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payload = temporal.api.common.v1.IPayload;

/** What a run is told, in the terms of its rules. */
export type Input =
  | { is: 'vote'; decision: 'approve' | 'reject'; by: string; via: 'signal' | 'update'; voteId?: string }
  | { is: 'cancel' }
  | { is: 'extend' }
  /** `begun` and `id`: the events in which the check was asked for, and in which it answered. */
  | { is: 'verdict'; when: CheckTime; verdict: Verdict; begun: number; id: number }
  | { is: 'deadline' };

/** One workflow task that was completed. */
export interface Task {
  /** Event id of its completion. */
  id: number;
  inputs: Input[];
  /** The phases that it published, in order. */
  phases: string[];
}

/** What a run says of itself in its memo, as far as it matters here. */
interface Published {
  phase: string;
  decisionDeadline?: string;
}

const decoded = (payload: Payload | null | undefined): unknown =>
  payload ? defaultPayloadConverter.fromPayload(payload) : undefined;

/** @param payload of something that the run was told; over the wire anything can come, here only what the race sent */
const fields = (payload: Payload | null | undefined) => (decoded(payload) ?? {}) as Partial<Record<string, string>>;

export function tasksOf(events: readonly HistoryEvent[]): Task[] {
  const reader = new Reader();
  for (const event of events) reader.read(event);
  return reader.tasks;
}

class Reader {
  readonly tasks: Task[] = [];
  /** What was delivered since the last task that was completed began. */
  #delivered: { id: number; input: Input }[] = [];
  readonly #checks = new Map<number, CheckTime>();
  /** The newest timer for a deadline: a run takes no other. */
  #deadlineTimer: number | undefined;
  /** As last published, ms. */
  #deadline = Infinity;
  #began = { id: 0, at: 0 };

  read(event: HistoryEvent): void {
    const id = Number(event.eventId);
    const told = (input: Input) => this.#delivered.push({ id, input });
    const {
      workflowExecutionSignaledEventAttributes: signaled,
      workflowExecutionCancelRequestedEventAttributes: cancelled,
      workflowExecutionUpdateAcceptedEventAttributes: accepted,
      workflowTaskStartedEventAttributes: begun,
      workflowTaskCompletedEventAttributes: completed,
      workflowPropertiesModifiedEventAttributes: modified,
      activityTaskScheduledEventAttributes: scheduled,
      activityTaskCompletedEventAttributes: done,
      timerStartedEventAttributes: timer,
      timerFiredEventAttributes: fired,
    } = event;
    if (signaled) {
      const { signalName: name } = signaled;
      if (name === 'approve' || name === 'reject') {
        const { by = '', voteId } = fields(signaled.input?.payloads?.[0]);
        told({ is: 'vote', decision: name, by, via: 'signal', ...(voteId !== undefined && { voteId }) });
      }
    }
    if (cancelled) told({ is: 'cancel' });
    if (begun) this.#began = { id, at: tsToMs(event.eventTime) };
    if (completed) {
      const began = this.#began;
      const inputs = this.#delivered.filter((each) => each.id < began.id).map(({ input }) => input);
      this.#delivered = this.#delivered.filter((each) => each.id > began.id);
      // The timer of a deadline that was put off fires, too, and means nothing any more.
      const means = ({ is }: Input) => is !== 'deadline' || began.at >= this.#deadline;
      this.tasks.push({ id, inputs: inputs.filter(means), phases: [] });
    }
    const task = this.tasks.at(-1);
    // What a task did stands directly after its completion.
    if (accepted && task) {
      const { name, args } = accepted.acceptedRequest?.input ?? {};
      const { by = '', decision, voteId } = fields(args?.payloads?.[0]);
      if (name === 'extend') task.inputs.push({ is: 'extend' });
      if (name === 'decide' && (decision === 'approve' || decision === 'reject'))
        task.inputs.push({ is: 'vote', decision, by, via: 'update', ...(voteId !== undefined && { voteId }) });
    }
    if (modified && task) {
      const status = decoded(modified.upsertedMemo?.fields?.['status']) as Published;
      task.phases.push(status.phase);
      this.#deadline = Date.parse(status.decisionDeadline ?? '') || Infinity;
    }
    if (scheduled?.activityType?.name === 'checkHealth') {
      const { when } = decoded(scheduled.input?.payloads?.[0]) as { when: CheckTime };
      this.#checks.set(id, when);
    }
    const ended = done ?? event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes;
    const asked = Number(ended?.scheduledEventId);
    const when = this.#checks.get(asked);
    if (when !== undefined) {
      // A check that nobody could run says nothing of the server.
      const { verdict = 'inconclusive' } = fields(done?.result?.payloads?.[0]);
      told({ is: 'verdict', when, verdict: verdict as Verdict, begun: asked, id });
    }
    const summary = timer && decoded(event.userMetadata?.summary);
    if (typeof summary === 'string' && isDeadlineSummary(summary)) this.#deadlineTimer = id;
    if (fired && Number(fired.startedEventId) === this.#deadlineTimer) told({ is: 'deadline' });
  }
}
