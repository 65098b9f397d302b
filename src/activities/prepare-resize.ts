import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { CloudFailure, type Cloud } from '../cloud';
import { refusalOf, revertLosesOf } from '../resize/precondition';
import { isServerId } from '../resize/request';
import type { Surroundings } from '.';
import type { PrepareInput, Prepared, ReadFailure } from './activity-answers';
import { reading } from './read-failure';

/**
 * Learns what was, before anything is touched: server, flavors, the newest action, whether the log can be read; and
 * what speaks against this resize.
 * @throws ApplicationFailure of type {@link ReadFailure}
 */
export async function prepareResize(surroundings: Surroundings, input: PrepareInput): Promise<Prepared> {
  // The workflow does not know this worker's time-outs yet, so a lost worker is noticed by its silence.
  const beating = setInterval(() => Context.current().heartbeat(), 1000);
  try {
    return await reading(() => prepare(surroundings, input));
  } finally {
    clearInterval(beating);
  }
}

async function prepare(
  { cloud, brake, timing, searchAttributes }: Surroundings,
  input: PrepareInput,
): Promise<Prepared> {
  const { project, region, userId } = await cloud.identity();
  const id = isServerId(input.server) ? input.server : await idOf(cloud, input.server);
  const server = await cloud.serverById(id);
  const to = await cloud.flavorByNameOrId(input.flavor);
  const log = await readableLog(cloud, id);
  const where = { project, ...(region !== undefined && { region }) };
  const refusal = refusalOf(server, input.flavor, to, where, input.expect);
  const baseline = log?.[0]?.requestId;
  return {
    ...where,
    ...(userId !== undefined && { userId }),
    server,
    ...(to && { to }),
    ...(baseline !== undefined && { baseline }),
    logReadable: log !== undefined,
    revertLoses: revertLosesOf(server),
    ...(refusal && { refusal }),
    brake,
    searchAttributes: [...searchAttributes()],
    timing,
  };
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
