import type { Change, Step, Sequence } from './steps';

/**
 * Resize, migrate, confirm, revert and the silent roll-back, step by step, as a real Nova 26.2 shows them (measured).
 * The flavor is the old one until resize_finish, which shows the NEW one although the resize is not done.
 */

const moving: readonly Step[] = [
  {
    set: { taskState: 'resize_prep', migration: 'pre-migrating' },
    takes: 1,
    schedules: true,
    starts: [
      ['conductor_migrate_server', 'conductor'],
      ['cold_migrate', 'conductor'],
    ],
    ends: ['cold_migrate', 'conductor_migrate_server'],
  },
  {
    set: {},
    takes: 0.4,
    starts: [['compute_prep_resize', 'destination']],
    ends: ['compute_prep_resize'],
  },
  {
    set: { taskState: 'resize_migrating', migration: 'migrating' },
    takes: 1,
    call: 'migrate_disk_and_power_off',
    starts: [['compute_resize_instance', 'source']],
    failed: { migration: 'error' },
  },
  {
    set: { taskState: 'resize_migrated', host: 'destination', migration: 'post-migrating' },
    takes: 0.4,
    ends: ['compute_resize_instance'],
  },
  {
    set: { taskState: 'resize_finish', flavor: 'new' },
    takes: 1,
    call: 'finish_migration',
    starts: [['compute_finish_resize', 'destination']],
    failed: { flavor: 'old', migration: 'error' },
  },
];

const moved: Change = { vmState: 'resized', taskState: null, migration: 'finished', launched: true };

export const resize: Sequence = { action: 'resize', steps: moving, end: moved };

/** An administrator's cold migration: the same states and VERIFY_RESIZE too, with the flavor unchanged. */
export const migrate: Sequence = { action: 'migrate', steps: moving, end: moved };

/** No valid host: the server is back to what it was, with no fault; only the action log tells. */
export const rolledBack: Change = { taskState: null, migration: 'error' };

/** Accepted, a confirm shows nothing at all until it is done: no task, still VERIFY_RESIZE. */
export const confirm: Sequence = {
  action: 'confirmResize',
  steps: [
    {
      set: {},
      takes: 'confirm',
      call: 'confirm_migration',
      starts: [['compute_confirm_resize', 'source']],
      failed: { migration: 'error' },
    },
  ],
  end: { vmState: 'before', migration: 'confirmed' },
};

export const revert: Sequence = {
  action: 'revertResize',
  steps: [
    {
      set: { taskState: 'resize_reverting', migration: 'reverting' },
      takes: 1,
      starts: [['compute_revert_resize', 'destination']],
      ends: ['compute_revert_resize'],
    },
    {
      set: { flavor: 'old', host: 'source', migration: 'reverted' },
      takes: 1,
      call: 'finish_revert_migration',
      starts: [['compute_finish_revert_resize', 'source']],
      failed: { migration: 'error' },
    },
    {
      // The guest is switched off again, and that shows as VERIFY_RESIZE with the OLD flavor.
      only: 'was-stopped',
      set: { taskState: 'powering-off' },
      takes: 1,
      call: 'power_off',
      starts: [['compute_stop_instance', 'source']],
    },
  ],
  end: { vmState: 'before', taskState: null, launched: true },
};
