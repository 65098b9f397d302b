/** One resize that was started or found: what can be asked of it and sent to it. */
import type { ExtensionInput, Inspection, OperatorWord } from '../workflows/messages';
import { extendDecision, operatorWord, requestCancel, vote, type VoteInput, type VoteResult } from './messages-to-run';
import { present } from '../resize/present';
import { newestOf, type Chain } from './run-chain';
import { fullStatus, recordedStatus, type RunStatus } from './run-status';
import type { TemporalLink } from './temporal-link';
import { waitForEnd, type WaitOptions } from './wait-for-end';
import { isWatched } from './watched';

/** How {@link ResizeRun} came to be. */
export interface Found {
  /** What was found before it was started; only from `start`. */
  inspection?: Inspection;
  /** True when `start` returned the run of an earlier call with the same key. */
  sameKey?: boolean;
  /** Other servers of the name that it was found by, whose resizes are over; only from `get` by a name. */
  namesakes?: readonly Namesake[];
}

/** A server that has, or had, the same name. */
export interface Namesake {
  id: string;
  cloud: string;
}

/**
 * A resize, known by the chain of its runs: a later resize of the same server is never taken for it. Every method
 * throws {@link ResizeError}, and none of them touches a cloud.
 */
export class ResizeRun {
  private readonly chain: Chain;
  readonly inspection?: Inspection;
  readonly sameKey: boolean;
  readonly namesakes: readonly Namesake[];

  /** @internal made by ResizeClient */
  constructor(
    private readonly link: TemporalLink,
    chain: Chain,
    found: Found = {},
  ) {
    this.chain = { ...chain };
    if (found.inspection !== undefined) this.inspection = found.inspection;
    this.sameKey = found.sameKey ?? false;
    this.namesakes = found.namesakes ?? [];
  }

  /** `resize-<server id>` */
  get workflowId(): string {
    return this.chain.workflowId;
  }

  /** The newest run known; it changes when the resize continues in a new run. */
  get runId(): string {
    return this.chain.runId;
  }

  /** The server's id. */
  get server(): string {
    return this.workflowId.replace(/^resize-/, '');
  }

  /**
   * Votes for the new size; `status.votesMissing` says how many approvals are missing. Answered by a worker, or kept by Temporal until one judges it (`judged: false`).
   * @throws ResizeError InvalidDecision, NotAnApprover, RequesterMayNotApprove, WrongRun, TooLate, NoTemporal
   */
  approve(input: VoteInput): Promise<VoteResult> {
    return vote(this.link, this.chain, 'approve', input);
  }

  /** Votes against it: the server goes back to its old flavor, and loses what {@link RunStatus.revertLoses} says. */
  reject(input: VoteInput): Promise<VoteResult> {
    return vote(this.link, this.chain, 'reject', input);
  }

  /**
   * Gives people more time to decide: `for` longer than now, until 24 hours after the window opened.
   * @throws ResizeError InvalidDecision, NotAnApprover, TooLate, NotAnswered, NoTemporal
   */
  extend(input: ExtensionInput): Promise<RunStatus> {
    return extendDecision(this.link, this.chain, input);
  }

  /**
   * Asks Temporal to cancel it: before the cloud was asked it ends the resize, later it counts as a reject, unless the
   * request names its approvers.
   */
  cancel(): Promise<RunStatus> {
    return requestCancel(this.link, this.chain);
  }

  /** In phase needs-operator: observe at once and decide anew. Returns the status as it is after that. */
  retry(input: OperatorWord): Promise<RunStatus> {
    return operatorWord(this.link, this.chain, 'retry', input);
  }

  /** In phase needs-operator: end the resize there; the server stays as it is. Returns the status as it is after that. */
  abandon(input: OperatorWord): Promise<RunStatus> {
    return operatorWord(this.link, this.chain, 'abandon', input);
  }

  /** The state of the resize: asked of a worker (`live: true`), else as recorded; within about 3 s either way. */
  async status(): Promise<RunStatus> {
    const described = await newestOf(this.link, this.chain);
    const [status, watched] = await Promise.all([fullStatus(this.link, described), isWatched(this.link, described)]);
    return status.execution === 'running' ? { ...status, ...present({ watched }) } : status;
  }

  /** The state as last recorded with the workflow: no worker is asked. */
  async recorded(): Promise<RunStatus> {
    return recordedStatus(await newestOf(this.link, this.chain));
  }

  /**
   * Waits until the resize is over or needs an operator, worker or not, through every continue-as-new.
   * @returns the status then, or, when `timeout` has passed, the status so far (`execution: 'running'`)
   */
  wait(options: WaitOptions = {}): Promise<RunStatus> {
    return waitForEnd(this.link, this.chain, options);
  }
}
