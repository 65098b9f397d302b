import type { Context, Hono } from 'hono';
import { ApiFault, forbidden } from './api-fault';
import type { SimulatedCloud } from '../engine/simulated-cloud';
import type { ComputeEnv } from './compute-api';
import { pageOf } from './paging';
import { flavorView, type Flavor, type NewFlavor } from '../engine/flavors';

/** Flavors: listed, read, and created by administrators. */
export function flavorRoutes(routes: Hono<ComputeEnv>, cloud: SimulatedCloud, pageSize: number): void {
  const linksOf = (c: Context<ComputeEnv>, flavor: Flavor): unknown => c.var.links(`flavors/${flavor.id}`);
  const visible = (c: Context<ComputeEnv>): Flavor[] => {
    const wanted = c.var.caller.admin ? isPublicIn(new URL(c.req.url)) : true;
    return cloud.flavors
      .all()
      .filter((flavor) => !flavor.disabled && (wanted === undefined || flavor.public === wanted))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  const find = (c: Context<ComputeEnv>, id: string): Flavor => {
    const flavor = cloud.flavors.find(id);
    if (flavor === undefined || (!flavor.public && !c.var.caller.admin)) {
      throw new ApiFault(404, `Flavor ${id} could not be found.`);
    }
    return flavor;
  };

  const list = (c: Context<ComputeEnv>, view: (flavor: Flavor) => unknown): Response => {
    const page = pageOf(visible(c), new URL(c.req.url), pageSize, (flavor) => flavor.id);
    return c.json({ flavors: page.items.map(view), ...(page.next && { flavors_links: page.next }) });
  };

  routes.get('/flavors', (c) =>
    list(c, (flavor) => ({
      id: flavor.id,
      name: flavor.name,
      links: linksOf(c, flavor),
      ...(c.var.caller.minor >= 55 && { description: null }),
    })),
  );
  routes.get('/flavors/detail', (c) => list(c, (flavor) => flavorView(flavor, linksOf(c, flavor), c.var.caller.minor)));
  routes.get('/flavors/:id', (c) => {
    const flavor = find(c, c.req.param('id'));
    return c.json({ flavor: flavorView(flavor, linksOf(c, flavor), c.var.caller.minor) });
  });
  routes.post('/flavors', async (c) => {
    if (!c.var.caller.admin) throw forbidden('os_compute_api:os-flavor-manage:create');
    const flavor = cloud.flavors.add(await newFlavorIn(c));
    return c.json({ flavor: flavorView(flavor, linksOf(c, flavor), c.var.caller.minor) });
  });
  routes.get('/flavors/:id/os-extra_specs', (c) => c.json({ extra_specs: find(c, c.req.param('id')).extraSpecs }));
  routes.post('/flavors/:id/os-extra_specs', async (c) => {
    if (!c.var.caller.admin) throw forbidden('os_compute_api:os-flavor-extra-specs:create');
    const { extra_specs: specs } = await c.req.json<{ extra_specs: Record<string, string> }>();
    Object.assign(find(c, c.req.param('id')).extraSpecs, specs);
    return c.json({ extra_specs: specs });
  });
}

/** The filter `is_public` of an administrator: public flavors by default, undefined for all. Nova ignores it of members. */
function isPublicIn(url: URL): boolean | undefined {
  const asked = url.searchParams.get('is_public');
  if (asked === null || /^(1|t|true|on|y|yes)$/i.test(asked)) return true;
  if (/^none$/i.test(asked)) return undefined;
  if (/^(0|f|false|off|n|no)$/i.test(asked)) return false;
  throw new ApiFault(400, `Invalid is_public filter [${asked}]`);
}

async function newFlavorIn(c: Context<ComputeEnv>): Promise<NewFlavor> {
  const body: unknown = await c.req.json().catch(() => null);
  const { id, name, vcpus, ram, disk } = (body as { flavor?: Record<string, unknown> } | null)?.flavor ?? {};
  if (typeof name !== 'string') {
    throw new ApiFault(400, "Invalid input for field/attribute flavor. Value: {}. 'name' is a required property");
  }
  const known = typeof id === 'string' && id !== 'auto' ? { id } : {};
  const { ['OS-FLV-EXT-DATA:ephemeral']: ephemeral, ['os-flavor-access:is_public']: isPublic } = (
    body as { flavor: Record<string, unknown> }
  ).flavor;
  return {
    ...known,
    name,
    vcpus: Number(vcpus),
    ram: Number(ram),
    disk: Number(disk),
    ephemeral: Number(ephemeral ?? 0),
    public: isPublic !== false,
  };
}
