/**
 * What an observation means. One table, from what is seen, what was expected and which actions came since, to its
 * meaning; the first rule that applies wins and the last one always does, so no input falls through.
 * The facts behind the rules are in docs/cloud-behaviour.md.
 */
import type { ActionSeen, Observation } from './observation';
import type { Cause } from './outcome';
import { gather, isDeleted, isTouching, unsure, type Expectation, type Facts, type Touching } from './situation-facts';

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
    when: (f) => isDeleted(f.server),
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
    // The first of them ended our resize; what came later is not about it.
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
        (f.flavor === 'old' &&
          (f.logged ? f.resize?.result === 'unknown' : f.expected.resize.accepted && !unsure(f.expected.revert)))),
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
    // Where no resize of ours can be under way, none is waited for: others have changed the flavor.
    name: 'an action of ours is not finished in the log, or not in it yet',
    when: (f) =>
      f.logged &&
      ([f.resize, f.confirm, f.revert].some((action) => action?.result === 'running') ||
        (f.expected.confirm.accepted && f.confirm === undefined) ||
        (f.expected.revert.accepted && f.revert === undefined) ||
        (f.resize === undefined &&
          (f.flavor === 'unknown' || f.expected.resize.accepted || f.expected.resize.lost > 0))),
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

/** Is it this flavor, or one that the server does not show, where the log can tell? */
function mayBe({ flavor, logged }: Facts, which: 'old' | 'new'): boolean {
  return flavor === which || (flavor === 'unknown' && logged);
}

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

const by = (action: ActionSeen | undefined) => (action?.userId === undefined ? {} : { by: action.userId });

const deletion = (facts: Facts) => facts.foreign.findLast(({ action }) => action === 'delete');
