import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import axios from 'axios';
import * as v from 'valibot';
import { stringify } from 'yaml';
import type { ControlChange } from '../../src/simulator';
import { until } from './wait';

// The simulator is controlled as the lab is (lab/control.py).
export type { ControlChange, HttpFault } from '../../src/simulator';
export type { DriverCall } from '../../src/simulator/engine/steps';

export type LabUser = 'admin' | 'demo' | 'other';

/** Where the lab is and who may use it; plain JSON, so that it travels to other processes. */
export interface LabAddresses {
  authUrl: string;
  computeUrl: string;
  region: string;
  projectName: string;
  projectId: string;
  password: string;
  /** demo and other are members of the project, admin is its administrator. */
  userIds: Record<LabUser, string>;
  /** Belongs to demo. */
  applicationCredential: { id: string; secret: string };
}

/** Requests that came in for one server, faulty ones included: `{ 'POST resize': 1, 'GET server': 12 }`. */
export type Counters = Record<string, number>;

export interface NovaAnswer {
  status: number;
  requestId: string | undefined;
  body: unknown;
}

const ServerSchema = v.pipe(
  v.object({
    server: v.object({
      id: v.string(),
      name: v.string(),
      status: v.string(),
      locked: v.boolean(),
      flavor: v.object({ id: v.string() }),
      fault: v.optional(v.object({ message: v.string() })),
      'OS-EXT-STS:vm_state': v.string(),
      'OS-EXT-STS:task_state': v.nullable(v.string()),
      'OS-EXT-SRV-ATTR:host': v.nullable(v.string()),
    }),
  }),
  v.transform(({ server }) => ({
    id: server.id,
    name: server.name,
    status: server.status,
    vmState: server['OS-EXT-STS:vm_state'],
    taskState: server['OS-EXT-STS:task_state'],
    flavor: server.flavor.id,
    locked: server.locked,
    host: server['OS-EXT-SRV-ATTR:host'],
    fault: server.fault?.message,
  })),
);
export type LabServer = v.InferOutput<typeof ServerSchema>;

const InstanceActionSchema = v.pipe(
  v.object({
    instanceAction: v.object({
      action: v.string(),
      request_id: v.string(),
      user_id: v.nullable(v.string()),
      message: v.nullable(v.string()),
      events: v.array(v.object({ event: v.string(), result: v.nullable(v.string()) })),
    }),
  }),
  v.transform(({ instanceAction: { action, request_id, user_id, message, events } }) => ({
    action,
    requestId: request_id,
    userId: user_id,
    message,
    events,
  })),
);
export type InstanceAction = v.InferOutput<typeof InstanceActionSchema>;

const TokenSchema = v.object({ token: v.object({ expires_at: v.string() }) });

/** The newest microversion at which a server still shows its flavor's id. */
const microversion = '2.46';
/** One of the images that Nova's stub of the image service knows. */
const image = '155d900f-4e14-4e4c-a73d-069cbf4541e6';

/** What a test does with the lab besides what it tests: arrange servers and faults, look, act as somebody else. */
export class NovaLab {
  private readonly tokens = new Map<LabUser, { id: string; expires: number }>();

  constructor(readonly addresses: LabAddresses) {}

  /** Boots a server of demo's and waits until it is ACTIVE, or SHUTOFF if `stopped`. Gives its id. */
  async boot(name: string, { flavor = 'f1', stopped = false } = {}): Promise<string> {
    const server = { name, flavorRef: flavor, imageRef: image, networks: 'none' };
    const { body } = await this.succeed('demo', 'POST', '/servers', { server });
    const { id } = v.parse(v.object({ server: v.object({ id: v.string() }) }), body).server;
    // A busy machine boots slowly, and nothing here is about how fast.
    await this.waitFor(id, 'ACTIVE', 120_000);
    if (stopped) {
      await this.succeed('demo', 'POST', `/servers/${id}/action`, { 'os-stop': null });
      await this.waitFor(id, 'SHUTOFF');
    }
    return id;
  }

  /** The server as an administrator sees it. */
  async server(id: string): Promise<LabServer> {
    return v.parse(ServerSchema, (await this.succeed('admin', 'GET', `/servers/${id}`)).body);
  }

  /** Waits until the server has this status and no task. */
  async waitFor(id: string, status: string, within = 30_000): Promise<LabServer> {
    let last: LabServer | undefined;
    const look = async (): Promise<LabServer | undefined> => {
      last = await this.server(id);
      return last.status === status && last.taskState === null ? last : undefined;
    };
    return until(`server ${id} to be ${status}`, look, { within, seen: () => JSON.stringify(last) });
  }

  /** The server's instance actions with their events, newest first, as an administrator sees them. */
  async actions(id: string): Promise<InstanceAction[]> {
    const { body } = await this.succeed('admin', 'GET', `/servers/${id}/os-instance-actions`);
    const list = v.parse(v.object({ instanceActions: v.array(v.object({ request_id: v.string() })) }), body);
    return Promise.all(
      list.instanceActions.map(async ({ request_id }) => {
        const answer = await this.succeed('admin', 'GET', `/servers/${id}/os-instance-actions/${request_id}`);
        return v.parse(InstanceActionSchema, answer.body);
      }),
    );
  }

  /** POSTs an action and gives whatever Nova answered; rejects only when there was no answer. */
  async act(id: string, body: object, user: LabUser = 'demo', timeout = 30_000): Promise<NovaAnswer> {
    return this.request(user, 'POST', `/servers/${id}/action`, body, timeout);
  }

  /** Locks the server as an administrator: its owner may not unlock it. */
  async lock(id: string): Promise<void> {
    await this.succeed('admin', 'POST', `/servers/${id}/action`, { lock: null });
  }

  async unlock(id: string): Promise<void> {
    await this.succeed('admin', 'POST', `/servers/${id}/action`, { unlock: null });
  }

  /** Deletes the server and waits until it is gone. */
  async delete(id: string): Promise<void> {
    await this.succeed('admin', 'DELETE', `/servers/${id}`);
    await until(`server ${id} to be deleted`, async () => {
      const { status } = await this.request('admin', 'GET', `/servers/${id}`);
      return status === 404 ? true : undefined;
    });
  }

  async createFlavor(id: string, size: { vcpus: number; ram: number; disk: number }): Promise<void> {
    await this.succeed('admin', 'POST', '/flavors', { flavor: { id, name: id, ...size } });
  }

  /** Adds delays, failures and faults. */
  async control(change: ControlChange): Promise<void> {
    await axios.put(this.controlUrl, change);
  }

  /** Forgets what was set and counted for the server, or all of it. */
  async clearControl(serverId?: string): Promise<void> {
    await axios.delete(this.controlUrl, { params: serverId === undefined ? {} : { server: serverId } });
  }

  /** The requests that came in for a server, the lab's own included, or (`-`) those that name none. */
  async counters(serverId: string): Promise<Counters> {
    const { data } = await axios.get<unknown>(this.controlUrl);
    const Shown = v.object({ counters: v.record(v.string(), v.record(v.string(), v.number())) });
    return v.parse(Shown, data).counters[serverId] ?? {};
  }

  /** Writes clouds.yaml: profile `lab` (demo's password) and `lab-app` (demo's application credential). */
  async writeCloudsYaml(directory: string): Promise<string> {
    const { authUrl, region, projectName, password, applicationCredential } = this.addresses;
    const domains = { user_domain_id: 'default', project_domain_id: 'default' };
    const clouds = {
      lab: {
        auth: { auth_url: authUrl, username: 'demo', password, project_name: projectName, ...domains },
        region_name: region,
      },
      'lab-app': {
        auth_type: 'v3applicationcredential',
        auth: {
          auth_url: authUrl,
          application_credential_id: applicationCredential.id,
          application_credential_secret: applicationCredential.secret,
        },
        region_name: region,
      },
    };
    const file = path.join(directory, 'clouds.yaml');
    await writeFile(file, stringify({ clouds }), { mode: 0o600 });
    return file;
  }

  private get controlUrl(): string {
    return new URL('/_lab', this.addresses.computeUrl).href;
  }

  private async succeed(user: LabUser, method: string, resource: string, body?: object): Promise<NovaAnswer> {
    const answer = await this.request(user, method, resource, body);
    if (answer.status >= 300) {
      throw new Error(`${method} ${resource} as ${user}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }

  private async request(
    user: LabUser,
    method: string,
    resource: string,
    body?: object,
    timeout = 30_000,
  ): Promise<NovaAnswer> {
    const { status, headers, data } = await axios.request<unknown>({
      method,
      url: this.addresses.computeUrl + resource,
      data: body,
      timeout,
      validateStatus: () => true,
      headers: { 'X-Auth-Token': await this.token(user), 'OpenStack-API-Version': `compute ${microversion}` },
    });
    const requestId: unknown = headers['x-compute-request-id'];
    return { status, requestId: typeof requestId === 'string' ? requestId : undefined, body: data };
  }

  /** A token of the user's for the project. */
  async token(user: LabUser): Promise<string> {
    const known = this.tokens.get(user);
    if (known && known.expires > Date.now() + 2_000) return known.id;
    const { authUrl, projectId, password, userIds } = this.addresses;
    const { headers, data } = await axios.post<unknown>(`${authUrl}/auth/tokens`, {
      auth: {
        identity: { methods: ['password'], password: { user: { id: userIds[user], password } } },
        scope: { project: { id: projectId } },
      },
    });
    const id = v.parse(v.string(), headers['x-subject-token']);
    this.tokens.set(user, { id, expires: Date.parse(v.parse(TokenSchema, data).token.expires_at) });
    return id;
  }
}
