import { randomBytes } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { ApiFault, forbidden } from './api-fault';
import type { SimulatedCloud } from '../engine/simulated-cloud';
import type { ComputeEnv } from './compute-api';
import { actionDetailView, actionView } from '../engine/instance-actions';
import { act } from './server-actions';
import { pageOf, type Page } from './paging';
import { selectServers, timeIn } from './server-list';
import type { Migration, ServerRecord } from '../engine/server-record';
import { serverView } from './server-view';
import { timestamp } from './timestamps';

/** Servers: created, listed, read, renamed, deleted; their actions and their action log. */
export function serverRoutes(routes: Hono<ComputeEnv>, cloud: SimulatedCloud, pageSize: number): void {
  const view = (c: Context<ComputeEnv>, server: ServerRecord, list = false): unknown =>
    serverView(server, {
      minor: c.var.caller.minor,
      admin: c.var.caller.admin,
      list,
      addresses: (shown) => cloud.control.addressesOf(shown),
      links: c.var.links,
    });
  const query = (c: Context<ComputeEnv>): URLSearchParams => new URL(c.req.url).searchParams;
  const select = (c: Context<ComputeEnv>): Page<ServerRecord> =>
    pageOf(selectServers(cloud, query(c), c.var.caller), new URL(c.req.url), pageSize, (server) => server.id);

  routes.post('/servers', async (c) => {
    const { name, flavorRef, imageRef, metadata } = await bootRequestIn(c);
    const flavor = cloud.flavors.find(flavorRef);
    if (flavor === undefined || flavor.disabled) throw new ApiFault(400, `Flavor ${flavorRef} could not be found.`);
    const { server } = cloud.boot(c.var.caller, name, flavor, imageRef, metadata);
    const links = c.var.links(`servers/${server.id}`);
    c.header('Location', links[0]?.href);
    const adminPass = randomBytes(9).toString('base64url');
    return c.json(
      {
        server: {
          id: server.id,
          links,
          'OS-DCF:diskConfig': 'MANUAL',
          security_groups: [{ name: 'default' }],
          adminPass,
        },
      },
      202,
    );
  });

  routes.get('/servers', (c) => {
    const page = select(c);
    const servers = page.items.map(({ id, name }) => ({ id, name, links: c.var.links(`servers/${id}`) }));
    return c.json({ servers, ...(page.next && { servers_links: page.next }) });
  });
  routes.get('/servers/detail', (c) => {
    const page = select(c);
    const servers = page.items.map((server) => view(c, server, true));
    return c.json({ servers, ...(page.next && { servers_links: page.next }) });
  });
  routes.get('/servers/:id', (c) => c.json({ server: view(c, cloud.find(c.req.param('id'), c.var.caller)) }));

  routes.put('/servers/:id', async (c) => {
    const body = await jsonIn(c);
    const { name } = (body as { server?: { name?: string } } | null)?.server ?? {};
    if (name === '') throw new ApiFault(400, "Invalid input for field/attribute name. Value: . '' is too short");
    const server = cloud.find(c.req.param('id'), c.var.caller);
    if (name !== undefined) {
      server.name = name;
      cloud.control.lists.save(server);
    }
    return c.json({ server: view(c, server) });
  });
  routes.delete('/servers/:id', (c) => {
    const { caller } = c.var;
    const server = cloud.find(c.req.param('id'), caller);
    if (server.locked !== null && !caller.admin) throw new ApiFault(409, `Instance ${server.id} is locked`);
    cloud.delete(server, caller);
    return empty(c, 204);
  });
  routes.post('/servers/:id/action', async (c) =>
    empty(c, await act(cloud, c.req.param('id'), await jsonIn(c), c.var.caller)),
  );

  routes.get('/servers/:id/os-instance-actions', (c) => {
    const { caller } = c.var;
    const server = cloud.find(c.req.param('id'), caller, caller.minor >= 21);
    let actions = server.actions.toReversed();
    if (caller.minor < 58)
      return c.json({ instanceActions: actions.map((action) => actionView(action, caller.minor)) });
    const since = timeIn(query(c), 'changes-since');
    const before = caller.minor >= 66 ? timeIn(query(c), 'changes-before') : undefined;
    actions = actions
      .filter((action) => since === undefined || action.updated.getTime() >= since)
      .filter((action) => before === undefined || action.updated.getTime() <= before);
    const page = pageOf(actions, new URL(c.req.url), pageSize, (action) => action.requestId);
    const instanceActions = page.items.map((action) => actionView(action, caller.minor));
    return c.json({ instanceActions, ...(page.next && { links: page.next }) });
  });
  routes.get('/servers/:id/os-instance-actions/:request', (c) => {
    const { caller } = c.var;
    const server = cloud.find(c.req.param('id'), caller, caller.minor >= 21);
    const request = c.req.param('request');
    // A request that caused two actions (the delete of a server in VERIFY_RESIZE) shows the newer one.
    const action = server.actions.findLast(({ requestId }) => requestId === request);
    if (action === undefined) throw new ApiFault(404, `Action ${request} not found`);
    return c.json({ instanceAction: actionDetailView(action, server, caller.minor, caller.admin) });
  });

  routes.get('/os-migrations', (c) => {
    if (!c.var.caller.admin) throw forbidden('os_compute_api:os-migrations:index');
    const server = query(c).get('instance_uuid');
    const migrations = [...cloud.all()]
      .reverse()
      .filter(({ id }) => server === null || id === server)
      .flatMap((found) => found.migrations.toReversed().map((migration) => migrationView(migration, found)));
    return c.json({ migrations });
  });
}

async function jsonIn(c: Context<ComputeEnv>): Promise<unknown> {
  return c.req.json().catch(() => {
    throw new ApiFault(400, 'Malformed request body');
  });
}

async function bootRequestIn(
  c: Context<ComputeEnv>,
): Promise<{ name: string; flavorRef: string; imageRef: string | null; metadata: Record<string, string> }> {
  const body = (await jsonIn(c)) as {
    server?: { name?: string; flavorRef?: string | number; imageRef?: string; metadata?: Record<string, string> };
  } | null;
  const { name, flavorRef, imageRef, metadata = {} } = body?.server ?? {};
  if (name === undefined || flavorRef === undefined) {
    const missing = name === undefined ? 'name' : 'flavorRef';
    throw new ApiFault(400, `Invalid input for field/attribute server. Value: {}. '${missing}' is a required property`);
  }
  return { name, flavorRef: String(flavorRef), imageRef: imageRef ?? null, metadata };
}

/** The answer to most actions. */
function empty(c: Context<ComputeEnv>, status: 202 | 204): Response {
  return c.body(null, status, { 'Content-Type': 'application/json', 'Content-Length': '0' });
}

function migrationView(migration: Migration, server: ServerRecord): Record<string, unknown> {
  return {
    id: migration.id,
    uuid: migration.uuid,
    source_compute: migration.source,
    dest_compute: migration.destination,
    source_node: migration.source,
    dest_node: migration.destination,
    dest_host: migration.destination,
    old_instance_type_id: migration.oldFlavor.number,
    new_instance_type_id: migration.newFlavor.number,
    instance_uuid: server.id,
    status: migration.status,
    migration_type: migration.type,
    user_id: migration.userId,
    project_id: migration.projectId,
    created_at: timestamp(migration.created),
    updated_at: timestamp(migration.updated),
  };
}
