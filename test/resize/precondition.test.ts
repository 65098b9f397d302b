import { UNKNOWN_FLAVOR, type ServerSeen } from '../../src/resize/observation';
import { adoptableIn, refusalOf, revertLosesOf } from '../../src/resize/precondition';
import { present } from '../../src/resize/present';
import { action, server, TO } from './looks';

const healthy = server('ACTIVE active - f1');
const where = { project: 'project', region: 'region' };
const refusal = (seen: ServerSeen, to = TO) => refusalOf(seen, 'f2', to, where);

describe('a resize may start', () => {
  it.each(['ACTIVE active - f1', 'SHUTOFF stopped - f1'])('on a server that shows %s', (shown) => {
    expect(refusal(server(shown))).toBeUndefined();
  });

  it('where project and region are the expected ones, or none are expected', () => {
    expect(refusalOf(healthy, 'f2', TO, where, { project: 'project', region: 'region' })).toBeUndefined();
    expect(refusalOf(healthy, 'f2', TO, { project: 'project' }, {})).toBeUndefined();
  });

  it('on an unlocked server, or where it cannot be told', () => {
    expect(refusal({ ...healthy, locked: false })).toBeUndefined();
  });

  it('to a flavor that has an old name but another id', () => {
    expect(refusal(healthy, { name: 'f1', id: '9' })).toBeUndefined();
  });
});

describe('a resize is refused', () => {
  it.each<[string, ServerSeen, RegExp]>([
    ['in ERROR', server('ERROR error - f1'), /is in ERROR; a resize needs a healthy server/],
    [
      'in ERROR, with its fault',
      { ...server('ERROR error - f1'), fault: { message: 'disk is gone' } },
      /is in ERROR \(disk is gone\)/,
    ],
    ['in ERROR by its status alone', server('ERROR active - f1'), /is in ERROR/],
    ['in ERROR by its state alone', server('ACTIVE error - f1'), /is in ERROR/],
    ['in VERIFY_RESIZE', server('VERIFY_RESIZE resized - f1'), /already waits in VERIFY_RESIZE for an earlier resize/],
    ['busy', server('REBOOT active rebooting f1'), /is busy \(rebooting\)/],
    ['being resized', server('RESIZE active resize_prep f1'), /is busy \(resize_prep\)/],
    ['paused', server('PAUSED paused - f1'), /is PAUSED; only a running or a stopped server/],
    ['shelved', server('SHELVED_OFFLOADED shelved_offloaded - f1'), /is SHELVED_OFFLOADED/],
    ['being built', server('BUILD building - f1'), /is BUILD/],
    ['locked', { ...healthy, locked: true }, /is locked/],
    ['of that flavor already', server('ACTIVE active - f2'), /already has flavor f2/],
    ['of a flavor that is not shown', { ...healthy, flavor: UNKNOWN_FLAVOR }, /which flavor server web-07 \(11111111-/],
  ])('on a server that is %s', (_, seen, sentence) => {
    const refused = refusal(seen);
    expect(refused?.message).toMatch(sentence);
    expect(refused?.message).toMatch(/server web-07 \(11111111-/);
    expect(refused?.advice?.you).toMatch(/\S/);
    expect(JSON.stringify(refused)).not.toContain('undefined');
  });

  it('to a flavor that the cloud does not know', () => {
    expect(refusalOf(healthy, 'm9.huge', undefined, where)?.message).toMatch(/^flavor m9\.huge is not known/);
  });

  it('to a flavor whose URI is refused, in the words of that', () => {
    const refused = { message: 'flavor https://x/flavors/f2 is on host x', advice: { you: 'Choose.' } };
    expect(refusalOf(healthy, 'https://x/flavors/f2', refused, where)).toEqual(refused);
  });

  it.each<[string, { project: string; region?: string }, { project?: string; region?: string }, RegExp]>([
    ['another project', where, { project: 'p2' }, /is in project project, not in p2/],
    ['another region', where, { region: 'r2' }, /is in region region, not in r2/],
    ['a region where there is none', { project: 'project' }, { region: 'r2' }, /is in region \(none\), not in r2/],
  ])('in %s than expected', (_, found, expected, sentence) => {
    expect(refusalOf(healthy, 'f2', TO, found, expected)?.message).toMatch(sentence);
  });

  it('in the wrong project before anything else is said about the server', () => {
    expect(refusalOf(server('ERROR error - f2'), 'f2', undefined, where, { project: 'p2' })?.message).toMatch(
      /project/,
    );
  });
});

describe('a server that waits in VERIFY_RESIZE', () => {
  const waiting = server('VERIFY_RESIZE resized - f2');
  /** @param last the newest action that touches a resize, and the one before it */
  const adopt = (seen: ServerSeen, ...last: string[]) => {
    const [newest, before] = last.map(action);
    return adoptableIn(seen, 'f2', TO, newest ? present({ action: newest, before: before?.requestId }) : 'none');
  };

  it('is taken over with the newest resize in its log, and what came before it', () => {
    expect(adopt(waiting, 'resize ann success', 'reboot bob success')).toEqual({
      requestId: 'req-ann-resize',
      baseline: 'req-bob-reboot',
    });
  });

  it.each([
    ['nothing came before it', 'resize ann success'],
    ['its action has not closed yet', 'resize ann running'],
    ['the log tells no results', 'resize ann unknown'],
  ])('is taken over when %s', (_, ...log) => {
    expect(adopt(waiting, ...log)).toEqual({ requestId: 'req-ann-resize' });
  });

  it.each<[string, ServerSeen, string[], RegExp]>([
    [
      'somebody is confirming it',
      waiting,
      ['confirmResize bob running', 'resize ann success'],
      /after the action confirmResize/,
    ],
    [
      'somebody is reverting it',
      waiting,
      ['revertResize bob unknown', 'resize ann success'],
      /after the action revertResize/,
    ],
    [
      'it was migrated',
      waiting,
      ['migrate admin success', 'resize ann success'],
      /after the action migrate, not after a resize/,
    ],
    ['its resize failed', waiting, ['resize ann error'], /not after a resize/],
    ['its log shows no such action', waiting, [], /not in its log/],
    [
      'the cloud does not show its flavor',
      { ...waiting, flavor: UNKNOWN_FLAVOR },
      ['resize ann success'],
      /does not show which flavor/,
    ],
    ['it waits in name only', server('VERIFY_RESIZE active - f2'), ['resize ann success'], /nothing to adopt/],
    ['it is on its way to wait', server('RESIZE resized - f2'), ['resize ann success'], /nothing to adopt/],
    ['it does not wait', server('ACTIVE active - f2'), ['resize ann success'], /nothing to adopt/],
    [
      'a task runs',
      server('VERIFY_RESIZE resized powering-off f1'),
      ['resize ann success'],
      /\(it is VERIFY_RESIZE, powering-off\)/,
    ],
    ['it is still on its way', server('RESIZE active resize_finish f2'), ['resize ann running'], /nothing to adopt/],
    [
      'it waits with another flavor',
      server('VERIFY_RESIZE resized - f3'),
      ['resize ann success'],
      /waits with flavor f3, not with f2/,
    ],
  ])('is not taken over when %s', (_, seen, log, sentence) => {
    const found = adopt(seen, ...log);
    expect(found).toMatchObject({ message: expect.stringMatching(sentence) as string });
    expect(JSON.stringify(found)).not.toContain('undefined');
  });

  it('is not taken over when its log cannot be read: nobody can say whose resize it is', () => {
    expect(adoptableIn(waiting, 'f2', TO, 'unreadable')).toMatchObject({
      message: expect.stringMatching(/cannot be read/) as string,
    });
  });

  it('is not taken over for a flavor that the cloud does not know', () => {
    const last = { action: action('resize ann success') };
    expect(adoptableIn(waiting, 'f9', undefined, last)).toMatchObject({
      message: expect.stringMatching(/^flavor f9 is not known/) as string,
    });
    const otherHost = { message: 'flavor https://x/flavors/f2 is on host x', advice: { you: 'Choose.' } };
    expect(adoptableIn(waiting, 'f9', otherHost, last)).toEqual(otherHost);
  });
});

describe('what a revert would lose', () => {
  const volume = { ...healthy, bootsFromVolume: true };
  it.each<[string, ServerSeen, string]>([
    ['local disks, of a server that boots from an image', { ...healthy, bootsFromVolume: false }, 'local-disks'],
    [
      'nothing, of a server that boots from a volume and has no ephemeral disk',
      { ...volume, flavor: { name: 'f1', ephemeral: 0 } },
      'nothing',
    ],
    ['the ephemeral disk', { ...volume, flavor: { name: 'f1', ephemeral: 20 } }, 'local-disks'],
    ['unknown, where the flavor does not say', { ...volume, flavor: { name: 'f1' } }, 'unknown'],
    ['unknown, where the server does not say', healthy, 'unknown'],
  ])('%s', (_, seen, loses) => expect(revertLosesOf(seen)).toBe(loses));
});
