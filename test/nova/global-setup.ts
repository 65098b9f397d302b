import startTemporal from '../global-setup';
import { shareLab, startNova, type StartedNova } from './harness';

declare global {
  /** Jest hands globals of the set-up to the tear-down, and nothing else. */
  var startedNova: StartedNova | undefined;
}

export default async function setUp(): Promise<void> {
  await startTemporal();
  const began = Date.now();
  globalThis.startedNova = await startNova();
  process.stderr.write(`nova: ready after ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
  shareLab(globalThis.startedNova.lab);
}
