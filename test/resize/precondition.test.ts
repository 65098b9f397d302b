import type { ServerSeen } from '../../src/resize/observation';
import { refusalOf, revertLosesOf } from '../../src/resize/precondition';
import { server, TO } from './looks';

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
    ['in ERROR by its state alone', server('ACTIVE error - f1'), /is in ERROR/],
    ['in VERIFY_RESIZE', server('VERIFY_RESIZE resized - f1'), /already waits in VERIFY_RESIZE for an earlier resize/],
    ['busy', server('REBOOT active rebooting f1'), /is busy \(rebooting\)/],
    ['being resized', server('RESIZE active resize_prep f1'), /is busy \(resize_prep\)/],
    ['paused', server('PAUSED paused - f1'), /is PAUSED; only a running or a stopped server/],
    ['shelved', server('SHELVED_OFFLOADED shelved_offloaded - f1'), /is SHELVED_OFFLOADED/],
    ['being built', server('BUILD building - f1'), /is BUILD/],
    ['locked', { ...healthy, locked: true }, /is locked/],
    ['of that flavor already', server('ACTIVE active - f2'), /already has flavor f2/],
  ])('on a server that is %s', (_, seen, sentence) => {
    const refused = refusal(seen);
    expect(refused?.message).toMatch(sentence);
    expect(refused?.message).toMatch(/^server web-07 \(11111111-/);
    expect(refused?.advice?.you).toMatch(/\S/);
    expect(JSON.stringify(refused)).not.toContain('undefined');
  });

  it('to a flavor that the cloud does not know', () => {
    expect(refusalOf(healthy, 'm9.huge', undefined, where)?.message).toMatch(/^flavor m9\.huge is not known/);
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
