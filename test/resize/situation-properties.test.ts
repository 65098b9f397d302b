import fc from 'fast-check';
import {
  UNKNOWN_FLAVOR,
  type ActionSeen,
  type Flavor,
  type Observation,
  type ServerSeen,
} from '../../src/resize/observation';
import { situation } from '../../src/resize/situation';
import { ownActions, type Expectation, type Sent } from '../../src/resize/situation-facts';
import { FROM, TO } from './looks';
import { often } from './often';

/** What must hold for every look and every state of knowledge, however unlikely. */

const flavor = fc.constantFrom<Flavor>(
  FROM,
  TO,
  { name: 'f3', id: '3' },
  { name: 'f2' },
  { name: 'f1' },
  UNKNOWN_FLAVOR,
);
const KINDS = ['resize', 'confirmResize', 'revertResize'] as const;

const state = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...(
        [
          ['ACTIVE', 'active', null],
          ['SHUTOFF', 'stopped', null],
          ['VERIFY_RESIZE', 'resized', null],
          ['VERIFY_RESIZE', 'resized', null],
          ['VERIFY_RESIZE', 'resized', 'powering-off'],
          ['RESIZE', 'active', 'resize_prep'],
          ['REVERT_RESIZE', 'resized', 'resize_reverting'],
          ['ERROR', 'error', null],
          ['DELETED', 'deleted', null],
        ] as const
      ).map(([status, vmState, taskState]) => ({ status, vmState, taskState })),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      status: fc.constantFrom('ACTIVE', 'SHUTOFF', 'RESIZE', 'VERIFY_RESIZE', 'UNKNOWN', ''),
      vmState: fc.oneof(fc.constantFrom('active', 'stopped', 'resized', 'error'), fc.string()),
      taskState: fc.constantFrom(null, 'deleting', 'resize_finish'),
    }),
  },
);

const server: fc.Arbitrary<ServerSeen> = fc.tuple(state, flavor).map(([shown, current]) => ({
  id: 'id',
  name: 'web-07',
  ...shown,
  powerState: 'unknown',
  flavor: current,
  project: 'project',
}));

const action: fc.Arbitrary<ActionSeen> = fc
  .record({
    action: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...KINDS) },
      { weight: 2, arbitrary: fc.constantFrom('migrate', 'delete', 'resetState', 'reboot', 'lock', 'evacuate') },
    ),
    who: fc.constantFrom('ours', 'ours', 'ours', 'we', 'ann', 'cloud'),
    result: fc.constantFrom('running' as const, 'success' as const, 'error' as const, 'unknown' as const),
  })
  .map(({ action: kind, who, result }) => ({
    action: kind,
    requestId: `req-${who}-${kind}`,
    projectId: 'project',
    ...(who === 'cloud' ? {} : { userId: who === 'ann' ? 'ann' : 'us' }),
    result,
  }));

const observation: fc.Arbitrary<Observation> = fc.record({
  at: fc.constant(''),
  server: fc.oneof({ weight: 12, arbitrary: server }, { weight: 1, arbitrary: fc.constant<'missing'>('missing') }),
  actions: fc.oneof(
    { weight: 4, arbitrary: fc.uniqueArray(action, { maxLength: 5, selector: ({ requestId }) => requestId }) },
    { weight: 1, arbitrary: fc.constant<'unreadable'>('unreadable') },
  ),
});

/** Knowledge of our requests of one kind that a run can have. */
const sent = (kind: string): fc.Arbitrary<Sent> =>
  fc.constantFrom<Sent>(
    { posts: 0, lost: 0, accepted: false },
    { posts: 0, lost: 0, accepted: false },
    { posts: 1, lost: 0, accepted: false },
    { posts: 1, lost: 0, accepted: true, requestId: `req-ours-${kind}` },
    { posts: 1, lost: 0, accepted: true },
    { posts: 1, lost: 1, accepted: false },
    { posts: 2, lost: 2, accepted: false },
    { posts: 1, lost: 1, accepted: true, requestId: `req-ours-${kind}` },
    { posts: 2, lost: 1, accepted: true, requestId: `req-ours-${kind}` },
  );

const expectation: fc.Arbitrary<Expectation> = fc.record(
  {
    stage: fc.constantFrom('resizing' as const, 'window' as const, 'confirming' as const, 'reverting' as const),
    from: fc.constant(FROM),
    to: fc.constant(TO),
    project: fc.constant('project'),
    userId: fc.constant('us'),
    resize: sent('resize'),
    confirm: sent('confirmResize'),
    revert: sent('revertResize'),
    settled: fc.boolean(),
  },
  { requiredKeys: ['stage', 'from', 'to', 'project', 'resize', 'confirm', 'revert', 'settled'], noNullPrototype: true },
);

const wasSent = ({ accepted, lost }: Sent) => accepted || lost > 0;
const mayBeUnderWay = ({ accepted, lost }: Sent, settled: boolean) => accepted || (lost > 0 && !settled);
const waits = ({ server: seen }: Observation) =>
  seen !== 'missing' && seen.status === 'VERIFY_RESIZE' && seen.vmState === 'resized' && seen.taskState === null;

const forEveryLook = (holds: (seen: Observation, expected: Expectation) => void) =>
  fc.assert(fc.property(observation, expectation, holds), often(8000));

it('every look has a meaning, and words for what is seen', () => {
  const meanings = new Set<string>();
  forEveryLook((seen, expected) => {
    const meaning = situation(seen, expected);
    meanings.add(meaning.is);
    expect(meaning.sees.length).toBeGreaterThan(0);
    expect(situation(seen, expected)).toEqual(meaning);
  });
  // The looks are wild enough to reach all of them.
  expect([...meanings].sort()).toEqual([
    'busy',
    'changed-outside',
    'confirmed',
    'missing',
    'operator',
    'reverted',
    'rolled-back',
    'untouched',
    'window',
  ]);
});

it('a look that came through Temporal means the same', () => {
  forEveryLook((seen, expected) => {
    const throughTemporal = JSON.parse(JSON.stringify([seen, expected])) as [Observation, Expectation];
    expect(situation(...throughTemporal)).toEqual(situation(seen, expected));
  });
});

it('confirmed: only by our confirm, and only when it succeeded, or its effect is seen where no results are told', () => {
  forEveryLook((seen, expected) => {
    if (situation(seen, expected).is !== 'confirmed') return;
    expect(wasSent(expected.confirm)).toBe(true);
    const ours = ownActions(seen, expected).confirm;
    if (seen.actions === 'unreadable') expect(expected.confirm.accepted).toBe(true);
    else expect(ours?.result).toMatch(/^(success|unknown)$/);
    if (ours?.result !== 'success') expect(seen).toMatchObject({ server: { taskState: null, flavor: { name: 'f2' } } });
  });
});

it('reverted: only by our revert, and only when it succeeded, or its effect is seen where no results are told', () => {
  forEveryLook((seen, expected) => {
    if (situation(seen, expected).is !== 'reverted') return;
    expect(wasSent(expected.revert)).toBe(true);
    const ours = ownActions(seen, expected).revert;
    if (seen.actions === 'unreadable') expect(expected.revert.accepted).toBe(true);
    else expect(ours?.result).toMatch(/^(success|unknown)$/);
    if (ours?.result !== 'success') expect(seen).toMatchObject({ server: { taskState: null, flavor: { name: 'f1' } } });
  });
});

it('window: only in VERIFY_RESIZE with the target flavor, by our resize, with nobody after it', () => {
  forEveryLook((seen, expected) => {
    if (situation(seen, expected).is !== 'window') return;
    expect(waits(seen)).toBe(true);
    // Where the flavor is not shown, the log has to show our resize, and our answer has to have been heard.
    const shown = seen.server !== 'missing' && seen.server.flavor.unknown !== true;
    if (shown) expect(seen).toMatchObject({ server: { flavor: { name: 'f2' } } });
    else expect([seen.actions === 'unreadable', expected.resize.accepted]).toEqual([false, true]);
    const { resize } = ownActions(seen, expected);
    if (seen.actions === 'unreadable' || resize === undefined) {
      expect([seen.actions, expected.resize.accepted]).toEqual(['unreadable', true]);
      return;
    }
    const after = seen.actions.slice(0, seen.actions.indexOf(resize)).map(({ action: kind }) => kind);
    expect(after.filter((kind) => kind !== 'reboot' && kind !== 'lock')).toEqual([]);
  });
});

it('window: never while a confirm or a revert of ours may be under way', () => {
  forEveryLook((seen, expected) => {
    if (situation(seen, expected).is !== 'window') return;
    expect(mayBeUnderWay(expected.confirm, expected.settled)).toBe(false);
    expect(mayBeUnderWay(expected.revert, expected.settled)).toBe(false);
  });
});

it('untouched: only at rest on the old flavor, with no resize of ours accepted, under way or in the log', () => {
  forEveryLook((seen, expected) => {
    if (situation(seen, expected).is !== 'untouched') return;
    expect(seen).toMatchObject({ server: { taskState: null, flavor: { name: 'f1' } } });
    expect(mayBeUnderWay(expected.resize, expected.settled)).toBe(false);
    expect(ownActions(seen, expected).resize).toBeUndefined();
    // Without a log a lost answer is never followed by another request.
    if (seen.actions === 'unreadable') expect(expected.resize.lost).toBe(0);
  });
});

it('rolled back: only before the window, on the old flavor, with nothing of ours that may still arrive', () => {
  forEveryLook((seen, expected) => {
    if (situation(seen, expected).is !== 'rolled-back') return;
    const shown = seen.server !== 'missing' && seen.server.flavor.unknown !== true;
    expect(seen).toMatchObject({ server: { taskState: null, ...(shown && { flavor: { name: 'f1' } }) } });
    // Where the flavor is not shown, the log has to show that our resize failed.
    if (!shown) expect(ownActions(seen, { ...expected, settled: true }).resize?.result ?? 'error').toBe('error');
    expect(expected.stage).toBe('resizing');
    expect(expected.resize.lost === 0 || expected.settled).toBe(true);
  });
});

it('no run ends while the server waits in VERIFY_RESIZE, unless somebody else, or our own success, has ended ours', () => {
  forEveryLook((seen, expected) => {
    if (!waits(seen)) return;
    const { is } = situation(seen, expected);
    if (is === 'window' || is === 'busy' || is === 'operator') return;
    const own = ownActions(seen, expected);
    const mine: unknown[] = Object.values(own);
    const newer = seen.actions === 'unreadable' ? [] : seen.actions.filter((each) => !mine.includes(each));
    if (is === 'changed-outside') expect(newer.some(({ result }) => result !== 'error')).toBe(true);
    else expect([is, (is === 'confirmed' ? own.confirm : own.revert)?.result]).toEqual([is, 'success']);
  });
});

it('changed from outside: an own request whose answer was lost is waited for first', () => {
  forEveryLook((seen, expected) => {
    const meaning = situation(seen, expected);
    if (meaning.is !== 'changed-outside' || meaning.cause === 'deleted' || meaning.cause === 'reset') return;
    if (seen.actions !== 'unreadable') expect(expected.settled).toBe(true);
  });
});

it('two new resizes after a lost answer: none is touched, and none is called ours', () => {
  forEveryLook((seen, expected) => {
    if (seen.actions === 'unreadable' || expected.resize.requestId !== undefined || !wasSent(expected.resize)) return;
    if (seen.actions.filter(({ action: kind }) => kind === 'resize').length < 2) return;
    expect(ownActions(seen, expected).resize).toBeUndefined();
    expect(situation(seen, expected).is).toMatch(/^(operator|changed-outside|missing)$/);
  });
});
