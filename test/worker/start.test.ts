import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { root, start, temporaryFolder } from '../scripts/processes';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const good = { auth_url: 'http://127.0.0.1:9/v3', username: 'ana', password: 'secret', project_name: 'web' };

/** A worker with these profiles; nothing of the environment of the tests is left to it but where programs are. */
function worker(clouds: Record<string, unknown>, env: NodeJS.ProcessEnv = {}) {
  const file = path.join(folder, 'clouds.yaml');
  writeFileSync(file, JSON.stringify({ clouds }));
  return start(process.execPath, [path.join(root, 'dist', 'worker.js')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, OS_CLIENT_CONFIG_FILE: file, ...env },
  });
}

describe('a worker that cannot start says why in one sentence', () => {
  test.each([
    ['without a cloud', {}, {}, /^no cloud to serve: put a clouds\.yaml here, .*\n$/],
    ['with a bad setting', { prod: { auth: good } }, { DURABLE_RESIZE_MODE: 'dry' }, /^DURABLE_RESIZE_MODE: .*\n$/],
    [
      'with an empty Temporal config file',
      { prod: { auth: good } },
      { TEMPORAL_CONFIG_FILE: '/dev/null' },
      /^the Temporal config file \/dev\/null has no table \[profile\.default\]: .*\n$/,
    ],
    [
      'with no profile that can be used',
      { prod: { auth: { ...good, pasword: 'x' } } },
      {},
      /^cloud prod is not served: .*clouds\.yaml.*pasword.*\nno profile can be used; mend one of those named above\n$/,
    ],
    [
      'with a bad profile that it was told to serve',
      { prod: { auth: { ...good, pasword: 'x' } }, test: { auth: good } },
      { DURABLE_RESIZE_CLOUDS: 'test,prod' },
      /^.*clouds\.yaml.*pasword.*\n$/,
    ],
  ])('%s', async (_what, clouds, env, sentence) => {
    const { code, stdout, stderr } = await worker(clouds, env).ended;
    expect({ code, said: stdout + stderr }).toEqual({ code: 1, said: expect.stringMatching(sentence) as unknown });
  });

  test('where another program has the address of the metrics', async () => {
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const address = other.address();
    const at = `127.0.0.1:${typeof address === 'object' && address ? address.port : ''}`;
    const { code, stdout, stderr } = await worker({ prod: { auth: good } }, { DURABLE_RESIZE_METRICS_ADDRESS: at })
      .ended;
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/^DURABLE_RESIZE_METRICS_ADDRESS: cannot serve metrics at [\d.:]+: .*in use.*\n$/);
    other.close();
  });
});
