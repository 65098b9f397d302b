/** What the watcher of a cloud asks for and reports: `changes-since` with its overlap, and sets where there is none. */
import fc from 'fast-check';
import { Changes, isNotable, tickOf, type ServerRow } from '../../src/resize/changes';

const SECOND = 1000;
const T0 = Date.parse('2026-03-01T12:00:00Z');
const at = (seconds: number) => new Date(T0 + seconds * SECOND).toISOString();
const row = (change: Partial<ServerRow> = {}): ServerRow => ({
  id: 'web',
  status: 'ACTIVE',
  vmState: 'active',
  taskState: null,
  updated: at(0),
  ...change,
});
/** A watcher that knows the time of the cloud. */
const begun = () => {
  const changes = new Changes(T0);
  changes.begin(at(0), T0);
  return changes;
};
const seconds = (text: string | undefined) => (Date.parse(text ?? '') - T0) / SECOND;

describe('what is asked for', () => {
  it('is nothing before the time of the cloud is known, and then begins a minute before it', () => {
    const changes = new Changes(T0);
    expect(changes.since(T0)).toBeUndefined();
    changes.begin(at(1000), T0);
    expect(seconds(changes.since(T0))).toBe(1000 - 60 - 5);
  });

  it('overlaps what was seen by five seconds, because a replica shows rows late', () => {
    const changes = begun();
    changes.take([row({ updated: at(30) })], at(31), T0 + 31 * SECOND);
    expect(seconds(changes.since(T0 + 31 * SECOND))).toBe(25);
  });

  it('goes back two minutes once a minute, for what appears later still', () => {
    const changes = begun();
    changes.take([row({ updated: at(59) })], at(60), T0 + 59 * SECOND);
    expect(seconds(changes.since(T0 + 59 * SECOND))).toBe(54);
    expect(seconds(changes.since(T0 + 60 * SECOND))).toBe(59 - 120);
    changes.take([], at(60), T0 + 60 * SECOND);
    expect(seconds(changes.since(T0 + 61 * SECOND))).toBe(54);
  });

  it('goes back so far again after a list that failed', () => {
    const changes = begun();
    changes.take([row({ updated: at(59) })], at(60), T0 + 59 * SECOND);
    expect(seconds(changes.since(T0 + 60 * SECOND))).toBe(59 - 120);
    expect(seconds(changes.since(T0 + 61 * SECOND))).toBe(59 - 120);
  });

  it('follows the clock of the cloud, whatever the clock of the worker says', () => {
    const changes = new Changes(T0 + 7200 * SECOND);
    changes.begin(at(0), T0 + 7200 * SECOND);
    changes.take([row({ updated: at(3) })], at(4), T0 + 7200 * SECOND);
    expect(seconds(changes.since(T0 + 7200 * SECOND))).toBe(-2);
  });

  it('does not follow a host whose clock is ahead of the cloud', () => {
    const changes = begun();
    changes.take([row({ updated: at(600) })], at(10), T0);
    expect(seconds(changes.since(T0))).toBe(5);
  });

  it('goes on where an earlier watcher was', () => {
    const changes = new Changes(T0, at(-500));
    expect(seconds(changes.since(T0))).toBe(-505);
  });

  it('never moves back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: 0, max: 100 }))),
        (lists) => {
          const changes = begun();
          let before = changes.watermark ?? '';
          for (const [updated, time] of lists) {
            changes.take([row({ updated: at(updated) })], at(time), T0);
            expect((changes.watermark ?? '') >= before).toBe(true);
            before = changes.watermark ?? '';
          }
        },
      ),
    );
  });
});

describe('what is reported', () => {
  it.each<[string, Partial<ServerRow>, boolean]>([
    ['a server that waits for people', { status: 'VERIFY_RESIZE', vmState: 'resized' }, true],
    ['a server that is back at work', {}, true],
    ['a server that is stopped', { status: 'SHUTOFF', vmState: 'stopped' }, true],
    ['a server that the cloud does not know the state of', { status: 'UNKNOWN' }, true],
    ['a step of a resize in the dialect of Huawei', { status: 'UNKNOWN', taskState: 'resize_migrating' }, false],
    ['a server that is in error by its vm_state', { status: 'UNKNOWN', vmState: 'error', taskState: 'resize' }, true],
    ['an error, whatever the task is', { status: 'ERROR', taskState: 'resize_migrating' }, true],
    ['a deleted server', { status: 'DELETED', vmState: 'deleted', taskState: 'deleting' }, true],
    ['each of the steps of a resize', { status: 'RESIZE', taskState: 'resize_migrated' }, false],
    ['a resize between two steps', { status: 'RESIZE', vmState: 'active' }, false],
    ['a server with any other task', { status: 'VERIFY_RESIZE', taskState: 'resize_reverting' }, false],
  ])('%s: %j', (_, change, reported) => {
    expect(isNotable(row(change))).toBe(reported);
    expect(begun().take([row(change)], at(1), T0)).toEqual(reported ? ['web'] : []);
  });

  it('is reported once, however often the overlap shows it', () => {
    const changes = begun();
    expect(changes.take([row()], at(1), T0)).toEqual(['web']);
    expect(changes.take([row()], at(2), T0)).toEqual([]);
    expect(changes.take([row({ locked: true })], at(3), T0)).toEqual(['web']);
    expect(changes.take([row({ locked: true, updated: at(3) })], at(4), T0)).toEqual(['web']);
  });

  it('is what appears late', () => {
    const changes = begun();
    changes.take([row({ id: 'other', updated: at(30) })], at(30), T0);
    const since = Date.parse(changes.since(T0) ?? '');
    const late = row({ updated: at(27) });
    expect(Date.parse(late.updated ?? '')).toBeGreaterThanOrEqual(since);
    expect(changes.take([late], at(31), T0)).toEqual(['web']);
  });

  it('does not grow with the servers that ever changed', () => {
    const changes = begun();
    for (let n = 0; n < 500; n++) changes.take([row({ id: `web-${n}`, updated: at(n) })], at(n), T0 + n * SECOND);
    expect(changes.size).toBeLessThan(130);
  });
});

describe('a cloud that does not list changes', () => {
  const resizing = row({ status: 'RESIZE', taskState: 'resize_migrating' });
  const waiting = row({ status: 'VERIFY_RESIZE', vmState: 'resized' });

  it('is compared with the list before: what came to rest and what is gone is reported', () => {
    const changes = new Changes(T0);
    expect(changes.takeDifference([resizing, { ...resizing, id: 'db' }], T0)).toEqual([]);
    expect(changes.takeDifference([waiting, { ...resizing, id: 'db' }], T0)).toEqual(['web']);
    expect(changes.takeDifference([waiting], T0)).toEqual(['db']);
    expect(changes.takeDifference([], T0)).toEqual(['web']);
    expect(changes.takeDifference([], T0)).toEqual([]);
  });
});

describe('the wait between two lists', () => {
  it('is half a second while a resize is under way, and a second while servers wait for people', () => {
    const changes = begun();
    expect(changes.isMoving(T0)).toBe(false);
    changes.take([row({ status: 'RESIZE', taskState: 'resize_prep', updated: at(1) })], at(1), T0);
    expect(changes.isMoving(T0)).toBe(true);
    changes.take([row({ status: 'VERIFY_RESIZE', vmState: 'resized', updated: at(9) })], at(9), T0);
    expect(changes.isMoving(T0)).toBe(false);
    expect([tickOf(true, 0), tickOf(false, 0)]).toEqual([500, 1000]);
  });

  it('does not stay short for a resize that hangs', () => {
    const changes = begun();
    changes.take([row({ status: 'RESIZE', taskState: 'resize_prep', updated: at(1) })], at(1), T0);
    expect(changes.isMoving(T0 + 31 * 60 * SECOND)).toBe(false);
  });

  it('doubles with each refusal, up to ten seconds', () => {
    expect([1, 2, 3, 4, 50].map((failures) => tickOf(true, failures))).toEqual([1000, 2000, 4000, 8000, 10_000]);
  });

  it('leaves three quarters of what a profile allows to the runs', () => {
    expect(tickOf(true, 0, { perSecond: 1 })).toBe(4000);
    expect(tickOf(true, 0, { perSecond: 1, requests: 3 })).toBe(12_000);
    expect(tickOf(true, 0, { perSecond: 100 })).toBe(500);
  });
});
