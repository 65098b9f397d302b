import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Checker } from '../checks';
import { isSettled, type Cloud } from '../cloud';
import { refusalOfDecisionTime } from '../resize/auto-confirm';
import type { Flavor, ServerSeen } from '../resize/observation';
import type { CheckTarget } from '../resize/placeholders';
import { adoptableIn, isRefusal, refusalOf, refusalOfPlace, revertLosesOf, type Refusal } from '../resize/precondition';
import { present } from '../resize/present';
import { refusalOfRequester } from '../resize/proven';
import { checkInspect, isServerId, type InspectInput, type InspectRequest } from '../resize/request';
import type { Surroundings } from '.';
import type { Prepared, ReadFailure } from './activity-answers';
import { withHeartbeats } from './heartbeats';
import { underPolicy } from './under-policy';
import { reading } from './read-failure';
import { whoStarted } from './who-sent';

/**
 * Reads what is needed before anything is touched: server, flavors, the newest action, whether the log can be read; and
 * judges whether the resize can work. A bounded number of requests, whatever was done to the server before.
 * @param input as it was given, and checked: what it does not say, a policy may say
 * @throws ApplicationFailure of type {@link ReadFailure}
 */
export async function prepareResize(surroundings: Surroundings, input: InspectInput): Promise<Prepared> {
  // The workflow does not know this worker's time-outs yet; missing heartbeats tell it of a lost worker.
  return withHeartbeats(() => reading(() => prepare(surroundings, input)));
}

async function prepare(surroundings: Surroundings, asked: InspectInput): Promise<Prepared> {
  const { cloud, checker, observeOnly, timing, searchAttributes, audit, targets } = surroundings;
  const ruled = underPolicy(surroundings, asked, activityInfo().currentAttemptScheduledTimestampMs);
  const { deciders } = ruled;
  const input = { ...checkInspect(asked), ...ruled.gate };
  const { project, region, userId } = await cloud.identity();
  const id = isServerId(input.server) ? input.server : await idOf(cloud, input.server);
  const { server, addresses } = await cloud.serverWithAddresses(id);
  const flavor = await cloud.findFlavor(input.flavor);
  const where = present({ project, region });
  const facts = { server, flavor, where };
  const found = input.adopt ? await toAdopt(cloud, input, facts) : await toResize(cloud, input, facts);
  const { autoConfirmWindow } = cloud;
  const requester = deciders === 'proven' ? await whoStarted() : undefined;
  const refusal =
    found.refusal ??
    ruled.refusal ??
    refusalOfDecisionTime(input, autoConfirmWindow, found.waited ?? 0) ??
    refusalOfChecks(checker, input, { id, name: server.name, addresses }) ??
    refusalOfRequester(requester, present({ approvals: input.approvals }));
  return present({
    ...where,
    userId,
    server,
    addresses,
    to: flavor === undefined || isRefusal(flavor) ? undefined : flavor,
    baseline: found.baseline,
    adopted: found.adopted,
    logReadable: found.logReadable,
    revertLoses: revertLosesOf(server),
    refusal,
    autoConfirmWindow,
    observeOnly,
    searchAttributes: [...searchAttributes()],
    timing,
    deciders,
    policy: ruled.policy,
    resolved: ruled.policy && ruled.gate,
    audits: audit === undefined ? undefined : true,
    notify: targets?.rulesFor(cloud.name),
    requester: requester !== undefined && 'name' in requester ? requester : undefined,
  });
}

/** A check that this worker cannot make is refused before anything is touched, as far as that is seen without the network. */
function refusalOfChecks(checker: Checker, { checks }: InspectRequest, target: CheckTarget): Refusal | undefined {
  for (const [index, check] of (checks?.checks ?? []).entries()) {
    const why = checker.refusalOf(check, target);
    if (why === undefined) continue;
    return {
      message: `checks.checks[${index}] (${check.name}): ${why}`,
      advice: { you: 'Name an address that the server has and that checks may reach: see docs/checks.md.' },
    };
  }
  return undefined;
}

/** What was read before the log. */
interface Facts {
  server: ServerSeen;
  flavor: Flavor | Refusal | undefined;
  where: { project: string; region?: string };
}

/** What the log adds. */
interface Found {
  logReadable: boolean;
  refusal?: Refusal;
  baseline?: string;
  /** The request id of the resize that is taken over. */
  adopted?: string;
  /** How long that has ended, ms. */
  waited?: number;
}

async function toResize(cloud: Cloud, { flavor, expect }: InspectRequest, facts: Facts): Promise<Found> {
  const { server, where } = facts;
  const baseline = await unlessUnreadable(() => cloud.newestAction(server.id));
  const refusal = refusalOf(server, flavor, facts.flavor, where, expect);
  return baseline === 'unreadable'
    ? present({ logReadable: false, refusal })
    : present({ logReadable: true, refusal, baseline });
}

async function toAdopt(cloud: Cloud, { flavor, expect }: InspectRequest, facts: Facts): Promise<Found> {
  const { server, where } = facts;
  const last = (await unlessUnreadable(() => cloud.lastTouchingAction(server.id))) ?? 'none';
  const logReadable = last !== 'unreadable';
  const found =
    refusalOfPlace(`server ${server.name} (${server.id})`, where, expect ?? {}) ??
    adoptableIn(server, flavor, facts.flavor, last);
  if (isRefusal(found)) return { logReadable, refusal: found };
  const finished = typeof last === 'object' ? last.action.finishTime : undefined;
  return present({ logReadable, adopted: found.requestId, baseline: found.baseline, waited: elapsedSince(finished) });
}

/** Milliseconds since a time of the cloud's log, by this worker's clock; undefined without a time. */
function elapsedSince(time: string | undefined): number | undefined {
  const ended = Date.parse(time ?? '');
  return Number.isNaN(ended) ? undefined : Math.max(0, Date.now() - ended);
}

/**
 * A cloud may forbid the action log, or not offer it: the server was just read, so the address is right, whatever the
 * answer says. Then the run says `ownership: unproven`.
 */
async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | 'unreadable'> {
  try {
    return await read();
  } catch (error) {
    if (isSettled(error)) return 'unreadable';
    throw error;
  }
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
