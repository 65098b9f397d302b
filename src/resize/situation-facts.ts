/** The facts that an observation is judged by: what is seen, what was expected, and which actions came since. */
import type { ActionSeen, Flavor, Observation, ServerSeen } from './observation';

/** Our own requests of one kind, as far as their answers are known. Plain JSON. */
export interface Sent {
  /** How many POSTs were sent, or may have been. */
  posts: number;
  /** How many of their answers were lost: each of them may have been carried out. */
  lost: number;
  /** The cloud accepted one (202, 204). */
  accepted: boolean;
  /** The request id of our action: from the answer, or found in the log. */
  requestId?: string;
}

export const nothingSent = (): Sent => ({ posts: 0, lost: 0, accepted: false });

/** What the run knows when it judges an observation. */
export interface Expectation {
  stage: 'resizing' | 'window' | 'confirming' | 'reverting';
  /** Absent for an adopted resize: the cloud does not show it, so any flavor but the target is the old one. */
  from?: Flavor;
  to: Flavor;
  /** Ours, as Keystone says; AK/SK knows no user. */
  project: string;
  userId?: string;
  resize: Sent;
  confirm: Sent;
  revert: Sent;
  /** No POST of ours whose answer was lost can still be on its way. */
  settled: boolean;
}

/** The actions that change what a resize has done; anything else (lock, attach, console) leaves it as it is. */
const TOUCHING = [
  'resize',
  'migrate',
  'confirmResize',
  'revertResize',
  'resetState',
  'evacuate',
  'rebuild',
  'delete',
] as const;

export type Touching = (typeof TOUCHING)[number];

/**
 * States in which a server rests, by vm_state. The status must say the same: RESIZE without a task is on its way, and
 * UNKNOWN is what some clouds show in passing.
 */
const AT_REST: Readonly<Record<string, string>> = {
  active: 'ACTIVE',
  stopped: 'SHUTOFF',
  paused: 'PAUSED',
  suspended: 'SUSPENDED',
  rescued: 'RESCUE',
  shelved: 'SHELVED',
  shelved_offloaded: 'SHELVED_OFFLOADED',
};

/** An observation and an expectation, with what follows from both. */
export interface Facts {
  expected: Expectation;
  server: ServerSeen;
  logged: boolean;
  /** `unknown`: the server does not show it, so the log alone decides. */
  flavor: 'old' | 'new' | 'other' | 'unknown';
  /** No task, and a state that a server rests in; VERIFY_RESIZE is none. */
  resting: boolean;
  waiting: boolean;
  /** Our actions in the log. */
  resize?: ActionSeen;
  confirm?: ActionSeen;
  revert?: ActionSeen;
  /** More than one new resize, and we cannot tell which is ours. */
  ambiguous: boolean;
  /** An action that we have a request id for is in the log under another one only. */
  renamed: boolean;
  /** What others did since ours (or since the baseline while ours is not found), oldest first. */
  foreign: ActionSeen[];
  sees: string;
}

/** The request ids of our own actions as this observation shows them, to be remembered. */
export function ownActions(
  seen: Observation,
  expected: Expectation,
): { resize?: ActionSeen; confirm?: ActionSeen; revert?: ActionSeen } {
  if (seen.actions === 'unreadable') return {};
  const { resize, ...rest } = ownIn(seen.actions, expected);
  // After a lost answer the flavor has to say so too.
  const hidden = seen.server !== 'missing' && seen.server.flavor.unknown === true;
  return hidden && unsure(expected.resize) ? rest : { ...rest, ...(resize && { resize }) };
}

function ownIn(actions: ActionSeen[], expected: Expectation): Pick<Facts, 'resize' | 'confirm' | 'revert'> {
  const resize = ours(actions, 'resize', expected.resize, expected);
  // What is older than our resize cannot have ended it.
  const newer = resize === undefined ? actions : actions.slice(0, actions.indexOf(resize));
  const confirm = ours(newer, 'confirmResize', expected.confirm, expected);
  const revert = ours(newer, 'revertResize', expected.revert, expected);
  return { ...(resize && { resize }), ...(confirm && { confirm }), ...(revert && { revert }) };
}

/** Are these the same flavor? By id where both are known (names can be given anew), else by name. */
export function sameFlavor(a: Flavor, b: Flavor): boolean {
  if (a.unknown === true || b.unknown === true) return false;
  return a.id !== undefined && b.id !== undefined ? a.id === b.id : a.name === b.name;
}

export function gather(server: ServerSeen, log: Observation['actions'], expected: Expectation): Facts {
  const logged = log !== 'unreadable';
  const actions = logged ? log : [];
  const own = ownIn(actions, expected);
  const since = own.resize === undefined ? actions : actions.slice(0, actions.indexOf(own.resize));
  const mine = Object.values(own);
  const foreign = since.filter((action) => isTouching(action.action) && !mine.includes(action)).reverse();
  const resizes = actions.filter(({ action }) => action === 'resize');
  return {
    expected,
    server,
    logged,
    flavor: flavorIn(server, expected),
    resting: isAtRest(server),
    waiting: waits(server),
    ...own,
    ambiguous: isUnnamed(expected.resize) && resizes.length > 1,
    renamed: isRenamed(since, expected, own),
    foreign,
    sees: describe(server),
  };
}

/** Was one of our requests answered with an id that the log does not have, and is there one new action of its kind by our user? */
function isRenamed(
  actions: ActionSeen[],
  expected: Expectation,
  own: { resize?: ActionSeen; confirm?: ActionSeen; revert?: ActionSeen },
): boolean {
  return (['resize', 'confirm', 'revert'] as const).some((act) => {
    if (expected[act].requestId === undefined || own[act] !== undefined) return false;
    const only = ours(actions, ACTION_OF[act], { ...nothingSent(), accepted: true }, expected);
    return only !== undefined && (expected.userId === undefined || only.userId === expected.userId);
  });
}

const ACTION_OF = { resize: 'resize', confirm: 'confirmResize', revert: 'revertResize' } as const;

function flavorIn(server: ServerSeen, { from, to }: Expectation): Facts['flavor'] {
  if (server.flavor.unknown === true) return 'unknown';
  if (sameFlavor(server.flavor, to)) return 'new';
  return from === undefined || sameFlavor(server.flavor, from) ? 'old' : 'other';
}

/**
 * Which action in the log is ours: by request id, or, after a lost answer or one without an id, the only new one of its
 * kind with our project and user. A shared service user makes the latter no proof, which is why it must be the only one.
 */
function ours(actions: ActionSeen[], kind: Touching, sent: Sent, expected: Expectation): ActionSeen | undefined {
  if (sent.requestId !== undefined) return actions.find(({ requestId }) => requestId === sent.requestId);
  if (!isUnnamed(sent)) return undefined;
  const candidates = actions.filter(({ action }) => action === kind);
  const [only] = candidates;
  if (only === undefined || candidates.length > 1) return undefined;
  // A confirm without a user is the cloud's own (resize_confirm_window), where we have a user and would be shown as one.
  const nameless = only.userId === undefined && kind !== 'confirmResize';
  const sameUser = expected.userId === undefined || nameless || only.userId === expected.userId;
  const sameProject = only.projectId === undefined || only.projectId === expected.project;
  return sameUser && sameProject ? only : undefined;
}

/** Carried out, or perhaps carried out, and we do not know under which request id. */
const isUnnamed = ({ requestId, lost, accepted }: Sent) => requestId === undefined && (lost > 0 || accepted);

/** Does this action change what a resize has done? */
export const isTouching = (action: string): action is Touching => (TOUCHING as readonly string[]).includes(action);

/** Does the server rest in this state, with nothing under way? */
export function restsIn(server: ServerSeen, vmState: 'active' | 'stopped'): boolean {
  return server.vmState === vmState && isAtRest(server);
}

function isAtRest({ status, vmState, taskState }: ServerSeen): boolean {
  return taskState === null && AT_REST[vmState] === status;
}

/** Does it wait for a confirm or revert, as far as the server itself shows? */
export function waits({ status, vmState, taskState }: ServerSeen): boolean {
  return status === 'VERIFY_RESIZE' && vmState === 'resized' && taskState === null;
}

/** The states of a server, as an answer of its own or a list of servers shows them. */
interface StateShown {
  status: string;
  vmState?: string;
  taskState: string | null;
}

/**
 * Does the server itself show that something is under way? Then nobody has to act on what the log says until it has come
 * to rest. ERROR and a deletion are no way to anything.
 */
export function isUnderWay(server: StateShown): boolean {
  const { status, vmState, taskState } = server;
  if (status === 'ERROR' || vmState === 'error' || isDeleted(server)) return false;
  return taskState !== null || status === 'RESIZE' || status === 'REVERT_RESIZE';
}

/** A deleted server is shown for a while. */
export function isDeleted({ status, vmState = '' }: StateShown): boolean {
  return ['DELETED', 'SOFT_DELETED'].includes(status) || ['deleted', 'soft-delete', 'soft-deleted'].includes(vmState);
}

/** "VERIFY_RESIZE (resized, no task) with flavor m1.large" */
export function describe(server: ServerSeen): string {
  return `the server shows ${server.status} (${server.vmState}, ${server.taskState ?? 'no task'}) with flavor ${server.flavor.name}`;
}

/** An answer was lost, and nothing has shown since that the request was accepted. */
export const unsure = ({ lost, accepted }: Sent) => lost > 0 && !accepted;
