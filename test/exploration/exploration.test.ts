/**
 * Everything that can happen, as far as one disturbance goes; test/full goes further. What is explored is a model of Nova
 * around the real rules of a run, so that what chance would hardly make is not left to chance.
 */
import { explore, replay, tell } from './explore';
import { KINDS, scenario, type Allowance } from './scenarios';

/** One disturbance, or one vote: each alone is explored to its end. */
const BOUNDS: readonly Allowance[] = [
  { votes: 0, words: 0, disturbances: 1 },
  { votes: 1, words: 0, disturbances: 0 },
];

describe.each(Object.entries(KINDS))('whatever happens once to %s', (_, kind) => {
  test.each(BOUNDS)('no rule is broken: $disturbances disturbances, $words words, $votes votes', (allowed) => {
    const setup = scenario(kind, allowed);
    const { complete, counterexample } = explore(setup, 60_000);
    expect(counterexample && tell(setup, counterexample)).toBeUndefined();
    expect(complete).toBe(true);
  });
});

test('no rule is broken by any two votes of approvers, of who asked and of strangers', () => {
  const setup = scenario(KINDS['a resize that two of its approvers decide'], { votes: 2, words: 0, disturbances: 0 });
  const { complete, counterexample } = explore(setup, 60_000);
  expect(counterexample && tell(setup, counterexample)).toBeUndefined();
  expect(complete).toBe(true);
});

const RESIZED = [
  'the worker reads the server for the preparation',
  'the worker reads the log, and the preparation ends',
  'a worker takes up the resize and reads the server',
  'the worker reads the log before the resize',
];
const WINDOW = [
  ...RESIZED,
  'the resize reaches the cloud',
  'the server shows RESIZE with the new flavor',
  'the server shows VERIFY_RESIZE',
  'the log shows how the resize of us ended',
  'the answer to the resize arrives',
  'time passes until the next observation',
  'the worker reads the server for the observation',
  'the worker reads the log, and the observation ends',
];
const usual = { votes: 2, words: 1, disturbances: 3 };

describe('stories that once broke a rule', () => {
  test('a resize that was lost and then rejected is not asked for again: nothing is left to undo', () => {
    const { world, broken } = replay(scenario(KINDS['a deadline that reverts'], usual), [
      ...RESIZED,
      'the resize is lost on its way, and the run hears nothing',
      'bob says reject',
      'time passes until no lost request can arrive any more',
      'the worker reads the server for the observation',
      'the worker reads the log, and the observation ends',
    ]);
    expect(broken).toEqual([]);
    expect(world.run.stage).toMatchObject({ is: 'closed', ending: { outcome: 'cancelled', cause: 'rejected' } });
  });

  test('nothing is stopped for a resize that was rejected while it was asked for the second time', () => {
    const { world, broken } = replay(scenario(KINDS['a server that is stopped first'], usual), [
      ...RESIZED,
      'the resize is lost on its way, and the run hears nothing',
      'time passes until no lost request can arrive any more',
      'the worker reads the server for the observation',
      'the worker reads the log, and the observation ends',
      'a worker takes up the resize and reads the server',
      'the worker reads the log before the resize',
      'the resize reaches the cloud',
      'bob says reject',
      'the answer to the resize arrives',
      'time passes until the next observation',
      'the worker reads the server for the observation',
      'the worker reads the log, and the observation ends',
    ]);
    expect(broken).toEqual([]);
    expect(world.run.stage).toMatchObject({ is: 'closed', ending: { outcome: 'cancelled' } });
    expect(world.record.sent.stop).toBeUndefined();
  });

  test('a confirm that was lost is not taken for the one that the cloud gives by itself', () => {
    const { world, broken } = replay(scenario(KINDS['a deadline that reverts'], usual), [
      ...WINDOW,
      'bob says approve',
      'a worker takes up the confirm and reads the server',
      'the worker reads the log before the confirm',
      'the confirm is lost on its way, and the run hears nothing',
      'somebody else lets the cloud confirm by itself',
      'the confirm ends',
      'the log shows how the confirmResize of cloud ended',
      'time passes until no lost request can arrive any more',
      'the worker reads the server for the observation',
      'the worker reads the log, and the observation ends',
    ]);
    expect(broken).toEqual([]);
    expect(world.run.stage).toMatchObject({
      is: 'closed',
      ending: { outcome: 'changed-outside', cause: 'auto-confirmed' },
    });
  });

  test('a server that others change and reset while it is to be stopped is not stopped again, and the run ends', () => {
    const { world, broken } = replay(scenario(KINDS['a server that is stopped first'], usual), [
      ...RESIZED,
      'the resize reaches the cloud',
      'the answer to the resize arrives',
      'a worker takes up the stop and reads the server',
      'the worker reads the log before the stop',
      'the stop reaches the cloud',
      'the server is off',
      'the answer to the stop arrives',
      'time passes until the next observation',
      'somebody else resizes to large',
      'the server shows RESIZE with the new flavor',
      'somebody else resets the state',
      'the worker reads the server for the observation',
      'the log shows how the resize of stranger ended',
      'the worker reads the log, and the observation ends',
    ]);
    expect(broken).toEqual([]);
    expect(world.run.stage).toMatchObject({
      is: 'closed',
      ending: { outcome: 'changed-outside', message: expect.stringContaining('had been stopped') as string },
    });
  });

  test('a resize that a lost run has asked for after the stop is waited for, and decided on', () => {
    const looks = [
      'the worker reads the server for the observation',
      'the worker reads the log, and the observation ends',
    ];
    const { world, broken } = replay(scenario(KINDS['a server that is stopped first'], usual), [
      ...RESIZED,
      'the resize reaches the cloud',
      'the answer to the resize arrives',
      'a worker takes up the stop and reads the server',
      'the worker reads the log before the stop',
      'the stop reaches the cloud',
      'the server is off',
      'the answer to the stop arrives',
      'time passes until the next observation',
      'the run continues as new',
      ...looks,
      'a worker takes up the resize and reads the server',
      'the worker reads the log before the resize',
      'the resize reaches the cloud',
      'the run is lost, and begins again with what it was carried on with',
      'the server shows RESIZE with the new flavor',
      'the server shows VERIFY_RESIZE',
      'the log shows how the resize of us ended',
      ...looks,
      'time passes until no lost request can arrive any more',
      ...looks,
    ]);
    expect(broken).toEqual([]);
    expect(world.run.stage).toMatchObject({ is: 'window' });
    // The one that was refused, and the one of the lost run.
    expect(world.run.sent.resize).toMatchObject({ posts: 2, accepted: true });
  });

  test('a run whose predecessor was lost while it was prepared says that the server may have been resized', () => {
    const { world } = replay(scenario(KINDS['a deadline that reverts'], usual), [
      'the run continues as new',
      ...RESIZED,
      'the run is lost, and begins again with what it was carried on with',
    ]);
    expect(world.run.stage).toMatchObject({
      is: 'closed',
      ending: { outcome: 'refused', message: expect.stringContaining('may have resized the server') as string },
    });
  });

  test('a confirm that a lost run may have sent is waited for before anything else is sent', () => {
    const { world, broken } = replay(scenario(KINDS['a deadline that reverts'], usual), [
      ...WINDOW,
      'the run continues as new',
      'bob says approve',
      'a worker takes up the confirm and reads the server',
      'the worker reads the log before the confirm',
      'the run is lost, and begins again with what it was carried on with',
      'eve says reject',
      'a worker takes up the revert and reads the server',
      'the worker reads the log before the revert',
      'the late confirm arrives',
      'the confirm ends',
      'the log shows how the confirmResize of us ended',
      'time passes until the next observation',
      'the worker reads the server for the observation',
      'the worker reads the log, and the observation ends',
    ]);
    expect(broken).toEqual([]);
    expect(world.run.stage).toMatchObject({ is: 'closed', ending: { outcome: 'confirmed' } });
  });
});

test('a line that cannot happen is told with what can', () => {
  expect(() => replay(scenario(KINDS['a deadline that reverts'], usual), ['the confirm ends'])).toThrow(
    'line 1, "the confirm ends", cannot happen here; what can: the worker reads the server for the preparation',
  );
});
