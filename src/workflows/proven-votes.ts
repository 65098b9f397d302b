/** The votes of a run whose deciders are proven: each waits until an activity has told who sent it. */
import { ActivityFailure, condition, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { readVote } from '../resize/decision';
import { present } from '../resize/present';
import {
  isSamePlace,
  judgeProven,
  MOST_PENDING,
  type MessagePlace,
  type PendingVote,
  type SenderAnswer,
  type VoteMessage,
} from '../resize/proven';
import { standingOf } from '../resize/standing';
import { queueOf } from './cloud-activities';
import type { Run } from './run';

/** Votes whose senders are asked for together: one reading of the history tells of all of them. */
const ASKED_AT_ONCE = 20;

/** A vote whose sender cannot be learnt for so long (no worker, no right to read the history) does not count. */
const ASKED_FOR = '1 day';

export class ProvenVotes {
  readonly #run: Run;
  readonly #came: Record<VoteMessage, number> = { approve: 0, reject: 0, cancel: 0 };

  constructor(run: Run) {
    this.#run = run;
  }

  /**
   * To be called for each signal and cancel, readable or not: Temporal delivers them in the order of the history, so
   * the n-th of a name here is the n-th there.
   * @returns true when it waits for its sender, and is not to be judged now
   */
  came(message: VoteMessage, payload: unknown): boolean {
    const nth = ++this.#came[message];
    const { prepared, pendingVotes, stage } = this.#run.state;
    // Until the run is prepared, a vote is judged as claimed, and kept to be judged anew.
    if (stage.is === 'closed' || (prepared !== undefined && prepared.deciders !== 'proven')) return false;
    const vote = readVote(message === 'cancel' ? 'reject' : message, payload);
    // What cannot be read counts for nobody, whoever sent it.
    if (typeof vote === 'string') return false;
    const { decision: choice, ...rest } = vote;
    const place = { runId: workflowInfo().runId, message, nth, ...present({ voteId: rest.voteId }) };
    const via = message === 'cancel' ? 'cancel' : 'signal';
    const pending: PendingVote = { choice, via, vote: rest, at: Date.now(), place };
    if (pendingVotes.length < MOST_PENDING) this.#run.apply({ is: 'vote-came', vote: pending });
    else if (prepared === undefined) return false;
    else this.#judge(pending, { none: `${MOST_PENDING} votes wait for their senders already; send it again` });
    return prepared !== undefined;
  }

  /** Asks who sent them, for as long as the run goes on. To be run beside its main loop; it never returns. */
  async ask(): Promise<never> {
    for (;;) {
      await condition(() => this.#waiting.length > 0);
      const asked = this.#waiting.slice(0, ASKED_AT_ONCE);
      const answers = await whoSent(
        this.#run.state.request.cloud,
        asked.map(({ place }) => place),
      );
      for (const [n, vote] of asked.entries()) this.#judge(vote, answers[n] ?? { none: 'the activity did not tell' });
      this.#run.publishSoon();
    }
  }

  #judge(vote: PendingVote, sender: SenderAnswer): void {
    const { state } = this.#run;
    const standing = standingOf(state, workflowInfo().firstExecutionRunId, vote.at);
    const judgement = judgeProven(state.ledger, vote, sender, standing);
    this.#run.apply({ is: 'voted', judgement, settles: vote.place });
  }

  /** What waits now, for {@link settled}. */
  get places(): readonly MessagePlace[] {
    return this.#waiting.map(({ place }) => place);
  }

  /** Is none of these still waiting? */
  settled(places: readonly MessagePlace[]): boolean {
    return !this.#waiting.some(({ place }) => places.some((one) => isSamePlace(one, place)));
  }

  get #waiting() {
    const { prepared, pendingVotes } = this.#run.state;
    return prepared?.deciders === 'proven' ? pendingVotes : [];
  }
}

async function whoSent(cloud: string, places: MessagePlace[]): Promise<SenderAnswer[]> {
  const activities = proxyActivities<Activities>({
    taskQueue: queueOf(cloud),
    startToCloseTimeout: '20s',
    scheduleToCloseTimeout: ASKED_FOR,
    retry: { initialInterval: '1s', maximumInterval: '1 minute' },
    // A decision does not wait behind observations.
    priority: { priorityKey: 1 },
    summary: places.length === 1 ? 'ask who sent a vote' : `ask who sent ${places.length} votes`,
  });
  try {
    return await activities.whoSent({ places });
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return places.map(() => ({ none: `it could not be learnt within ${ASKED_FOR}; send it again` }));
  }
}
