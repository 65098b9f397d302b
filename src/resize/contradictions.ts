/** Parts of a request that cannot be had together. */
import { whyImpossible, type Gate } from './approvals';
import { InvalidRequest } from './invalid-request';

interface Parts extends Partial<Gate> {
  /** It may add checks. */
  policy?: string;
  checks?: { watchEvery: number };
  stopFirst?: boolean;
  autoConfirm?: boolean;
  /** Milliseconds. */
  bakeFor?: number;
  decideWithin?: number;
}

type Rule = [field: keyof Parts, isBroken: (parts: Parts) => boolean, sentence: string];

const RULES: readonly Rule[] = [
  [
    'checks',
    ({ checks, stopFirst }) => checks !== undefined && stopFirst === true,
    'a server that is stopped for the resize cannot be tested before the decision; leave out checks or stopFirst',
  ],
  [
    'bakeFor',
    ({ bakeFor, autoConfirm }) => bakeFor !== undefined && autoConfirm !== true,
    'says after which time it is confirmed by itself; add autoConfirm, or leave bakeFor out',
  ],
  [
    'autoConfirm',
    ({ autoConfirm, checks, policy }) => autoConfirm === true && checks === undefined && policy === undefined,
    'nothing is confirmed by itself without checks; add checks, or leave autoConfirm out',
  ],
  [
    'autoConfirm',
    ({ autoConfirm, bakeFor }) => autoConfirm === true && bakeFor === undefined,
    'for how long must the checks pass? Add bakeFor, for example "30 minutes"',
  ],
  [
    'autoConfirm',
    ({ autoConfirm, checks }) => autoConfirm === true && checks?.watchEvery === 0,
    'the checks have to run while it waits; give checks.watchEvery a time, or leave autoConfirm out',
  ],
  [
    'autoConfirm',
    ({ autoConfirm, approvals }) => autoConfirm === true && approvals !== undefined,
    'either people decide or the checks do; leave out approvals or autoConfirm',
  ],
  [
    'bakeFor',
    ({ bakeFor = 0, decideWithin = Infinity }) => bakeFor >= decideWithin,
    'the decision time ends before the checks have passed for that long; give a shorter bakeFor or a longer decideWithin',
  ],
];

/** @throws InvalidRequest for the first contradiction, or for a gate that can never open */
export function refuseContradictions(parts: Parts): void {
  const broken = RULES.find(([, isBroken]) => isBroken(parts));
  if (broken !== undefined) throw new InvalidRequest(`${broken[0]}: ${broken[2]}`, [broken[0]]);
  const impossible = whyImpossible(parts);
  if (impossible !== undefined) {
    throw new InvalidRequest(`approvals.required: ${impossible}`, ['approvals', 'required']);
  }
}
