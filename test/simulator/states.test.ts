import { statusOf, type VmState } from '../../src/simulator/engine/states';

test.each<[VmState, string | null, string]>([
  ['building', 'spawning', 'BUILD'],
  ['active', null, 'ACTIVE'],
  ['active', 'resize_prep', 'RESIZE'],
  ['active', 'deleting', 'ACTIVE'],
  ['active', 'rebooting_hard', 'HARD_REBOOT'],
  ['stopped', null, 'SHUTOFF'],
  ['stopped', 'resize_finish', 'RESIZE'],
  ['resized', null, 'VERIFY_RESIZE'],
  ['resized', 'powering-off', 'VERIFY_RESIZE'],
  ['resized', 'resize_reverting', 'REVERT_RESIZE'],
  ['error', 'resize_migrating', 'ERROR'],
  ['deleted', null, 'DELETED'],
])('vm_state %s with task %s shows as %s', (vmState, taskState, status) => {
  expect(statusOf(vmState, taskState)).toBe(status);
});
