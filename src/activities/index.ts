/** The activities: each one act on the outside world, one answer. */
import type { AuditLog, Written } from '../audit/audit-log';
import type { Checker } from '../checks';
import type { Cloud } from '../cloud';
import type { AuditRecord } from '../resize/audit';
import type { Targets } from '../notify';
import type { Finding } from '../resize/checks';
import type { RequestResult } from '../resize/effect';
import type { Observation } from '../resize/observation';
import type { Prepared, Timing } from '../resize/prepared';
import type { Deciders, SenderAnswer } from '../resize/proven';
import type { Policies } from '../policy';
import type { InspectInput } from '../resize/request';
import type { Orphan } from '../workflows/messages';
import type {
  CheckInput,
  NotifyInput,
  ObserveInput,
  RequestInput,
  WatchInput,
  WatchServersInput,
  WatchServersResult,
} from './activity-answers';
import { checkHealth } from './check-health';
import { findOrphans } from './find-orphans';
import { notify } from './notify';
import { observeServer } from './observe-server';
import { prepareResize } from './prepare-resize';
import { requestEffect } from './request-effect';
import type { Watcher } from './watcher';
import { watchServer } from './watch-server';
import { watchServers } from './watch-servers';
import { writeAudit } from './write-audit';
import { whoSent, type WhoSentInput } from './who-sent';

/** What the activities of one cloud work with. */
export interface Surroundings {
  cloud: Cloud;
  /** Makes the checks of servers. */
  checker: Checker;
  /** Send no request that changes a server. */
  observeOnly: boolean;
  /** What a vote counts for. @default 'claimed' */
  deciders?: Deciders;
  /** The rules of the organisation. @default none */
  policies?: Policies;
  timing: Timing;
  /** The search attributes that the namespace has. */
  searchAttributes: () => readonly string[];
  /** Where decisions and outcomes are recorded; absent where the worker keeps no audit log. */
  audit?: Pick<AuditLog, 'write'>;
  /** Who is told of what; absent: nobody. */
  targets?: Targets;
  /** Tells the runs of this cloud of changes; absent where the worker wants none. */
  watcher?: Pick<Watcher, 'state'>;
}

/** The activities by their names on the wire. */
export interface Activities {
  prepareResize(input: InspectInput): Promise<Prepared>;
  observeServer(input: ObserveInput): Promise<Observation>;
  watchServer(input: WatchInput): Promise<Observation>;
  watchServers(input: WatchServersInput): Promise<WatchServersResult>;
  checkHealth(input: CheckInput): Promise<Finding>;
  notify(input: NotifyInput): Promise<void>;
  whoSent(input: WhoSentInput): Promise<SenderAnswer[]>;
  writeAudit(records: AuditRecord[]): Promise<Written>;
  findOrphans(): Promise<Orphan[]>;
  requestResize(input: RequestInput): Promise<RequestResult>;
  confirmResize(input: RequestInput): Promise<RequestResult>;
  revertResize(input: RequestInput): Promise<RequestResult>;
  stopServer(input: RequestInput): Promise<RequestResult>;
  startServer(input: RequestInput): Promise<RequestResult>;
}

export function activitiesOf(surroundings: Surroundings): Activities {
  return {
    prepareResize: (input) => prepareResize(surroundings, input),
    checkHealth: (input) => checkHealth(surroundings.checker, input),
    notify: (input) => notify(surroundings.targets, input),
    findOrphans: () => findOrphans(surroundings.cloud),
    observeServer: (input) => observeServer(surroundings.cloud, input),
    watchServer: (input) => watchServer(surroundings, input),
    watchServers: (input) => watchServers(surroundings.cloud, input),
    whoSent,
    writeAudit: (records) => writeAudit(surroundings, records),
    requestResize: (input) => requestEffect(surroundings, 'resize', input),
    confirmResize: (input) => requestEffect(surroundings, 'confirm', input),
    revertResize: (input) => requestEffect(surroundings, 'revert', input),
    stopServer: (input) => requestEffect(surroundings, 'stop', input),
    startServer: (input) => requestEffect(surroundings, 'start', input),
  };
}
