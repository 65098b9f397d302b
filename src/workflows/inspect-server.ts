/** Reads what a resize needs to know, and changes nothing: ids, flavors, what would be refused, what a revert would lose. */
import { ApplicationFailure } from '@temporalio/workflow';
import { kindOf, type Check, type CheckStatus } from '../resize/checks';
import type { Prepared } from '../resize/prepared';
import { policyId } from '../resize/policy';
import { present } from '../resize/present';
import { checkInspect, InvalidRequest, type Gate, type InspectRequest } from '../resize/request';
import { baselineOf, failureIn, prepare } from './cloud-activities';
import type { InspectFailure, InspectInput, Inspection } from './messages';
import { withoutNulls } from '../resize/wire-json';

/** Somebody waits for an inspection at a terminal: a check that has no verdict by then has none; ms. */
const WHILE_WAITED_FOR = 60_000;

/** @throws ApplicationFailure of type {@link InspectFailure} when nothing can be learnt */
export async function inspectServer(input: InspectInput): Promise<Inspection> {
  const request = readInput(() => checkInspect(input));
  const { cloud, server, flavor } = request;
  const asked = { ...(withoutNulls(input) as InspectInput), cloud, server, flavor };
  const found = await unwrapped(() => prepare(asked, { attempts: 2, within: '25s' }));
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
    policy: found.policy && policyId(found.policy),
    gate: found.resolved && gateOf(found.resolved),
    checks: request.runChecks === true ? await checksNow(request, found) : undefined,
  });
}

/** Without the checks, which the status of a run names. */
function gateOf({ approvals, reason, decideWithin, onTimeout, autoConfirm, bakeFor }: Gate): Omit<Gate, 'checks'> {
  return { decideWithin, onTimeout, ...present({ approvals, reason, autoConfirm, bakeFor }) };
}

/** Runs each check as a baseline, side by side: the verdicts on the server as it is. */
function checksNow({ cloud, ...asked }: InspectRequest, found: Prepared): Promise<CheckStatus[]> {
  const { checks } = found.resolved ?? asked;
  const target = { id: found.server.id, name: found.server.name, addresses: found.addresses };
  const one = async (check: Check): Promise<CheckStatus> => {
    const { verdict, reason, figure, at } = await baselineOf({
      cloud,
      check,
      when: 'baseline',
      target,
      within: WHILE_WAITED_FOR,
    });
    return { name: check.name, kind: kindOf(check), baseline: verdict, ...present({ reason, figure }), at };
  };
  return Promise.all((found.refusal === undefined ? (checks?.checks ?? []) : []).map(one));
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
