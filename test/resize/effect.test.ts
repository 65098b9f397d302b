/** What is news to a run that waits, when a request may go out, and when one that was accepted has settled. */
import { EFFECTS, isNews, isSettled, maySend, type Effect } from '../../src/resize/effect';
import type { Observation } from '../../src/resize/observation';
import type { Expectation } from '../../src/resize/situation-facts';
import { asked, confirming, missing, resizing, reverting, shows, window } from './looks';

const OURS = 'resize ours success';
const UNTOUCHED = shows('ACTIVE active - f1');
const STOPPED = shows('SHUTOFF stopped - f1');
const STOPPING = shows('ACTIVE active powering-off f1');
const WAITS = shows('VERIFY_RESIZE resized - f2', OURS);
const ERROR = shows('ERROR error - f1');

describe('what is observed', () => {
  it.each<[string, Effect | undefined, Observation, Expectation, boolean]>([
    ['the window, while people decide', undefined, WAITS, window, false],
    ['a confirm of others, while people decide', undefined, shows('ACTIVE active - f2', OURS), window, true],
    [
      'what is under way, while people decide',
      undefined,
      shows('VERIFY_RESIZE resized deleting f2', OURS),
      window,
      false,
    ],
    [
      'a resize under way, as before',
      'resize',
      shows('RESIZE active resize_prep f1', 'resize ours running'),
      resizing,
      false,
    ],
    [
      'a resize under way, with another status',
      'resize',
      shows('REBOOT active rebooting f1', 'resize ours running'),
      resizing,
      true,
    ],
    ['the window, with the status as before', 'resize', { ...WAITS }, resizing, true],
    ['a 404', 'resize', missing(), resizing, true],
    [
      'a confirm under way',
      'confirm',
      shows('VERIFY_RESIZE resized - f2', 'confirmResize ours running', OURS),
      confirming,
      false,
    ],
    [
      'the end of a confirm',
      'confirm',
      shows('ACTIVE active - f2', 'confirmResize ours success', OURS),
      confirming,
      true,
    ],
    [
      'a revert under way',
      'revert',
      shows('REVERT_RESIZE resized resize_reverting f1', 'revertResize ours running', OURS),
      reverting,
      false,
    ],
    ['the end of a revert', 'revert', shows('ACTIVE active - f1', 'revertResize ours success', OURS), reverting, true],
    ['a server that is not stopped yet', 'stop', UNTOUCHED, asked, false],
    ['a server that is being stopped', 'stop', STOPPING, asked, false],
    ['a stopped server', 'stop', STOPPED, asked, true],
    [
      'a resize of others, before the stop',
      'stop',
      shows('VERIFY_RESIZE resized - f2', 'resize ann success'),
      asked,
      true,
    ],
    ['ERROR, before the stop', 'stop', ERROR, asked, true],
    ['a 404, before the stop', 'stop', missing(), asked, true],
    ['a server that is not started yet', 'start', STOPPED, asked, false],
    ['a server that runs', 'start', UNTOUCHED, asked, true],
    ['what others did, before the start', 'start', shows('SHUTOFF stopped - f2', 'resize ann success'), asked, false],
    ['ERROR, before the start', 'start', ERROR, asked, true],
    ['a 404, before the start', 'start', missing(), asked, true],
  ])('%s', (_, effect, seen, expected, news) => {
    expect(isNews(effect, seen, expected, { status: effect === undefined ? 'VERIFY_RESIZE' : 'RESIZE' })).toBe(news);
  });

  it('is news while the cloud resizes only where the status is another one than the run knows', () => {
    const seen = shows('RESIZE active resize_prep f1', 'resize ours running');
    expect(isNews('resize', seen, resizing, { status: 'ACTIVE' })).toBe(true);
    expect(isNews('resize', seen, resizing, { status: 'RESIZE' })).toBe(false);
    expect(isNews('confirm', shows('VERIFY_RESIZE resized - f2', OURS), confirming, { status: 'RESIZE' })).toBe(false);
  });
});

describe('a request may be sent', () => {
  const FITS: Readonly<Record<Effect, [fits: Observation, not: Observation, Expectation]>> = {
    stop: [UNTOUCHED, STOPPED, asked],
    resize: [UNTOUCHED, WAITS, asked],
    confirm: [WAITS, UNTOUCHED, window],
    revert: [WAITS, UNTOUCHED, window],
    start: [STOPPED, UNTOUCHED, asked],
  };
  it.each(Object.entries(FITS) as [Effect, (typeof FITS)[Effect]][])(
    'only on what it needs: %s',
    (effect, [fits, not, expected]) => {
      const { sendIf } = EFFECTS[effect];
      expect(maySend(fits, sendIf, expected)).toBe(true);
      expect(maySend(not, sendIf, expected)).toBe(false);
      expect(maySend(missing(), sendIf, expected)).toBe(false);
    },
  );
});

it('a server that others have changed meanwhile is not stopped', () => {
  const { sendIf } = EFFECTS.stop;
  expect(maySend(shows('ACTIVE active - f2'), sendIf, asked)).toBe(false);
  expect(maySend(shows('ACTIVE active - f1', 'revertResize ann success', 'resize ann success'), sendIf, asked)).toBe(
    false,
  );
});

describe('an accepted request has settled', () => {
  it.each<[string, Exclude<Effect, 'resize'>, Observation, Expectation, boolean]>([
    ['a stop, when the server is off', 'stop', STOPPED, asked, true],
    ['not a stop of a server that still runs', 'stop', UNTOUCHED, asked, false],
    ['not a stop of a server that is gone', 'stop', missing(), asked, false],
    ['a start, when the server runs', 'start', UNTOUCHED, asked, true],
    ['not a start of a server that is off', 'start', STOPPED, asked, false],
    [
      'a confirm that succeeded',
      'confirm',
      shows('ACTIVE active - f2', 'confirmResize ours success', OURS),
      window,
      true,
    ],
    ['not a confirm that the log does not show yet', 'confirm', WAITS, window, false],
    [
      'a confirm that others made needless',
      'confirm',
      shows('ACTIVE active - f2', 'confirmResize ann success', OURS),
      window,
      true,
    ],
    ['a revert that succeeded', 'revert', shows('ACTIVE active - f1', 'revertResize ours success', OURS), window, true],
    [
      'not a revert that is under way',
      'revert',
      shows('REVERT_RESIZE resized resize_reverting f1', OURS),
      window,
      false,
    ],
  ])('%s', (_, effect, seen, expected, settled) => {
    const kind = effect === 'confirm' ? 'confirmResize' : 'revertResize';
    expect(isSettled(effect, seen, expected, `req-ours-${kind}`)).toBe(settled);
  });

  it('also where its answer told no request id', () => {
    const seen = shows('ACTIVE active - f2', 'confirmResize we success', OURS);
    expect(isSettled('confirm', seen, window, undefined)).toBe(true);
    expect(isSettled('confirm', WAITS, window, undefined)).toBe(false);
  });
});
