import axios from 'axios';
import { at, send } from '../contract/raw';
import { startLab, type SimulatedLab } from './lab';

let lab: SimulatedLab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.clearControl());

const resize = { resize: { flavorRef: 'f2' } };

test('drop-before: the connection is closed, nothing is carried out, and the request is counted', async () => {
  const id = await lab.boot('lost-request');
  await lab.control({ http: [{ server: id, match: 'resize', fault: 'drop-before' }] });
  await expect(lab.act(id, resize)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect((await lab.actions(id)).map(({ action }) => action)).toEqual(['create']);
  expect(await lab.counters(id)).toMatchObject({ 'POST resize': 1 });
});

test('drop-after: carried out, and closed without an answer', async () => {
  const id = await lab.boot('lost-answer');
  await lab.control({ http: [{ server: id, match: 'resize', fault: 'drop-after' }] });
  await expect(lab.act(id, resize)).rejects.toMatchObject({ code: 'ECONNRESET' });
  await lab.waitFor(id, 'VERIFY_RESIZE');
});

test('hang-after: carried out, and answered after the client has gone', async () => {
  const id = await lab.boot('slow-answer');
  await lab.control({ http: [{ server: id, match: 'resize', fault: 'hang-after', seconds: 0.4 }] });
  await expect(lab.act(id, resize, 'demo', 100)).rejects.toMatchObject({ code: 'ECONNABORTED' });
  await lab.waitFor(id, 'VERIFY_RESIZE');
});

test('hang-before: arrives after the client has gone', async () => {
  const id = await lab.boot('slow-request');
  await lab.control({ http: [{ server: id, match: 'resize', fault: 'hang-before', seconds: 0.4 }] });
  await expect(lab.act(id, resize, 'demo', 100)).rejects.toMatchObject({ code: 'ECONNABORTED' });
  expect(await lab.server(id)).toMatchObject({ status: 'ACTIVE', flavor: 'f1' });
  await lab.waitFor(id, 'VERIFY_RESIZE');
});

test('status:N: answered so, with the headers that were asked for, as often as was asked', async () => {
  const id = await lab.boot('rate-limited');
  await lab.control({
    http: [{ server: id, match: 'resize', fault: 'status:429', times: 2, headers: { 'Retry-After': '7' } }],
  });
  const first = await send(lab, 'demo', 'POST', `/servers/${id}/action`, { body: resize });
  expect(first).toMatchObject({ status: 429, headers: { 'retry-after': '7' }, body: { computeFault: { code: 429 } } });
  expect((await lab.act(id, resize)).status).toBe(429);
  expect((await lab.act(id, resize)).status).toBe(202);
});

test('a fault can be for one kind of read only, or for everything', async () => {
  const id = await lab.boot('half-blind');
  await lab.control({ http: [{ server: id, match: 'GET instance-actions', fault: 'status:503', times: 9 }] });
  expect((await send(lab, 'demo', 'GET', `/servers/${id}`)).status).toBe(200);
  expect((await send(lab, 'demo', 'GET', `/servers/${id}/os-instance-actions`)).status).toBe(503);
  await lab.clearControl(id);
  await lab.control({ http: [{ server: '*', match: 'GET', fault: 'status:502' }] });
  expect((await send(lab, 'demo', 'GET', '/flavors')).status).toBe(502);
  expect((await send(lab, 'demo', 'GET', '/flavors')).status).toBe(200);
});

test('what was set and counted for a server can be forgotten', async () => {
  const id = await lab.boot('forgotten');
  await lab.control({
    http: [{ server: id, match: 'resize', fault: 'status:503' }],
    fail: { finish_migration: [id] },
    delay: { finish_migration: { [id]: 60 } },
  });
  await lab.clearControl(id);
  expect(await lab.counters(id)).toEqual({});
  expect((await lab.act(id, resize)).status).toBe(202);
  await lab.waitFor(id, 'VERIFY_RESIZE');
});

test('what was set is shown, and added to', async () => {
  await lab.control({ delay: { finish_migration: { a: 1 } }, fail: { confirm_migration: ['a'] } });
  await lab.control({ delay: { finish_migration: { b: 2 } }, fail: { confirm_migration: ['b'] } });
  const { data } = await axios.get<unknown>(`${lab.simulator.url}/_lab`);
  expect(at(data, 'delay', 'finish_migration')).toEqual({ a: 1, b: 2 });
  expect(at(data, 'fail', 'confirm_migration')).toEqual(['a', 'b']);
});

test.each([
  [{ delay: { finish_migratoin: { '*': 1 } } }],
  [{ http: [{ server: '*', match: 'GET', fault: 'drop' }] }],
  [{ dealy: {} }],
])('what is misspelt is refused: %j', async (change) => {
  const answer = await axios.put(`${lab.simulator.url}/_lab`, change, { validateStatus: () => true });
  expect(answer.status).toBe(400);
});

test('log-ins are counted, and the moments are shown at which a request came in and the server came to a vm_state', async () => {
  const id = await lab.boot('timed');
  const before = Date.now();
  await lab.act(id, resize);
  await lab.waitFor(id, 'VERIFY_RESIZE');
  const { data } = await axios.get<unknown>(`${lab.simulator.url}/_lab/moments`);
  expect(at(data, id, 'POST resize')).toBeGreaterThanOrEqual(before);
  expect(at(data, id, 'resized')).toBeGreaterThan(Number(at(data, id, 'POST resize')));
  const counted = await lab.counters('-');
  await lab.token('other');
  expect(await lab.counters('-')).toEqual({ ...counted, 'POST tokens': (counted['POST tokens'] ?? 0) + 1 });
});
