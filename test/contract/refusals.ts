import type { LabUser, NovaLab } from '../nova/nova-lab';
import { at, resized, send, type Answer } from './raw';

const nowhere = '11111111-2222-3333-4444-555555555555';

/** Fails unless the answer is this fault, in the shape all of them have. */
function expectFault(
  answer: Pick<Answer, 'status' | 'body'>,
  code: number,
  name: string,
  message: string | RegExp,
): void {
  expect(answer).toMatchObject({ status: code, body: { [name]: { code } } });
  expect(Object.keys(answer.body as object)).toEqual([name]);
  const said = at(answer.body, name, 'message');
  if (typeof message === 'string') expect(said).toBe(message);
  else expect(said).toMatch(message);
}

export function refusals(lab: () => NovaLab): void {
  const post = (id: string, body: unknown, user: LabUser = 'demo', microversion = '2.58'): Promise<Answer> =>
    send(lab(), user, 'POST', `/servers/${id}/action`, { body, microversion });
  const conflict = (answer: Answer, name: string, id: string, why: string): void =>
    expectFault(answer, 409, 'conflictingRequest', `Cannot '${name}' instance ${id} while it is in ${why}`);

  describe('of an ACTIVE server', () => {
    let id: string;
    beforeAll(async () => {
      id = await lab().boot('refuses');
    });

    it.each<[what: string, body: unknown, message: string | RegExp]>([
      ['the same flavor', { resize: { flavorRef: 'f1' } }, 'When resizing, instances must change flavor!'],
      ['an unknown flavor', { resize: { flavorRef: 'nope' } }, 'Flavor nope could not be found.'],
      [
        'a flavor named by URI',
        { resize: { flavorRef: 'http://host/flavors/f2' } },
        /^Flavor http.* could not be found\.$/,
      ],
      [
        'no flavorRef',
        { resize: {} },
        /^Invalid input for field\/attribute resize\. .*'flavorRef' is a required property$/,
      ],
      ['resize null', { resize: null }, /None is not of type 'object'$/],
      [
        'an empty flavorRef',
        { resize: { flavorRef: '' } },
        /^Invalid input for field\/attribute flavorRef\..*'' is too short$/,
      ],
      [
        'a field too many',
        { resize: { flavorRef: 'f2', x: 1 } },
        /Additional properties are not allowed \('x' was unexpected\)$/,
      ],
      ['an unknown action', { reszie: { flavorRef: 'f2' } }, 'There is no such action: reszie'],
      ['two actions', { resize: { flavorRef: 'f2' }, confirmResize: null }, 'Malformed request body'],
      ['no action', {}, 'Malformed request body'],
      ['no JSON', '{"resize":', 'Malformed request body'],
    ])('400: %s', async (_, body, message) => {
      expectFault(await post(id, body), 400, 'badRequest', message);
    });

    it.each(['confirmResize', 'revertResize'])('409: %s without a resize', async (name) => {
      conflict(await post(id, { [name]: null }), name, id, 'vm_state active');
    });

    it.each([nowhere, 'abc'])('404: server %s', async (server) => {
      const message = `Instance ${server} could not be found.`;
      expectFault(await post(server, { resize: { flavorRef: 'f2' } }), 404, 'itemNotFound', message);
      expectFault(await send(lab(), 'demo', 'GET', `/servers/${server}`), 404, 'itemNotFound', message);
    });

    it.each([
      [{ migrate: null }, 'os_compute_api:os-migrate-server:migrate'],
      [{ 'os-resetState': { state: 'active' } }, 'os_compute_api:os-admin-actions:reset_state'],
    ])('403: what only administrators may do: %j', async (body, rule) => {
      expectFault(await post(id, body), 403, 'forbidden', `Policy doesn't allow ${rule} to be performed.`);
    });

    it('none of that left a trace in the action log', async () => {
      expect((await lab().actions(id)).map(({ action }) => action)).toEqual(['create']);
    });
  });

  it('while the resize runs, everything is in conflict', async () => {
    const id = await lab().boot('busy');
    await lab().control({ delay: { migrate_disk_and_power_off: { [id]: 0.4 } } });
    await post(id, { resize: { flavorRef: 'f2' } });
    conflict(await post(id, { resize: { flavorRef: 'f3' } }), 'resize', id, 'task_state resize_prep');
    conflict(await post(id, { confirmResize: null }), 'confirmResize', id, 'vm_state active');
    conflict(await post(id, { revertResize: null }), 'revertResize', id, 'vm_state active');
    expectFault(
      await post(id, { 'os-stop': null }),
      409,
      'conflictingRequest',
      /^Cannot 'stop' instance .* task_state resize_/,
    );
    await lab().waitFor(id, 'VERIFY_RESIZE');
  });

  it('in VERIFY_RESIZE, everything but confirm, revert and delete', async () => {
    const [id] = await resized(lab(), 'verify');
    const image = '155d900f-4e14-4e4c-a73d-069cbf4541e6';
    const refused: [name: string, body: object][] = [
      ['resize', { resize: { flavorRef: 'f3' } }],
      ['resize', { resize: { flavorRef: 'f2' } }],
      ['reboot', { reboot: { type: 'SOFT' } }],
      ['reboot', { reboot: { type: 'HARD' } }],
      ['start', { 'os-start': null }],
      ['stop', { 'os-stop': null }],
      ['pause', { pause: null }],
      ['suspend', { suspend: null }],
      ['rescue', { rescue: null }],
      ['shelve', { shelve: null }],
      ['rebuild', { rebuild: { imageRef: image } }],
      ['createImage', { createImage: { name: 'x' } }],
    ];
    for (const [name, body] of refused) conflict(await post(id, body), name, id, 'vm_state resized');
    conflict(await post(id, { migrate: null }, 'admin'), 'migrate', id, 'vm_state resized');
    const live = { 'os-migrateLive': { host: null, block_migration: 'auto' } };
    conflict(await post(id, live, 'admin'), 'os-migrateLive', id, 'vm_state resized');
  });

  it('after a confirm was accepted, a second confirm and a revert: the server itself still shows nothing', async () => {
    const [id] = await resized(lab(), 'second-confirm');
    await lab().control({ delay: { confirm_migration: { [id]: 0.4 } } });
    expect((await post(id, { confirmResize: null })).status).toBe(204);
    for (const name of ['confirmResize', 'revertResize']) {
      expectFault(await post(id, { [name]: null }), 400, 'badRequest', 'Instance has not been resized.');
    }
    await lab().waitFor(id, 'ACTIVE');
    conflict(await post(id, { confirmResize: null }), 'confirmResize', id, 'vm_state active');
  });

  it('after a revert was accepted, a second revert and a confirm', async () => {
    const [id] = await resized(lab(), 'second-revert');
    await lab().control({ delay: { finish_revert_migration: { [id]: 0.4 } } });
    expect((await post(id, { revertResize: null })).status).toBe(202);
    for (const name of ['revertResize', 'confirmResize']) {
      conflict(await post(id, { [name]: null }), name, id, 'task_state resize_reverting');
    }
    await lab().waitFor(id, 'ACTIVE');
    conflict(await post(id, { revertResize: null }), 'revertResize', id, 'vm_state active');
  });
}
