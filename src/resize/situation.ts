/**
 * What an observation means. One table, from what is seen, what was expected and which actions came since, to its
 * meaning; the first rule that applies wins and the last one always does, so no input falls through.
 * The facts behind the rules are in docs/cloud-behaviour.md.
 */
import type { ActionSeen, Flavor, Observation, ServerSeen } from './observation';
import type { Cause } from './outcome';

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

/** Why a person has to look. */
export type OperatorReason =
  | 'error'
  | 'two-resizes'
  | 'lost-answer'
  | 'other-request-id'
  | 'stranger-failed'
  | 'our-action-failed'
  | 'not-ours'
  | 'unclear';

/** What an observation means. `sees` is a clause for people: "the server shows ...". */
export type Situation = { sees: string } & (
  | /** Something is under way; keep looking. */ { is: 'busy' }
  | /** As before the resize: nothing of ours was carried out. */ { is: 'untouched' }
  | /** VERIFY_RESIZE by our resize, and nothing of ours under way. */ { is: 'window'; resize?: ActionSeen }
  | { is: 'rolled-back'; resize?: ActionSeen }
  | { is: 'confirmed' }
  | { is: 'reverted' }
  | { is: 'changed-outside'; cause: Cause; by?: string }
  | /** One 404 proves nothing. */ { is: 'missing' }
  | { is: 'operator'; why: OperatorReason }
);

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
type Touching = (typeof TOUCHING)[number];

/** What it is called when somebody else did it. */
const CAUSES: Readonly<Record<Touching, Cause>> = {
  resize: 'resized',
  migrate: 'migrated',
  confirmResize: 'confirmed',
  revertResize: 'reverted',
  resetState: 'reset',
  evacuate: 'migrated',
  rebuild: 'reset',
  delete: 'deleted',
};

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
interface Facts {
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

interface Rule {
  name: string;
  when: (facts: Facts) => boolean;
  means: (facts: Facts) => Situation;
}

const operator = (why: OperatorReason) => (facts: Facts) => ({ is: 'operator', why, sees: facts.sees }) as const;
const busy = (facts: Facts) => ({ is: 'busy', sees: facts.sees }) as const;

const RULES: readonly Rule[] = [
  {
    name: 'a deleted server is shown as such for a while',
    when: (f) => /^(SOFT_)?DELETED$/.test(f.server.status) || /^(soft-)?deleted?$/.test(f.server.vmState),
    means: (f) => ({ is: 'changed-outside', cause: 'deleted', ...by(deletion(f)), sees: f.sees }),
  },
  {
    name: 'two resizes, and the answer of ours was lost: nobody can say which is ours',
    when: (f) => f.ambiguous,
    means: operator('two-resizes'),
  },
  {
    name: 'ERROR is for people, whoever caused it',
    when: (f) => f.server.status === 'ERROR' || f.server.vmState === 'error',
    means: operator('error'),
  },
  {
    name: 'our confirm succeeded',
    when: (f) => f.confirm?.result === 'success' && ((f.resting && mayBe(f, 'new')) || movedOn(f, 'revertResize')),
    means: (f) => ({ is: 'confirmed', sees: f.sees }),
  },
  {
    name: 'our confirm was accepted and its effect is seen, where the log tells no results',
    when: (f) =>
      f.resting && f.flavor === 'new' && (f.logged ? f.confirm?.result === 'unknown' : f.expected.confirm.accepted),
    means: (f) => ({ is: 'confirmed', sees: f.sees }),
  },
  {
    name: 'our revert succeeded',
    when: (f) => f.revert?.result === 'success' && ((f.resting && mayBe(f, 'old')) || movedOn(f, 'confirmResize')),
    means: (f) => ({ is: 'reverted', sees: f.sees }),
  },
  {
    name: 'our revert was accepted and its effect is seen, where the log tells no results',
    when: (f) =>
      f.resting && f.flavor === 'old' && (f.logged ? f.revert?.result === 'unknown' : f.expected.revert.accepted),
    means: (f) => ({ is: 'reverted', sees: f.sees }),
  },
  {
    name: 'somebody else acts at this moment',
    when: (f) => f.foreign.some(({ result }) => result === 'running') || mayStillAct(f),
    means: busy,
  },
  {
    name: 'somebody else acted while an own request may still arrive',
    when: (f) => f.foreign.length > 0 && !f.expected.settled,
    means: busy,
  },
  {
    name: 'somebody else tried to end our resize and failed',
    when: (f) => f.waiting && f.foreign.length > 0 && f.foreign.every((action) => action.result === 'error'),
    means: operator('stranger-failed'),
  },
  {
    name: 'somebody else deletes the server',
    when: (f) => f.foreign.some((action) => action.action === 'delete') && f.server.taskState === 'deleting',
    means: busy,
  },
  {
    // A gateway may write a request id of its own into an answer. Neither is the action in the log surely ours nor is it
    // surely another one's, and the server must not be left in VERIFY_RESIZE with the run ended.
    name: 'the log shows what we asked for, by our user, under another request id than the answer had',
    when: (f) => f.renamed,
    means: operator('other-request-id'),
  },
  {
    // The first of them ended our resize; what came later is another story.
    name: 'somebody else changed the server since our resize',
    when: (f) => f.foreign.some(({ result }) => result !== 'error'),
    means: (f) => {
      const first = f.foreign.find(({ result }) => result !== 'error');
      return { is: 'changed-outside', cause: first ? causeOf(first) : 'reset', ...by(first), sees: f.sees };
    },
  },
  {
    name: 'VERIFY_RESIZE after a lost answer, and no log to tell whose it is',
    // Nor is the only new resize by our user surely ours, where its flavor is not shown: people may share a user.
    when: (f) =>
      f.waiting && unsure(f.expected.resize) && (f.flavor === 'unknown' || (f.flavor === 'new' && !f.logged)),
    means: operator('lost-answer'),
  },
  {
    // It may have been carried out, and what waits now may be somebody else's resize to the same flavor.
    name: 'VERIFY_RESIZE after a lost confirm or revert that can no longer arrive, and no log',
    when: (f) =>
      f.waiting && !f.logged && f.expected.settled && (unsure(f.expected.confirm) || unsure(f.expected.revert)),
    means: operator('lost-answer'),
  },
  {
    name: 'VERIFY_RESIZE, but not by our resize',
    when: (f) => f.waiting && (!mayBe(f, 'new') || (!f.logged && !f.expected.resize.accepted)),
    means: operator('not-ours'),
  },
  {
    name: 'VERIFY_RESIZE, and the log does not show our resize yet',
    when: (f) => f.waiting && f.logged && f.resize === undefined,
    means: busy,
  },
  {
    name: 'VERIFY_RESIZE, but an action of ours failed',
    when: (f) => f.waiting && [f.resize, f.confirm, f.revert].some((action) => action?.result === 'error'),
    means: operator('our-action-failed'),
  },
  {
    // Measured: for up to 2 s after a 204 the server shows VERIFY_RESIZE and no task, unchanged.
    name: 'VERIFY_RESIZE while our confirm or revert is under way, or may be',
    when: (f) => f.waiting && underWay(f),
    means: busy,
  },
  {
    name: 'VERIFY_RESIZE by our resize',
    when: (f) => f.waiting,
    means: (f) => ({ is: 'window', ...(f.resize ? { resize: f.resize } : {}), sees: f.sees }),
  },
  { name: 'the server is on its way', when: (f) => !f.resting, means: busy },
  {
    // Also when the log shows it already: the server is read before the log, and the request may have come in between.
    name: 'our resize may still arrive, or has arrived during this look',
    when: (f) => mayBe(f, 'old') && f.expected.resize.lost > 0 && !f.expected.settled,
    means: busy,
  },
  {
    name: 'back on the old flavor before the window opened: the cloud rolled our resize back',
    when: (f) =>
      f.expected.stage === 'resizing' &&
      ((mayBe(f, 'old') && f.resize?.result === 'error') ||
        (f.flavor === 'old' && (f.logged ? f.resize?.result === 'unknown' : f.expected.resize.accepted))),
    means: (f) => ({ is: 'rolled-back', ...(f.resize ? { resize: f.resize } : {}), sees: f.sees }),
  },
  {
    name: 'at rest after a lost answer, and no log to tell what became of it',
    when: (f) => !f.logged && [f.expected.resize, f.expected.confirm, f.expected.revert].some(unsure),
    means: operator('lost-answer'),
  },
  {
    name: 'nothing of ours was carried out',
    when: (f) => f.flavor === 'old' && f.resize === undefined && !f.expected.resize.accepted,
    means: (f) => ({ is: 'untouched', sees: f.sees }),
  },
  {
    name: 'back on the old flavor after the window opened, and no log to tell who reverted',
    when: (f) => f.flavor === 'old' && !f.logged,
    means: (f) => ({ is: 'changed-outside', cause: 'reverted', sees: f.sees }),
  },
  {
    name: 'at rest on the new flavor, and no log to tell who confirmed, or who resized it if we did not',
    when: (f) => f.flavor === 'new' && !f.logged,
    means: (f) => ({
      is: 'changed-outside',
      cause: f.expected.resize.accepted ? 'confirmed' : 'resized',
      sees: f.sees,
    }),
  },
  {
    name: 'an action of ours is not finished in the log, or not in it yet',
    when: (f) =>
      f.logged &&
      ([f.resize, f.confirm, f.revert].some((action) => action?.result === 'running') ||
        (f.expected.confirm.accepted && f.confirm === undefined) ||
        (f.expected.revert.accepted && f.revert === undefined) ||
        f.resize === undefined),
    means: busy,
  },
  {
    // Measured: os-resetState leaves ACTIVE with the new flavor, no confirmResize action, and a migration that nobody
    // can confirm or revert. So the new flavor alone is not "confirmed".
    name: 'at rest on the new flavor, and nobody confirmed: the state was reset',
    when: (f) => f.flavor === 'new',
    means: (f) => ({ is: 'changed-outside', cause: 'reset', sees: f.sees }),
  },
  {
    name: 'at rest on the old flavor, though our revert failed',
    when: (f) => f.flavor === 'old' && f.revert?.result === 'error',
    means: operator('our-action-failed'),
  },
  { name: 'no rule covers it', when: () => true, means: operator('unclear') },
];

/** By these names docs/cloud-behaviour.md tells what each rule is for. */
export const RULE_NAMES: readonly string[] = RULES.map(({ name }) => name);

/** What an observation means, given what this run has sent and knows. Total: every input has a meaning. */
export function situation(seen: Observation, expected: Expectation): Situation {
  if (seen.server === 'missing') return missing(seen);
  const facts = gather(seen.server, seen.actions, expected);
  const rule = RULES.find(({ when }) => when(facts));
  return rule ? rule.means(facts) : { is: 'operator', why: 'unclear', sees: facts.sees };
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

function gather(server: ServerSeen, log: Observation['actions'], expected: Expectation): Facts {
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
    waiting: server.status === 'VERIFY_RESIZE' && server.vmState === 'resized' && server.taskState === null,
    ...own,
    ambiguous: isUnnamed(expected.resize) && resizes.length > 1,
    renamed: isRenamed(since, expected, own),
    foreign,
    sees: describe(server),
  };
}

/** Is it this flavor, or one that the server does not show, where the log can tell? */
function mayBe({ flavor, logged }: Facts, which: 'old' | 'new'): boolean {
  return flavor === which || (flavor === 'unknown' && logged);
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

/** An answer was lost, and nothing has told since that the request was accepted. */
const unsure = ({ lost, accepted }: Sent) => lost > 0 && !accepted;

/**
 * May the newest action of others still be at work, where the log tells no results? The older ones have ended, or the
 * cloud had not taken the newest; and VERIFY_RESIZE without a task is the end of a resize.
 */
function mayStillAct({ foreign, resting, waiting }: Facts): boolean {
  const newest = foreign.at(-1);
  if (newest?.result !== 'unknown' || resting) return false;
  return !(waiting && (newest.action === 'resize' || newest.action === 'migrate'));
}

/**
 * Did others do something with the server after our confirm or revert had succeeded, so that its effect is no longer
 * what is seen? An action that races ours is no such thing: of a confirm and a revert at the same time both may be
 * logged as successful (measured), and only the flavor tells.
 */
function movedOn({ foreign }: Facts, rival: Touching): boolean {
  return foreign.length > 0 && !foreign.some(({ action }) => action === rival);
}

function underWay(facts: Facts): boolean {
  const { confirm, revert, settled } = facts.expected;
  return [[confirm, facts.confirm] as const, [revert, facts.revert] as const].some(
    ([sent, action]) => sent.accepted || action !== undefined || (sent.lost > 0 && !settled),
  );
}

function missing(seen: Observation): Situation {
  const sees = 'the cloud does not show the server (404)';
  if (seen.actions === 'unreadable') return { is: 'missing', sees };
  const deleted = seen.actions.find(({ action, result }) => action === 'delete' && result !== 'error');
  return deleted === undefined
    ? { is: 'missing', sees }
    : { is: 'changed-outside', cause: 'deleted', ...by(deleted), sees };
}

function causeOf(action: ActionSeen): Cause {
  // Measured: when the cloud confirms by itself (resize_confirm_window) the action has no user.
  if (action.action === 'confirmResize' && action.userId === undefined) return 'auto-confirmed';
  return isTouching(action.action) ? CAUSES[action.action] : 'reset';
}

/** Does this action change what a resize has done? */
export const isTouching = (action: string): action is Touching => (TOUCHING as readonly string[]).includes(action);
const by = (action: ActionSeen | undefined) => (action?.userId === undefined ? {} : { by: action.userId });
const deletion = (facts: Facts) => facts.foreign.findLast(({ action }) => action === 'delete');

/** Does the server rest in this state, with nothing under way? */
export function restsIn(server: ServerSeen, vmState: 'active' | 'stopped'): boolean {
  return server.vmState === vmState && isAtRest(server);
}

function isAtRest({ status, vmState, taskState }: ServerSeen): boolean {
  return taskState === null && AT_REST[vmState] === status;
}

/** "VERIFY_RESIZE (resized, no task) with flavor m1.large" */
export function describe(server: ServerSeen): string {
  return `the server shows ${server.status} (${server.vmState}, ${server.taskState ?? 'no task'}) with flavor ${server.flavor.name}`;
}
