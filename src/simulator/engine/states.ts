/** What a server is in: Nova's vm_state, task_state and power_state, and the `status` that its API makes of the first two. */

export type VmState = 'building' | 'active' | 'stopped' | 'paused' | 'resized' | 'error' | 'deleted';

/** As Nova numbers them (nova.objects.fields.InstancePowerState). */
export const power = { none: 0, running: 1, paused: 3, shutdown: 4 } as const;

const resizing = new Set(['resize_prep', 'resize_migrating', 'resize_migrated', 'resize_finish']);
const rebooting = new Map([
  ['rebooting', 'REBOOT'],
  ['rebooting_hard', 'HARD_REBOOT'],
]);
const quiet: Record<VmState, string> = {
  building: 'BUILD',
  active: 'ACTIVE',
  stopped: 'SHUTOFF',
  paused: 'PAUSED',
  // Any task but resize_reverting leaves VERIFY_RESIZE: status alone is never enough.
  resized: 'VERIFY_RESIZE',
  error: 'ERROR',
  deleted: 'DELETED',
};

/** The `status` of the API, by Nova's table (nova/api/openstack/common.py, _STATE_MAP). */
export function statusOf(vmState: VmState, taskState: string | null): string {
  if (taskState !== null) {
    if ((vmState === 'active' || vmState === 'stopped') && resizing.has(taskState)) return 'RESIZE';
    if (vmState === 'active' && rebooting.has(taskState)) return rebooting.get(taskState) ?? 'REBOOT';
    if (vmState === 'resized' && taskState === 'resize_reverting') return 'REVERT_RESIZE';
  }
  return quiet[vmState];
}
