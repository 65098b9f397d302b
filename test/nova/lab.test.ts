import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axios from 'axios';
import { parse } from 'yaml';
import { novaLab, type ControlChange, type LabServer } from './harness';

const lab = novaLab();

interface CloudsYaml {
  clouds: {
    'lab-app': { auth: { auth_url: string; application_credential_id: string; application_credential_secret: string } };
  };
}

async function resizedServer(name: string): Promise<string> {
  const id = await lab.boot(name);
  const { status } = await lab.act(id, { resize: { flavorRef: 'f2' } });
  expect(status).toBe(202);
  await lab.waitFor(id, 'VERIFY_RESIZE');
  return id;
}

const seen = ({ status, vmState, flavor }: LabServer): object => ({ status, vmState, flavor });

test('a resize waits in VERIFY_RESIZE, and a confirm leaves the server on the new flavor', async () => {
  const id = await resizedServer('confirmed');
  expect(seen(await lab.server(id))).toEqual({ status: 'VERIFY_RESIZE', vmState: 'resized', flavor: 'f2' });

  const answer = await lab.act(id, { confirmResize: null });
  expect(answer.status).toBe(204);
  expect(seen(await lab.waitFor(id, 'ACTIVE'))).toEqual({ status: 'ACTIVE', vmState: 'active', flavor: 'f2' });

  const [confirm, resize] = await lab.actions(id);
  expect(confirm).toMatchObject({ action: 'confirmResize', requestId: answer.requestId });
  expect(resize).toMatchObject({ action: 'resize', userId: lab.addresses.userIds.demo, message: null });
  expect(resize?.events.map(({ result }) => result)).toEqual(Array(5).fill('Success'));
});

test('a revert brings the old flavor back, also for a stopped server', async () => {
  const id = await lab.boot('reverted', { stopped: true });
  await lab.act(id, { resize: { flavorRef: 'f2' } });
  await lab.waitFor(id, 'VERIFY_RESIZE');

  await lab.act(id, { revertResize: null });
  expect(seen(await lab.waitFor(id, 'SHUTOFF'))).toEqual({ status: 'SHUTOFF', vmState: 'stopped', flavor: 'f1' });
});

test('a flavor that no host can hold is rolled back by the cloud', async () => {
  const id = await lab.boot('too-big');
  await lab.act(id, { resize: { flavorRef: 'huge' } });
  expect(seen(await lab.waitFor(id, 'ACTIVE'))).toMatchObject({ flavor: 'f1' });
  expect((await lab.actions(id))[0]).toMatchObject({ action: 'resize', message: 'Error' });
});

test('a driver call fails on the server that was named, and on no other', async () => {
  const [broken, sound] = [await resizedServer('broken'), await resizedServer('sound')];
  await lab.control({ fail: { confirm_migration: [broken] } });
  await lab.act(broken, { confirmResize: null });
  await lab.act(sound, { confirmResize: null });

  expect((await lab.waitFor(sound, 'ACTIVE')).flavor).toBe('f2');
  expect(seen(await lab.waitFor(broken, 'ERROR'))).toEqual({ status: 'ERROR', vmState: 'error', flavor: 'f2' });
});

test('a driver call is held up on the server that was named', async () => {
  const id = await lab.boot('slow');
  await lab.control({ delay: { finish_migration: { [id]: 1 } } });
  const asked = Date.now();
  await lab.act(id, { resize: { flavorRef: 'f2' } });
  await lab.waitFor(id, 'VERIFY_RESIZE');
  expect(Date.now() - asked).toBeGreaterThan(1_000);
});

test('drop-after: the client sees a reset, and Nova carries the resize out', async () => {
  const id = await lab.boot('lost-answer');
  await lab.control({ http: [{ server: id, match: 'resize', fault: 'drop-after' }] });
  await expect(lab.act(id, { resize: { flavorRef: 'f2' } })).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(seen(await lab.waitFor(id, 'VERIFY_RESIZE'))).toMatchObject({ flavor: 'f2' });
});

test('drop-before: the client sees a reset, and Nova never heard of it', async () => {
  const id = await lab.boot('lost-request');
  await lab.control({ http: [{ server: id, match: 'resize', fault: 'drop-before' }] });
  await expect(lab.act(id, { resize: { flavorRef: 'f2' } })).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect((await lab.actions(id)).map(({ action }) => action)).toEqual(['create']);
  expect(await lab.counters(id)).toMatchObject({ 'POST resize': 1 });
});

test('hang-after: the client gives up, and Nova carries the resize out', async () => {
  const id = await lab.boot('slow-answer');
  await lab.control({ http: [{ server: id, match: 'resize', fault: 'hang-after', seconds: 2 }] });
  await expect(lab.act(id, { resize: { flavorRef: 'f2' } }, 'demo', 500)).rejects.toMatchObject({
    code: 'ECONNABORTED',
  });
  await lab.waitFor(id, 'VERIFY_RESIZE');
});

test('hang-before: the client gives up, and the resize reaches Nova later', async () => {
  const id = await lab.boot('slow-request');
  await lab.control({ http: [{ server: id, match: 'resize', fault: 'hang-before', seconds: 1 }] });
  await expect(lab.act(id, { resize: { flavorRef: 'f2' } }, 'demo', 200)).rejects.toMatchObject({
    code: 'ECONNABORTED',
  });
  expect(seen(await lab.server(id))).toMatchObject({ status: 'ACTIVE', flavor: 'f1' });
  await lab.waitFor(id, 'VERIFY_RESIZE');
});

test('status:N: answered in place of Nova, as often as was asked', async () => {
  const id = await lab.boot('rate-limited');
  await lab.control({
    http: [{ server: id, match: 'resize', fault: 'status:429', times: 2, headers: { 'Retry-After': '1' } }],
  });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await lab.act(id, { resize: { flavorRef: 'f2' } })).status);
  expect(statuses).toEqual([429, 429, 202]);
  expect(await lab.counters(id)).toMatchObject({ 'POST resize': 3 });
});

test('what was set and counted for a server can be forgotten', async () => {
  const id = await lab.boot('forgotten');
  await lab.control({ http: [{ server: id, match: 'resize', fault: 'status:503' }] });
  await lab.clearControl(id);
  expect(await lab.counters(id)).toEqual({});
  expect((await lab.act(id, { resize: { flavorRef: 'f2' } })).status).toBe(202);
});

test('the application credential in clouds.yaml acts as demo', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'clouds-'));
  const { clouds } = parse(await readFile(await lab.writeCloudsYaml(directory), 'utf8')) as CloudsYaml;
  await rm(directory, { recursive: true });
  const { auth_url, application_credential_id: id, application_credential_secret: secret } = clouds['lab-app'].auth;
  const { data } = await axios.post<{ token: { user: { id: string } } }>(`${auth_url}/auth/tokens`, {
    auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } },
  });
  expect(data.token.user.id).toBe(lab.addresses.userIds.demo);
});

test('a misspelt driver call is refused', async () => {
  const misspelt = { delay: { finish_migratoin: { '*': 1 } } };
  await expect(lab.control(misspelt as ControlChange)).rejects.toMatchObject({ response: { status: 400 } });
});

test('another member of the project may confirm, and a locked server refuses its owner', async () => {
  const id = await resizedServer('shared');
  await lab.lock(id);
  expect((await lab.act(id, { confirmResize: null })).status).toBe(409);
  await lab.unlock(id);
  await lab.act(id, { confirmResize: null }, 'other');
  await lab.waitFor(id, 'ACTIVE');
  expect((await lab.actions(id)).find(({ action }) => action === 'confirmResize')).toMatchObject({
    userId: lab.addresses.userIds.other,
  });
});
