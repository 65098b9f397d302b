import { UNKNOWN_FLAVOR, type Observation } from '../../src/resize/observation';
import { situation } from '../../src/resize/situation';
import { describe as words, ownActions, restsIn, sameFlavor, type Expectation } from '../../src/resize/situation-facts';
import {
  acceptedWithoutId,
  action,
  asked,
  confirming,
  confirmLost,
  FROM,
  inWords,
  lostTwice,
  missing,
  rejected,
  resizeLost,
  resizing,
  reverting,
  revertLost,
  server,
  shows,
  TO,
  unlogged,
  unsettled,
  window,
} from './looks';

type Row = [title: string, seen: Observation, expected: Expectation, meaning: string];
const table = (rows: Row[]) =>
  it.each(rows)('%s', (_, seen, expected, meaning) => {
    expect(inWords(situation(seen, expected))).toBe(meaning);
  });

const OURS = 'resize ours success';
function withoutFlavor(seen: Observation): Observation {
  return seen.server === 'missing' ? seen : { ...seen, server: { ...seen.server, flavor: UNKNOWN_FLAVOR } };
}
function withoutUser(expected: Expectation): Expectation {
  const { userId, ...rest } = expected;
  expect(userId).toBeDefined();
  return rest;
}

describe('before our resize is asked for', () => {
  table([
    ['as it was', shows('ACTIVE active - f1'), asked, 'untouched'],
    ['a stopped server as it was', shows('SHUTOFF stopped - f1'), asked, 'untouched'],
    ['no log to read', unlogged('ACTIVE active - f1'), asked, 'untouched'],
    ['refused by the cloud', shows('ACTIVE active - f1'), { ...asked, resize: rejected }, 'untouched'],
    ['what leaves a resize alone', shows('ACTIVE active - f1', 'reboot ann success'), asked, 'untouched'],
    ['what others tried in vain', shows('ACTIVE active - f1', 'resize ann error'), asked, 'untouched'],
    ['somebody is faster', shows('RESIZE active resize_prep f1', 'resize ann running'), asked, 'busy'],
    [
      'somebody was faster',
      shows('VERIFY_RESIZE resized - f2', 'resize ann success'),
      asked,
      'changed-outside resized by ann',
    ],
    ['somebody was faster, and no log tells', unlogged('VERIFY_RESIZE resized - f2'), asked, 'operator not-ours'],
    ['it has the flavor already, and no log tells', unlogged('ACTIVE active - f2'), asked, 'changed-outside resized'],
    ['it has the flavor already', shows('ACTIVE active - f2'), asked, 'changed-outside reset'],
    [
      'others have resized it in vain, and reset its state',
      shows('ACTIVE active - f2', 'resize ann error'),
      asked,
      'changed-outside reset',
    ],
    ['it has a third flavor', shows('ACTIVE active - f3'), asked, 'operator unclear'],
    ['a task runs', shows('ACTIVE active rebooting f1'), asked, 'busy'],
  ]);
});

describe('a resize that succeeds, in the order seen (measured)', () => {
  table([
    ['before its first event', shows('RESIZE active resize_prep f1', 'resize ours running'), resizing, 'busy'],
    ['on its way', shows('RESIZE active resize_migrating f1', 'resize ours running'), resizing, 'busy'],
    ['between the hosts', shows('RESIZE active resize_migrated f1', 'resize ours running'), resizing, 'busy'],
    ['with the new flavor already', shows('RESIZE active resize_finish f2', 'resize ours running'), resizing, 'busy'],
    ['of a stopped server', shows('RESIZE stopped resize_migrating f1', 'resize ours running'), resizing, 'busy'],
    ['before its last event closes', shows('VERIFY_RESIZE resized - f2', 'resize ours running'), resizing, 'window'],
    ['at its end', shows('VERIFY_RESIZE resized - f2', OURS), resizing, 'window'],
    ['where the log tells no results', shows('VERIFY_RESIZE resized - f2', 'resize ours unknown'), resizing, 'window'],
    ['where there is no log', unlogged('VERIFY_RESIZE resized - f2'), resizing, 'window'],
    ['still waiting', shows('VERIFY_RESIZE resized - f2', OURS), window, 'window'],
    ['not in the log yet', shows('VERIFY_RESIZE resized - f2'), resizing, 'busy'],
    [
      'reported as failed',
      shows('VERIFY_RESIZE resized - f2', 'resize ours error'),
      resizing,
      'operator our-action-failed',
    ],
    ['locked by somebody', shows('VERIFY_RESIZE resized - f2', 'lock ann success', OURS), window, 'window'],
    ['with a task of any kind', shows('VERIFY_RESIZE resized powering-off f2', OURS), window, 'busy'],
    ['resized, and the status not yet', shows('RESIZE resized - f2', OURS), resizing, 'busy'],
    ['RESIZE without a task', shows('RESIZE active - f1', 'resize ours unknown'), resizing, 'busy'],
    ['RESIZE without a task, and no log', unlogged('RESIZE active - f1'), resizing, 'busy'],
    ['UNKNOWN in passing', unlogged('UNKNOWN active - f1'), resizing, 'busy'],
    ['UNKNOWN in passing, before it', shows('UNKNOWN active - f1'), asked, 'busy'],
    ['a state nobody has heard of', shows('WEIRD weird - f1', OURS), resizing, 'busy'],
  ]);

  it('hands on our action, for the times in it', () => {
    const seen = shows('VERIFY_RESIZE resized - f2', OURS);
    expect(situation(seen, resizing)).toMatchObject({ is: 'window', resize: { requestId: 'req-ours-resize' } });
  });

  it('is found under the id that the answer gave, whatever else is in the log', () => {
    const seen = shows('VERIFY_RESIZE resized - f2', OURS, 'revertResize ann success', 'resize ann success');
    expect(inWords(situation(seen, resizing))).toBe('window');
  });
});

describe('a resize that does not succeed', () => {
  table([
    ['ERROR by its status alone', shows('ERROR active - f1'), resizing, 'operator error'],
    ['ERROR by its state alone', shows('ACTIVE error - f1'), resizing, 'operator error'],
    ['no valid host', shows('ACTIVE active - f1', 'resize ours error'), resizing, 'rolled-back'],
    ['no valid host for a stopped server', shows('SHUTOFF stopped - f1', 'resize ours error'), resizing, 'rolled-back'],
    ['rolled back, no results in the log', shows('ACTIVE active - f1', 'resize ours unknown'), resizing, 'rolled-back'],
    ['rolled back, and no log', unlogged('ACTIVE active - f1'), resizing, 'rolled-back'],
    ['at rest while its action still runs', shows('ACTIVE active - f1', 'resize ours running'), resizing, 'busy'],
    ['at rest and not in the log yet', shows('ACTIVE active - f1'), resizing, 'busy'],
    ['failed while migrating', shows('ERROR error - f1', 'resize ours error'), resizing, 'operator error'],
    [
      'failed, and a task is left',
      shows('ERROR error resize_migrating f1', 'resize ours error'),
      resizing,
      'operator error',
    ],
    ['failed while finishing', shows('ERROR error - f2', 'resize ours error'), resizing, 'operator error'],
    ['ERROR, and no log', unlogged('ERROR error - f2'), resizing, 'operator error'],
    ['stuck', shows('RESIZE active resize_migrating f1', 'resize ours running'), resizing, 'busy'],
    [
      'failed, then reset by an administrator',
      shows('ACTIVE active - f2', 'resize ours error'),
      resizing,
      'changed-outside reset',
    ],
  ]);
});

describe('a lost answer to our resize', () => {
  table([
    [
      'taken and done, and something else in the log',
      shows('VERIFY_RESIZE resized - f2', 'resize we success', 'reboot ann success'),
      resizeLost,
      'window',
    ],
    [
      'taken and done, where the log names no user',
      shows('VERIFY_RESIZE resized - f2', 'resize cloud success'),
      resizeLost,
      'window',
    ],
    [
      'found, and its state was reset',
      shows('ACTIVE active - f2', 'resize we success'),
      unsettled(resizeLost),
      'changed-outside reset',
    ],
    ['taken: a task', shows('RESIZE active resize_prep f1', 'resize we running'), unsettled(resizeLost), 'busy'],
    ['taken and done', shows('VERIFY_RESIZE resized - f2', 'resize we success'), unsettled(resizeLost), 'window'],
    ['taken and done, without results', shows('VERIFY_RESIZE resized - f2', 'resize we unknown'), resizeLost, 'window'],
    ['nothing seen, it may still arrive', shows('ACTIVE active - f1'), unsettled(resizeLost), 'busy'],
    ['nothing seen, and it can arrive no more', shows('ACTIVE active - f1'), resizeLost, 'untouched'],
    ['two of them, nothing seen, settled', shows('ACTIVE active - f1'), { ...asked, resize: lostTwice }, 'untouched'],
    ['ran and was rolled back', shows('ACTIVE active - f1', 'resize we error'), resizeLost, 'rolled-back'],
    ['rolled back, no results', shows('ACTIVE active - f1', 'resize we unknown'), resizeLost, 'rolled-back'],
    [
      // The server is read before the log: it may have arrived in between, and be on its way now.
      'seen in the log only',
      shows('ACTIVE active - f1', 'resize we unknown'),
      unsettled(resizeLost),
      'busy',
    ],
    ['failed in the log only', shows('ACTIVE active - f1', 'resize we error'), unsettled(resizeLost), 'busy'],
    [
      'found before, seen in the log only',
      shows('ACTIVE active - f1', 'resize ours unknown'),
      unsettled({ ...resizing, resize: { ...resizing.resize, lost: 1 } }),
      'busy',
    ],
    ['running', shows('ACTIVE active - f1', 'resize we running'), resizeLost, 'busy'],
    [
      'two new resizes',
      shows('VERIFY_RESIZE resized - f2', 'resize we success', 'resize ann error'),
      resizeLost,
      'operator two-resizes',
    ],
    [
      'two new resizes, both of our user, both rolled back',
      shows('ACTIVE active - f1', 'resize we error', 'resize we error'),
      { ...asked, resize: lostTwice },
      'operator two-resizes',
    ],
    [
      'one new resize, of another user, may be followed by ours',
      shows('VERIFY_RESIZE resized - f2', 'resize ann success'),
      unsettled(resizeLost),
      'busy',
    ],
    [
      'one new resize, of another user',
      shows('VERIFY_RESIZE resized - f2', 'resize ann success'),
      resizeLost,
      'changed-outside resized by ann',
    ],
    ['another user rolled back', shows('ACTIVE active - f1', 'resize ann error'), resizeLost, 'untouched'],
    [
      'a migration by an administrator is no resize of ours',
      shows('VERIFY_RESIZE resized - f1', 'migrate admin success'),
      resizeLost,
      'changed-outside migrated by admin',
    ],
    ['waits, but the log shows nothing', shows('VERIFY_RESIZE resized - f2'), resizeLost, 'busy'],
    ['no log: waits', unlogged('VERIFY_RESIZE resized - f2'), resizeLost, 'operator lost-answer'],
    ['no log: waits with another flavor', unlogged('VERIFY_RESIZE resized - f3'), resizeLost, 'operator not-ours'],
    ['no log: waits after a lost confirm', unlogged('VERIFY_RESIZE resized - f2'), confirmLost, 'operator lost-answer'],
    ['no log: waits after a lost revert', unlogged('VERIFY_RESIZE resized - f2'), revertLost, 'operator lost-answer'],
    ['no log: a lost revert may arrive', unlogged('VERIFY_RESIZE resized - f2'), unsettled(revertLost), 'busy'],
    ['no log: nothing seen, may still arrive', unlogged('ACTIVE active - f1'), unsettled(resizeLost), 'busy'],
    ['no log: nothing seen', unlogged('ACTIVE active - f1'), resizeLost, 'operator lost-answer'],
    [
      'no log: accepted, and on the old flavor after a revert that a lost run may have sent',
      unlogged('ACTIVE active - f1'),
      { ...resizing, revert: revertLost.revert },
      'operator lost-answer',
    ],
    ['no log: new flavor', unlogged('ACTIVE active - f2'), resizeLost, 'operator lost-answer'],
    ['no log: on its way', unlogged('RESIZE active resize_prep f1'), unsettled(resizeLost), 'busy'],
  ]);

  it('counts the only new resize as ours where no user is known (AK/SK)', () => {
    const nameless: Expectation = { ...resizeLost };
    delete nameless.userId;
    const seen = shows('VERIFY_RESIZE resized - f2', 'resize ann success');
    expect(inWords(situation(seen, nameless))).toBe('window');
  });

  it('does not take a resize from another project for ours', () => {
    const theirs = { ...action('resize we success'), projectId: 'elsewhere' };
    const seen = { ...shows('VERIFY_RESIZE resized - f2'), actions: [theirs] };
    expect(inWords(situation(seen, resizeLost))).toBe('changed-outside resized by us');
  });
});

describe('an accepted request whose answer told no request id', () => {
  const resized: Expectation = { ...asked, resize: acceptedWithoutId };
  table([
    ['our resize is no stranger’s', shows('RESIZE active resize_prep f1', 'resize we running'), resized, 'busy'],
    ['it opens the window', shows('VERIFY_RESIZE resized - f2', 'resize we success'), resized, 'window'],
    ['it is rolled back', shows('ACTIVE active - f1', 'resize we error'), resized, 'rolled-back'],
    [
      'of two, nobody can say which is ours',
      shows('VERIFY_RESIZE resized - f2', 'resize we success', 'resize ann error'),
      resized,
      'operator two-resizes',
    ],
    [
      'another user’s is not ours',
      shows('VERIFY_RESIZE resized - f2', 'resize ann success'),
      resized,
      'changed-outside resized by ann',
    ],
    [
      'our confirm',
      shows('ACTIVE active - f2', 'confirmResize we success', OURS),
      { ...confirming, confirm: acceptedWithoutId },
      'confirmed',
    ],
    [
      'our revert',
      shows('ACTIVE active - f1', 'revertResize we success', OURS),
      { ...reverting, revert: acceptedWithoutId },
      'reverted',
    ],
  ]);
});

describe('a confirm', () => {
  const waits = 'VERIFY_RESIZE resized - f2';
  table([
    [
      'accepted, unchanged for up to 2 s (measured)',
      shows(waits, 'confirmResize ours running', OURS),
      confirming,
      'busy',
    ],
    ['accepted, not in the log yet', shows(waits, OURS), confirming, 'busy'],
    ['accepted, and no log', unlogged(waits), confirming, 'busy'],
    [
      'succeeds between the looks at server and log',
      shows(waits, 'confirmResize ours success', OURS),
      confirming,
      'busy',
    ],
    ['done', shows('ACTIVE active - f2', 'confirmResize ours success', OURS), confirming, 'confirmed'],
    [
      'done, of a stopped server',
      shows('SHUTOFF stopped - f2', 'confirmResize ours success', OURS),
      confirming,
      'confirmed',
    ],
    [
      'at rest before its action ends',
      shows('ACTIVE active - f2', 'confirmResize ours running', OURS),
      confirming,
      'busy',
    ],
    ['at rest, not in the log yet', shows('ACTIVE active - f2', OURS), confirming, 'busy'],
    ['done, without results', shows('ACTIVE active - f2', 'confirmResize ours unknown', OURS), confirming, 'confirmed'],
    ['done, and no log', unlogged('ACTIVE active - f2'), confirming, 'confirmed'],
    [
      'accepted, then the old flavor, and no log',
      unlogged('ACTIVE active - f1'),
      confirming,
      'changed-outside reverted',
    ],
    [
      'fails on the source (measured)',
      shows('ERROR error - f2', 'confirmResize ours error', OURS),
      confirming,
      'operator error',
    ],
    ['fails and still waits', shows(waits, 'confirmResize ours error', OURS), confirming, 'operator our-action-failed'],
    [
      'failed, then reset',
      shows('ACTIVE active - f2', 'confirmResize ours error', OURS),
      confirming,
      'changed-outside reset',
    ],
    ['refused', shows(waits, OURS), { ...confirming, confirm: rejected }, 'window'],
    ['VERIFY_RESIZE in name only', shows('VERIFY_RESIZE active - f2', OURS), confirming, 'busy'],
    [
      'lost, carried out, and our resize no longer in the log',
      shows('ACTIVE active - f2', 'confirmResize we success'),
      confirmLost,
      'confirmed',
    ],
    [
      'lost, carried out, and a lock beside it in the log',
      shows('ACTIVE active - f2', 'lock ann success', 'confirmResize we success', OURS),
      confirmLost,
      'confirmed',
    ],
    [
      'lost, and the cloud confirmed by itself',
      shows('ACTIVE active - f2', 'confirmResize cloud success', OURS),
      confirmLost,
      'changed-outside auto-confirmed',
    ],
    [
      'raced by a revert, and resized again by somebody else',
      shows(
        'VERIFY_RESIZE resized - f2',
        'resize bob success',
        'revertResize ann success',
        'confirmResize ours success',
        OURS,
      ),
      confirming,
      'changed-outside reverted by ann',
    ],
    ['lost, may still arrive', shows(waits, OURS), unsettled(confirmLost), 'busy'],
    ['lost, not carried out', shows(waits, OURS), confirmLost, 'window'],
    ['lost, running', shows(waits, 'confirmResize we running', OURS), confirmLost, 'busy'],
    ['lost, carried out', shows('ACTIVE active - f2', 'confirmResize we success', OURS), confirmLost, 'confirmed'],
    [
      'lost, carried out, without results',
      shows('ACTIVE active - f2', 'confirmResize we unknown', OURS),
      confirmLost,
      'confirmed',
    ],
    [
      'lost, and somebody else was faster',
      shows('ACTIVE active - f2', 'confirmResize ann success', OURS),
      confirmLost,
      'changed-outside confirmed by ann',
    ],
    [
      'lost, and somebody else was faster, but ours may still arrive',
      shows('ACTIVE active - f2', 'confirmResize ann success', OURS),
      unsettled(confirmLost),
      'busy',
    ],
    [
      'lost: a confirm older than our resize is not ours',
      shows(waits, OURS, 'confirmResize we success', 'resize ann success'),
      confirmLost,
      'window',
    ],
    ['lost, and no log', unlogged('ACTIVE active - f2'), confirmLost, 'operator lost-answer'],
    ['lost, back on the old flavor, and no log', unlogged('ACTIVE active - f1'), confirmLost, 'operator lost-answer'],
    ['lost, still waiting, no log, may still arrive', unlogged(waits), unsettled(confirmLost), 'busy'],
    [
      'done, then resized again by somebody else',
      shows('VERIFY_RESIZE resized - f3', 'resize ann success', 'confirmResize ours success', OURS),
      confirming,
      'confirmed',
    ],
    [
      'done, then deleted: the deletion is what is seen',
      shows('DELETED deleted - f2', 'delete ann success', 'confirmResize ours success', OURS),
      confirming,
      'changed-outside deleted by ann',
    ],
    [
      'raced by a revert, and the flavor tells (measured: both may be logged as successful)',
      shows('ACTIVE active - f1', 'revertResize ann success', 'confirmResize ours success', OURS),
      confirming,
      'changed-outside reverted by ann',
    ],
    [
      'raced by a revert into ERROR (measured)',
      shows('ERROR error - f2', 'revertResize ann error', 'confirmResize ours success', OURS),
      confirming,
      'operator error',
    ],
  ]);
});

describe('a revert', () => {
  const waits = 'VERIFY_RESIZE resized - f2';
  table([
    ['accepted, not in the log yet', shows(waits, OURS), reverting, 'busy'],
    ['accepted, and no log', unlogged(waits), reverting, 'busy'],
    [
      'on its way',
      shows('REVERT_RESIZE resized resize_reverting f2', 'revertResize ours running', OURS),
      reverting,
      'busy',
    ],
    [
      'on its way, old flavor',
      shows('REVERT_RESIZE resized resize_reverting f1', 'revertResize ours running', OURS),
      reverting,
      'busy',
    ],
    [
      'of a stopped server, powering off',
      shows('VERIFY_RESIZE resized powering-off f1', 'revertResize ours running', OURS),
      reverting,
      'busy',
    ],
    [
      'at rest while its action still runs (measured)',
      shows('ACTIVE active - f1', 'revertResize ours running', OURS),
      reverting,
      'busy',
    ],
    ['at rest, not in the log yet', shows('ACTIVE active - f1', OURS), reverting, 'busy'],
    ['done', shows('ACTIVE active - f1', 'revertResize ours success', OURS), reverting, 'reverted'],
    [
      'done, of a stopped server',
      shows('SHUTOFF stopped - f1', 'revertResize ours success', OURS),
      reverting,
      'reverted',
    ],
    ['done, without results', shows('ACTIVE active - f1', 'revertResize ours unknown', OURS), reverting, 'reverted'],
    ['done, and no log', unlogged('ACTIVE active - f1'), reverting, 'reverted'],
    [
      'accepted, then the new flavor, and no log',
      unlogged('ACTIVE active - f2'),
      reverting,
      'changed-outside confirmed',
    ],
    ['fails', shows('ERROR error - f1', 'revertResize ours error', OURS), reverting, 'operator error'],
    ['fails and still waits', shows(waits, 'revertResize ours error', OURS), reverting, 'operator our-action-failed'],
    [
      'failed, at rest all the same',
      shows('ACTIVE active - f1', 'revertResize ours error', OURS),
      reverting,
      'operator our-action-failed',
    ],
    ['refused', shows(waits, OURS), { ...reverting, revert: rejected }, 'window'],
    ['lost, may still arrive', shows(waits, OURS), unsettled(revertLost), 'busy'],
    ['lost, not carried out', shows(waits, OURS), revertLost, 'window'],
    [
      'lost, carried out',
      shows('ACTIVE active - f1', 'revertResize we success', OURS),
      unsettled(revertLost),
      'reverted',
    ],
    [
      'lost, carried out, without results',
      shows('ACTIVE active - f1', 'revertResize we unknown', OURS),
      revertLost,
      'reverted',
    ],
    ['lost, and no log', unlogged('ACTIVE active - f1'), revertLost, 'operator lost-answer'],
    ['lost, on the new flavor, and no log', unlogged('ACTIVE active - f2'), revertLost, 'operator lost-answer'],
    [
      'lost, and somebody else was faster',
      shows('ACTIVE active - f1', 'revertResize ann success', OURS),
      revertLost,
      'changed-outside reverted by ann',
    ],
    [
      'done, then resized again by somebody else',
      shows('VERIFY_RESIZE resized - f2', 'resize ann success', 'revertResize ours success', OURS),
      reverting,
      'reverted',
    ],
    [
      'raced by a confirm, and the flavor tells',
      shows('ACTIVE active - f2', 'confirmResize ann success', 'revertResize ours success', OURS),
      reverting,
      'changed-outside confirmed by ann',
    ],
  ]);
});

describe('what others do with our resize', () => {
  const waits = 'VERIFY_RESIZE resized - f2';
  table([
    [
      'confirm in vain, and revert',
      shows(waits, 'confirmResize ann error', 'revertResize bob success', OURS),
      window,
      'changed-outside reverted by bob',
    ],
    [
      'confirm, after somebody failed to revert',
      shows('ACTIVE active - f2', 'confirmResize ann success', 'revertResize bob error', OURS),
      window,
      'changed-outside confirmed by ann',
    ],
    [
      'delete in the log alone',
      shows('ACTIVE active - f2', 'delete ann success', OURS),
      window,
      'changed-outside deleted by ann',
    ],
    [
      'confirm and delete, at this moment',
      shows('ACTIVE active deleting f2', 'delete ann success', 'confirmResize bob success', OURS),
      window,
      'busy',
    ],
    [
      'confirm, while a deletion that the log does not show is under way',
      shows('ACTIVE active deleting f2', 'confirmResize bob success', OURS),
      window,
      'changed-outside confirmed by bob',
    ],
    [
      'confirm and delete',
      shows('DELETED deleted - f2', 'confirmResize bob success', 'delete ann success', OURS),
      window,
      'changed-outside deleted by ann',
    ],
    ['delete, by its status alone', shows('DELETED active - f2', OURS), window, 'changed-outside deleted'],
    ['delete, by its state alone', shows('ACTIVE deleted - f2', OURS), window, 'changed-outside deleted'],
    ['delete softly, by its status alone', shows('SOFT_DELETED active - f2', OURS), window, 'changed-outside deleted'],
    ['delete softly, by its state alone', shows('ACTIVE soft-delete - f2', OURS), window, 'changed-outside deleted'],
    [
      'revert, where the log names no user',
      shows('ACTIVE active - f1', 'revertResize cloud success', OURS),
      window,
      'changed-outside reverted',
    ],
    [
      'rests on another flavor, though our revert failed',
      shows('ACTIVE active - f3', 'revertResize ours error', OURS),
      reverting,
      'operator unclear',
    ],
    [
      'confirm',
      shows('ACTIVE active - f2', 'confirmResize ann success', OURS),
      window,
      'changed-outside confirmed by ann',
    ],
    [
      'confirm, without results',
      shows('ACTIVE active - f2', 'confirmResize ann unknown', OURS),
      window,
      'changed-outside confirmed by ann',
    ],
    [
      'confirm under our own user',
      shows('ACTIVE active - f2', 'confirmResize we success', OURS),
      window,
      'changed-outside confirmed by us',
    ],
    [
      'confirm of the cloud itself',
      shows('ACTIVE active - f2', 'confirmResize cloud success', OURS),
      window,
      'changed-outside auto-confirmed',
    ],
    [
      'confirm before we ever saw the window',
      shows('ACTIVE active - f2', 'confirmResize cloud success', OURS),
      resizing,
      'changed-outside auto-confirmed',
    ],
    ['confirm, at this moment', shows(waits, 'confirmResize ann running', OURS), window, 'busy'],
    ['confirm, perhaps at this moment', shows(waits, 'confirmResize ann unknown', OURS), window, 'busy'],
    [
      'confirm, done while we looked',
      shows(waits, 'confirmResize ann success', OURS),
      window,
      'changed-outside confirmed by ann',
    ],
    ['confirm in vain', shows(waits, 'confirmResize ann error', OURS), window, 'operator stranger-failed'],
    ['confirm, with no log to tell', unlogged('ACTIVE active - f2'), window, 'changed-outside confirmed'],
    [
      'revert',
      shows('ACTIVE active - f1', 'revertResize ann success', OURS),
      window,
      'changed-outside reverted by ann',
    ],
    [
      'revert before we ever saw the window',
      shows('ACTIVE active - f1', 'revertResize ann success', OURS),
      resizing,
      'changed-outside reverted by ann',
    ],
    [
      'revert, at this moment',
      shows('REVERT_RESIZE resized resize_reverting f2', 'revertResize ann running', OURS),
      window,
      'busy',
    ],
    [
      'revert, at rest before its action ends',
      shows('ACTIVE active - f1', 'revertResize ann running', OURS),
      window,
      'busy',
    ],
    ['revert, with no log to tell', unlogged('ACTIVE active - f1'), window, 'changed-outside reverted'],
    [
      'revert and resize again to the same flavor',
      shows(waits, 'resize ann success', 'revertResize ann success', OURS),
      window,
      'changed-outside reverted by ann',
    ],
    [
      'revert and resize again to the same flavor, without results',
      shows(waits, 'resize ann unknown', 'revertResize ann unknown', OURS),
      window,
      'changed-outside reverted by ann',
    ],
    [
      'revert and resize again to another flavor',
      shows('VERIFY_RESIZE resized - f3', 'resize ann success', 'revertResize ann success', OURS),
      window,
      'changed-outside reverted by ann',
    ],
    [
      'revert and resize again, on its way',
      shows('RESIZE active resize_prep f1', 'resize ann running', 'revertResize ann success', OURS),
      window,
      'busy',
    ],
    [
      'revert and resize again, on its way, without results',
      shows('RESIZE active resize_prep f1', 'resize ann unknown', 'revertResize ann unknown', OURS),
      window,
      'busy',
    ],
    [
      'revert and resize again, when we are about to confirm',
      shows(waits, 'resize ann success', 'revertResize ann success', OURS),
      { ...confirming, confirm: rejected },
      'changed-outside reverted by ann',
    ],
    [
      'confirm and migrate',
      shows('VERIFY_RESIZE resized - f2', 'migrate admin success', 'confirmResize ann success', OURS),
      window,
      'changed-outside confirmed by ann',
    ],
    [
      'confirm and migrate, without results',
      shows('VERIFY_RESIZE resized - f2', 'migrate admin unknown', 'confirmResize ann unknown', OURS),
      window,
      'changed-outside confirmed by ann',
    ],
    [
      'evacuate',
      shows('ACTIVE active - f2', 'evacuate admin success', OURS),
      window,
      'changed-outside migrated by admin',
    ],
    ['rebuild', shows('ACTIVE active - f2', 'rebuild ann success', OURS), window, 'changed-outside reset by ann'],
    [
      'reset the state (measured: no action in the log)',
      shows('ACTIVE active - f2', OURS),
      window,
      'changed-outside reset',
    ],
    [
      'reset the state, where the log has it',
      shows('ACTIVE active - f2', 'resetState admin success', OURS),
      window,
      'changed-outside reset by admin',
    ],
    ['reset the state to ERROR', shows('ERROR error - f2', OURS), window, 'operator error'],
    ['delete', shows('DELETED deleted - f2', 'delete ann success', OURS), window, 'changed-outside deleted by ann'],
    ['delete softly', shows('SOFT_DELETED soft-delete - f2', OURS), window, 'changed-outside deleted'],
    ['delete, at this moment', shows('VERIFY_RESIZE resized deleting f2', 'delete ann running', OURS), window, 'busy'],
    [
      'delete, in the log as done, not in the server',
      shows('ACTIVE active deleting f2', 'delete ann success', OURS),
      window,
      'busy',
    ],
    ['delete from a cloud without a log', unlogged('DELETED deleted - f2'), window, 'changed-outside deleted'],
    ['waits with the old flavor (a migration)', shows('VERIFY_RESIZE resized - f1', OURS), window, 'operator not-ours'],
    ['waits with another flavor, and no log', unlogged('VERIFY_RESIZE resized - f3'), window, 'operator not-ours'],
    ['rests on another flavor', shows('ACTIVE active - f3', OURS), window, 'operator unclear'],
    [
      'rests on the old flavor, and the log does not tell why',
      shows('ACTIVE active - f1', OURS),
      window,
      'operator unclear',
    ],
    ['live-migrate, shelve, stop: refused in the window', shows(waits, 'stop ann error', OURS), window, 'window'],
  ]);

  it('the first of them ended our resize, whatever came later', () => {
    const seen = shows(
      'SHUTOFF stopped - f3',
      'confirmResize bob success',
      'resize bob success',
      'confirmResize ann success',
      OURS,
    );
    expect(inWords(situation(seen, window))).toBe('changed-outside confirmed by ann');
  });
});

describe('an adopted resize, whose old flavor nobody shows', () => {
  const adopted = (expected: Expectation): Expectation => {
    const from = { ...expected };
    delete from.from;
    return from;
  };
  table([
    ['waits', shows('VERIFY_RESIZE resized - f2', OURS), adopted(window), 'window'],
    ['waits with another flavor', shows('VERIFY_RESIZE resized - f3', OURS), adopted(window), 'operator not-ours'],
    [
      'is confirmed by us',
      shows('ACTIVE active - f2', 'confirmResize ours success', OURS),
      adopted(confirming),
      'confirmed',
    ],
    [
      'is reverted by us, to whatever it was',
      shows('ACTIVE active - f3', 'revertResize ours success', OURS),
      adopted(reverting),
      'reverted',
    ],
    [
      'is reverted and resized again by somebody else',
      shows('VERIFY_RESIZE resized - f2', 'resize ann success', 'revertResize ann success', OURS),
      adopted(window),
      'changed-outside reverted by ann',
    ],
    [
      'is confirmed by the cloud',
      shows('ACTIVE active - f2', 'confirmResize cloud success', OURS),
      adopted(window),
      'changed-outside auto-confirmed',
    ],
  ]);
});

describe('a 404', () => {
  table([
    ['alone proves nothing', missing(OURS), window, 'missing'],
    ['without a log', { ...missing(), actions: 'unreadable' }, window, 'missing'],
    ['with a deletion in the log', missing('delete ann success', OURS), window, 'changed-outside deleted by ann'],
    ['while a deletion runs', missing('delete ann running', OURS), window, 'changed-outside deleted by ann'],
    ['after a deletion that failed', missing('delete ann error', OURS), window, 'missing'],
  ]);
});

describe('our own actions, to be remembered', () => {
  it('are found by request id', () => {
    const seen = shows('ACTIVE active - f2', 'confirmResize ours success', 'confirmResize ann error', OURS);
    const { resize, confirm, revert } = ownActions(seen, confirming);
    expect([resize?.requestId, confirm?.requestId, revert]).toEqual([
      'req-ours-resize',
      'req-ours-confirmResize',
      undefined,
    ]);
  });

  it('are not looked for when nothing was sent, or nothing can be read', () => {
    expect(ownActions(shows('ACTIVE active - f1', 'resize we error'), asked)).toEqual({});
    expect(ownActions(shows('ACTIVE active - f1', 'resize we error'), { ...asked, resize: rejected })).toEqual({});
    expect(ownActions(unlogged('ACTIVE active - f1'), confirming)).toEqual({});
  });

  it('are found in the log of a server that is gone, and where the log names no project', () => {
    expect(ownActions(missing('resize we success'), resizeLost)).toHaveProperty('resize');
    const nowhere = action('resize we success');
    delete nowhere.projectId;
    expect(ownActions({ ...shows('ACTIVE active - f1'), actions: [nowhere] }, resizeLost)).toHaveProperty('resize');
  });

  it('after a lost answer are the only one of their kind, or none', () => {
    expect(ownActions(shows('ACTIVE active - f1', 'resize we error'), resizeLost).resize?.requestId).toBe(
      'req-we-resize',
    );
    expect(ownActions(shows('ACTIVE active - f1', 'resize we error', 'resize ann error'), resizeLost)).toEqual({});
  });
});

describe('a server that is to be stopped or started', () => {
  it.each([
    ['ACTIVE active - f1', 'active', true],
    ['SHUTOFF stopped - f1', 'stopped', true],
    ['SHUTOFF stopped - f1', 'active', false],
    ['ACTIVE active powering-off f1', 'active', false],
    ['RESIZE active - f1', 'active', false],
    ['UNKNOWN stopped - f1', 'stopped', false],
    ['VERIFY_RESIZE resized - f2', 'active', false],
  ] as const)('that shows %s rests as %s: %s', (shown, vmState, rests) => {
    expect(restsIn(server(shown), vmState)).toBe(rests);
  });
});

describe('the same flavor', () => {
  it.each([
    ['by id, whatever the names', { name: 'a', id: '1' }, { name: 'b', id: '1' }, true],
    ['not by a name that was given anew', { name: 'a', id: '1' }, { name: 'a', id: '2' }, false],
    ['by name where an id is missing', { name: 'a', id: '1' }, { name: 'a' }, true],
    ['by name where the other id is missing', { name: 'a' }, { name: 'a', id: '1' }, true],
    ['not where one is not shown', UNKNOWN_FLAVOR, { name: 'unknown' }, false],
    ['not where the other is not shown', { name: 'unknown' }, UNKNOWN_FLAVOR, false],
    ['not with another name', { name: 'a' }, { name: 'b', id: '1' }, false],
  ])('%s', (_, a, b, same) => expect(sameFlavor(a, b)).toBe(same));
});

describe('what is seen, in words', () => {
  it('names status, state, task and flavor', () => {
    expect(words(server('VERIFY_RESIZE resized - f2'))).toBe(
      'the server shows VERIFY_RESIZE (resized, no task) with flavor f2',
    );
    expect(words(server('RESIZE active resize_prep f1'))).toContain('(active, resize_prep) with flavor f1');
  });

  it('goes with every meaning', () => {
    for (const seen of [shows('ACTIVE active - f1'), missing()]) {
      expect(situation(seen, asked).sees).toMatch(/^the /);
    }
    expect(FROM).not.toEqual(TO);
  });
});

describe('a server that does not show its flavor: the status and the log decide', () => {
  const CONFIRMED = 'confirmResize ours success';
  const REVERTED = 'revertResize ours success';
  const hidden = (what: string, ...log: string[]): Observation => withoutFlavor(shows(what, ...log));
  table([
    ['on its way', hidden('RESIZE active resize_migrating -', 'resize ours running'), resizing, 'busy'],
    ['in the window, by our resize', hidden('VERIFY_RESIZE resized - -', OURS), resizing, 'window'],
    ['in the window, still', hidden('VERIFY_RESIZE resized - -', OURS), window, 'window'],
    [
      'in the window, after a lost answer: people may share a user',
      hidden('VERIFY_RESIZE resized - -', 'resize we success'),
      resizeLost,
      'operator lost-answer',
    ],
    ['in the window, not in the log yet', hidden('VERIFY_RESIZE resized - -'), resizing, 'busy'],
    [
      'in the window of another one',
      hidden('VERIFY_RESIZE resized - -', 'resize ann success'),
      asked,
      'changed-outside resized by ann',
    ],
    ['in the window, and no log', withoutFlavor(unlogged('VERIFY_RESIZE resized - -')), resizing, 'operator not-ours'],
    ['confirmed by us', hidden('ACTIVE active - -', CONFIRMED, OURS), confirming, 'confirmed'],
    ['confirmed by us, still shown', hidden('VERIFY_RESIZE resized - -', CONFIRMED, OURS), confirming, 'busy'],
    [
      'confirmed by us, in vain',
      hidden('ERROR error - -', 'confirmResize ours error', OURS),
      confirming,
      'operator error',
    ],
    ['reverted by us', hidden('ACTIVE active - -', REVERTED, OURS), reverting, 'reverted'],
    ['reverted by us, stopped', hidden('SHUTOFF stopped - -', REVERTED, OURS), reverting, 'reverted'],
    [
      'confirmed by another one',
      hidden('ACTIVE active - -', 'confirmResize ann success', OURS),
      window,
      'changed-outside confirmed by ann',
    ],
    ['rolled back', hidden('ACTIVE active - -', 'resize ours error'), resizing, 'rolled-back'],
    [
      'at rest, and the log tells no results',
      hidden('ACTIVE active - -', 'resize ours unknown'),
      resizing,
      'operator unclear',
    ],
    ['at rest, and nothing of ours in the log', hidden('ACTIVE active - -'), asked, 'busy'],
    ['confirmed, and no log', withoutFlavor(unlogged('ACTIVE active - -')), confirming, 'operator unclear'],
    ['after a lost answer, and it may still arrive', hidden('ACTIVE active - -'), unsettled(resizeLost), 'busy'],
  ]);
});

it('a resize whose answer was lost is not remembered as ours while the server does not show its flavor', () => {
  const seen = shows('VERIFY_RESIZE resized - f2', 'resize we success');
  expect(ownActions(seen, resizeLost)).toHaveProperty('resize');
  expect(ownActions(withoutFlavor(seen), resizeLost)).not.toHaveProperty('resize');
});

describe('an action that the log shows under another request id than our answer had (a gateway writes its own)', () => {
  table([
    ['while it runs', shows('RESIZE active resize_migrating f1', 'resize we running'), resizing, 'busy'],
    ['a resize', shows('VERIFY_RESIZE resized - f2', 'resize we success'), resizing, 'operator other-request-id'],
    ['a resize, still', shows('VERIFY_RESIZE resized - f2', 'resize we success'), window, 'operator other-request-id'],
    [
      'a resize, no results',
      shows('VERIFY_RESIZE resized - f2', 'resize we unknown'),
      resizing,
      'operator other-request-id',
    ],
    [
      'a confirm',
      shows('ACTIVE active - f2', 'confirmResize we success', OURS),
      confirming,
      'operator other-request-id',
    ],
    ['a revert', shows('ACTIVE active - f1', 'revertResize we success', OURS), reverting, 'operator other-request-id'],
    [
      'a resize of access keys, which know no user',
      shows('VERIFY_RESIZE resized - f2', 'resize ann success'),
      withoutUser(resizing),
      'operator other-request-id',
    ],
    [
      'not a resize of somebody else',
      shows('VERIFY_RESIZE resized - f2', 'resize ann success'),
      resizing,
      'changed-outside resized by ann',
    ],
    [
      'not a resize of which the log names no user',
      shows('VERIFY_RESIZE resized - f2', 'resize cloud success'),
      resizing,
      'changed-outside resized',
    ],
    [
      'not the cloud’s own confirm',
      shows('ACTIVE active - f2', 'confirmResize cloud success', OURS),
      confirming,
      'changed-outside auto-confirmed',
    ],
    [
      'not when ours is in the log as well',
      shows('VERIFY_RESIZE resized - f2', 'resize we success', 'revertResize we success', OURS),
      window,
      'changed-outside reverted by us',
    ],
  ]);
});
