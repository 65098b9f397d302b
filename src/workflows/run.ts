/** One run of `resizeServer`: its state, and what the workflow needs around it. */
import { CancellationScope, condition, sleep, workflowInfo } from '@temporalio/workflow';
import { newRun, type RunState, STATE_VERSION } from '../resize/run-state';
import { checkRequest, InvalidRequest, readableParts, workflowIdOf } from '../resize/request';
import { checksWanted } from '../resize/health';
import { OBSERVATIONS_PER_RUN } from '../resize/polling';
import { deadlineSummary } from '../resize/summaries';
import { apply, type RunEvent } from '../resize/transitions';
import { ChecksUnderWay, runCheck } from './checks-under-way';
import type { ProvenVotes } from './proven-votes';
import { Publisher } from './publish';

/** One activity that observes until there is something new; what it finds counts for its stage only. */
interface Watch {
  stage: RunState['stage']['is'];
  scope: CancellationScope;
  news?: RunEvent;
}

export class Run {
  state: RunState;
  readonly #publisher = new Publisher();
  readonly #observationsBefore: number;
  /** The deadline that a timer runs for. */
  #timerFor: number | undefined;
  #timer: CancellationScope | undefined;
  #deadlineFired = false;
  #watch: Watch | undefined;
  readonly #checks = new ChecksUnderWay();
  #wantsPublishing = false;

  constructor(state: RunState) {
    this.state = state;
    this.#observationsBefore = state.observations;
  }

  apply(event: RunEvent): void {
    this.state = apply(this.state, event, { now: Date.now(), chance: Math.random() });
  }

  publish(): void {
    this.#wantsPublishing = false;
    this.#publisher.publish(this.state);
  }

  /** Once for all messages that Temporal delivers together, also while an activity is on its way. */
  publishSoon(): void {
    if (this.#wantsPublishing) return;
    this.#wantsPublishing = true;
    // Not in the scope of the handler: that of a cancel is cancelled itself.
    void Promise.resolve().then(() => {
      if (this.#wantsPublishing) this.publish();
    });
  }

  /** Is the history long enough to continue as new? */
  get isLong(): boolean {
    const { continueAsNewSuggested } = workflowInfo();
    return continueAsNewSuggested || this.state.observations - this.#observationsBefore >= OBSERVATIONS_PER_RUN;
  }

  /** What the watching of this stage has found. */
  get news(): RunEvent | undefined {
    return this.#watch?.stage === this.state.stage.is ? this.#watch.news : undefined;
  }

  takeNews(): void {
    const { news } = this;
    if (news === undefined) return;
    this.#watch = undefined;
    this.apply({ is: 'observing' });
    this.apply(news);
  }

  /** Watches the server, if that is not done already for this stage. */
  watch(begin: () => Promise<RunEvent>): void {
    const stage = this.state.stage.is;
    if (this.#watch?.stage === stage) return;
    const watch: Watch = { stage, scope: new CancellationScope() };
    this.#watch = watch;
    void watch.scope.run(begin).then((event) => (watch.news = event));
  }

  /** Gives up the watching that waits for its next observation; the next one begins with an observation. */
  endWatch(): void {
    this.#watch?.scope.cancel();
    this.#watch = undefined;
  }

  get hasChecksToBegin(): boolean {
    return !this.#checks.are(checksWanted(this.state));
  }

  /** Runs the checks that are wanted now, and gives up those that no longer are. */
  check(): void {
    this.#checks.only(
      checksWanted(this.state),
      (wanted) => runCheck(this.state, wanted),
      (wanted, finding) => {
        this.apply({ is: 'checked', check: wanted.check, when: wanted.when, finding });
        this.publishSoon();
      },
    );
  }

  get deadlineFired(): boolean {
    return this.#deadlineFired;
  }

  /** Was the deadline put off since its timer began? */
  get isDeadlineNew(): boolean {
    const { stage, deadline } = this.state;
    return stage.is === 'window' && deadline !== undefined && deadline !== this.#timerFor;
  }

  /**
   * The deadline of the window is one timer, however often the server is observed meanwhile. The window closes when the
   * run takes its firing: handlers compare no clocks, and what Temporal delivered before that counts. A vote that was
   * delivered before it and whose sender is not known yet is waited for; after `lateGrace` the deadline is late.
   */
  takeDeadline(votes: Pick<ProvenVotes, 'places' | 'settled'>): void {
    const fired = this.#deadlineFired;
    this.#deadlineFired = false;
    if (fired) this.apply({ is: 'deadline-passed' });
    const { deadline } = this.state;
    if (!this.isDeadlineNew || deadline === undefined) return;
    this.#timerFor = deadline;
    // One that was put off is over: the Temporal UI shows what each timer ends with.
    this.#timer?.cancel();
    this.#timer = new CancellationScope();
    const left = Math.max(deadline - Date.now(), 1);
    const fire = async () => {
      const { places } = votes;
      if (places.length > 0) await condition(() => votes.settled(places), this.state.request.lateGrace + 1);
      if (this.#timerFor === deadline) this.#deadlineFired = true;
    };
    void this.#timer.run(() => sleep(left, { summary: deadlineSummary(this.state) })).then(fire, () => undefined);
  }
}

/**
 * The state that a run begins with. A request that must not run at all is refused here, before the first command; a run
 * that continues another one is never checked again: it may have changed its server.
 * @param carried what the run before knew (continue-as-new)
 */
export function begin(input: unknown, carried: unknown): RunState {
  const { runId, attempt, continuedFromExecutionRunId } = workflowInfo();
  const moment = { now: Date.now(), chance: 0.5 };
  if (continuedFromExecutionRunId !== undefined && carried !== undefined) {
    const known = readCarried(carried);
    const continued = apply(known, { is: 'continued', runId }, moment);
    // A retry of a continued run (after a time-out that somebody set) does not know what the lost one sent.
    return attempt > 1 ? apply(continued, { is: 'run-lost' }, moment) : continued;
  }
  try {
    const state = newRun(checkRequest(input), runId, moment.now);
    const reason = notToBeStarted(state.request.server, carried);
    return reason === undefined ? state : apply(state, { is: 'not-started', reason }, moment);
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    const reason = `nothing was changed: ${error.message}`;
    return apply(newRun(readableParts(input), runId, moment.now), { is: 'not-started', reason }, moment);
  }
}

function notToBeStarted(server: string, carried: unknown): string | undefined {
  const { attempt, workflowId, runId } = workflowInfo();
  if (workflowId !== workflowIdOf(server)) {
    return `nothing was changed: workflow id ${workflowId} is not ${workflowIdOf(server)}: start resizes with ResizeClient`;
  }
  // A caller's retry policy must never resize twice. What the earlier attempt did is not known here.
  if (attempt > 1) {
    return `this is attempt ${attempt}, and an earlier one may have resized the server; this one asked the cloud for nothing; look at the run before ${runId}, and start resizes without a retry policy`;
  }
  if (carried !== undefined && carried !== null) return 'nothing was changed: resizeServer takes one argument';
  return undefined;
}

/** A state of a newer version fails the workflow task, until a worker that knows it takes the run up: nothing is lost. */
function readCarried(carried: unknown): RunState {
  const version = typeof carried === 'object' && carried !== null && 'version' in carried ? carried.version : undefined;
  if (version !== STATE_VERSION) {
    throw new Error(
      `the run was begun by another version of this program (its state has version ${String(version)}, this worker knows ${STATE_VERSION}); run workers of that version`,
    );
  }
  return carried as RunState;
}
