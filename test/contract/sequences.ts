import type { NovaLab } from '../nova/nova-lab';
import { eventsOf, log, look, resized, resizeEvents, send, watch } from './raw';

/** Holds driver calls up, so that every step is long enough to be seen. */
async function slow(
  lab: NovaLab,
  id: string,
  ...calls: (
    'migrate_disk_and_power_off' | 'finish_migration' | 'confirm_migration' | 'finish_revert_migration' | 'power_off'
  )[]
): Promise<void> {
  await lab.control({ delay: Object.fromEntries(calls.map((call) => [call, { [id]: 0.3 }])) });
}

/** Fails unless what was seen is a part, in order, of what may be seen, and has all that must be seen. */
function expectSequence(seen: string[], may: string[], must: string[]): void {
  const inOrder = may.filter((state) => seen.includes(state));
  expect(seen).toEqual(inOrder);
  expect(seen).toEqual(expect.arrayContaining(must));
}

export function sequences(lab: () => NovaLab): void {
  it.each([
    { was: 'ACTIVE', vm: 'active', stopped: false },
    { was: 'SHUTOFF', vm: 'stopped', stopped: true },
  ])('a resize of a server that was $was: the new flavor shows before the resize is done', async ({ vm, stopped }) => {
    const id = await lab().boot('sequence', { stopped });
    await slow(lab(), id, 'migrate_disk_and_power_off', 'finish_migration');
    const answer = await lab().act(id, { resize: { flavorRef: 'f2' } });
    expect(answer).toMatchObject({ status: 202, body: '' });

    const finish = `RESIZE ${vm} resize_finish f2`;
    expectSequence(
      await watch(lab(), id, 'VERIFY_RESIZE resized - f2'),
      [
        `RESIZE ${vm} resize_prep f1`,
        `RESIZE ${vm} resize_migrating f1`,
        `RESIZE ${vm} resize_migrated f1`,
        // Between two writes of Nova; seen on a loaded machine.
        `RESIZE ${vm} resize_migrated f2`,
        finish,
        'VERIFY_RESIZE resized - f2',
      ],
      [`RESIZE ${vm} resize_prep f1`, `RESIZE ${vm} resize_migrating f1`, finish],
    );

    const [resize] = await log(lab(), id);
    expect(resize).toMatchObject({ action: 'resize', request_id: answer.requestId, message: null });
    expect(resize).toMatchObject({ user_id: lab().addresses.userIds.demo });
    expect(eventsOf(resize)).toEqual(resizeEvents);
  });

  it.each([
    { was: 'ACTIVE', stopped: false, end: 'ACTIVE active - f2' },
    { was: 'SHUTOFF', stopped: true, end: 'SHUTOFF stopped - f2' },
  ])('a confirm of a server that was $was shows nothing until it is done', async ({ stopped, end }) => {
    const [id] = await resized(lab(), 'confirm', { stopped });
    await slow(lab(), id, 'confirm_migration');
    const answer = await lab().act(id, { confirmResize: null });
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(await watch(lab(), id, end)).toEqual(['VERIFY_RESIZE resized - f2', end]);

    const [confirm, resize] = await log(lab(), id);
    expect(confirm).toMatchObject({ action: 'confirmResize', request_id: answer.requestId, message: null });
    expect(eventsOf(confirm)).toEqual(['compute_confirm_resize Success']);
    expect(resize?.action).toBe('resize');
  });

  it('while a confirm runs, its action is in the log, with an event that has no result yet', async () => {
    const [id] = await resized(lab(), 'confirming');
    await slow(lab(), id, 'confirm_migration');
    const { requestId = '' } = await lab().act(id, { confirmResize: null });
    const seen = new Set<string | null | undefined>();
    do {
      const { body } = await send(lab(), 'demo', 'GET', `/servers/${id}/os-instance-actions/${requestId}`);
      seen.add((body as { instanceAction: { events: { result: string | null }[] } }).instanceAction.events[0]?.result);
    } while (!seen.has('Success'));
    expect(seen).toContain(null);
  });

  it('a revert of a server that was ACTIVE', async () => {
    const [id] = await resized(lab(), 'revert');
    await slow(lab(), id, 'finish_revert_migration');
    const answer = await lab().act(id, { revertResize: null });
    expect(answer).toMatchObject({ status: 202, body: '' });
    const reverting = 'REVERT_RESIZE resized resize_reverting';
    expectSequence(
      await watch(lab(), id, 'ACTIVE active - f1'),
      [`${reverting} f2`, `${reverting} f1`, 'ACTIVE active - f1'],
      [`${reverting} f1`],
    );
    const [revert] = await log(lab(), id);
    expect(revert).toMatchObject({ action: 'revertResize', request_id: answer.requestId, message: null });
    expect(eventsOf(revert)).toEqual(['compute_finish_revert_resize Success', 'compute_revert_resize Success']);
  });

  it('a revert of a server that was SHUTOFF shows VERIFY_RESIZE with a task and the OLD flavor', async () => {
    const [id] = await resized(lab(), 'revert-stopped', { stopped: true });
    await slow(lab(), id, 'finish_revert_migration', 'power_off');
    expect((await lab().act(id, { revertResize: null })).status).toBe(202);
    const reverting = 'REVERT_RESIZE resized resize_reverting';
    const poweringOff = 'VERIFY_RESIZE resized powering-off f1';
    expectSequence(
      await watch(lab(), id, 'SHUTOFF stopped - f1'),
      [`${reverting} f2`, `${reverting} f1`, poweringOff, 'SHUTOFF stopped - f1'],
      [`${reverting} f1`, poweringOff],
    );
    expect(eventsOf((await log(lab(), id))[0])).toEqual([
      'compute_stop_instance Success',
      'compute_finish_revert_resize Success',
      'compute_revert_resize Success',
    ]);
  });

  it.each([
    { was: 'ACTIVE', stopped: false, vm: 'active', end: 'ACTIVE active - f1' },
    { was: 'SHUTOFF', stopped: true, vm: 'stopped', end: 'SHUTOFF stopped - f1' },
  ])('no valid host: a server that was $was goes back in silence', async ({ stopped, vm, end }) => {
    const id = await lab().boot('no-valid-host', { stopped });
    expect((await lab().act(id, { resize: { flavorRef: 'huge' } })).status).toBe(202);
    expectSequence(await watch(lab(), id, end), [`RESIZE ${vm} resize_prep f1`, end], [`RESIZE ${vm} resize_prep f1`]);
    expect((await lab().server(id)).fault).toBeUndefined();

    const [resize] = await log(lab(), id);
    expect(resize).toMatchObject({ action: 'resize', message: 'Error' });
    expect(eventsOf(resize)).toEqual(['cold_migrate Error', 'conductor_migrate_server Error']);
    expect(JSON.stringify(resize)).not.toContain('No valid host');
    const [asAdmin] = await log(lab(), id, 'admin');
    expect(asAdmin?.events[0]).toMatchObject({
      details: expect.stringContaining('No valid host was found') as unknown,
    });
  });

  it('after a roll-back and after a revert, a second resize is a new resize', async () => {
    const id = await lab().boot('again');
    await lab().act(id, { resize: { flavorRef: 'huge' } });
    await lab().waitFor(id, 'ACTIVE');
    await lab().act(id, { resize: { flavorRef: 'f2' } });
    await lab().waitFor(id, 'VERIFY_RESIZE');
    await lab().act(id, { revertResize: null });
    await lab().waitFor(id, 'ACTIVE');
    expect((await lab().act(id, { resize: { flavorRef: 'f2' } })).status).toBe(202);
    await lab().waitFor(id, 'VERIFY_RESIZE');
    expect(await look(lab(), id)).toBe('VERIFY_RESIZE resized - f2');
    const actions = (await log(lab(), id)).map(({ action }) => action);
    expect(actions).toEqual(['resize', 'revertResize', 'resize', 'resize', 'create']);
  });
}
