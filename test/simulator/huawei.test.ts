import axios from 'axios';
import { at, look, send, watch, type Request } from '../contract/raw';
import { startHuaweiLab } from './huawei-lab';
import { startLab, type SimulatedLab } from './lab';

/** The simulator in the dialect of Huawei Cloud and its family. */

const resize = { resize: { flavorRef: 'f2' } };
let lab: SimulatedLab;
afterEach(() => lab.stop());

const ask = (method: string, path: string, more: Request = {}) =>
  send(lab, 'demo', method, path, { microversion: '2.46', ...more });
const act = (id: string, body: unknown) => ask('POST', `/servers/${id}/action`, { body });

test.each([
  ['running', false, 'ACTIVE', ['UNKNOWN'], 'ACTIVE ACTIVE  f2'],
  ['stopped', true, 'SHUTOFF', ['RESIZE'], 'SHUTOFF STOPPED  f2'],
])('what a %s server shows: capitals, no null, and UNKNOWN for what its table does not list', async (...row) => {
  const [, stopped, before, between, after] = row;
  lab = await startHuaweiLab();
  const id = await lab.boot('shown', { stopped });
  expect((await look(lab, id)).split(' ')[0]).toBe(before);
  await act(id, resize);
  const seen = await watch(lab, id, 'VERIFY_RESIZE RESIZED  f2');
  expect([...new Set(seen.slice(0, -1).map((line) => line.split(' ')[0]))]).toEqual(between);
  await act(id, { confirmResize: null });
  await watch(lab, id, after);
  expect(at((await ask('GET', `/servers/${id}`)).body, 'server', 'OS-EXT-STS:task_state')).toBe('');
});

test('the newest microversion is 2.60, and a page has 25', async () => {
  lab = await startHuaweiLab({ timings: { step: 1 } });
  expect(at((await ask('GET', '/')).body, 'version', 'version')).toBe('2.60');
  expect((await ask('GET', '/servers', { microversion: '2.61' })).status).toBe(406);
  for (let n = 0; n < 26; n++) await lab.simulator.boot(`server-${n}`, 'f1');
  const page = await ask('GET', '/servers?limit=1000');
  expect(at(page.body, 'servers')).toHaveLength(25);
  expect(at(page.body, 'servers_links', 0, 'rel')).toBe('next');
});

test('refusals come in three shapes, by code and in words of its own', async () => {
  lab = await startHuaweiLab({ quotaCores: 2 });
  const id = await lab.boot('refused');
  expect(await act(id, { resize: { flavorRef: 'f1' } })).toMatchObject({
    status: 400,
    body: { error: { code: 'Ecs.0009', message: 'Another flavor must be used for resizing.' } },
  });
  expect((await act(id, { resize: { flavorRef: 'nope' } })).body).toMatchObject({ error: { code: 'Ecs.0029' } });
  expect((await act(id, { resize: { flavorRef: 'f3' } })).body).toMatchObject({ error: { code: 'Ecs.0001' } });
  await lab.act(id, { lock: null });
  expect(await act(id, resize)).toMatchObject({ status: 409, body: { conflictingRequest: { code: 'Ecs.0605' } } });
  await lab.act(id, { unlock: null });
  // What goes through to the Nova behind it comes back in Nova's words.
  expect(await act(id, { confirmResize: null })).toMatchObject({
    status: 409,
    body: { conflictingRequest: { code: 409, message: expect.stringContaining('vm_state active') as string } },
  });
  expect(await ask('GET', '/servers', { token: 'old' })).toMatchObject({
    status: 401,
    body: { error: { code: 'Common.0013' } },
  });
});

test('a running server is refused where only stopped ones are resized, and to nobody else', async () => {
  lab = await startHuaweiLab({ stoppedOnly: true });
  const id = await lab.boot('running');
  expect(await act(id, resize)).toMatchObject({ status: 400, body: { error: { code: 'Ecs.0100' } } });
  const unknown = '11111111-2222-3333-4444-555555555555';
  expect((await act(unknown, resize)).status).toBe(404);
  expect((await ask('POST', `/servers/${id}/action`, { body: resize, token: 'old' })).status).toBe(401);
  await act(id, { 'os-stop': null });
  await lab.waitFor(id, 'SHUTOFF');
  expect((await act(id, resize)).status).toBe(202);
});

test.each([
  ['Common.0024', 202, { error: { code: 'Common.0024', message: 'exceeds flow over limit' } }],
  ['Common.1503', 503, { error: { code: 'Common.1503' } }],
  ['Ecs.0100', 400, { error: { code: 'Ecs.0100' } }],
  ['Ecs.0603', 501, { error: { code: 'Ecs.0603' } }],
  ['APIG.0308', 429, { error_code: 'APIG.0308' }],
  ['APIGW.0308', 429, { error_code: 'APIGW.0308' }],
])('flow:%s is answered with %i in its own form, and nothing is carried out', async (code, status, body) => {
  lab = await startHuaweiLab();
  const id = await lab.boot('busy');
  lab.simulator.control({ http: [{ server: id, match: 'resize', fault: `flow:${code}` }] });
  expect(await act(id, resize)).toMatchObject({ status, body });
  expect((await lab.actions(id)).map(({ action }) => action)).toEqual(['create']);
  expect((await act(id, resize)).status).toBe(202);
  expect(() => lab.simulator.control({ http: [{ server: id, match: 'resize', fault: 'flow:Ecs.9999' }] })).toThrow();
});

test('a server shows how it is paid for, as it was booted', async () => {
  lab = await startHuaweiLab();
  const id = await lab.simulator.boot('prepaid', 'f1', { charging_mode: '1' });
  expect(at((await ask('GET', `/servers/${id}`)).body, 'server', 'metadata')).toEqual({ charging_mode: '1' });
  const server = { name: 'spot', flavorRef: 'f1', metadata: { charging_mode: '2' } };
  const booted = at((await ask('POST', '/servers', { body: { server } })).body, 'server', 'id') as string;
  expect(at((await ask('GET', `/servers/${booted}`)).body, 'server', 'metadata', 'charging_mode')).toBe('2');
});

test('what is not signed rightly is refused by the gateway; in the dialect of Nova nobody knows signatures', async () => {
  const Authorization = 'SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=' + '0'.repeat(64);
  const get = () =>
    axios.get<unknown>(`${lab.addresses.computeUrl}/servers`, {
      headers: { Authorization },
      validateStatus: () => true,
    });
  lab = await startHuaweiLab();
  expect(await get()).toMatchObject({ status: 401, data: { error_code: 'APIGW.0301' } });
  await lab.stop();
  lab = await startLab();
  expect(await get()).toMatchObject({ status: 401, data: { error: { code: 401, title: 'Unauthorized' } } });
});
