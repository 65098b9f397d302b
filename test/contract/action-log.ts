import type { LabUser, NovaLab } from '../nova/nova-lab';
import { at, log, resized, send, watch, type Entry } from './raw';

const listed = ['action', 'instance_uuid', 'request_id', 'user_id', 'project_id', 'start_time', 'message'];

export function actionLog(lab: () => NovaLab): void {
  let id: string;
  let resizeId: string;
  beforeAll(async () => {
    [id, resizeId] = await resized(lab(), 'logged');
    await log(lab(), id);
  });
  const read = async (user: LabUser, microversion: string, below = ''): Promise<unknown> =>
    (await send(lab(), user, 'GET', `/servers/${id}/os-instance-actions${below}`, { microversion })).body;

  it('the request id of an answer is the request id of the action that it caused', async () => {
    const [newest, first] = at(await read('demo', '2.58'), 'instanceActions') as Entry[];
    expect(newest).toMatchObject({ action: 'resize', request_id: resizeId, project_id: lab().addresses.projectId });
    expect(first?.action).toBe('create');
  });

  it('a request id that the client sends is not kept', async () => {
    const own = 'req-11111111-2222-4333-8444-555555555555';
    const answer = await send(lab(), 'demo', 'POST', `/servers/${id}/action`, {
      body: { lock: null },
      headers: { 'X-OpenStack-Request-ID': own },
    });
    expect(answer.status).toBe(202);
    expect(answer.headers['x-compute-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
    expect(answer.headers['x-compute-request-id']).toBe(answer.headers['x-openstack-request-id']);
    const actions = at(await read('demo', '2.58'), 'instanceActions') as Entry[];
    expect(actions.map(({ request_id }) => request_id)).not.toContain(own);
    expect(actions[0]).toMatchObject({ action: 'lock', request_id: answer.headers['x-compute-request-id'] });
    await lab().unlock(id);
  });

  it.each([
    ['demo', '2.50', undefined],
    ['demo', '2.51', ['event', 'start_time', 'finish_time', 'result']],
    ['demo', '2.62', ['event', 'start_time', 'finish_time', 'result', 'hostId']],
    ['demo', '2.84', ['event', 'start_time', 'finish_time', 'result', 'hostId']],
    ['admin', '2.1', ['event', 'start_time', 'finish_time', 'result', 'traceback']],
    ['admin', '2.62', ['event', 'start_time', 'finish_time', 'result', 'traceback', 'host', 'hostId']],
    ['admin', '2.84', ['event', 'start_time', 'finish_time', 'result', 'traceback', 'host', 'hostId', 'details']],
  ] as const)('what %s sees of an event at %s', async (user, microversion, fields) => {
    const entry = at(await read(user, microversion, `/${resizeId}`), 'instanceAction') as Partial<Entry>;
    expect(entry.events === undefined ? undefined : Object.keys(entry.events[0] ?? {})).toEqual(fields);
  });

  it('updated_at from 2.58 on, and times without a zone', async () => {
    const before = (at(await read('demo', '2.57'), 'instanceActions') as Entry[])[0] ?? {};
    const after = (at(await read('demo', '2.58'), 'instanceActions') as Entry[])[0] ?? {};
    expect(Object.keys(before)).toEqual(listed);
    expect(Object.keys(after)).toEqual([...listed, 'updated_at']);
    expect(at(after, 'start_time')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
  });

  it('limit, marker and changes-since from 2.58 on', async () => {
    const all = (at(await read('demo', '2.58'), 'instanceActions') as Entry[]).map(({ request_id }) => request_id);
    const first = await read('demo', '2.58', '?limit=1');
    expect(at(first, 'instanceActions')).toHaveLength(1);
    expect(at(first, 'links', 0)).toMatchObject({ rel: 'next' });
    const next = await read('demo', '2.58', `?limit=1&marker=${all[0] ?? ''}`);
    expect(at(next, 'instanceActions', 0, 'request_id')).toBe(all[1]);
    expect(at(await read('demo', '2.58', '?changes-since=2000-01-01T00:00:00Z'), 'instanceActions')).toHaveLength(
      all.length,
    );
    expect(at(await read('demo', '2.58', '?changes-since=2999-01-01T00:00:00Z'), 'instanceActions')).toEqual([]);
    expect(await read('demo', '2.58', '?changes-since=nonsense')).toMatchObject({ badRequest: { code: 400 } });
  });

  it('404 for an unknown request id', async () => {
    const unknown = 'req-00000000-0000-0000-0000-000000000000';
    expect(await read('demo', '2.58', `/${unknown}`)).toEqual({
      itemNotFound: { code: 404, message: `Action ${unknown} not found` },
    });
  });

  it('a server that was deleted in VERIFY_RESIZE: confirmed and deleted by one request; readable from 2.21 on', async () => {
    const [gone] = await resized(lab(), 'deleted');
    const answer = await send(lab(), 'demo', 'DELETE', `/servers/${gone}`);
    expect(answer.status).toBe(204);
    await watch(lab(), gone, '404');
    const path = `/servers/${gone}/os-instance-actions`;
    const { body } = await send(lab(), 'demo', 'GET', path, { microversion: '2.21' });
    const entries = at(body, 'instanceActions') as Entry[];
    expect(entries.map(({ action }) => action)).toEqual(['delete', 'confirmResize', 'resize', 'create']);
    expect(entries[0]?.request_id).toBe(answer.headers['x-compute-request-id']);
    expect(entries[1]?.request_id).toBe(answer.headers['x-compute-request-id']);
    expect((await send(lab(), 'demo', 'GET', path, { microversion: '2.20' })).status).toBe(404);
    expect(
      (await send(lab(), 'demo', 'POST', `/servers/${gone}/action`, { body: { confirmResize: null } })).status,
    ).toBe(404);
  });
}
