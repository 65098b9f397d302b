/** The activities: each one act on the outside world, one answer. */
import type { Cloud } from '../cloud';
import { act, switchPower } from './act';
import type { ActAnswer, ActInput, ObserveInput, PowerInput, Prepared } from './activity-answers';
import { findOrphans } from './find-orphans';
import { observe } from './observe-server';
import { prepareResize } from './prepare-resize';
import type { Observation } from '../resize/observation';
import type { InspectInput, Orphan } from '../workflows/messages';

/** What the activities of one cloud work with. */
export interface Surroundings {
  cloud: Cloud;
  /** Send no request to any server. */
  brake: boolean;
  timing: Prepared['timing'];
  /** The search attributes that the namespace has. */
  searchAttributes: () => readonly string[];
}

/** The activities by their names on the wire. */
export interface Activities {
  prepareResize(input: InspectInput): Promise<Prepared>;
  observeServer(input: ObserveInput): Promise<Observation>;
  findOrphans(): Promise<Orphan[]>;
  requestResize(input: ActInput): Promise<ActAnswer>;
  confirmResize(input: ActInput): Promise<ActAnswer>;
  revertResize(input: ActInput): Promise<ActAnswer>;
  stopServer(input: PowerInput): Promise<ActAnswer>;
  startServer(input: PowerInput): Promise<ActAnswer>;
}

export function activitiesOf(surroundings: Surroundings): Activities {
  return {
    prepareResize: (input) => prepareResize(surroundings, input),
    findOrphans: () => findOrphans(surroundings.cloud),
    observeServer: (input) => observe(surroundings.cloud, input),
    requestResize: (input) => act(surroundings, 'resize', input),
    confirmResize: (input) => act(surroundings, 'confirmResize', input),
    revertResize: (input) => act(surroundings, 'revertResize', input),
    stopServer: (input) => switchPower(surroundings, 'os-stop', input),
    startServer: (input) => switchPower(surroundings, 'os-start', input),
  };
}
