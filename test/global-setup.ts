import { findTemporal } from '../scripts/temporal-cli.js';

/** Fetches Temporal's server before any test, whose time-out it would eat on a slow network. */
export default async function globalSetup(): Promise<void> {
  await findTemporal({ say: (text) => void process.stderr.write(`${text}\n`) });
}
