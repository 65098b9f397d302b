/**
 * A Temporal server to which people log in, and which records who sent what. The development server of the Temporal
 * CLI has no log-in, so this is the real one, built from its Go module once and kept in the cache.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { withLock } from '../../scripts/lock.js';
import { until } from '../nova/wait';
import { freePorts } from '../free-ports';
import { addOurSearchAttributes, QUICK } from '../shared';

const VERSION = '1.32.0';
const MODULE = `go.temporal.io/server/cmd/server@v${VERSION}`;
const CACHE = path.join(__dirname, '..', '..', '.cache', 'temporal-server', VERSION);
const NAMESPACE = 'default';
const SERVICES = ['frontend', 'internal-frontend', 'matching', 'history', 'worker'] as const;

export interface TemporalWithLogin {
  address: string;
  namespace: string;
  /** The log-in of somebody who may read and write in the namespace; the header of every call. */
  as(name: string): { authorization: string };
  log(): string;
  stop(): Promise<void>;
}

/** Builds the server where it is not in the cache: about eight minutes on two cores, and a network with Go modules. */
async function executable(): Promise<string> {
  const program = path.join(CACHE, 'server');
  await mkdir(CACHE, { recursive: true });
  await withLock(path.join(CACHE, 'lock'), async () => {
    if (existsSync(program)) return;
    const folder = await mkdtemp(path.join(CACHE, 'build-'));
    try {
      const go = spawn('go', ['install', MODULE], {
        env: { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false' },
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      const [code] = (await once(go, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`go install ${MODULE} ended with ${String(code)}: this suite needs Go`);
      await rename(path.join(folder, 'server'), program);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return program;
}

/** JSON Web Tokens of a key of our own, and the key as a server reads it. */
function tokens(): { jwks: object; tokenOf: (name: string, permissions: readonly string[]) => string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return {
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'ours', use: 'sig', alg: 'ES256' }] },
    tokenOf(name, permissions) {
      const exp = Math.floor(Date.now() / 1000) + 24 * 3600;
      const text = `${encoded({ alg: 'ES256', kid: 'ours', typ: 'JWT' })}.${encoded({ sub: name, permissions, exp })}`;
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${text}.${signature.toString('base64url')}`;
    },
  };
}

/** @param propagates does it record who sent what? */
export async function startTemporalWithLogin(propagates = true): Promise<TemporalWithLogin> {
  const program = await executable();
  const folder = await mkdtemp(path.join(tmpdir(), 'temporal-login-'));
  const { jwks, tokenOf } = tokens();
  const keys = path.join(folder, 'jwks.json');
  await writeFile(keys, JSON.stringify(jwks));
  const dynamic = { ...QUICK, 'frontend.enablePrincipalPropagation': String(propagates) };
  const dynamicFile = path.join(folder, 'dynamic.yaml');
  const values = Object.entries(dynamic).map(([key, value]) => [key, [{ value: JSON.parse(value) as unknown }]]);
  await writeFile(dynamicFile, stringify(Object.fromEntries(values)));
  const { config, port } = await configOf(pathToFileURL(keys).href, dynamicFile);
  const configFile = path.join(folder, 'server.yaml');
  await writeFile(configFile, stringify(config));

  // Not among those that it starts by itself: the internal front end.
  const requested = SERVICES.flatMap((name) => ['--service', name]);
  const server = spawn(program, ['--config-file', configFile, 'start', ...requested], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithUs = () => server.kill('SIGKILL');
  process.once('exit', endWithUs);
  const log = lastOf(server, path.join(folder, 'server.log'));
  const address = `127.0.0.1:${port}`;
  const as = (name: string, permissions = [`${NAMESPACE}:write`]) => ({
    authorization: `Bearer ${tokenOf(name, permissions)}`,
  });
  const stop = async () => {
    process.off('exit', endWithUs);
    if (server.exitCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await prepareNamespace(address, as('admin', ['temporal-system:admin']), log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, namespace: NAMESPACE, as: (name) => as(name), log, stop };
}

function lastOf(server: ChildProcess, file: string): () => string {
  let last = '';
  const whole = createWriteStream(file);
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (data: Buffer) => {
      last = (last + data.toString()).slice(-8000);
      whole.write(data);
    });
  }
  return () => last;
}

/** All services in one process, everything in memory. The internal front end is the server's own, which needs no token. */
async function configOf(keys: string, dynamicFile: string): Promise<{ config: object; port: number }> {
  const store = () => ({
    sql: {
      user: '',
      password: '',
      pluginName: 'sqlite',
      databaseName: 'default',
      connectAddr: 'localhost',
      connectProtocol: 'tcp',
      connectAttributes: { mode: 'memory', cache: 'private' },
      maxConns: 1,
      maxIdleConns: 1,
      maxConnLifetime: '1h',
    },
  });
  const services: Record<string, object> = {};
  let port = 0;
  for (const name of SERVICES) {
    const [grpcPort, membershipPort] = await freePorts();
    if (name === 'frontend') port = grpcPort;
    services[name] = { rpc: { grpcPort, membershipPort, bindOnLocalHost: true } };
  }
  const config = {
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'main',
      visibilityStore: 'visibility',
      numHistoryShards: 1,
      datastores: { main: store(), visibility: store() },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      authorization: { authorizer: 'default', claimMapper: 'default', jwtKeyProvider: { keySourceURIs: [keys] } },
    },
    services,
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `127.0.0.1:${port}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamicFile, pollInterval: '10s' },
  };
  return { config, port };
}

async function prepareNamespace(address: string, metadata: Record<string, string>, log: () => string): Promise<void> {
  let last: unknown;
  const connection = await until(
    'the Temporal server with log-in to answer',
    async () => {
      try {
        return await Connection.connect({ address, metadata, connectTimeout: '1s' });
      } catch (error) {
        last = error;
        return undefined;
      }
    },
    { within: 20_000, seen: () => `${String(last)}\n${log()}` },
  );
  try {
    await connection.workflowService.registerNamespace({
      namespace: NAMESPACE,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    await until(
      'the namespace to be known',
      async () => {
        try {
          await addOurSearchAttributes(connection, NAMESPACE);
          return true;
        } catch (error) {
          last = error;
          return undefined;
        }
      },
      { within: 20_000, seen: () => `${String(last)}\n${log()}` },
    );
  } finally {
    await connection.close();
  }
}
