import { at, eventsOf, log, look, resized, send, watch } from '../contract/raw';
import { startLab, type SimulatedLab } from './lab';

/** Kinds of clouds that the lab of the real Nova is not set up as. */

let lab: SimulatedLab;
afterEach(() => lab.stop());

test('the cloud confirms by itself after its window: an action without a user', async () => {
  lab = await startLab({ confirmWindow: 0.2 });
  const [id] = await resized(lab, 'auto-confirmed');
  await watch(lab, id, 'ACTIVE active - f2');
  const [confirm] = await log(lab, id);
  expect(confirm).toMatchObject({ action: 'confirmResize', user_id: null, project_id: null, message: null });
  expect(eventsOf(confirm)).toEqual(['compute_confirm_resize Success']);
});

test('the window does nothing to a resize that was reverted in time', async () => {
  lab = await startLab({ confirmWindow: 0.3 });
  const [id] = await resized(lab, 'reverted-in-time');
  await lab.act(id, { revertResize: null });
  await lab.waitFor(id, 'ACTIVE');
  const [second] = [await lab.act(id, { resize: { flavorRef: 'f2' } })];
  expect(second.status).toBe(202);
  await watch(lab, id, 'ACTIVE active - f2');
  const actions = (await log(lab, id)).map(({ action }) => action);
  expect(actions).toEqual(['confirmResize', 'resize', 'revertResize', 'resize', 'create']);
});

test('a quota refuses what goes beyond it, in Nova’s words', async () => {
  lab = await startLab({ quotaCores: 4 });
  await resized(lab, 'two-cores');
  const id = await lab.boot('one-core');
  expect(await lab.act(id, { resize: { flavorRef: 'f3' } })).toMatchObject({
    status: 403,
    body: { forbidden: { code: 403, message: 'Quota exceeded for cores: Requested 3, but already used 3 of 4 cores' } },
  });
});

test('a full cloud rolls a resize back, although the same resize fits when others are decided', async () => {
  // Slow enough for a loaded machine to see each step.
  lab = await startLab({ hosts: [{ name: 'host1', vcpus: 4 }], timings: { step: 150 } });
  const [first] = await resized(lab, 'first');
  const second = await lab.boot('second');
  await lab.act(second, { resize: { flavorRef: 'f2' } });
  expect(await watch(lab, second, 'ACTIVE active - f1')).toContain('RESIZE active resize_prep f1');
  await lab.act(first, { confirmResize: null });
  await lab.waitFor(first, 'ACTIVE');
  await lab.delete(first);
  expect((await lab.act(second, { resize: { flavorRef: 'f2' } })).status).toBe(202);
  await lab.waitFor(second, 'VERIFY_RESIZE');
});

test('an older cloud: its newest microversion is said and held', async () => {
  lab = await startLab({ maxMicroversion: '2.50' });
  expect((await send(lab, 'demo', 'GET', '/', { microversion: null })).body).toMatchObject({
    version: { version: '2.50' },
  });
  expect((await send(lab, 'demo', 'GET', '/servers', { microversion: '2.51' })).status).toBe(406);
  expect((await send(lab, 'demo', 'GET', '/servers', { microversion: '2.50' })).status).toBe(200);
});

test('pages are as long as the cloud has them', async () => {
  lab = await startLab({ pageSize: 2 });
  for (const name of ['a', 'b', 'c']) await lab.boot(name);
  const first = await send(lab, 'demo', 'GET', '/servers?limit=100');
  expect(at(first.body, 'servers')).toHaveLength(2);
  expect(at(first.body, 'servers_links', 0)).toMatchObject({ rel: 'next' });
});

test('another project’s server does not exist', async () => {
  lab = await startLab();
  const id = await lab.boot('ours');
  const login = await fetch(`${lab.addresses.authUrl}/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { id: lab.simulator.userIds.stranger, password: 'secret' } },
        },
      },
    }),
  });
  const token = login.headers.get('X-Subject-Token') ?? '';
  expect((await send(lab, 'demo', 'GET', `/servers/${id}`, { token })).status).toBe(404);
  expect(at((await send(lab, 'demo', 'GET', '/servers', { token })).body, 'servers')).toEqual([]);
});

test('flavors steer how long and how well a resize goes', async () => {
  const size = { vcpus: 2, ram: 1024, disk: 1 };
  lab = await startLab({
    flavors: [
      { id: 'slow', name: 'slow', ...size, extraSpecs: { 'lab:delay:finish_migration': '0.5' } },
      { id: 'broken', name: 'broken', ...size, extraSpecs: { 'lab:fail': 'migrate_disk_and_power_off' } },
      { id: 'nowhere', name: 'nowhere', ...size, extraSpecs: { 'lab:no_valid_host': 'true' } },
    ],
  });
  const slow = await lab.boot('slow');
  const began = Date.now();
  await lab.act(slow, { resize: { flavorRef: 'slow' } });
  await lab.waitFor(slow, 'VERIFY_RESIZE');
  expect(Date.now() - began).toBeGreaterThan(500);

  const broken = await lab.boot('broken');
  await lab.act(broken, { resize: { flavorRef: 'broken' } });
  await lab.waitFor(broken, 'ERROR');

  const nowhere = await lab.boot('nowhere');
  await lab.act(nowhere, { resize: { flavorRef: 'nowhere' } });
  await watch(lab, nowhere, 'ACTIVE active - f1');
  expect((await log(lab, nowhere))[0]).toMatchObject({ action: 'resize', message: 'Error' });
});

test('traps that a real Nova has now and then are always there', async () => {
  // Wide enough for a loaded machine to get both requests, and a look, in between.
  lab = await startLab({ timings: { race: 300, settle: 600 } });
  const [id] = await resized(lab, 'confirm-and-revert');
  const names = ['confirmResize', 'revertResize'];
  const answers = await Promise.all(names.map((name) => lab.act(id, { [name]: null })));
  expect(answers.map(({ status }) => status)).toEqual([204, 202]);
  const seen = await watch(lab, id, 'ERROR error - f1');
  expect(seen).toContain('ACTIVE active - f2');

  // ERROR shows first, the fault a moment later.
  const failing = await lab.boot('late-fault');
  await lab.control({ fail: { finish_migration: [failing] } });
  await lab.act(failing, { resize: { flavorRef: 'f2' } });
  await watch(lab, failing, 'ERROR error resize_finish f1');
  expect((await lab.server(failing)).fault).toBeUndefined();
  await lab.waitFor(failing, 'ERROR');
  expect((await lab.server(failing)).fault).toBe('finish_migration fails, as set in /_lab or by the flavor');

  // VERIFY_RESIZE shows while the last event still runs.
  const early = await lab.boot('early');
  await lab.act(early, { resize: { flavorRef: 'f2' } });
  await watch(lab, early, 'VERIFY_RESIZE resized - f2');
  expect((await lab.actions(early))[0]?.events[0]).toEqual({ event: 'compute_finish_resize', result: null });
  expect(await look(lab, early)).toBe('VERIFY_RESIZE resized - f2');
});
