/** Reaching Temporal: by the environment, or not at all, which is said in one sentence within seconds. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startTemporal } from '../../scripts/temporal-cli.js';
import { ResizeClient, RESIZE_ERRORS, ResizeError } from '../../src/index';
import { ownNamespace } from '../shared';
import { TIMING, until } from './stand-in';

let temporal: Awaited<ReturnType<typeof ownNamespace>>;
beforeAll(async () => {
  temporal = await ownNamespace();
});

it('reads address and namespace from the environment', async () => {
  const env = { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace };
  const resizes = await ResizeClient.connect({ env });
  expect(await resizes.list()).toEqual([]);
  await resizes.close();
});

it('reads them from the config file too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'durable-resize-'));
  const file = join(folder, 'temporal.toml');
  await writeFile(file, `[profile.default]\naddress = "${temporal.address}"\nnamespace = "elsewhere"\n`);
  const resizes = await ResizeClient.connect({ env: { TEMPORAL_CONFIG_FILE: file } });
  await expect(resizes.list()).rejects.toMatchObject({
    code: 'NoTemporal',
    message: expect.stringContaining("has no namespace 'elsewhere'") as string,
  });
  await resizes.close();
  await rm(folder, { recursive: true });
});

it('names the address where nobody listens', async () => {
  const connecting = ResizeClient.connect({ env: { TEMPORAL_ADDRESS: '127.0.0.1:9' }, timing: { connect: 500 } });
  await expect(connecting).rejects.toMatchObject({
    code: 'NoTemporal',
    exitCode: 1,
    message: 'no Temporal server answers at 127.0.0.1:9: start it, or set TEMPORAL_ADDRESS to where it is',
  });
});

it('gives up on a server that takes calls and never answers', async () => {
  const sockets: Socket[] = [];
  const mute = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as AddressInfo;
  const env = { TEMPORAL_ADDRESS: `127.0.0.1:${port}` };
  await expect(ResizeClient.connect({ env, timing: { connect: 500 } })).rejects.toMatchObject({ code: 'NoTemporal' });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => mute.close(resolve));
});

it('says that Temporal went away within the time of one call, and closes without a crash', async () => {
  const other = await startTemporal();
  const resizes = await ResizeClient.connect({
    env: { TEMPORAL_ADDRESS: other.address },
    timing: { ...TIMING, call: 500 },
  });
  await other.stop();
  const before = Date.now();
  await expect(resizes.get('resize-00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
    code: 'NoTemporal',
    message: expect.stringContaining(other.address) as string,
  });
  expect(Date.now() - before).toBeLessThan(2000);
  await resizes.close();
});

it('goes on waiting while Temporal is away, and tells of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'durable-resize-'));
  const dbFile = join(folder, 'temporal.db');
  const first = await startTemporal({ dbFile });
  const resizes = await ResizeClient.connect({
    env: { TEMPORAL_ADDRESS: first.address },
    timing: { ...TIMING, call: 1500 },
  });
  const connection = await Connection.connect({ address: first.address });
  const workflowId = 'resize-00000000-0000-4000-8000-000000000001';
  const { workflow } = new Client({ connection });
  await workflow.start('resizeServer', { workflowId, taskQueue: 'nobody' });

  let second: Promise<typeof first> | undefined;
  const end = (await resizes.get(workflowId)).wait({
    onChange: () => void first.kill(),
    onTrouble: () => void (second ??= startTemporal({ dbFile, port: first.port })),
  });
  await until(() => second !== undefined);
  await second;
  await workflow.getHandle(workflowId).terminate();
  expect(await end).toMatchObject({ execution: 'terminated', phase: 'preparing' });

  await resizes.close();
  await connection.close();
  await (await second)?.stop();
  await rm(folder, { recursive: true });
});

it.each([
  ['is empty', '', 'default'],
  ['has nothing but remarks', '# address = "localhost:7233"\n', 'prod'],
])('says in one sentence, naming it, that a config file %s', async (_, text, profile) => {
  const folder = await mkdtemp(join(tmpdir(), 'durable-resize-'));
  const file = join(folder, 'temporal.toml');
  await writeFile(file, text);
  const env = { TEMPORAL_CONFIG_FILE: file, ...(profile !== 'default' && { TEMPORAL_PROFILE: profile }) };
  await expect(ResizeClient.connect({ env })).rejects.toMatchObject({
    code: 'InvalidRequest',
    exitCode: 2,
    message: `the Temporal config file ${file} has no table [profile.${profile}]: put address and namespace there, or unset TEMPORAL_CONFIG_FILE`,
  });
  await rm(folder, { recursive: true });
});

it('refuses a config file that cannot be read', async () => {
  const env = { TEMPORAL_CONFIG_FILE: __filename };
  await expect(ResizeClient.connect({ env })).rejects.toMatchObject({
    code: 'InvalidRequest',
    exitCode: 2,
    message: expect.stringMatching(new RegExp(`^[^\\n]*cannot be read: [^\\n]*${__filename}$`)) as string,
  });
});

it('has an exit code for each failure, and one shape for all', () => {
  const failure = new ResizeError('Conflict', 'busy', { runId: 'r' });
  expect(JSON.parse(JSON.stringify(failure))).toEqual({ code: 'Conflict', message: 'busy', details: { runId: 'r' } });
  for (const exitCode of Object.values(RESIZE_ERRORS)) expect(exitCode).toBeGreaterThan(0);
});
