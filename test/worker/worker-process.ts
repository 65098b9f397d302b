import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, start, temporaryFolder, type Running } from '../scripts/processes';

const auth = { auth_url: 'http://127.0.0.1:9/v3', username: 'ana', password: 'secret', project_name: 'web' };

/** A profile that can be used; its cloud is not there, and no worker asks before it has work. */
export const good = { auth };
/** One that cannot. */
export const bad = { auth: { ...auth, pasword: 'x' } };

/** Starts workers as processes; nothing of the environment of the tests is left to them but where programs are. */
export function workerProcesses() {
  const { folder, remove } = temporaryFolder();
  const started: Running[] = [];
  let count = 0;
  /** Of a worker with these clouds. */
  const environment = (env: NodeJS.ProcessEnv = {}, clouds: Record<string, unknown> = { prod: good }) => {
    const file = path.join(folder, `clouds-${++count}.yaml`);
    writeFileSync(file, JSON.stringify({ clouds }));
    return {
      PATH: process.env['PATH'],
      HOME: folder,
      OS_CLIENT_CONFIG_FILE: file,
      DURABLE_RESIZE_START_TIMEOUT: '30s',
      ...env,
    };
  };
  return {
    folder,
    environment,
    start: (env?: NodeJS.ProcessEnv, clouds?: Record<string, unknown>, dist = path.join(root, 'dist')) => {
      const worker = start(process.execPath, [path.join(dist, 'worker.js')], {
        cwd: folder,
        env: environment(env, clouds),
      });
      started.push(worker);
      return worker;
    },
    /** None is left behind, whatever a test did. */
    end: async () => {
      for (const { child } of started) child.kill('SIGKILL');
      await Promise.all(started.map(({ ended }) => ended));
      remove();
    },
  };
}
