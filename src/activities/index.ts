/** The activities: each one act on the outside world, one answer. */
import type { Cloud } from '../cloud';
import type { RequestAnswer } from '../resize/effect';
import type { Observation } from '../resize/observation';
import type { Prepared, Timing } from '../resize/prepared';
import type { InspectRequest } from '../resize/request';
import type { Orphan } from '../workflows/messages';
import type { ObserveInput, RequestInput } from './activity-answers';
import { findOrphans } from './find-orphans';
import { observe } from './observe-server';
import { prepareResize } from './prepare-resize';
import { requestEffect } from './request-effect';

/** What the activities of one cloud work with. */
export interface Surroundings {
  cloud: Cloud;
  /** Send no request that changes a server. */
  observeOnly: boolean;
  timing: Timing;
  /** The search attributes that the namespace has. */
  searchAttributes: () => readonly string[];
}

/** The activities by their names on the wire. */
export interface Activities {
  prepareResize(input: InspectRequest): Promise<Prepared>;
  observeServer(input: ObserveInput): Promise<Observation>;
  findOrphans(): Promise<Orphan[]>;
  requestResize(input: RequestInput): Promise<RequestAnswer>;
  confirmResize(input: RequestInput): Promise<RequestAnswer>;
  revertResize(input: RequestInput): Promise<RequestAnswer>;
  stopServer(input: RequestInput): Promise<RequestAnswer>;
  startServer(input: RequestInput): Promise<RequestAnswer>;
}

export function activitiesOf(surroundings: Surroundings): Activities {
  return {
    prepareResize: (input) => prepareResize(surroundings, input),
    findOrphans: () => findOrphans(surroundings.cloud),
    observeServer: (input) => observe(surroundings.cloud, input),
    requestResize: (input) => requestEffect(surroundings, 'resize', input),
    confirmResize: (input) => requestEffect(surroundings, 'confirm', input),
    revertResize: (input) => requestEffect(surroundings, 'revert', input),
    stopServer: (input) => requestEffect(surroundings, 'stop', input),
    startServer: (input) => requestEffect(surroundings, 'start', input),
  };
}
