import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, closeSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { freePorts } from '../free-ports';
import { cacheDirectory, installNova } from './install';
import { NovaLab } from './nova-lab';

export * from './nova-lab';
export { until } from './wait';

/** The environment variable by which the global set-up tells the tests where the lab is. */
const addressesVariable = 'NOVA_LAB';

const python = '/usr/bin/python3';
const startWithin = 60_000;
/** Set by lab/serve_keystone.py. */
const fixed = { region: 'RegionOne', projectName: 'lab', password: 'secret' };

const flavors = {
  f1: { vcpus: 1, ram: 512, disk: 1 },
  f2: { vcpus: 2, ram: 1024, disk: 1 },
  f3: { vcpus: 4, ram: 2048, disk: 1 },
  /** No host can hold it. */
  huge: { vcpus: 900_000, ram: 512, disk: 1 },
};

const KeystoneReady = v.object({
  url: v.string(),
  project: v.string(),
  users: v.object({ admin: v.string(), demo: v.string(), other: v.string() }),
  application_credential: v.object({ id: v.string(), secret: v.string() }),
});
const NovaReady = v.object({ url: v.string() });

export interface StartedNova {
  lab: NovaLab;
  stop: () => Promise<void>;
}

export interface NovaOptions {
  /** How long a token lives, in seconds. @default 3600 */
  tokenTtl?: number;
  /** The logs are .cache/nova/<name>-nova.log and <name>-keystone.log. @default 'lab' */
  name?: string;
}

/** Starts Nova and Keystone, and installs them first where they are missing. They end with this process. */
export async function startNova({ tokenTtl = 3600, name = 'lab' }: NovaOptions = {}): Promise<StartedNova> {
  const { pasteFile } = await installNova();
  const [keystonePort, novaPort] = await freePorts();
  const keystone = serve('keystone', `${name}-keystone.log`, {
    port: keystonePort,
    'compute-url': `http://127.0.0.1:${novaPort}/v2.1`,
    ttl: tokenTtl,
  });
  const nova = serve('nova', `${name}-nova.log`, {
    port: novaPort,
    'keystone-url': `http://127.0.0.1:${keystonePort}/v3`,
    'paste-file': pasteFile,
  });
  const stop = async (): Promise<void> => {
    await Promise.all([keystone.stop(), nova.stop()]);
  };
  try {
    const [identity, compute] = await Promise.all([keystone.ready(KeystoneReady), nova.ready(NovaReady)]);
    const lab = new NovaLab({
      ...fixed,
      authUrl: identity.url,
      computeUrl: compute.url,
      projectId: identity.project,
      userIds: identity.users,
      applicationCredential: identity.application_credential,
    });
    for (const [id, size] of Object.entries(flavors)) await lab.createFlavor(id, size);
    return { lab, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Tells the processes that Jest starts from here on where the lab is. */
export function shareLab(lab: NovaLab): void {
  process.env[addressesVariable] = JSON.stringify(lab.addresses);
}

/** The lab that the global set-up started. */
export function novaLab(): NovaLab {
  const addresses = process.env[addressesVariable];
  if (addresses === undefined) throw new Error('No Nova is running: use "npm run test:nova".');
  return new NovaLab(JSON.parse(addresses) as NovaLab['addresses']);
}

interface Service {
  ready<S extends v.GenericSchema>(schema: S): Promise<v.InferOutput<S>>;
  stop(): Promise<void>;
}

/** Runs lab/serve_<name>.py, which ends when its standard input is closed. */
function serve(name: string, log: string, options: Record<string, string | number>): Service {
  const directory = mkdtempSync(path.join(tmpdir(), `lab-${name}-`));
  const logFile = path.join(cacheDirectory, log);
  const output = openSync(logFile, 'w');
  const args = Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const child = spawn(python, ['-B', path.join(__dirname, 'lab', `serve_${name}.py`), '--dir', directory, ...args], {
    stdio: ['pipe', 'pipe', output],
  });
  closeSync(output);
  const ended = once(child, 'close');

  return {
    async ready(schema) {
      const line = await readyLine(child);
      if (line !== undefined) return v.parse(schema, JSON.parse(line));
      const last = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-5).join('\n');
      throw new Error(`${name} ended, or was not ready in ${startWithin} ms; the end of ${logFile}:\n${last}`);
    },
    async stop() {
      child.stdin?.end();
      const kill = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(kill);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What stands behind READY, or undefined when the process ends or takes too long. */
async function readyLine(child: ChildProcess): Promise<string | undefined> {
  if (!child.stdout) return undefined;
  const lines = createInterface({ input: child.stdout });
  const tooLong = setTimeout(() => lines.close(), startWithin);
  try {
    for await (const line of lines) if (line.startsWith('READY ')) return line.slice('READY '.length);
    return undefined;
  } finally {
    clearTimeout(tooLong);
  }
}
