/**
 * A model of Nova, as far as one server and its action log go: which requests it takes in which state, and what a taken
 * request goes through (docs/cloud-behaviour.md). It keeps the truth; what is shown of it may lag behind.
 */
import type { ActionSeen, Flavor, Observation, ServerSeen } from '../../src/resize/observation';

export type FlavorName = 'small' | 'large' | 'third';
export type Who = 'us' | 'stranger' | 'cloud';
export type Post = 'stop' | 'resize' | 'confirm' | 'revert' | 'start';

export const FLAVORS: Readonly<Record<FlavorName, Flavor>> = {
  small: { name: 'small', id: '1' },
  large: { name: 'large', id: '2' },
  third: { name: 'third', id: '3' },
};

/** One entry of the action log. */
export interface Logged {
  action: 'resize' | 'migrate' | 'confirmResize' | 'revertResize' | 'delete';
  id: string;
  by: Who;
  /** How it ended in truth. */
  result: 'running' | 'success' | 'error';
  /** The log shows the end a moment after the server does. */
  shown: boolean;
}

export interface Cloud {
  readonly is:
    /** ACTIVE or SHUTOFF, no task. */
    | 'resting'
    /** RESIZE with the old flavor, then already with the new one. */
    | 'migrating'
    | 'finishing'
    /** VERIFY_RESIZE, no task. */
    | 'waiting'
    /** A confirm was accepted: the server shows the same for a while. */
    | 'confirming'
    /** REVERT_RESIZE; of a stopped server then VERIFY_RESIZE with task powering-off and the old flavor. */
    | 'reverting'
    | 'powering-off'
    | 'stopping'
    | 'starting'
    | 'error'
    | 'deleted';
  readonly off: boolean;
  readonly flavor: FlavorName;
  /** The two flavors of the move that is under way or waits. */
  readonly move?: { readonly id: string; readonly from: FlavorName; readonly to: FlavorName } | undefined;
  /** The fault of an ERROR is shown a moment after it. */
  readonly faultShown?: boolean;
  /** Newest first. */
  readonly log: readonly Logged[];
  /** An administrator set the state: no action tells of it. */
  readonly wasReset?: boolean;
  /** How many requests were taken: names the next one. */
  readonly taken: number;
  /** `Ecs.0100`: this cloud resizes stopped servers only. */
  readonly stoppedOnly: boolean;
}

/** The answer of the API. */
export type Reply =
  | { taken: true; id: string }
  | { taken: false; kind: 'conflict' | 'not-resized' | 'wrong-state' | 'same-flavor' | 'not-found' };

const add = (cloud: Cloud, action: Logged['action'], by: Who): { cloud: Cloud; id: string } => {
  const id = `req-${cloud.taken + 1}`;
  const entry: Logged = { action, id, by, result: 'running', shown: false };
  return { id, cloud: { ...cloud, taken: cloud.taken + 1, log: [entry, ...cloud.log] } };
};

/** A request arrives at the API. */
export function arrive(
  cloud: Cloud,
  post: Post,
  by: Who,
  flavor: FlavorName = 'large',
): { cloud: Cloud; reply: Reply } {
  const no = (kind: Extract<Reply, { taken: false }>['kind']) => ({ cloud, reply: { taken: false as const, kind } });
  if (cloud.is === 'deleted') return no('not-found');
  switch (post) {
    case 'resize': {
      if (cloud.is !== 'resting') return no('conflict');
      if (cloud.stoppedOnly && !cloud.off) return no('wrong-state');
      if (flavor === cloud.flavor) return no('same-flavor');
      const { cloud: logged, id } = add(cloud, 'resize', by);
      const move = { id, from: cloud.flavor, to: flavor };
      return { cloud: { ...logged, is: 'migrating', move }, reply: { taken: true, id } };
    }
    case 'confirm':
    case 'revert': {
      // Measured: a second one right after the first was accepted is answered with 400.
      if (cloud.is === 'confirming') return no('not-resized');
      if (cloud.is !== 'waiting') return no('conflict');
      const { cloud: logged, id } = add(cloud, post === 'confirm' ? 'confirmResize' : 'revertResize', by);
      return { cloud: { ...logged, is: post === 'confirm' ? 'confirming' : 'reverting' }, reply: { taken: true, id } };
    }
    case 'stop':
    case 'start': {
      if (cloud.is !== 'resting' || cloud.off === (post === 'stop')) return no('conflict');
      // Of no interest to a resize, so the model's log leaves it out.
      const taken = cloud.taken + 1;
      const is = post === 'stop' ? 'stopping' : 'starting';
      return { cloud: { ...cloud, taken, is }, reply: { taken: true, id: `req-${taken}` } };
    }
  }
}

function ended(cloud: Cloud, result: 'success' | 'error'): Cloud {
  return { ...cloud, log: cloud.log.map((each) => (each.result === 'running' ? { ...each, result } : each)) };
}

/** One thing that the cloud does next; `bad` is what it does not do on a good day. */
export interface Progress {
  says: string;
  bad?: true;
  cloud: Cloud;
}

/** What the cloud may do by itself. The good way comes first. */
export function progress(cloud: Cloud): Progress[] {
  const next: Progress[] = moves(cloud);
  const lagging = cloud.log.findLast(({ result, shown }) => result !== 'running' && !shown);
  if (lagging === undefined) return next;
  const log = cloud.log.map((each) => (each === lagging ? { ...each, shown: true } : each));
  return [
    ...next,
    { says: `the log shows how the ${lagging.action} of ${lagging.by} ended`, cloud: { ...cloud, log } },
  ];
}

function moves(cloud: Cloud): Progress[] {
  const { move } = cloud;
  const fails = (what: string): Progress => ({
    says: `the ${what} ends in ERROR`,
    bad: true,
    cloud: ended({ ...cloud, is: 'error', faultShown: false }, 'error'),
  });
  switch (cloud.is) {
    case 'migrating':
      return [
        {
          says: 'the server shows RESIZE with the new flavor',
          cloud: { ...cloud, is: 'finishing', flavor: move?.to ?? cloud.flavor },
        },
        {
          says: 'the cloud rolls the resize back',
          bad: true,
          cloud: ended({ ...cloud, is: 'resting', move: undefined }, 'error'),
        },
        fails('resize'),
      ];
    case 'finishing':
      return [
        { says: 'the server shows VERIFY_RESIZE', cloud: ended({ ...cloud, is: 'waiting' }, 'success') },
        fails('resize'),
      ];
    case 'confirming':
      return [
        { says: 'the confirm ends', cloud: ended({ ...cloud, is: 'resting', move: undefined }, 'success') },
        fails('confirm'),
      ];
    case 'reverting':
      return [
        cloud.off
          ? {
              says: 'the server shows VERIFY_RESIZE, powering-off',
              cloud: { ...cloud, is: 'powering-off', flavor: move?.from ?? cloud.flavor },
            }
          : { says: 'the revert ends', cloud: reverted(cloud) },
        fails('revert'),
      ];
    case 'powering-off':
      return [{ says: 'the revert ends', cloud: reverted(cloud) }];
    case 'stopping':
      return [{ says: 'the server is off', cloud: { ...cloud, is: 'resting', off: true } }];
    case 'starting':
      return [{ says: 'the server is on', cloud: { ...cloud, is: 'resting', off: false } }];
    case 'error':
      return cloud.faultShown === true
        ? []
        : [{ says: 'the server shows its fault', cloud: { ...cloud, faultShown: true } }];
    case 'resting':
    case 'waiting':
    case 'deleted':
      return [];
  }
}

function reverted(cloud: Cloud): Cloud {
  return ended({ ...cloud, is: 'resting', flavor: cloud.move?.from ?? cloud.flavor, move: undefined }, 'success');
}

/** What others do. */
export type Strange =
  | 'confirms'
  | 'reverts'
  | 'resizes to large'
  | 'resizes to third'
  | 'migrates'
  | 'resets the state'
  | 'deletes'
  | 'lets the cloud confirm by itself'
  | 'confirms or reverts at the same moment';

/** What the cloud is after somebody else acted; undefined where it does not take that. */
export function stranger(cloud: Cloud, does: Strange): Cloud | undefined {
  const posted = (post: Post, by: Who, flavor?: FlavorName) => {
    const { cloud: after, reply } = arrive(cloud, post, by, flavor);
    return reply.taken ? after : undefined;
  };
  switch (does) {
    case 'confirms':
      return posted('confirm', 'stranger');
    case 'reverts':
      return posted('revert', 'stranger');
    case 'resizes to large':
      return posted('resize', 'stranger', 'large');
    case 'resizes to third':
      return posted('resize', 'stranger', 'third');
    case 'lets the cloud confirm by itself':
      return posted('confirm', 'cloud');
    case 'migrates': {
      if (cloud.is !== 'resting') return undefined;
      const { cloud: logged, id } = add(cloud, 'migrate', 'stranger');
      return { ...logged, is: 'migrating', move: { id, from: cloud.flavor, to: cloud.flavor } };
    }
    case 'resets the state':
      // Measured: ACTIVE with the flavor as it is, no action, and a migration that nobody can end.
      if (cloud.is === 'deleted' || cloud.is === 'resting') return undefined;
      return { ...ended(cloud, 'error'), is: 'resting', off: false, move: undefined, wasReset: true };
    case 'deletes': {
      if (cloud.is === 'deleted') return undefined;
      const { cloud: logged } = add(cloud, 'delete', 'stranger');
      return { ...ended(logged, 'success'), is: 'deleted', move: undefined };
    }
    case 'confirms or reverts at the same moment': {
      // Measured: within some milliseconds of ours both are accepted, and the server ends in ERROR.
      if (cloud.is !== 'confirming' && cloud.is !== 'reverting') return undefined;
      const rival = cloud.is === 'confirming' ? 'revertResize' : 'confirmResize';
      const { cloud: logged } = add(cloud, rival, 'stranger');
      return { ...ended(logged, 'error'), is: 'error', faultShown: false };
    }
  }
}

const SHOWN: Readonly<
  Record<Exclude<Cloud['is'], 'deleted' | 'resting'>, readonly [string, string | undefined, string | null]>
> = {
  migrating: ['RESIZE', undefined, 'resize_migrating'],
  finishing: ['RESIZE', undefined, 'resize_finish'],
  waiting: ['VERIFY_RESIZE', 'resized', null],
  confirming: ['VERIFY_RESIZE', 'resized', null],
  reverting: ['REVERT_RESIZE', 'resized', 'resize_reverting'],
  'powering-off': ['VERIFY_RESIZE', 'resized', 'powering-off'],
  stopping: ['ACTIVE', 'active', 'powering-off'],
  starting: ['SHUTOFF', 'stopped', 'powering-on'],
  error: ['ERROR', 'error', null],
};

/** The server as the API shows it. */
export function show(cloud: Cloud): ServerSeen | 'missing' {
  if (cloud.is === 'deleted') return 'missing';
  const power = cloud.off ? 'stopped' : 'active';
  const [status, vmState, taskState] =
    cloud.is === 'resting' ? [cloud.off ? 'SHUTOFF' : 'ACTIVE', power, null] : SHOWN[cloud.is];
  return {
    id: '11111111-2222-4333-8444-555555555555',
    name: 'web-07',
    status,
    vmState: vmState ?? power,
    taskState,
    powerState: cloud.off ? 'shutdown' : 'running',
    flavor: FLAVORS[cloud.flavor],
    project: 'project',
    // An accepted confirm is not saved with the server until it is done (measured).
    updated: `${cloud.is === 'confirming' ? 'waiting' : cloud.is} ${cloud.move?.id ?? ''}`,
    ...(cloud.is === 'error' && cloud.faultShown === true && { fault: { message: 'the fake driver failed' } }),
  };
}

/** How much of the action log a member may read. */
export type LogView = 'whole' | 'results-hidden' | 'unreadable';

/** The log as the API shows it, newest first, down to the baseline. */
export function showLog(cloud: Cloud, view: LogView, baseline?: string): Observation['actions'] {
  if (view === 'unreadable') return 'unreadable';
  const end = cloud.log.findIndex(({ id }) => id === baseline);
  return cloud.log.slice(0, end === -1 ? undefined : end).map((entry): ActionSeen => {
    const result = entry.shown ? entry.result : 'running';
    return {
      action: entry.action,
      requestId: entry.id,
      projectId: 'project',
      ...(entry.by !== 'cloud' && { userId: entry.by }),
      // Below microversion 2.51 only a failure can be told.
      result: view === 'results-hidden' && result !== 'error' ? 'unknown' : result,
    };
  });
}
