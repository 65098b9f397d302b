import { findTemporal } from '../scripts/temporal-cli.js';
import { startShared } from './shared';

declare global {
  /** Jest hands globals of the set-up to the tear-down, and nothing else. */
  var stopShared: (() => Promise<void>) | undefined;
}

/** Fetches Temporal's server before any test, whose time-out it would eat on a slow network, and starts one for all. */
export default async function setUp(): Promise<void> {
  await findTemporal({ say: (text) => void process.stderr.write(`${text}\n`) });
  globalThis.stopShared = (await startShared()).stop;
}
