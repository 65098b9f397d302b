import { power } from './states';
import type { Sequence } from './steps';

/** What happens to a server besides resizing it: built, switched off and on, rebooted, paused, deleted. */

export const build: Sequence = {
  action: 'create',
  steps: [
    { set: { vmState: 'building', taskState: 'scheduling' }, takes: 0.6, schedules: true },
    {
      set: { taskState: 'spawning', host: 'destination' },
      takes: 0.4,
      call: 'spawn',
      starts: [['compute__do_build_and_run_instance', 'destination']],
    },
  ],
  end: { vmState: 'active', taskState: null, power: power.running, launched: true },
};

export const stop: Sequence = {
  action: 'stop',
  steps: [
    {
      set: { taskState: 'powering-off' },
      takes: 0.5,
      call: 'power_off',
      starts: [['compute_stop_instance', 'source']],
    },
  ],
  end: { vmState: 'stopped', taskState: null, power: power.shutdown },
};

export const start: Sequence = {
  action: 'start',
  steps: [
    {
      set: { taskState: 'powering-on' },
      takes: 0.5,
      call: 'power_on',
      starts: [['compute_start_instance', 'source']],
    },
  ],
  end: { vmState: 'active', taskState: null, power: power.running },
};

/** A hard reboot also leads out of ERROR. */
export function reboot(type: 'SOFT' | 'HARD'): Sequence {
  return {
    action: 'reboot',
    steps: [
      {
        set: { taskState: type === 'HARD' ? 'rebooting_hard' : 'rebooting' },
        takes: 0.5,
        starts: [['compute_reboot_instance', 'source']],
      },
    ],
    end: { vmState: 'active', taskState: null, power: power.running },
  };
}

export const pause: Sequence = {
  action: 'pause',
  steps: [{ set: { taskState: 'pausing' }, takes: 0.3, starts: [['compute_pause_instance', 'source']] }],
  end: { vmState: 'paused', taskState: null, power: power.paused },
};

export const unpause: Sequence = {
  action: 'unpause',
  steps: [{ set: { taskState: 'unpausing' }, takes: 0.3, starts: [['compute_unpause_instance', 'source']] }],
  end: { vmState: 'active', taskState: null, power: power.running },
};

export const remove: Sequence = {
  action: 'delete',
  steps: [{ set: { taskState: 'deleting' }, takes: 0.4, starts: [['compute_terminate_instance', 'source']] }],
  end: { vmState: 'deleted', taskState: null },
};
