/** What is explored: each way of asking for a resize, on each kind of cloud. */
import type { Strange } from './cloud-model';
import type { Allowance, Setup } from './world';

const anything: readonly Strange[] = [
  'confirms',
  'reverts',
  'resizes to large',
  'resizes to third',
  'migrates',
  'resets the state',
  'deletes',
  'lets the cloud confirm by itself',
  'confirms or reverts at the same moment',
];

type Kind = Omit<Setup, 'allowed' | 'strange'>;

export type { Allowance };

/** By the names that tests are called by. */
export const KINDS = {
  'a deadline that reverts': { onTimeout: 'revert', log: 'whole' },
  'a deadline that confirms': { onTimeout: 'confirm', log: 'whole' },
  'a deadline that holds, of a stopped server': { onTimeout: 'hold', log: 'whole', off: true },
  'a log without results': { onTimeout: 'confirm', log: 'results-hidden' },
  'no log': { onTimeout: 'confirm', log: 'unreadable' },
  'a resize that is taken over': { onTimeout: 'revert', log: 'whole', adopt: true },
  'a server that is stopped first': { onTimeout: 'revert', log: 'whole', stopFirst: true },
  'a server that is stopped first, and no log': { onTimeout: 'revert', log: 'unreadable', stopFirst: true },
  'a resize that two of its approvers decide': {
    onTimeout: 'revert',
    log: 'whole',
    approvals: { required: 2, approvers: ['bob', 'eve', 'joe'] },
  },
  'workers in observe-only mode': { onTimeout: 'revert', log: 'whole', observeOnly: true },
  'a check that asks': { onTimeout: 'confirm', log: 'whole', checks: 'ask' },
  'a check that reverts': { onTimeout: 'revert', log: 'whole', checks: 'revert' },
  'a check that was red before': { onTimeout: 'confirm', log: 'whole', checks: 'revert', redBefore: true },
  'a check that confirms by itself': { onTimeout: 'revert', log: 'whole', checks: 'ask', autoConfirm: true },
  'a check that confirms by itself, and no log': {
    onTimeout: 'hold',
    log: 'unreadable',
    checks: 'revert',
    autoConfirm: true,
  },
} as const satisfies Readonly<Record<string, Kind>>;

export const scenario = (kind: Kind, allowed: Allowance): Setup => ({ ...kind, strange: anything, allowed });
