/** What a client asks a cloud: about one server, and which servers wait while no resize of ours runs. */
import { randomUUID } from 'node:crypto';
import {
  FIND_ORPHANS,
  INSPECT_SERVER,
  type InspectInput,
  type Inspection,
  type Orphan,
  type OrphansInput,
} from '../workflows/messages';
import { withoutNulls } from '../resize/wire-json';
import { readInspection, readOrphans } from './answers';
import { ResizeError } from './resize-error';
import { ask, type OnWaiting } from './short-workflow';
import type { TemporalLink } from './temporal-link';

export type { Inspection, Orphan } from '../workflows/messages';

/** Two attempts of 25 s, and twice the longest wait in a queue. */
const INSPECTION_ENDS = 5 * 60_000;

/** As long as a scheduled one has: what it reads grows with the number of servers. */
export const ORPHANS_END = 15 * 60_000;

/**
 * Looks at the server and the flavor, and touches nothing.
 * @throws ResizeError NoWorker, Busy, NotFound, AmbiguousName, NotAuthenticated, UnknownCloud, CloudUnreachable,
 *   InvalidRequest, NoTemporal
 */
export async function inspect(link: TemporalLink, asked: InspectInput, onWaiting?: OnWaiting): Promise<Inspection> {
  const input = given<InspectInput>(asked, ['cloud', 'server', 'flavor']);
  const question = {
    workflow: INSPECT_SERVER,
    id: `inspect-${randomUUID()}`,
    input,
    summary: `look at ${input.server} (${input.cloud}) for a resize to ${input.flavor}`,
    name: `inspection of ${input.server}`,
    endsWithin: INSPECTION_ENDS,
  };
  return readInspection(await ask(link, question, onWaiting));
}

/**
 * Finds the servers of a cloud that wait in VERIFY_RESIZE while no running resize watches them.
 * @throws ResizeError NoWorker, Busy, NotAuthenticated, UnknownCloud, CloudUnreachable, NoTemporal
 */
export async function orphans(link: TemporalLink, asked: OrphansInput, onWaiting?: OnWaiting): Promise<Orphan[]> {
  const input = given<OrphansInput>(asked, ['cloud']);
  const question = {
    workflow: FIND_ORPHANS,
    id: `orphans-${input.cloud}-${randomUUID()}`,
    input,
    summary: `find servers in VERIFY_RESIZE without a resize (${input.cloud})`,
    name: `search for orphans in ${input.cloud}`,
    endsWithin: ORPHANS_END,
  };
  return readOrphans(await ask(link, question, onWaiting));
}

/** What a caller of the library asks with, as JSON; null is "not given". @throws ResizeError InvalidRequest */
export function given<Input extends object>(asked: Input, required: readonly (keyof Input & string)[]): Input {
  const input = (withoutNulls(asked) ?? {}) as Input;
  for (const field of required) {
    const value: unknown = input[field];
    if (typeof value !== 'string' || value.trim() === '') {
      throw new ResizeError('InvalidRequest', `${field}: is missing, or is no text`);
    }
  }
  return input;
}
