import type { DriverCall, NovaLab } from '../nova/nova-lab';
import { until } from '../nova/wait';
import { at, eventsOf, log, look, resized, resizeEvents, send, watch } from './raw';

/** Makes a driver call of this server fail. */
async function fail(lab: NovaLab, id: string, call: DriverCall): Promise<void> {
  await lab.control({ fail: { [call]: [id] } });
}

/** The server in ERROR, when its fault shows: that is a moment after ERROR. */
async function faulted(lab: NovaLab, id: string, user: 'demo' | 'admin' = 'demo'): Promise<unknown> {
  return until(`a fault of ${id}`, async () => {
    const { body } = await send(lab, user, 'GET', `/servers/${id}`, { microversion: '2.46' });
    const task = at(body, 'server', 'OS-EXT-STS:task_state');
    return at(body, 'server', 'status') === 'ERROR' && task === null && at(body, 'server', 'fault') !== undefined
      ? at(body, 'server')
      : undefined;
  });
}

export function failures(lab: () => NovaLab): void {
  it('while migrating: ERROR with the old flavor on the old host', async () => {
    const id = await lab().boot('fails-migrating');
    const { host } = await lab().server(id);
    await fail(lab(), id, 'migrate_disk_and_power_off');
    expect((await lab().act(id, { resize: { flavorRef: 'f2' } })).status).toBe(202);
    const server = await faulted(lab(), id);
    expect(at(server, 'fault')).toEqual({
      code: 500,
      created: expect.any(String) as unknown,
      message: expect.stringMatching(/./) as unknown,
    });
    expect(await look(lab(), id)).toBe('ERROR error - f1');
    expect((await lab().server(id)).host).toBe(host);
    const [resize] = await log(lab(), id);
    expect(resize).toMatchObject({ action: 'resize', message: 'Error' });
    expect(eventsOf(resize)).toEqual(['compute_resize_instance Error', ...resizeEvents.slice(2)]);
  });

  it('while finishing: ERROR on the new host', async () => {
    const id = await lab().boot('fails-finishing');
    const { host } = await lab().server(id);
    await fail(lab(), id, 'finish_migration');
    await lab().act(id, { resize: { flavorRef: 'f2' } });
    await faulted(lab(), id);
    expect(await look(lab(), id)).toBe('ERROR error - f1');
    expect((await lab().server(id)).host).not.toBe(host);
    const [resize] = await log(lab(), id);
    expect(resize?.message).toBe('Error');
    expect(eventsOf(resize)).toEqual(['compute_finish_resize Error', ...resizeEvents.slice(1)]);
  });

  it('while confirming: 204, and then ERROR with the new flavor', async () => {
    const [id] = await resized(lab(), 'fails-confirming');
    await fail(lab(), id, 'confirm_migration');
    expect((await lab().act(id, { confirmResize: null })).status).toBe(204);
    await faulted(lab(), id);
    expect(await look(lab(), id)).toBe('ERROR error - f2');
    const [confirm, resize] = await log(lab(), id);
    expect(confirm).toMatchObject({ action: 'confirmResize', message: 'Error' });
    expect(eventsOf(confirm)).toEqual(['compute_confirm_resize Error']);
    expect(resize).toMatchObject({ action: 'resize', message: null });
  });

  it('while reverting: 202, and then ERROR with the old flavor', async () => {
    const [id] = await resized(lab(), 'fails-reverting');
    await fail(lab(), id, 'finish_revert_migration');
    expect((await lab().act(id, { revertResize: null })).status).toBe(202);
    await faulted(lab(), id);
    expect(await look(lab(), id)).toBe('ERROR error - f1');
    const [revert] = await log(lab(), id);
    expect(revert).toMatchObject({ action: 'revertResize', message: 'Error' });
    expect(eventsOf(revert)).toEqual(['compute_finish_revert_resize Error', 'compute_revert_resize Success']);
  });

  it('in ERROR all three actions are refused, and an administrator can put the server right', async () => {
    const id = await lab().boot('put-right');
    await fail(lab(), id, 'finish_migration');
    await lab().act(id, { resize: { flavorRef: 'f2' } });
    const member = await faulted(lab(), id);
    const admin = await faulted(lab(), id, 'admin');
    expect(Object.keys(at(member, 'fault') as object)).toEqual(['code', 'created', 'message']);
    expect(Object.keys(at(admin, 'fault') as object)).toEqual(['code', 'created', 'message', 'details']);

    for (const body of [{ resize: { flavorRef: 'f3' } }, { confirmResize: null }, { revertResize: null }]) {
      const name = Object.keys(body)[0] ?? '';
      expect(await lab().act(id, body)).toMatchObject({
        status: 409,
        body: {
          conflictingRequest: { code: 409, message: `Cannot '${name}' instance ${id} while it is in vm_state error` },
        },
      });
    }

    const reset = { 'os-resetState': { state: 'active' } };
    expect(await lab().act(id, reset, 'demo')).toMatchObject({ status: 403, body: { forbidden: { code: 403 } } });
    expect((await lab().act(id, reset, 'admin')).status).toBe(202);
    expect(await look(lab(), id)).toBe('ACTIVE active - f1');
    expect((await lab().server(id)).fault).toBeUndefined();
    expect((await log(lab(), id))[0]).toMatchObject({ action: 'resetState', message: null, events: [] });

    await lab().clearControl(id);
    expect((await lab().act(id, { reboot: { type: 'HARD' } })).status).toBe(202);
    await watch(lab(), id, 'ACTIVE active - f1');
    expect((await lab().act(id, { resize: { flavorRef: 'f3' } })).status).toBe(202);
    await lab().waitFor(id, 'VERIFY_RESIZE');
  });
}
