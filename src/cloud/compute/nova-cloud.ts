import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as v from 'valibot';

import type { ServerRow } from '../../resize/changes';
import type { ActionSeen, Flavor, ServerSeen } from '../../resize/observation';
import type { LastAction, Refusal } from '../../resize/precondition';
import { present } from '../../resize/present';
import { ActionLog } from './action-log';
import { ServerChanges } from './changes';
import type { Cloud, CloudSettings, ServerAction, ServerListed, ServersChanged } from '../cloud';
import { ComputeReader } from './compute-reader';
import { CloudFailure } from '../http/cloud-failure';
import { ACT, READ_SERVER, versionHeaders } from './endpoint';
import { Flavors } from './flavors';
import { hasNext, Links, walk, type Page } from './pages';
import type { Profile } from '../profile/profile';
import { secretsOf } from '../profile/secrets';
import { requestIdOf, troubleInAcceptance } from '../http/reply';
import { addressesOf, embeddedFlavor, serverOf, ServerBody, ServerEntry } from './server';
import { Session } from '../auth/session';
import { Transport, type Log } from '../http/transport';

/** Opens a cloud; the first request logs in. Use one per profile: all its users share the token and the throttle. */
export function openCloud(profile: Profile, settings: CloudSettings): Cloud {
  const log: Log = settings.log ?? (() => undefined);
  for (const warning of profile.warnings) log('warn', warning, { cloud: profile.name });
  return new NovaCloud(profile, { ...settings, log });
}

const ServerList = v.object({ servers: v.array(ServerEntry), servers_links: Links });

/** A server with all that a list shows of it takes kilobytes. */
const DETAILED_PAGE = 200;

class NovaCloud implements Cloud {
  readonly name: string;
  readonly requestsPerSecond?: number;
  readonly autoConfirmWindow?: number;
  readonly policy?: string;
  readonly #transport: Transport;
  readonly #session: Session;
  readonly #api: ComputeReader;
  readonly #flavors: Flavors;
  readonly #log: ActionLog;
  readonly #changes: ServerChanges;

  constructor(profile: Profile, settings: CloudSettings & { log: Log }) {
    this.name = profile.name;
    const { requestsPerSecond, autoConfirmWindow, policy } = profile;
    if (requestsPerSecond !== undefined) this.requestsPerSecond = requestsPerSecond;
    if (autoConfirmWindow !== undefined) this.autoConfirmWindow = autoConfirmWindow;
    if (policy !== undefined) this.policy = policy;
    const log: Log = (level, message, fields) => settings.log(level, message, { cloud: profile.name, ...fields });
    this.#transport = new Transport(
      present({
        timeout: settings.httpTimeout,
        userAgent: settings.userAgent ?? ownUserAgent(),
        tls: profile.tls,
        log,
        perSecond: requestsPerSecond,
      }),
    );
    for (const secret of secretsOf(profile)) this.#transport.secrets.keep(secret);
    this.#session = new Session(profile, this.#transport);
    this.#api = new ComputeReader(this.#transport, this.#session);
    this.#flavors = new Flavors(this.#api);
    this.#log = new ActionLog(this.#api);
    this.#changes = new ServerChanges(this.#api);
  }

  async identity(): Promise<{ project: string; region?: string; userId?: string }> {
    const { region } = await this.#session.endpoint();
    const { project, userId } = await this.#session.token();
    return present({ project, region, userId });
  }

  forgetRefusedLogin(): void {
    this.#session.forgetRefusedLogin();
  }

  async serverById(id: string): Promise<ServerSeen> {
    return (await this.serverWithAddresses(id)).server;
  }

  async serverWithAddresses(id: string): Promise<{ server: ServerSeen; addresses: Record<string, string[]> }> {
    const tried = `read server ${id}`;
    const path = `/servers/${this.#api.segment(tried, id)}`;
    const { server } = await this.#api.get(tried, path, READ_SERVER, ServerBody);
    return { server: serverOf(server, await this.#flavorOf(server)), addresses: addressesOf(server) };
  }

  async serversByName(name: string): Promise<{ id: string; name: string }[]> {
    // `name` is a regular expression on one cloud and a part of the name on another; a part without special
    // characters finds at least the server that is meant on both.
    const part = name
      .split(/[^\p{L}\p{N}_-]+/u)
      .reduce((longest, next) => (next.length > longest.length ? next : longest), '');
    const found: { id: string; name: string }[] = [];
    for await (const server of this.#servers(`find server ${name}`, '/servers', part === '' ? {} : { name: part })) {
      if (server.name === name) found.push({ id: server.id, name });
    }
    return found;
  }

  async serversWithStatus(status: string): Promise<ServerListed[]> {
    const found: ServerListed[] = [];
    const tried = `list the servers in ${status}`;
    for await (const server of this.#servers(tried, '/servers/detail', { status }, DETAILED_PAGE)) {
      // Not every cloud knows the filter.
      if (server.status?.toUpperCase() !== status) continue;
      const { id, name, tenant_id: project } = server;
      found.push(
        present({ id, name: name ?? id, flavor: await this.#flavorOf(server), project: project ?? undefined }),
      );
    }
    return found;
  }

  serversChangedSince(since: string | undefined): Promise<ServersChanged> {
    return this.#changes.since(since);
  }

  serversUnderWay(): Promise<ServerRow[]> {
    return this.#changes.underWay();
  }

  async *#servers(
    tried: string,
    path: string,
    filter: Record<string, string>,
    size?: number,
  ): AsyncGenerator<v.InferOutput<typeof ServerEntry>> {
    const page = async (query: URLSearchParams): Promise<Page<v.InferOutput<typeof ServerEntry>>> => {
      for (const [key, value] of Object.entries(filter)) query.set(key, value);
      const body = await this.#api.get(tried, `${path}?${query.toString()}`, READ_SERVER, ServerList);
      return { items: body.servers, more: hasNext(body.servers_links) };
    };
    yield* walk(page, ({ id }) => id, present({ size }));
  }

  async #flavorOf(server: Parameters<typeof embeddedFlavor>[0]): Promise<Flavor> {
    const flavor = embeddedFlavor(server);
    return 'complete' in flavor ? flavor.complete : this.#flavors.ofServer(flavor.id);
  }

  findFlavor(reference: string): Promise<Flavor | Refusal | undefined> {
    return this.#flavors.find(reference);
  }

  actions(serverId: string, newerThan?: string): Promise<ActionSeen[]> {
    return this.#log.since(serverId, newerThan);
  }

  newestAction(serverId: string): Promise<string | undefined> {
    return this.#log.newest(serverId);
  }

  lastTouchingAction(serverId: string): Promise<LastAction | undefined> {
    return this.#log.lastTouching(serverId);
  }

  async post(
    serverId: string,
    action: ServerAction,
    options: { flavorId?: string; notAfter?: number } = {},
  ): Promise<{ requestId?: string }> {
    if (action === 'resize' && options.flavorId === undefined) throw new TypeError('A resize needs a flavorId.');
    const tried = {
      resize: `resize server ${serverId} to flavor ${options.flavorId ?? '(none)'}`,
      confirmResize: `confirm the resize of server ${serverId}`,
      revertResize: `revert the resize of server ${serverId}`,
      'os-stop': `stop server ${serverId}`,
      'os-start': `start server ${serverId}`,
    }[action];
    const progress = { sent: false };
    try {
      const reply = await this.#session.send(
        {
          tried,
          method: 'POST',
          path: `/servers/${this.#api.segment(tried, serverId)}/action`,
          body: { [action]: action === 'resize' ? { flavorRef: options.flavorId } : null },
          headers: (endpoint) => versionHeaders(endpoint, ACT),
        },
        {
          beforeSending: () => {
            this.#checkTime(tried, options.notAfter);
            progress.sent = true;
          },
          onUnauthenticated: () => (progress.sent = false),
        },
      );
      const trouble = troubleInAcceptance(reply);
      if (trouble !== undefined) throw this.#transport.failure(trouble);
      const requestId = requestIdOf(reply);
      return present({ requestId });
    } catch (error) {
      if (error instanceof CloudFailure && !progress.sent) throw new CloudFailure(error.trouble, false);
      throw error;
    }
  }

  async withoutPause<T>(requests: number, tried: string, work: () => Promise<T>): Promise<T> {
    const result = await this.#transport.throttle.withoutPause(requests, tried, work);
    if ('trouble' in result) throw this.#transport.failure(result.trouble, false);
    return result.done;
  }

  #checkTime(tried: string, notAfter: number | undefined): void {
    const { timeout } = this.#transport;
    if (notAfter === undefined || notAfter - Date.now() > timeout) return;
    throw this.#transport.failure(
      {
        kind: 'no-time',
        tried,
        message: `"${tried}" was not sent: less than one HTTP time-out (${timeout / 1000} s) was left to hear the answer.`,
        advice: 'Nothing was sent. It is tried again; if this goes on, the cloud answers too slowly.',
      },
      false,
    );
  }
}

/** The name and version of this package. */
function ownUserAgent(): string {
  try {
    const file = readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8');
    return `durable-resize/${v.parse(v.object({ version: v.string() }), JSON.parse(file)).version}`;
  } catch {
    // Packed without its package.json; that is no reason not to resize.
    return 'durable-resize';
  }
}
