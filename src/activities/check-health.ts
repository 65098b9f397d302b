import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Checker } from '../checks';
import {
  capped,
  countsAs,
  courseOf,
  findingOf,
  verdictOf,
  withTry,
  type Course,
  type Streak,
  type Try,
} from '../resize/check-verdict';
import type { Finding } from '../resize/checks';
import { present } from '../resize/present';
import type { CheckInput } from './activity-answers';
import { withHeartbeats } from './heartbeats';
import { pause, stoppable } from './stoppable';

/**
 * Runs one check until it has a verdict. Whatever the checked host does is a finding.
 * @throws ApplicationFailure NothingNew of a watch, to be tried again: it found what the run knows; WorkerShutdown, to be
 *   tried again; CancelledFailure
 */
export function checkHealth(checker: Pick<Checker, 'try'>, input: CheckInput): Promise<Finding> {
  const run = new CheckRun(checker, input);
  return withHeartbeats(
    () => (input.when === 'watch' ? run.news() : run.finding()),
    () => run.streak,
  );
}

/** One attempt of the activity. */
class CheckRun {
  readonly #checker: Pick<Checker, 'try'>;
  readonly #input: CheckInput;
  readonly #course: Course;
  readonly #began = performance.now();
  readonly #before: number;
  /** What another attempt goes on from. */
  streak: Streak | undefined;

  constructor(checker: Pick<Checker, 'try'>, input: CheckInput) {
    const { info } = Context.current();
    const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = info;
    const beaten: unknown = info.heartbeatDetails;
    this.#checker = checker;
    this.#input = input;
    this.#course = courseOf(input.check, input);
    // Both by the clock of the Temporal server: an attempt after a lost worker does not begin anew, whatever clocks say.
    this.#before = Math.max(currentAttemptScheduledTimestampMs - scheduledTimestampMs, 0);
    if (input.when !== 'watch') this.streak = beaten as Streak | undefined;
  }

  /** ms since the activity was scheduled first. */
  get #elapsed(): number {
    return this.#before + performance.now() - this.#began;
  }

  async finding(): Promise<Finding> {
    const { check, when } = this.#input;
    if (when === 'proof') await pause(check.initialDelay - this.#elapsed);
    return this.#untilVerdict();
  }

  /** One try; more of them where it does not find what the run knows. */
  async news(): Promise<Finding> {
    const { check, known } = this.#input;
    // Each attempt of a watch has its own time: it is as long as people take.
    const first = await this.#try();
    if (countsAs(check, first.verdict) === known) throw this.#nothingNew(first);
    const finding = await this.#untilVerdict();
    if (finding.verdict === known) throw this.#nothingNew(finding);
    return finding;
  }

  async #untilVerdict(): Promise<Finding> {
    const { check } = this.#input;
    for (;;) {
      const verdict = this.streak && verdictOf(this.streak, check, this.#course);
      const left = this.#course.within - this.#spent;
      if (verdict !== undefined || left <= 0) {
        const now = new Date().toISOString();
        return findingOf(check, this.#course, { verdict, streak: this.streak, now });
      }
      if (this.streak !== undefined) await pause(Math.min(check.interval, left));
      if (this.#spent < this.#course.within) await this.#try();
    }
  }

  get #spent(): number {
    return this.#input.when === 'watch' ? performance.now() - this.#began : this.#elapsed;
  }

  /** A try has all of its time, also the last one: one that is cut short would blame the server. */
  async #try(): Promise<Try> {
    const { check, target, status, when } = this.#input;
    const begun = this.#spent;
    const since = when === 'proof' ? Date.now() - this.#elapsed : undefined;
    const { timeout, interval } = check;
    const asked = { target, timeout, interval, ...present({ status, since }) };
    const found = await stoppable((signal) => this.#checker.try(check, { ...asked, signal }));
    this.streak = withTry(this.streak, found, begun, this.#course);
    return found;
  }

  #nothingNew({ verdict, figure, reason }: Pick<Try, 'verdict' | 'figure' | 'reason'>): ApplicationFailure {
    const { check, every } = this.#input;
    const shown = capped([verdict, figure, reason].filter((part) => part !== undefined).join(', '));
    const failure = ApplicationFailure.create({
      type: 'NothingNew',
      message: `${check.name}: ${shown} at ${new Date().toISOString()}`,
      category: ApplicationFailureCategory.BENIGN,
      ...present({ nextRetryDelay: every }),
    });
    // It is no fault: a stack would only make the history longer.
    failure.stack = '';
    return failure;
  }
}
