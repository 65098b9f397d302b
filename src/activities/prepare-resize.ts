import { ApplicationFailure } from '@temporalio/common';
import { CloudFailure, type Cloud } from '../cloud';
import { refusalOfGate } from '../resize/auto-confirm';
import { adoptableIn, refusalOf, refusalOfPlace, revertLosesOf, type Refusal } from '../resize/precondition';
import type { ActionSeen, Flavor, ServerSeen } from '../resize/observation';
import { isServerId, type InspectRequest } from '../resize/request';
import type { Surroundings } from '.';
import type { Prepared, ReadFailure } from './activity-answers';
import { withHeartbeats } from './heartbeats';
import { reading } from './read-failure';

/**
 * Learns what was, before anything is touched: server, flavors, the newest action, whether the log can be read; and
 * what speaks against this resize.
 * @throws ApplicationFailure of type {@link ReadFailure}
 */
export async function prepareResize(surroundings: Surroundings, input: InspectRequest): Promise<Prepared> {
  // The workflow does not know this worker's time-outs yet, so a lost worker is noticed by its silence.
  return withHeartbeats(() => reading(() => prepare(surroundings, input)));
}

async function prepare(
  { cloud, observeOnly, timing, searchAttributes }: Surroundings,
  input: InspectRequest,
): Promise<Prepared> {
  const { project, region, userId } = await cloud.identity();
  const id = isServerId(input.server) ? input.server : await idOf(cloud, input.server);
  const server = await cloud.serverById(id);
  const to = await cloud.flavorByNameOrId(input.flavor);
  const log = await readableLog(cloud, id);
  const where = { project, ...(region !== undefined && { region }) };
  const found = input.adopt
    ? adoptable(server, input, to, where, log)
    : { refusal: refusalOf(server, input.flavor, to, where, input.expect), baseline: log?.[0]?.requestId };
  const { autoConfirmWindow } = cloud;
  const waited = 'adopted' in found ? waitedSince(log, found.adopted) : 0;
  const refusal = found.refusal ?? refusalOfGate(input, autoConfirmWindow, waited);
  return {
    ...where,
    ...(userId !== undefined && { userId }),
    server,
    ...(to && { to }),
    ...(found.baseline !== undefined && { baseline: found.baseline }),
    ...('adopted' in found && { adopted: found.adopted }),
    logReadable: log !== undefined,
    revertLoses: revertLosesOf(server),
    ...(refusal && { refusal }),
    ...(autoConfirmWindow !== undefined && { autoConfirmWindow }),
    observeOnly,
    searchAttributes: [...searchAttributes()],
    timing,
  };
}

function adoptable(
  server: ServerSeen,
  { flavor, expect }: InspectRequest,
  to: Flavor | undefined,
  where: { project: string; region?: string },
  log: ActionSeen[] | undefined,
): { refusal?: Refusal; baseline?: string; adopted?: string } {
  const elsewhere = refusalOfPlace(`server ${server.name} (${server.id})`, where, expect ?? {});
  if (elsewhere !== undefined) return { refusal: elsewhere };
  const found = adoptableIn(server, flavor, to, log);
  if ('message' in found) return { refusal: found };
  return { adopted: found.requestId, ...(found.baseline !== undefined && { baseline: found.baseline }) };
}

/** How long ago a resize ended, ms, by the cloud's log and this worker's clock. */
function waitedSince(log: readonly ActionSeen[] | undefined, requestId: string | undefined): number {
  const finished = Date.parse(log?.find((each) => each.requestId === requestId)?.finishTime ?? '');
  return Number.isNaN(finished) ? 0 : Math.max(0, Date.now() - finished);
}

async function idOf(cloud: Cloud, name: string): Promise<string> {
  const servers = await cloud.serversByName(name);
  const [only] = servers;
  if (only !== undefined && servers.length === 1) return only.id;
  const [type, message]: [ReadFailure, string] =
    only === undefined
      ? ['NotFound', `server ${name}: no server of this name or id in cloud ${cloud.name}`]
      : [
          'AmbiguousName',
          `server ${name}: ${servers.length} servers have this name: ${servers.map(({ id }) => id).join(', ')}; use an id`,
        ];
  throw ApplicationFailure.create({ type, message, nonRetryable: true, details: [{ servers }] });
}

/** A public cloud may forbid the action log; then the run says `ownership: unproven`. */
async function readableLog(cloud: Cloud, id: string) {
  try {
    return await cloud.actions(id);
  } catch (error) {
    if (error instanceof CloudFailure && ['forbidden', 'not-found'].includes(error.trouble.kind)) return undefined;
    throw error;
  }
}
