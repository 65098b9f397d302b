import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { SimulatedCloud } from './engine/simulated-cloud';
import { computeApi, type ComputeEnv } from './api/compute-api';
import type { Timings } from './engine/conductor';
import { Control, type ControlChange, type ControlState } from './api/control';
import type { NewFlavor } from './engine/flavors';
import type { Host } from './engine/hosts';
import { identityApi, Tokens } from './identity/identity';
import { newest } from './api/microversion';
import { HUAWEI } from './huawei/huawei-dialect';
import { demoCredential, demoKeys, lab, password, region, users } from './identity/users';

export type { Timings } from './engine/conductor';
export type { ControlChange, ControlState, HttpFault } from './api/control';
export type { ListFaultsSet } from './api/list-faults';
export type { NewFlavor } from './engine/flavors';
export type { Host } from './engine/hosts';

/** The options of the simulated cloud. */
export interface SimulatorOptions {
  /** @default 0, a free one */
  port?: number;
  /** @default '127.0.0.1' */
  hostname?: string;
  /** How long a token lives, in seconds. @default 3600 */
  tokenTtl?: number;
  /** How long things take; what is not given follows from `step`. */
  timings?: Partial<Timings>;
  /** @default host1 and host2 with 16,000 VCPUs each */
  hosts?: readonly Host[];
  /** Besides the ones that are always there. */
  flavors?: readonly NewFlavor[];
  /** Seconds after which the cloud confirms a resize by itself, as Nova's `resize_confirm_window`. @default never */
  confirmWindow?: number;
  /** VCPUs that a project may use. @default without a limit */
  quotaCores?: number;
  /** The newest microversion, to play an older cloud. @default '2.93' */
  maxMicroversion?: string;
  /** `huawei`: as Huawei Cloud and its family answer. @default 'nova' */
  dialect?: 'nova' | 'huawei';
  /** In the dialect of Huawei: resize stopped servers only. @default false */
  stoppedOnly?: boolean;
  /** Most servers in one answer. @default 1000, in the dialect of Huawei 25 */
  pageSize?: number;
}

/** A running simulator. */
export interface Simulator {
  /** Everything is below this; the control endpoint is `${url}/_lab`. */
  url: string;
  authUrl: string;
  computeUrl: string;
  region: string;
  projectName: string;
  projectId: string;
  /** Every user's. */
  password: string;
  /** demo and other are members of the project, admin is its administrator; stranger has another project. */
  userIds: Record<'admin' | 'demo' | 'other' | 'stranger', string>;
  /** demo's application credential. */
  applicationCredential: { id: string; secret: string };
  /** demo's access keys; taken in the dialect of Huawei only. */
  accessKeys: { accessKey: string; secretKey: string };
  /** The same as `PUT /_lab`. */
  control: (change: ControlChange) => ControlState;
  /** Boots a server of demo's and waits until it is built. @returns its id */
  boot: (name: string, flavorName: string, metadata?: Record<string, string>) => Promise<string>;
  /** Closes all connections and aborts what runs. */
  close: () => Promise<void>;
}

/** Starts a Nova- and Keystone-compatible cloud in this process. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { step = 350 } = options.timings ?? {};
  const timings: Timings = { confirm: 4 * step, settle: step / 5, race: 5, ...options.timings, step };
  const control = new Control();
  const settings = {
    hosts: options.hosts ?? ['host1', 'host2'].map((name) => ({ name, vcpus: 16_000 })),
    flavors: options.flavors ?? [],
    timings,
    confirmWindow: options.confirmWindow === undefined ? undefined : options.confirmWindow * 1000,
    quotaCores: options.quotaCores,
  };
  const cloud = new SimulatedCloud(settings, control);
  const tokens = new Tokens(options.tokenTtl ?? 3600);

  const huawei = options.dialect === 'huawei';
  const app = new Hono<ComputeEnv>();
  const server = createAdaptorServer({ fetch: app.fetch });
  const hostname = options.hostname ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, hostname, resolve);
  });
  const url = `http://${hostname}:${(server.address() as AddressInfo).port}`;
  const authUrl = `${url}/identity/v3`;
  const computeUrl = `${url}/compute/v2.1`;

  controlRoutes(app, control);
  app.route('/identity', identityApi(tokens, control, `${url}/identity`, computeUrl));
  app.route(
    '/compute',
    computeApi(cloud, tokens, {
      url: `${url}/compute`,
      identityUrl: authUrl,
      maximum: Number((options.maxMicroversion ?? (huawei ? HUAWEI.microversion : undefined))?.split('.')[1] ?? newest),
      pageSize: options.pageSize ?? (huawei ? HUAWEI.pageSize : 1000),
      ...(huawei && { huawei: { stoppedOnly: options.stoppedOnly ?? false } }),
    }),
  );

  return {
    url,
    authUrl,
    computeUrl,
    region,
    projectName: lab.name,
    projectId: lab.id,
    password,
    userIds: { admin: users.admin.id, demo: users.demo.id, other: users.other.id, stranger: users.stranger.id },
    applicationCredential: { id: demoCredential.id, secret: demoCredential.secret },
    accessKeys: demoKeys,
    control(change) {
      control.add(change);
      return control.show();
    },
    boot: (name, flavorName, metadata) => boot(cloud, name, flavorName, metadata),
    async close() {
      cloud.conductor.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

async function boot(
  cloud: SimulatedCloud,
  name: string,
  flavorName: string,
  metadata?: Record<string, string>,
): Promise<string> {
  const flavor = cloud.flavors.all().find((known) => known.name === flavorName);
  if (flavor === undefined) throw new TypeError(`There is no flavor ${flavorName}.`);
  const demo = { userId: users.demo.id, projectId: lab.id, admin: false, requestId: `req-${randomUUID()}`, minor: 1 };
  const { server, built } = cloud.boot(demo, name, flavor, randomUUID(), metadata);
  await built;
  return server.id;
}

/** `/_lab`: shows, adds to and clears the faults that are set and the requests that were counted. */
function controlRoutes(app: Hono<ComputeEnv>, control: Control): void {
  app.get('/_lab', (c) => c.json(control.show()));
  app.get('/_lab/moments', (c) => c.json(control.showMoments(c.req.query('server'))));
  app.put('/_lab', async (c) => {
    try {
      control.add(await c.req.json<ControlChange>());
    } catch (error) {
      return c.json({ error: `not a control of the lab: ${String(error)}` }, 400);
    }
    return c.json(control.show());
  });
  app.delete('/_lab', (c) => {
    control.forget(c.req.query('server'));
    return c.json(control.show());
  });
}
