import { CloudFailure, type Cloud } from '../cloud';
import type { Observation, ServerSeen } from '../resize/observation';
import type { ObserveInput } from './activity-answers';
import { reading } from './read-failure';

/**
 * One observation: the server first, then its action log, so that whatever caused the state is in the log.
 * @throws ApplicationFailure with the Trouble as its first detail
 */
export async function observeServer(cloud: Cloud, input: ObserveInput): Promise<Observation> {
  return reading(() => observe(cloud, input));
}

/** The same, for an activity that does more. @throws CloudFailure */
export async function observe(cloud: Cloud, input: ObserveInput): Promise<Observation> {
  return withLog(cloud, input, await readServer(cloud, input));
}

/** The first half of an observation. @throws CloudFailure */
export async function readServer(
  cloud: Cloud,
  { server, retry = false }: ObserveInput,
): Promise<ServerSeen | 'missing'> {
  if (retry) cloud.forgetRefusedLogin();
  return (await unlessNotFound(() => cloud.serverById(server))) ?? 'missing';
}

/** The second half. @throws CloudFailure */
export async function withLog(
  cloud: Cloud,
  { server, baseline, logReadable }: ObserveInput,
  seen: ServerSeen | 'missing',
): Promise<Observation> {
  // Deleted servers still have a log (since 2.21): it is what tells a deletion from a moment's 404. Of a server that is
  // there a 404 of the log is a failed observation: without the log nobody could see what others did.
  const log = () => cloud.actions(server, baseline);
  const actions = !logReadable ? undefined : seen === 'missing' ? await unlessNotFound(log) : await log();
  return { at: new Date().toISOString(), server: seen, actions: actions ?? 'unreadable' };
}

async function unlessNotFound<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CloudFailure && error.trouble.kind === 'not-found') return undefined;
    throw error;
  }
}
