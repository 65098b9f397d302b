import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as v from 'valibot';

import type { ActionSeen, Flavor, ServerSeen } from '../../resize/observation';
import { ActionDetail, ActionEntry, fromDetail, fromList, isDetailRead } from './action-log';
import type { Cloud, CloudSettings, ServerAction } from '../cloud';
import { CloudFailure } from '../http/cloud-failure';
import { ACT, READ_SERVER, versionHeaders } from './endpoint';
import { FlavorBody, FlavorCache, FlavorEntry, flavorOf } from './flavors';
import { hasNext, Links, walk, type Page } from './pages';
import type { Login, Profile } from '../profile/profile';
import type { Secret } from '../auth/secret';
import { read, requestIdOf, troubleInAcceptance } from '../http/reply';
import { embeddedFlavor, serverOf, ServerBody } from './server';
import { Session } from '../auth/session';
import { Transport, type Log } from '../http/transport';

/** Opens a cloud; the first request logs in. Keep one per profile: its token is shared by everything that uses it. */
export function openCloud(profile: Profile, settings: CloudSettings): Cloud {
  const log: Log = settings.log ?? (() => undefined);
  for (const warning of profile.warnings) log('warn', warning, { cloud: profile.name });
  return new NovaCloud(profile, { ...settings, log });
}

const ServerNames = v.object({
  servers: v.array(v.object({ id: v.string(), name: v.string() })),
  servers_links: Links,
});
const FlavorList = v.object({ flavors: v.array(FlavorEntry), flavors_links: Links });
const ActionList = v.object({ instanceActions: v.array(ActionEntry), links: Links });

class NovaCloud implements Cloud {
  readonly name: string;
  readonly requestsPerSecond?: number;
  readonly autoConfirmWindow?: number;
  readonly #transport: Transport;
  readonly #session: Session;
  readonly #flavors = new FlavorCache();

  constructor(profile: Profile, settings: CloudSettings & { log: Log }) {
    this.name = profile.name;
    const { requestsPerSecond, autoConfirmWindow } = profile;
    if (requestsPerSecond !== undefined) this.requestsPerSecond = requestsPerSecond;
    if (autoConfirmWindow !== undefined) this.autoConfirmWindow = autoConfirmWindow;
    this.#transport = new Transport({
      timeout: settings.httpTimeout,
      userAgent: settings.userAgent ?? ownUserAgent(),
      tls: profile.tls,
      log: (level, message, fields) => settings.log(level, message, { cloud: profile.name, ...fields }),
      ...(requestsPerSecond !== undefined && { perSecond: requestsPerSecond }),
    });
    for (const secret of secretsOf(profile.login)) this.#transport.hide(secret);
    this.#session = new Session(profile, this.#transport);
  }

  async identity(): Promise<{ project: string; region?: string; userId?: string }> {
    const { region } = await this.#session.endpoint();
    const { project, userId } = await this.#session.token();
    return { project, ...(region === undefined ? {} : { region }), ...(userId === undefined ? {} : { userId }) };
  }

  async serverById(id: string): Promise<ServerSeen> {
    const path = `/servers/${this.#segment(`read server ${id}`, id)}`;
    const { server } = await this.#get(`read server ${id}`, path, READ_SERVER, ServerBody);
    const flavor = embeddedFlavor(server);
    return serverOf(server, 'complete' in flavor ? flavor.complete : await this.#flavorOf(flavor.id));
  }

  async serversByName(name: string): Promise<{ id: string; name: string }[]> {
    // `name` is a regular expression on one cloud and a part of the name on another; a part without special
    // characters finds at least the server that is meant on both.
    const part = name
      .split(/[^\p{L}\p{N}_-]+/u)
      .reduce((longest, next) => (next.length > longest.length ? next : longest), '');
    const found = await this.#servers(`find server ${name}`, part === '' ? {} : { name: part });
    return found.filter((server) => server.name === name);
  }

  serversWithStatus(status: string): Promise<{ id: string; name: string }[]> {
    return this.#servers(`list the servers in ${status}`, { status });
  }

  async #servers(tried: string, filter: Record<string, string>): Promise<{ id: string; name: string }[]> {
    const found: { id: string; name: string }[] = [];
    const page = async (query: URLSearchParams): Promise<Page<{ id: string; name: string }>> => {
      for (const [key, value] of Object.entries(filter)) query.set(key, value);
      const body = await this.#get(tried, `/servers?${query.toString()}`, READ_SERVER, ServerNames);
      return { items: body.servers, more: hasNext(body.servers_links) };
    };
    for await (const server of walk(page, ({ id }) => id)) found.push(server);
    return found;
  }

  async flavorByNameOrId(nameOrId: string): Promise<Flavor | undefined> {
    const tried = `find flavor ${nameOrId}`;
    try {
      const { flavor } = await this.#get(tried, `/flavors/${this.#segment(tried, nameOrId)}`, READ_SERVER, FlavorBody);
      return flavor['OS-FLV-DISABLED:disabled'] ? undefined : flavorOf(flavor);
    } catch (error) {
      if (!isOf(error, 'not-found', 'flavor-not-found', 'bad-request')) throw error;
    }
    const page = async (query: URLSearchParams): Promise<Page<v.InferOutput<typeof FlavorEntry>>> => {
      const body = await this.#get(tried, `/flavors/detail?${query.toString()}`, READ_SERVER, FlavorList);
      return { items: body.flavors, more: hasNext(body.flavors_links) };
    };
    for await (const flavor of walk(page, ({ id }) => id)) {
      if (flavor.name === nameOrId && !flavor['OS-FLV-DISABLED:disabled']) return flavorOf(flavor);
    }
    return undefined;
  }

  async actions(serverId: string, newerThan?: string): Promise<ActionSeen[]> {
    const tried = `read the actions of server ${serverId}`;
    const path = `/servers/${this.#segment(tried, serverId)}/os-instance-actions`;
    const { maximum = 0 } = await this.#session.endpoint();
    const page = async (query: URLSearchParams): Promise<Page<v.InferOutput<typeof ActionEntry>>> => {
      // The log has no pages below 2.58.
      const search = maximum < ACT ? '' : `?${query.toString()}`;
      const body = await this.#get(tried, `${path}${search}`, ACT, ActionList);
      return { items: body.instanceActions, more: hasNext(body.links) };
    };
    const seen: ActionSeen[] = [];
    for await (const entry of walk(page, ({ request_id: id }) => id)) {
      if (entry.request_id === newerThan) break;
      seen.push(isDetailRead(entry.action) ? await this.#detail(tried, path, entry) : fromList(entry));
    }
    return seen;
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
          path: `/servers/${this.#segment(tried, serverId)}/action`,
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
      return requestId === undefined ? {} : { requestId };
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

  /** An id as one part of a path: an empty one or dots would lead to another address. */
  #segment(tried: string, id: string): string {
    if (!/^\.{0,2}$/.test(id)) return encodeURIComponent(id);
    throw this.#transport.failure({ kind: 'not-found', tried, message: `"${id}" is not an id.` }, false);
  }

  async #get<Schema extends v.GenericSchema>(
    tried: string,
    path: string,
    version: number,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    const reply = await this.#session.send({
      tried,
      method: 'GET',
      path,
      headers: (endpoint) => versionHeaders(endpoint, version),
    });
    const result = read(reply, schema);
    if ('trouble' in result) throw this.#transport.failure(result.trouble);
    return result.value;
  }

  async #flavorOf(id: string): Promise<Flavor> {
    const kept = this.#flavors.get(id);
    if (kept !== undefined) return kept;
    try {
      const { flavor } = await this.#get(
        `read flavor ${id}`,
        `/flavors/${this.#segment(`read flavor ${id}`, id)}`,
        READ_SERVER,
        FlavorBody,
      );
      const known = flavorOf(flavor);
      this.#flavors.keep(id, known);
      return known;
    } catch (error) {
      // Deleted since the server got it, or private to others: the id is all there is.
      if (isOf(error, 'not-found', 'forbidden')) return { name: id, id };
      throw error;
    }
  }

  async #detail(tried: string, path: string, entry: v.InferOutput<typeof ActionEntry>): Promise<ActionSeen> {
    try {
      const detailPath = `${path}/${this.#segment(tried, entry.request_id)}`;
      const { instanceAction } = await this.#get(tried, detailPath, ACT, ActionDetail);
      return fromDetail(instanceAction);
    } catch (error) {
      // Purged in between, or details are closed to members where the list is open.
      if (isOf(error, 'not-found', 'forbidden')) return fromList(entry);
      throw error;
    }
  }
}

function isOf(error: unknown, ...kinds: CloudFailure['trouble']['kind'][]): boolean {
  return error instanceof CloudFailure && kinds.includes(error.trouble.kind);
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

function secretsOf(login: Login): Secret[] {
  switch (login.method) {
    case 'password':
      return [login.password];
    case 'application_credential':
      return [login.secret];
    case 'token':
      return [login.token];
    case 'aksk':
      return [login.accessKey, login.secretKey, ...(login.securityToken === undefined ? [] : [login.securityToken])];
  }
}
