/** What a watching run reads of a server, and what of it is news. */
import { isLogNeeded, isNews, type Effect, type Seen } from '../../src/resize/effect';
import type { ServerSeen } from '../../src/resize/observation';
import { isUnderWay, type Expectation } from '../../src/resize/situation-facts';
import { confirming, missing, resizing, reverting, server, shows, unlogged, window } from './looks';

const STAMP = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:00:01Z';
const seen = (status: string, change: Partial<Seen> = {}): Seen => ({
  status,
  locked: false,
  updated: STAMP,
  ...change,
});
const saved = (text: string, change: Partial<Seen> = {}) => ({
  ...server(text),
  locked: false,
  updated: STAMP,
  ...change,
});

describe('whether something is under way is seen in the server itself', () => {
  it.each([
    ['RESIZE resized resize_finish f2', true],
    ['RESIZE active - f1', true],
    ['REVERT_RESIZE resized resize_reverting f2', true],
    ['VERIFY_RESIZE resized powering-off f1', true],
    ['ACTIVE active deleting f1', true],
    ['VERIFY_RESIZE resized - f2', false],
    ['ACTIVE active - f1', false],
    ['SHUTOFF stopped - f1', false],
    ['UNKNOWN active - f1', false],
    ['ERROR active resize_finish f1', false],
    ['RESIZE error - f1', false],
    ['DELETED deleted deleting f1', false],
    ['SOFT_DELETED soft-delete deleting f1', false],
    ['ACTIVE soft-deleted deleting f1', false],
  ])('%s: %s', (text, underWay) => {
    expect(isUnderWay(server(text))).toBe(underWay);
  });
});

describe('the log is read', () => {
  it.each<[string, Effect | undefined, string, Seen | undefined, Expectation, boolean]>([
    ['not of a server on its way', 'resize', 'RESIZE active resize_migrating f1', seen('RESIZE'), resizing, false],
    ['when it is not shown so yet', 'resize', 'RESIZE active resize_migrating f1', seen('ACTIVE'), resizing, true],
    ['when it rests after a resize', 'resize', 'VERIFY_RESIZE resized - f2', seen('VERIFY_RESIZE'), resizing, true],
    ['when it is back', 'resize', 'ACTIVE active - f1', seen('RESIZE'), resizing, true],
    ['when it is in ERROR', 'resize', 'ERROR active resize_finish f1', seen('RESIZE'), resizing, true],
    ['after a confirm', 'confirm', 'VERIFY_RESIZE resized - f2', seen('VERIFY_RESIZE'), confirming, true],
    ['not during a revert', 'revert', 'REVERT_RESIZE resized resize_reverting f2', seen('RESIZE'), reverting, false],
    ['not during a stop', 'stop', 'ACTIVE active powering-off f1', seen('SHUTOFF'), resizing, false],
  ])('%s', (_, effect, text, known, expected, needed) => {
    expect(isLogNeeded(effect, saved(text), expected, known)).toBe(needed);
  });

  const WAITS = 'VERIFY_RESIZE resized - f2';
  it.each<[string, ServerSeen, Seen | undefined, boolean]>([
    ['not where the cloud has not saved the server since', saved(WAITS), seen('VERIFY_RESIZE'), false],
    ['where it has', saved(WAITS, { updated: LATER }), seen('VERIFY_RESIZE'), true],
    ['where it shows no time of that', { ...server(WAITS), locked: false }, seen('VERIFY_RESIZE'), true],
    ['where no time of it is known', saved(WAITS), { status: 'VERIFY_RESIZE', locked: false }, true],
    ['where nothing is known of it', saved(WAITS), undefined, true],
    ['where it was locked within the same second', saved(WAITS, { locked: true }), seen('VERIFY_RESIZE'), true],
    ['where it showed another status within the same second', saved(WAITS), seen('REVERT_RESIZE'), true],
    ['where the flavor is another one', saved('VERIFY_RESIZE resized - f3'), seen('VERIFY_RESIZE'), true],
    ['where it waits no more', saved('ACTIVE active - f2'), seen('ACTIVE'), true],
    ['when others begin something', saved('REVERT_RESIZE resized resize_reverting f2'), seen('VERIFY_RESIZE'), true],
    ['not while they are at it', saved('REVERT_RESIZE resized resize_reverting f2'), seen('REVERT_RESIZE'), false],
  ])('while people decide: %s', (_, shown, known, needed) => {
    expect(isLogNeeded(undefined, shown, window, known)).toBe(needed);
  });
});

describe('while people decide it is news', () => {
  const waits = 'VERIFY_RESIZE resized - f2';
  it.each([
    ['not that the server waits', shows(waits, 'resize ours success'), false],
    [
      'not that a confirm of others is under way',
      shows(waits, 'confirmResize ann running', 'resize ours success'),
      false,
    ],
    ['that one has failed', shows(waits, 'confirmResize ann error', 'resize ours success'), true],
    ['that one is done', shows('ACTIVE active - f2', 'confirmResize ann success', 'resize ours success'), true],
    ['that a revert is under way', shows('REVERT_RESIZE resized resize_reverting f2', 'resize ours success'), true],
    ['that the server is in ERROR', shows('ERROR error - f2', 'resize ours success'), true],
    ['that it is missing', missing('resize ours success'), true],
    ['that it rests, where the log cannot be read', unlogged('ACTIVE active - f2'), true],
  ])('%s', (_, observation, news) => {
    expect(isNews(undefined, observation, window, seen('VERIFY_RESIZE'))).toBe(news);
  });

  it('once that a revert is under way', () => {
    const reverts = shows('REVERT_RESIZE resized resize_reverting f2', 'resize ours success');
    expect(isNews(undefined, reverts, window, seen('REVERT_RESIZE'))).toBe(false);
  });
});

describe('while the cloud resizes it is news', () => {
  const moves = shows('RESIZE active resize_migrating f1', 'resize ours running');
  it('that the status is another one, once', () => {
    expect(isNews('resize', moves, resizing, seen('ACTIVE'))).toBe(true);
    expect(isNews('resize', moves, resizing, seen('RESIZE'))).toBe(false);
  });
});
