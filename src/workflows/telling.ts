/** Tells people of a resize, beside its main loop: nothing waits for it, and what cannot be told changes nothing. */
import {
  ActivityCancellationType,
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { Activities } from '../activities';
import type { NotifyInput } from '../activities/activity-answers';
import {
  isOvertaken,
  noticeOfEnd,
  noticesDue,
  noticesUnderWay,
  type Notice,
  type NoticeEvent,
} from '../resize/notices';
import { present } from '../resize/present';
import type { RunState } from '../resize/run-state';
import { statusOf } from '../resize/status';
import { summary } from '../resize/summaries';
import { queueOf } from './cloud-activities';
import { TELL_PEOPLE } from './messages';
import type { Run } from './run';

const MINUTE = 60_000;
/** For so long a target that cannot be reached is tried again, ms. */
const TRIED_FOR = 60 * MINUTE;
/** At least so long, also shortly before the deadline; ms. */
const LEAST = MINUTE / 2;

/** It is news for longer than the deadline that it names. */
const OUTLIVES_THE_DEADLINE: readonly NoticeEvent[] = ['decided', 'needs-operator'];

export class Telling {
  readonly #run: Run;
  readonly #underWay = new Map<string, CancellationScope>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Tells what is due, for as long as the run goes on. To be run beside its main loop; it never returns. */
  async go(): Promise<never> {
    const run = this.#run;
    // Where the worker tells nobody, no event is spent on it.
    await condition(() => run.state.prepared?.notify !== undefined);
    // What the run before this one was sending is sent again, with the same id.
    for (const notice of noticesUnderWay(run.state)) this.#send(notice);
    for (;;) {
      this.#withdraw();
      const { due, nextAt } = noticesDue(run.state, Date.now());
      for (const notice of due) {
        run.apply({ is: 'telling', notice });
        this.#send(notice);
      }
      if (due.length > 0) continue;
      const changed = () => {
        const now = noticesDue(run.state, Date.now());
        return now.due.length > 0 || now.nextAt !== nextAt || this.#overtaken().length > 0;
      };
      if (nextAt === undefined) await condition(changed);
      else await condition(changed, Math.max(nextAt - Date.now(), 1), { summary: 'until people are reminded' });
    }
  }

  #overtaken(): Notice[] {
    const { state } = this.#run;
    return noticesUnderWay(state).filter((notice) => this.#underWay.has(notice.id) && isOvertaken(state, notice));
  }

  /** Nobody is to be asked what is decided. What is being sent at this moment is sent. */
  #withdraw(): void {
    for (const { id } of this.#overtaken()) {
      this.#underWay.get(id)?.cancel();
      this.#underWay.delete(id);
    }
  }

  #send(notice: Notice): void {
    const scope = new CancellationScope();
    this.#underWay.set(notice.id, scope);
    void scope
      .run(() => sent(this.#run.state, notice))
      .then((failed) => {
        this.#underWay.delete(notice.id);
        this.#run.apply({ is: 'told', id: notice.id, ...present({ failed }) });
      });
  }
}

/** @returns why it was given up; undefined: it was sent */
async function sent(state: RunState, notice: Notice): Promise<string | undefined> {
  const { deadline = Infinity } = state;
  const left = OUTLIVES_THE_DEADLINE.includes(notice.event) ? Infinity : deadline - Date.now();
  try {
    await notify({ notice, status: statusOf(state, workflowInfo()) }, Math.min(TRIED_FOR, Math.max(left, LEAST)));
    return undefined;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    return cause instanceof CancelledFailure
      ? 'it could not be sent before it was overtaken'
      : (cause?.message ?? 'no reason given');
  }
}

async function notify(input: NotifyInput, within: number): Promise<void> {
  const { notice, status } = input;
  const activities = proxyActivities<Activities>({
    taskQueue: queueOf(status.cloud),
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: within,
    retry: { initialInterval: '2s', maximumInterval: '5 minutes' },
    // What is being sent may arrive: its answer is waited for. What waits for another try ends at once.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: summary(`tell people: ${notice.event} of ${status.server.name ?? status.server.id}`),
  });
  await activities.notify(input);
}

/**
 * Has the end told by a workflow of its own: Temporal drops the activities of a run that has closed, and the run is not
 * to stay open until a target is back. Only the start of that workflow is waited for, which no worker takes part in.
 */
export async function tellEnd(state: RunState): Promise<void> {
  const notice = noticeOfEnd(state, Date.now());
  if (notice === undefined) return;
  const input: NotifyInput = { notice, status: { ...statusOf(state, workflowInfo()), live: false } };
  try {
    await startChild(TELL_PEOPLE, {
      workflowId: `notify-${notice.id}`,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: summary(
        `tell people how the resize of ${input.status.server.name ?? input.status.server.id} ended`,
      ),
    });
  } catch (error) {
    // A run that was reset has told it before.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** Tells people one thing, for as long as it takes. @throws ActivityFailure when it was given up: that is seen as a failed workflow */
export async function tellPeople(input: NotifyInput): Promise<void> {
  await notify(input, TRIED_FOR);
}
