import { Context, log, metricMeter } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { CloudFailure, isSettled, type Cloud } from '../cloud';
import { Changes, tickOf, type WatchMode } from '../resize/changes';
import { present } from '../resize/present';
import { workflowIdOf } from '../resize/request';
import { watcherState } from '../temporal/watcher-progress';
import type { WatchProgress, WatchServersInput, WatchServersResult } from './activity-answers';
import { withHeartbeats } from './heartbeats';
import { OpenRuns } from './open-runs';
import { pause } from './stoppable';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** After so long without an open resize the watcher ends, ms. */
const IDLE_FOR = MINUTE;
/** The workflow continues as new after this time, so that its history stays short; ms. */
const RENEW_AFTER = 60 * MINUTE;
/** A cloud that does not let the worker list changes is asked again, ms. */
const OFF_FOR = 5 * MINUTE;
/** So long after the end of the watching the runs hear that they keep time by themselves; workers then know of it, ms. */
const KNOWN_AFTER = SECOND;

/**
 * Watches all servers of a project with one list after another, and reports to the runs of those that came to rest. It says
 * nothing else: a run that gets a report observes its server by itself, so a wrong or lost message costs time, never truth.
 * @returns when no resize has been open for a minute, or when its workflow has to continue as new
 * @throws ApplicationFailure, to be tried again: another worker goes on where this one was
 */
export async function watchServers(cloud: Cloud, input: WatchServersInput): Promise<WatchServersResult> {
  await checkProject(cloud, input);
  const before: unknown = Context.current().info.heartbeatDetails;
  const known = (before as WatchProgress | undefined) ?? input.progress;
  const watcher = new ServerWatcher(cloud, input, known);
  return withHeartbeats(
    () => watcher.run(),
    () => watcher.progress(),
  );
}

/** Two workers may have profiles of one name for different projects: each watches its own. */
async function checkProject(cloud: Cloud, { project, region }: WatchServersInput): Promise<void> {
  const own = await cloud.identity().catch((error: unknown) => {
    if (error instanceof CloudFailure) throw later('CloudUnreachable', error.trouble.message);
    throw error;
  });
  if (own.project === project && own.region === region) return;
  const sentence = `the profile '${cloud.name}' of this worker is for another project or region: give it a name of its own`;
  throw later('OtherProject', sentence);
}

/** The watcher is tried again in a while, perhaps by another worker. */
const later = (type: string, message: string): ApplicationFailure =>
  ApplicationFailure.create({ type, message, nextRetryDelay: '10s', category: ApplicationFailureCategory.BENIGN });

class ServerWatcher {
  readonly #cloud: Cloud;
  readonly #runs: OpenRuns;
  readonly #changes: Changes;
  readonly #began = Date.now();
  readonly #gauge = metricMeter.createGauge(
    'durable_resize_watched',
    'int',
    undefined,
    'whether one list watches all servers of the project',
  );
  #mode: WatchMode;
  #why: string | undefined;
  #listedAt: number | undefined;
  #failures = 0;
  #offSince: number | undefined;
  #reportAllAt: number | undefined;
  #wasOff: boolean;

  constructor(cloud: Cloud, { taskQueue, attributes }: WatchServersInput, known: WatchProgress | undefined) {
    this.#cloud = cloud;
    this.#runs = new OpenRuns(taskQueue, attributes ? cloud.name : undefined);
    this.#changes = new Changes(Date.now(), known?.watermark);
    this.#mode = known?.mode === 'difference' ? 'difference' : 'changes';
    this.#wasOff = known?.mode === 'off';
    // There is no list to compare the first one with: what left it meanwhile is not known.
    if (this.#mode === 'difference') this.#reportAllAt = Date.now();
  }

  async run(): Promise<WatchServersResult> {
    try {
      return await this.#untilEnd();
    } finally {
      // Another worker goes on, or nobody.
      this.#measure(false);
    }
  }

  async #untilEnd(): Promise<WatchServersResult> {
    for (;;) {
      const begun = Date.now();
      await this.#list(begun);
      this.#measure(watcherState(this.progress()) === 'watching');
      if (this.#reportAllAt !== undefined && begun >= this.#reportAllAt) {
        if (await this.#runs.toReportAll()) this.#reportAllAt = undefined;
      }
      await this.#runs.report();
      await this.#runs.count();
      const end = this.#runs.noneFor >= IDLE_FOR ? 'idle' : begun - this.#began >= RENEW_AFTER ? 'renew' : undefined;
      if (end !== undefined) return { end, progress: this.progress() };
      await pause(begun + this.#wait() - Date.now());
    }
  }

  /** What another attempt goes on from, and what tells a run whether it is watched. */
  progress(): WatchProgress {
    return present({
      mode: this.#mode,
      why: this.#why,
      watermark: this.#changes.watermark,
      listedAgo: this.#listedAt === undefined ? undefined : Date.now() - this.#listedAt,
      openRuns: this.#runs.number,
    });
  }

  #wait(): number {
    if (this.#mode === 'off') return SECOND;
    return tickOf(this.#changes.isMoving(Date.now()), this.#failures, {
      requests: this.#mode === 'difference' ? 3 : 1,
      ...present({ perSecond: this.#cloud.requestsPerSecond }),
    });
  }

  async #list(now: number): Promise<void> {
    if (this.#offSince !== undefined && now - this.#offSince < OFF_FOR) return;
    try {
      for (const id of await this.#changed(now)) this.#runs.toReport(workflowIdOf(id));
      const first = this.#listedAt === undefined;
      this.#listedAt = Date.now();
      this.#failures = 0;
      this.#offSince = this.#why = undefined;
      if (this.#wasOff) this.#reportAllAt = undefined;
      this.#wasOff = false;
      if (first) Context.current().heartbeat(this.progress());
    } catch (error) {
      if (!(error instanceof CloudFailure)) throw error;
      this.#refused(error, now);
    }
  }

  async #changed(now: number): Promise<string[]> {
    // After a pause the better way is tried first.
    if (this.#mode === 'off') this.#mode = 'changes';
    if (this.#mode === 'difference') return this.#changes.takeDifference(await this.#cloud.serversUnderWay(), now);
    if (this.#changes.watermark === undefined) {
      this.#changes.begin((await this.#cloud.serversChangedSince(undefined)).cloudTime, now);
    }
    const { rows, cloudTime, ignored } = await this.#cloud.serversChangedSince(this.#changes.since(now));
    if (ignored !== true) return this.#changes.take(rows, cloudTime, now);
    this.#mode = 'difference';
    return this.#changed(now);
  }

  /** A list that is refused for good ends the watching for a while; anything else is tried again with the next one. */
  #refused(error: CloudFailure, now: number): void {
    const { kind, message } = error.trouble;
    this.#failures++;
    if (!isSettled(error) && kind !== 'not-authenticated') return;
    if (this.#mode === 'changes' && kind === 'bad-request') {
      this.#mode = 'difference';
      this.#listedAt = undefined;
      return;
    }
    // Runs that were watched, by this attempt or by one before, wait for a message that will not come.
    if (!this.#wasOff) this.#reportAllAt = now + KNOWN_AFTER;
    this.#wasOff = true;
    this.#mode = 'off';
    this.#why = message;
    this.#offSince = now;
    this.#listedAt = undefined;
    log.warn(`the servers of cloud ${this.#cloud.name} are not watched, each run keeps time by itself: ${message}`);
  }

  #measure(watches: boolean): void {
    this.#gauge.set(watches ? 1 : 0, { cloud: this.#cloud.name });
  }
}
