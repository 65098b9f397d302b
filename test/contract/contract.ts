import type { NovaLab } from '../nova/nova-lab';
import { changes } from './changes';
import { failures } from './failures';
import { identity } from './identity';
import { interference } from './interference';
import { actionLog } from './action-log';
import { races } from './races';
import { reading } from './reading';
import { refusals } from './refusals';
import { sequences } from './sequences';

/** A cloud to check, and how to end it. */
export interface StartedLab {
  lab: NovaLab;
  stop: () => Promise<void>;
}

/** Gives a cloud; `own` is one of its own, whose tokens live for a few seconds only. */
export type StartLab = (which: 'shared' | 'own') => Promise<StartedLab>;

/**
 * What this project relies on of a Nova-compatible cloud, as raw HTTP. It runs on the simulator and on a real Nova: where
 * the two differ, the simulator is wrong.
 */
export function contract(name: string, start: StartLab): void {
  describe(`the contract, on ${name}`, () => {
    let started: StartedLab | undefined;
    const lab = (): NovaLab => {
      if (started === undefined) throw new Error('The lab is not started yet.');
      return started.lab;
    };
    beforeAll(async () => {
      started = await start('shared');
    });
    afterAll(() => started?.stop());

    describe('what a server shows, step by step', () => sequences(lab));
    describe('what is refused', () => refusals(lab));
    describe('the action log', () => actionLog(lab));
    describe('failures', () => failures(lab));
    describe('what others do meanwhile', () => interference(lab));
    describe('races', () => races(lab));
    describe('how things are read', () => reading(lab));
    describe('what has changed', () => changes(lab));
    describe('identity', () => identity(lab, start));
  });
}
