import type { LabUser, NovaLab } from '../nova/nova-lab';
import { at, resized, send, type Answer } from './raw';

const common = [
  ...['id', 'name', 'status', 'tenant_id', 'user_id', 'metadata', 'hostId', 'image', 'flavor', 'created', 'updated'],
  ...['addresses', 'accessIPv4', 'accessIPv6', 'links', 'OS-DCF:diskConfig', 'progress', 'OS-EXT-AZ:availability_zone'],
  ...['config_drive', 'key_name', 'OS-SRV-USG:launched_at', 'OS-SRV-USG:terminated_at', 'OS-EXT-STS:task_state'],
  ...['OS-EXT-STS:vm_state', 'OS-EXT-STS:power_state', 'os-extended-volumes:volumes_attached'],
];
const ofHost = ['OS-EXT-SRV-ATTR:host', 'OS-EXT-SRV-ATTR:instance_name', 'OS-EXT-SRV-ATTR:hypervisor_hostname'];
const ofGuest = [
  'reservation_id',
  'launch_index',
  'hostname',
  'kernel_id',
  'ramdisk_id',
  'root_device_name',
  'user_data',
];
const ofAdmin = [...ofHost, ...ofGuest.map((name) => `OS-EXT-SRV-ATTR:${name}`), 'host_status'];
const at246 = [...common, 'locked', 'description', 'tags'];
const at293 = [...at246, 'locked_reason', 'trusted_image_certificates', 'server_groups'];

export function reading(lab: () => NovaLab): void {
  let id: string;
  let named: string;
  beforeAll(async () => {
    named = `read-${Date.now()}`;
    [id] = await resized(lab(), named);
  });
  const get = (resource: string, microversion: string | null = '2.93', user: LabUser = 'demo'): Promise<Answer> =>
    send(lab(), user, 'GET', resource, { microversion });

  it.each<[LabUser, string | null, string[]]>([
    ['demo', null, common],
    ['demo', '2.8', common],
    ['demo', '2.46', at246],
    ['demo', '2.93', [...at293, 'OS-EXT-SRV-ATTR:hostname']],
    ['admin', '2.1', [...common, ...ofHost]],
    ['admin', '2.46', [...at246, ...ofAdmin]],
    ['admin', '2.93', [...at293, ...ofAdmin]],
  ])('the fields of a server that %s sees at %s', async (user, microversion, fields) => {
    const { body, status } = await get(`/servers/${id}`, microversion, user);
    expect(status).toBe(200);
    expect(Object.keys(at(body, 'server') as object).sort()).toEqual([...fields].sort());
  });

  it('the flavor of a server: its id up to 2.46, embedded and by name from 2.47 on', async () => {
    const old = at((await get(`/servers/${id}`, '2.46')).body, 'server', 'flavor');
    expect(old).toEqual({
      id: 'f2',
      links: [{ rel: 'bookmark', href: expect.stringMatching(/\/flavors\/f2$/) as unknown }],
    });
    const embedded = { vcpus: 2, ram: 1024, disk: 1, ephemeral: 0, swap: 0, original_name: 'f2', extra_specs: {} };
    expect(at((await get(`/servers/${id}`, '2.47')).body, 'server', 'flavor')).toEqual(embedded);
  });

  it('headers: the microversion that was used, and one request id under two names', async () => {
    const { headers } = await get(`/servers/${id}`, '2.46');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'openstack-api-version': 'compute 2.46',
      'x-openstack-nova-api-version': '2.46',
      date: expect.stringMatching(/GMT$/) as unknown,
    });
    expect(headers['x-compute-request-id']).toBe(headers['x-openstack-request-id']);
    expect((await get(`/servers/${id}`, null)).headers['openstack-api-version']).toBe('compute 2.1');
    expect((await get(`/servers/${id}`, 'latest')).headers['openstack-api-version']).toBe('compute 2.93');
    const old = await send(lab(), 'demo', 'GET', `/servers/${id}`, {
      microversion: null,
      headers: { 'X-OpenStack-Nova-API-Version': '2.46' },
    });
    expect(old.headers['openstack-api-version']).toBe('compute 2.46');
  });

  it('a microversion that is too new is refused with 406, a malformed one with 400', async () => {
    const message = 'Version 2.999 is not supported by the API. Minimum is 2.1 and maximum is 2.93.';
    expect(await get(`/servers/${id}`, '2.999')).toMatchObject({
      status: 406,
      headers: { 'openstack-api-version': 'compute 2.999', 'content-type': 'application/json; charset=UTF-8' },
      body: { computeFault: { code: 406, message } },
    });
    expect(await get(`/servers/${id}`, 'abc')).toMatchObject({
      status: 400,
      body: {
        badRequest: { message: 'API Version String abc is of invalid format. Must be of format MajorNum.MinorNum.' },
      },
    });
  });

  it('the version document, and the project in the path', async () => {
    const { body } = await get('/');
    expect(body).toMatchObject({ version: { id: 'v2.1', status: 'CURRENT', version: '2.93', min_version: '2.1' } });
    const { projectId } = lab().addresses;
    expect((await get(`/${projectId}/servers/${id}`)).status).toBe(200);
    expect(await get(`/${'0'.repeat(32)}/servers/${id}`)).toMatchObject({
      status: 400,
      body: { badRequest: { message: expect.stringMatching(/^Malformed request URL/) as unknown } },
    });
  });

  it('lists: by name, by status, in pages', async () => {
    const second = await lab().boot(`${named}-b`);
    const names = async (query: string): Promise<unknown> =>
      (at((await get(`/servers?${query}`)).body, 'servers') as { name: string }[]).map(({ name }) => name);
    expect(await names(`name=${named}`)).toEqual([`${named}-b`, named]);
    expect(await names(`name=^${named}$`)).toEqual([named]);
    expect(await names(`name=${named}&status=VERIFY_RESIZE`)).toEqual([named]);
    expect(await names(`name=${named}&status=ERROR`)).toEqual([]);
    const page = await get(`/servers/detail?name=${named}&limit=1`);
    expect(at(page.body, 'servers', 0, 'id')).toBe(second);
    expect(at(page.body, 'servers_links', 0)).toMatchObject({
      rel: 'next',
      href: expect.stringContaining(`marker=${second}`) as unknown,
    });
    expect(await names(`name=${named}&limit=1&marker=${second}`)).toEqual([named]);
    expect((await get('/servers?status=garbage')).status).toBe(400);
    expect((await get('/servers?all_tenants=1')).status).toBe(403);
  });

  it('changes-since shows what changed, and what was deleted', async () => {
    const gone = await lab().boot('gone');
    const { headers } = await get(`/servers/${gone}`);
    const since = new Date(Date.parse(String(headers['date'])) - 1000).toISOString().slice(0, 19);
    const changed = async (): Promise<string[]> => {
      const { body } = await get(`/servers/detail?changes-since=${since}Z`);
      return (at(body, 'servers') as { id: string; status: string }[]).map((found) => `${found.id} ${found.status}`);
    };
    expect(await changed()).toContain(`${gone} ACTIVE`);
    await lab().delete(gone);
    expect(await changed()).toContain(`${gone} DELETED`);
    expect((await get('/servers/detail?changes-since=garbage')).body).toMatchObject({ badRequest: { code: 400 } });
    expect(at((await get('/servers/detail?changes-since=2999-01-01T00:00:00Z')).body, 'servers')).toEqual([]);
  });

  it('flavors, with the fields of each microversion', async () => {
    const base = { id: 'f2', name: 'f2', vcpus: 2, ram: 1024, disk: 1, 'OS-FLV-EXT-DATA:ephemeral': 0 };
    const flags = { 'OS-FLV-DISABLED:disabled': false, 'os-flavor-access:is_public': true, rxtx_factor: 1 };
    const links = expect.any(Array) as unknown;
    const old = at((await get('/flavors/f2', '2.1')).body, 'flavor');
    expect(old).toEqual({ ...base, ...flags, links, swap: '' });
    const current = at((await get('/flavors/f2', '2.93')).body, 'flavor');
    expect(current).toEqual({ ...base, ...flags, links, swap: 0, description: null, extra_specs: {} });
    const detail = at((await get('/flavors/detail', '2.1')).body, 'flavors') as { id: string }[];
    expect(detail.find((flavor) => flavor.id === 'f2')).toEqual(old);
    const brief = at((await get('/flavors', '2.1')).body, 'flavors') as { id: string }[];
    expect(brief.find((flavor) => flavor.id === 'f2')).toEqual({ id: 'f2', name: 'f2', links });
    expect(await get('/flavors/nope')).toMatchObject({
      status: 404,
      body: { itemNotFound: { code: 404, message: 'Flavor nope could not be found.' } },
    });
  });

  it('a private flavor is listed for an administrator who asks for it, and for nobody else', async () => {
    const name = `private-${named}`;
    const flavor = { id: name, name, vcpus: 1, ram: 64, disk: 1, 'os-flavor-access:is_public': false };
    expect((await send(lab(), 'admin', 'POST', '/flavors', { body: { flavor } })).status).toBe(200);
    const listed = async (user: LabUser, query: string): Promise<boolean> => {
      const { body } = await get(`/flavors/detail${query}`, '2.46', user);
      return (at(body, 'flavors') as { id: string }[]).some(({ id: found }) => found === name);
    };
    expect(await listed('admin', '')).toBe(false);
    expect(await listed('admin', '?is_public=None')).toBe(true);
    expect(await listed('demo', '?is_public=None')).toBe(false);
    expect((await get(`/flavors/${name}`, '2.46', 'admin')).status).toBe(200);
    expect((await get(`/flavors/${name}`, '2.46')).status).toBe(404);
    expect((await get('/flavors/detail?is_public=perhaps', '2.46', 'admin')).body).toMatchObject({
      badRequest: { message: 'Invalid is_public filter [perhaps]' },
    });
  });

  it('a flavor is created by administrators only, and once', async () => {
    const body = { flavor: { id: `flavor-${named}`, name: `flavor-${named}`, vcpus: 1, ram: 64, disk: 1 } };
    const create = (user: LabUser): Promise<Answer> => send(lab(), user, 'POST', '/flavors', { body });
    expect((await create('demo')).status).toBe(403);
    expect((await create('admin')).status).toBe(200);
    expect(await create('admin')).toMatchObject({
      status: 409,
      body: { conflictingRequest: { message: `Flavor with name flavor-${named} already exists.` } },
    });
  });
}
