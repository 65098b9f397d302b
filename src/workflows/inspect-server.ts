/** Reads what a resize needs to know, and changes nothing: ids, flavors, what would be refused, what a revert would lose. */
import { ApplicationFailure } from '@temporalio/workflow';
import { present } from '../resize/present';
import { checkInspect, InvalidRequest } from '../resize/request';
import { failureIn, prepare } from './cloud-activities';
import type { InspectFailure, InspectInput, Inspection } from './messages';

/** @throws ApplicationFailure of type {@link InspectFailure} when nothing can be learnt */
export async function inspectServer(input: InspectInput): Promise<Inspection> {
  const request = readInput(() => checkInspect(input));
  const found = await unwrapped(() => prepare(request, { attempts: 2, within: '25s' }));
  const { id, name, powerState, status } = found.server;
  return present({
    cloud: request.cloud,
    project: found.project,
    region: found.region,
    server: { id, name, powerState, status },
    from: request.adopt === true ? undefined : found.server.flavor,
    to: found.to,
    revertLoses: found.revertLoses,
    ownership: found.logReadable ? ('proven' as const) : ('unproven' as const),
    refusal: found.refusal,
  });
}

/** An input that cannot be read fails the workflow, not its task for ever. */
export function readInput<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    const type: InspectFailure = 'InvalidRequest';
    throw ApplicationFailure.create({ type, message: error.message, nonRetryable: true });
  }
}

/** Runs an activity so that its own failure comes out of it, not Temporal's wrapping of it. */
export async function unwrapped<T>(activity: () => Promise<T>): Promise<T> {
  try {
    return await activity();
  } catch (error) {
    throw failureIn(error).cause ?? error;
  }
}
