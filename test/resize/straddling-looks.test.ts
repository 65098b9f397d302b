import type { ActionSeen } from '../../src/resize/observation';
import { situation } from '../../src/resize/situation';
import type { Expectation } from '../../src/resize/situation-facts';
import {
  action,
  confirming,
  confirmLost,
  inWords,
  resizeLost,
  resizing,
  reverting,
  server,
  unsettled,
  window,
} from './looks';

/**
 * A look is two answers, the server first and its log after it, and the cloud goes on in between: however far, what
 * the look is said to mean must be true, and at the end of each history it must be told.
 */
interface History {
  expected: Expectation;
  moments: [server: string, ...log: string[]][];
  /** What may be said, by which moment the server is from and which the log; `busy` always may. */
  says: Record<string, (serverFrom: number, logFrom: number) => boolean>;
  /** What is said in the end; where the log tells no results, it may be another thing. */
  end: string;
}

const OURS = 'resize ours success';
const histories: Record<string, History> = {
  'our resize is rolled back': {
    expected: resizing,
    moments: [
      ['RESIZE active resize_prep f1', 'resize ours running'],
      ['ACTIVE active - f1', 'resize ours running'],
      ['ACTIVE active - f1', 'resize ours error'],
    ],
    says: { 'rolled-back': (at) => at >= 1 },
    end: 'rolled-back',
  },
  'our resize succeeds': {
    expected: resizing,
    moments: [
      ['RESIZE active resize_prep f1', 'resize ours running'],
      ['RESIZE active resize_finish f2', 'resize ours running'],
      ['VERIFY_RESIZE resized - f2', 'resize ours running'],
      ['VERIFY_RESIZE resized - f2', OURS],
    ],
    says: { window: (at) => at >= 2 },
    end: 'window',
  },
  'a lost resize arrives late and succeeds': {
    expected: unsettled(resizeLost),
    moments: [
      ['ACTIVE active - f1'],
      ['RESIZE active resize_prep f1', 'resize we running'],
      ['RESIZE active resize_finish f2', 'resize we running'],
      ['VERIFY_RESIZE resized - f2', 'resize we running'],
      ['VERIFY_RESIZE resized - f2', 'resize we success'],
    ],
    says: { window: (at) => at >= 3 },
    end: 'window',
  },
  'a lost resize arrives late and fails': {
    expected: unsettled(resizeLost),
    moments: [
      ['ACTIVE active - f1'],
      ['RESIZE active resize_prep f1', 'resize we running'],
      ['RESIZE active resize_migrating f1', 'resize we error'],
      ['ERROR error - f1', 'resize we error'],
    ],
    says: { 'operator error': (at) => at >= 3 },
    end: 'operator error',
  },
  'our confirm succeeds': {
    expected: confirming,
    moments: [
      ['VERIFY_RESIZE resized - f2', 'confirmResize ours running', OURS],
      ['ACTIVE active - f2', 'confirmResize ours running', OURS],
      ['ACTIVE active - f2', 'confirmResize ours success', OURS],
    ],
    says: { confirmed: (at) => at >= 1 },
    end: 'confirmed',
  },
  'a lost confirm arrives late': {
    expected: unsettled(confirmLost),
    moments: [
      ['VERIFY_RESIZE resized - f2', OURS],
      ['VERIFY_RESIZE resized - f2', 'confirmResize we running', OURS],
      ['ACTIVE active - f2', 'confirmResize we running', OURS],
      ['ACTIVE active - f2', 'confirmResize we success', OURS],
    ],
    says: { confirmed: (at) => at >= 2 },
    end: 'confirmed',
  },
  'our revert of a running server succeeds': {
    expected: reverting,
    moments: [
      ['VERIFY_RESIZE resized - f2', 'revertResize ours running', OURS],
      ['REVERT_RESIZE resized resize_reverting f2', 'revertResize ours running', OURS],
      ['REVERT_RESIZE resized resize_reverting f1', 'revertResize ours running', OURS],
      ['ACTIVE active - f1', 'revertResize ours running', OURS],
      ['ACTIVE active - f1', 'revertResize ours success', OURS],
    ],
    says: { reverted: (at) => at >= 3 },
    end: 'reverted',
  },
  'our revert of a stopped server succeeds': {
    expected: reverting,
    moments: [
      ['REVERT_RESIZE resized resize_reverting f2', 'revertResize ours running', OURS],
      ['VERIFY_RESIZE resized powering-off f1', 'revertResize ours running', OURS],
      ['SHUTOFF stopped - f1', 'revertResize ours running', OURS],
      ['SHUTOFF stopped - f1', 'revertResize ours success', OURS],
    ],
    says: { reverted: (at) => at >= 2 },
    end: 'reverted',
  },
  'our confirm fails': {
    expected: confirming,
    moments: [
      ['VERIFY_RESIZE resized - f2', 'confirmResize ours running', OURS],
      ['ERROR error - f2', 'confirmResize ours running', OURS],
      ['ERROR error - f2', 'confirmResize ours error', OURS],
    ],
    says: { 'operator error': (at) => at >= 1, 'operator our-action-failed': (_, log) => log >= 2 },
    end: 'operator error',
  },
  'somebody else confirms': {
    expected: window,
    moments: [
      ['VERIFY_RESIZE resized - f2', OURS],
      ['VERIFY_RESIZE resized - f2', 'confirmResize ann running', OURS],
      ['ACTIVE active - f2', 'confirmResize ann running', OURS],
      ['ACTIVE active - f2', 'confirmResize ann success', OURS],
    ],
    says: {
      window: (_, log) => log === 0,
      'changed-outside confirmed by ann': (_, log) => log >= 2,
    },
    end: 'changed-outside confirmed by ann',
  },
  'somebody else reverts and resizes again to the same flavor': {
    expected: window,
    moments: [
      ['VERIFY_RESIZE resized - f2', OURS],
      ['REVERT_RESIZE resized resize_reverting f2', 'revertResize ann running', OURS],
      ['ACTIVE active - f1', 'revertResize ann success', OURS],
      ['RESIZE active resize_prep f1', 'resize ann running', 'revertResize ann success', OURS],
      ['VERIFY_RESIZE resized - f2', 'resize ann running', 'revertResize ann success', OURS],
      ['VERIFY_RESIZE resized - f2', 'resize ann success', 'revertResize ann success', OURS],
    ],
    says: {
      window: (_, log) => log === 0,
      'changed-outside reverted by ann': (_, log) => log >= 2,
    },
    end: 'changed-outside reverted by ann',
  },
  'somebody else deletes the server': {
    expected: window,
    moments: [
      ['VERIFY_RESIZE resized - f2', OURS],
      ['VERIFY_RESIZE resized deleting f2', 'delete ann running', OURS],
      ['DELETED deleted - f2', 'delete ann success', OURS],
    ],
    says: {
      window: (_, log) => log === 0,
      'changed-outside deleted by ann': (_, log) => log >= 2,
    },
    end: 'changed-outside deleted by ann',
  },
};

/** The log of a cloud that tells of failures only (below microversion 2.51). */
const withoutResults = (seen: ActionSeen): ActionSeen =>
  seen.result === 'error' ? seen : { ...seen, result: 'unknown' };

describe.each(Object.entries(histories))('%s', (_, { expected, moments, says, end }) => {
  const looks = moments.flatMap(([shown], serverFrom) =>
    moments.map(([, ...log], logFrom) => ({ shown, log: log.map(action), serverFrom, logFrom })).slice(serverFrom),
  );

  it.each([
    ['the log tells results', (seen: ActionSeen) => seen],
    ['the log tells failures only', withoutResults],
  ])('%s: nothing untrue is said, and the end is told', (__, as) => {
    for (const { shown, log, serverFrom, logFrom } of looks) {
      const seen = { at: '', server: server(shown), actions: log.map(as) };
      const said = inWords(situation(seen, expected));
      const mayBeSaid = said === 'busy' || says[said]?.(serverFrom, logFrom) === true;
      expect({ shown, log: seen.actions, said, mayBeSaid }).toMatchObject({ mayBeSaid: true });
      if (serverFrom === moments.length - 1) expect(said).toBe(end);
    }
  });
});
