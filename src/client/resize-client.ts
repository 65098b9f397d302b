/** The library: what the command line is built on, and what other services use. It needs Temporal and nothing else. */
import type { InspectInput, Inspection, Orphan, OrphansInput } from '../workflows/messages';
import type { DurationInput } from '../resize/request';
import { getRun, listRuns, type ListFilter } from './find-run';
import type { HistoryEntry } from '../record/entries';
import type { RunHistory } from '../record/history';
import { entriesFor, historiesOf } from './histories';
import { inspect, orphans } from './inspect';
import { scheduleOrphans } from './orphan-schedule';
import type { ResizeRun } from './resize-run';
import type { RunStatus } from './run-status';
import type { OnWaiting } from './short-workflow';
import { checkStart, start, type StartInput } from './start';
import { TemporalLink, type ConnectOptions } from './temporal-link';

/**
 * Starts, finds and lists resizes. Every method throws `ResizeError`.
 *
 * @example
 *   const resizes = await ResizeClient.connect();
 *   const run = await resizes.start({ cloud: 'prod', server: 'web-07', flavor: 'm1.xlarge', requestedBy: 'ana' });
 *   await run.approve({ by: 'bob', reason: 'CHG-1234' });
 *   const status = await run.wait();
 *   await resizes.close();
 */
export class ResizeClient {
  private constructor(private readonly link: TemporalLink) {}

  /**
   * Connects to Temporal: TEMPORAL_* and the Temporal config file, unless a connection or client is given.
   * @throws ResizeError NoTemporal, NotAuthenticated, InvalidRequest (unreadable settings)
   */
  static async connect(options: ConnectOptions = {}): Promise<ResizeClient> {
    return new ResizeClient(await TemporalLink.open(options));
  }

  /**
   * Looks at a server and a flavor through a worker, and touches nothing.
   * @param onWaiting called with what it waits for, while workers are busy
   * @throws ResizeError NoWorker, Busy, NotFound, AmbiguousName, NotAuthenticated, UnknownCloud, CloudUnreachable,
   *   InvalidRequest, NoTemporal
   */
  inspect(input: InspectInput, onWaiting?: OnWaiting): Promise<Inspection> {
    return inspect(this.link, input, onWaiting);
  }

  /**
   * The servers of a cloud that wait in VERIFY_RESIZE while no running resize watches them: forgotten confirms, and what
   * a terminated run left behind. `start` with `adopt` takes one over.
   * @throws ResizeError NoWorker, Busy, NotAuthenticated, UnknownCloud, CloudUnreachable, InvalidRequest, NoTemporal
   */
  orphans(input: OrphansInput, onWaiting?: OnWaiting): Promise<Orphan[]> {
    return orphans(this.link, input, onWaiting);
  }

  /**
   * Looks for orphans every so often, by a Temporal schedule; each search sets a metric and writes log lines.
   * @param every a duration in ms, or a text such as `1h`
   * @returns the id of the schedule
   * @throws ResizeError InvalidRequest, NoWorker, NoTemporal
   */
  scheduleOrphans(input: OrphansInput, every: DurationInput): Promise<string> {
    return scheduleOrphans(this.link, input, every);
  }

  /**
   * Checks a request as `start` does, without looking at anything.
   * @throws ResizeError InvalidRequest
   */
  check(input: StartInput): void {
    checkStart(input);
  }

  /**
   * Starts a resize. A request with the `key` of the server's newest run returns that run.
   * @param onWaiting called with what it waits for, while workers are busy
   * @throws ResizeError InvalidRequest; what `inspect` throws; Conflict (one is running); Refused
   */
  start(input: StartInput, onWaiting?: OnWaiting): Promise<ResizeRun> {
    return start(this.link, input, onWaiting);
  }

  /**
   * The newest resize of a server.
   * @param server its id, a workflow id, or a name; of several servers of a name the one whose resize is open, else the
   *   one that was resized last (`namesakes` has the others)
   * @throws ResizeError NotFound, AmbiguousName, NoTemporal
   */
  get(server: string): Promise<ResizeRun> {
    return getRun(this.link, server);
  }

  /**
   * The resizes that Temporal keeps, newest first, as last recorded; with `waitingFor` those that wait for a person's vote.
   * @throws ResizeError InvalidRequest, NoTemporal
   */
  list(filter: ListFilter = {}): Promise<RunStatus[]> {
    return listRuns(this.link, filter);
  }

  /**
   * What happened in the resizes of a server that Temporal keeps, oldest first: votes, verdicts, requests and their answers,
   * how each ended. No worker is asked.
   * @throws ResizeError NotFound, AmbiguousName, NoTemporal
   */
  history(server: string): Promise<HistoryEntry[]> {
    return entriesFor(this.link, server);
  }

  /**
   * The histories of these resizes themselves, each as the chain of its runs: what `audit history` checks.
   * @throws ResizeError NotFound, AmbiguousName, NoTemporal
   */
  histories(server: string): Promise<RunHistory[][]> {
    return historiesOf(this.link, server);
  }

  /** Waits for calls on their way, then closes the connection, unless it is the caller's. */
  close(): Promise<void> {
    return this.link.close();
  }
}
