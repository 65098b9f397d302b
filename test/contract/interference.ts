import type { LabUser, NovaLab } from '../nova/nova-lab';
import { until } from '../nova/wait';
import { at, eventsOf, log, look, resized, resizeEvents, send, watch, type Answer } from './raw';

export function interference(lab: () => NovaLab): void {
  const put = (id: string, name: string): Promise<Answer> =>
    send(lab(), 'demo', 'PUT', `/servers/${id}`, { body: { server: { name } } });
  const status = async (id: string, body: object, user?: LabUser): Promise<number> =>
    (await lab().act(id, body, user)).status;

  it('a lock refuses resize, confirm, revert, stop and delete of everybody but an administrator', async () => {
    const id = await lab().boot('locked');
    expect(await status(id, { lock: null })).toBe(202);
    const locked = { status: 409, body: { conflictingRequest: { code: 409, message: `Instance ${id} is locked` } } };
    for (const user of ['demo', 'other'] as const) {
      for (const body of [
        { resize: { flavorRef: 'f2' } },
        { confirmResize: null },
        { revertResize: null },
        { 'os-stop': null },
      ]) {
        expect(await lab().act(id, body, user)).toMatchObject(locked);
      }
    }
    expect(await send(lab(), 'demo', 'DELETE', `/servers/${id}`)).toMatchObject(locked);
    expect((await lab().server(id)).locked).toBe(true);
    expect((await put(id, 'locked-too')).status).toBe(200);

    expect(await status(id, { resize: { flavorRef: 'f2' } }, 'admin')).toBe(202);
    await lab().waitFor(id, 'VERIFY_RESIZE');
    expect(await lab().act(id, { confirmResize: null })).toMatchObject(locked);
    expect(await status(id, { unlock: null }, 'other')).toBe(202);
    expect(await status(id, { confirmResize: null })).toBe(204);
    await watch(lab(), id, 'ACTIVE active - f2');
    const actions = (await log(lab(), id)).map(({ action }) => action);
    expect(actions).toEqual(['confirmResize', 'unlock', 'resize', 'lock', 'create']);
  });

  it('somebody else of the project decides: his user id is in the log', async () => {
    const [id] = await resized(lab(), 'other-decides');
    expect(await status(id, { revertResize: null }, 'other')).toBe(202);
    await watch(lab(), id, 'ACTIVE active - f1');
    expect((await log(lab(), id))[0]).toMatchObject({
      action: 'revertResize',
      user_id: lab().addresses.userIds.other,
    });
  });

  it('a stranger’s resize looks the same as ours: the flavor proves nothing', async () => {
    const [id, ours] = await resized(lab(), 'stranger');
    await status(id, { revertResize: null }, 'other');
    await lab().waitFor(id, 'ACTIVE');
    const theirs = await lab().act(id, { resize: { flavorRef: 'f2' } }, 'other');
    await lab().waitFor(id, 'VERIFY_RESIZE');
    expect(await look(lab(), id)).toBe('VERIFY_RESIZE resized - f2');
    const requests = (await log(lab(), id)).map(({ request_id }) => request_id);
    expect(requests[0]).toBe(theirs.requestId);
    expect(requests[2]).toBe(ours);
  });

  it('reset to active in VERIFY_RESIZE: the new flavor, no confirm, and nothing can be confirmed any more', async () => {
    const [id] = await resized(lab(), 'reset');
    expect(await status(id, { 'os-resetState': { state: 'active' } }, 'admin')).toBe(202);
    expect(await look(lab(), id)).toBe('ACTIVE active - f2');
    for (const name of ['confirmResize', 'revertResize']) {
      expect(await lab().act(id, { [name]: null })).toMatchObject({
        status: 409,
        body: {
          conflictingRequest: { message: `Cannot '${name}' instance ${id} while it is in vm_state active` },
        },
      });
    }
    expect((await log(lab(), id)).map(({ action }) => action)).toEqual(['resetState', 'resize', 'create']);
    expect(await status(id, { resize: { flavorRef: 'f3' } })).toBe(202);
    await watch(lab(), id, 'VERIFY_RESIZE resized - f3');
  });

  it('reset to error: no fault, and an action without events', async () => {
    const [id] = await resized(lab(), 'reset-error');
    expect(await status(id, { 'os-resetState': { state: 'error' } }, 'admin')).toBe(202);
    expect(await look(lab(), id)).toBe('ERROR error - f2');
    expect((await lab().server(id)).fault).toBeUndefined();
    expect((await log(lab(), id))[0]).toMatchObject({ action: 'resetState', events: [] });
  });

  it('an administrator’s cold migration leads to VERIFY_RESIZE too', async () => {
    const id = await lab().boot('migrated');
    const { host } = await lab().server(id);
    expect(await status(id, { migrate: null }, 'admin')).toBe(202);
    await watch(lab(), id, 'VERIFY_RESIZE resized - f1');
    expect((await lab().server(id)).host).not.toBe(host);
    const [migrate] = await log(lab(), id);
    expect(migrate).toMatchObject({ action: 'migrate', user_id: lab().addresses.userIds.admin });
    expect(eventsOf(migrate)).toEqual(resizeEvents);
    expect(await status(id, { confirmResize: null })).toBe(204);
    await watch(lab(), id, 'ACTIVE active - f1');
  });

  it('a rename in VERIFY_RESIZE is allowed, and is no action', async () => {
    const [id] = await resized(lab(), 'old-name');
    const answer = await put(id, 'new-name');
    expect(answer.status).toBe(200);
    expect(at(answer.body, 'server', 'name')).toBe('new-name');
    expect((await log(lab(), id)).map(({ action }) => action)).toEqual(['resize', 'create']);
  });

  it('a delete while the resize runs', async () => {
    const id = await lab().boot('deleted-early');
    await lab().control({ delay: { migrate_disk_and_power_off: { [id]: 0.3 } } });
    await status(id, { resize: { flavorRef: 'f2' } });
    await until('the resize to migrate', async () => (await look(lab(), id)).includes('resize_migrating') || undefined);
    expect((await send(lab(), 'demo', 'DELETE', `/servers/${id}`)).status).toBe(204);
    const seen = await watch(lab(), id, '404');
    expect(seen.every((state) => !state.startsWith('VERIFY_RESIZE'))).toBe(true);
    const { body } = await send(lab(), 'demo', 'GET', `/servers/${id}/os-instance-actions`);
    expect((at(body, 'instanceActions') as { action: string }[]).map(({ action }) => action)).toEqual([
      'delete',
      'resize',
      'create',
    ]);
  });
}
