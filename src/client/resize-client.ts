/** The library: what the command line is built on, and what other services use. It needs Temporal and nothing else. */
import type { InspectInput, Inspection, OrphansInput } from '../workflows/messages';
import { getRun, listRuns, type ListFilter } from './find-run';
import { checkServed, inspect, orphans, type FoundOrphan } from './inspect';
import { scheduleOrphans } from './orphan-schedule';
import type { ResizeRun } from './resize-run';
import type { RunStatus } from './run-status';
import { checkStart, start, type StartInput } from './start';
import { TemporalLink, type ConnectOptions } from './temporal-link';

export type { Orphan, OrphansInput } from '../workflows/messages';
export type { FoundOrphan } from './inspect';

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
   * @throws ResizeError NoWorker, NotFound, AmbiguousName, NotAuthenticated, UnknownCloud, CloudUnreachable,
   *   InvalidRequest, NoTemporal
   */
  inspect(input: InspectInput): Promise<Inspection> {
    return inspect(this.link, input);
  }

  /**
   * The servers of a cloud that wait in VERIFY_RESIZE while no running resize owns them: forgotten confirms, and what
   * a terminated run left behind. `start` with `adopt` takes one over.
   * @throws ResizeError NoWorker, NotAuthenticated, UnknownCloud, CloudUnreachable, NoTemporal
   */
  orphans(input: OrphansInput): Promise<FoundOrphan[]> {
    return orphans(this.link, input);
  }

  /**
   * Looks for orphans every so often, by a Temporal schedule; each look sets a metric and writes log lines.
   * @param every ms
   * @returns the id of the schedule
   * @throws ResizeError NoWorker, NoTemporal
   */
  async scheduleOrphans(input: OrphansInput, every: number): Promise<string> {
    await checkServed(this.link, input.cloud);
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
   * @throws ResizeError InvalidRequest; what `inspect` throws; Conflict (one is running); Refused
   */
  start(input: StartInput): Promise<ResizeRun> {
    return start(this.link, input);
  }

  /**
   * The newest resize of a server.
   * @param server its id, a workflow id, or a name
   * @throws ResizeError NotFound, AmbiguousName, NoTemporal
   */
  get(server: string): Promise<ResizeRun> {
    return getRun(this.link, server);
  }

  /**
   * The resizes that Temporal keeps, newest first, as last recorded.
   * @throws ResizeError InvalidRequest, NoTemporal
   */
  list(filter: ListFilter = {}): Promise<RunStatus[]> {
    return listRuns(this.link, filter);
  }

  /** Waits for calls on their way, then closes the connection, unless it is the caller's. */
  close(): Promise<void> {
    return this.link.close();
  }
}
