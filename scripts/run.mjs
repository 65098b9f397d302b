// @ts-check

/**
 * Makes a bare clone ready, then runs a command: `node scripts/run.mjs -- <command> args...`
 *
 * Installs the packages when package-lock.json asks for others than are there, compiles when the sources changed, and
 * runs the command with the project's programs on its PATH. Without a command it stops after the build;
 * `--install` stops after the packages. Nothing but the command's own output goes to stdout, so that the output of
 * `npm run -s starter -- status web-07 -f json` is one JSON document.
 *
 * It runs before anything is installed: Node's own modules only.
 */

import { createHash } from 'crypto';
import fs from 'fs';
import path from 'path';
import { fileURLToPath } from 'url';
import { endLike, runChild } from './child.mjs';
import lock from './lock.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** @param {string[]} parts */
const at = (...parts) => path.join(root, ...parts);

const modules = at('node_modules');
const installStamp = path.join(modules, '.durable-resize-stamp');
const buildStamp = at('dist', '.build-stamp');
const bundleStamp = at('dist', '.bundle-stamp');

/** What a person is told in one sentence, without a stack. */
class Problem extends Error {}

/** @param {string} text */
const say = (text) => process.stderr.write(`durable-resize: ${text}\n`);

/** @param {string} file the text, or '' when there is no such file */
function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return '';
    throw error;
  }
}

/** @param {string[]} texts */
function digest(...texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('hex');
}

/**
 * All files below a folder, as sorted paths relative to it.
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(folder, below = '') {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(path.join(folder, below), { withFileTypes: true })
    .flatMap((entry) => {
      const name = path.join(below, entry.name);
      return entry.isDirectory() ? filesIn(folder, name) : [name];
    })
    .sort();
}

function checkNode() {
  const wanted = /(\d+)\.(\d+)/.exec(JSON.parse(read(at('package.json'))).engines.node) || [];
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < Number(wanted[1]) || (major === Number(wanted[1]) && minor < Number(wanted[2]))) {
    throw new Problem(`Node.js ${wanted[0]} or newer is needed, and this is ${process.versions.node}.`);
  }
}

/**
 * One step on the way to the command: everything it says goes to stderr.
 * @param {string} what
 * @param {string} command
 * @param {string[]} args
 */
async function step(what, command, args) {
  const end = await runChild(command, args, { cwd: root, stdio: ['ignore', 2, 2] }).catch(
    (/** @type {unknown} */ error) => {
      throw new Problem(
        `${what} failed: ${command} cannot be run (${error instanceof Error ? error.message : error}).`,
      );
    },
  );
  if (end.asked) {
    endLike({ code: null, signal: end.asked });
    await new Promise(() => {}); // the signal ends us
  }
  if (end.code !== 0) {
    const how = end.signal ? `was ended by ${end.signal}` : `exited with ${end.code}`;
    throw new Problem(`${what} failed (${path.basename(args[0] || command)} ${how}); what it said is above.`);
  }
}

// --- Packages -------------------------------------------------------------------------------------------------------

const wantedPackages = () => read(at('package-lock.json'));
const presentPackages = () => read(path.join(modules, '.package-lock.json')); // npm's own note of what it installed

/** Another system needs other binaries, as when a folder is mounted into a container. */
const installKey = () => digest(wantedPackages(), presentPackages(), process.platform, process.arch);

const installed = () => read(installStamp) === installKey();

/** Whether what npm noted is what the lock file asks for, as after an `npm ci` by hand. */
function satisfied() {
  const present = JSON.parse(presentPackages() || '{}').packages || {};
  return Object.entries(JSON.parse(wantedPackages()).packages).every(
    ([name, wanted]) =>
      name === '' ||
      wanted.optional ||
      (wanted.devOptional && (wanted.os || wanted.cpu)) || // for another platform
      (present[name] && present[name].version === wanted.version && fs.existsSync(at(name))),
  );
}

async function install() {
  if (!satisfied()) {
    say('installing packages (npm ci)');
    // Under `npm run` this is the npm that runs us. --include=dev: the compiler is needed even where NODE_ENV says
    // production. --loglevel: `npm run -s` would hide the reason of a failure from us too.
    const npm = process.env.npm_execpath;
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    if (npm && /npm-cli\.[cm]?js$/.test(npm)) await step('Installing the packages', process.execPath, [npm, ...args]);
    else await step('Installing the packages', process.platform === 'win32' ? 'npm.cmd' : 'npm', args);
  }
  fs.writeFileSync(installStamp, installKey());
}

// --- Build ----------------------------------------------------------------------------------------------------------

const sources = () => filesIn(at('src')).filter((name) => name.endsWith('.ts'));

/** @param {string} source */
const outputOf = (source) => at('dist', source.replace(/\.ts$/, '.js'));

const buildKey = () =>
  digest(
    read(at('tsconfig.json')),
    wantedPackages(),
    ...sources().flatMap((name) => [name, fs.readFileSync(at('src', name), 'utf8')]),
  );

const outputsPresent = () => sources().every((name) => name.endsWith('.d.ts') || fs.existsSync(outputOf(name)));

const built = () => read(buildStamp) === buildKey() && outputsPresent();

async function compile() {
  const key = buildKey(); // before, so that a file saved meanwhile is compiled next time
  const names = sources();
  // The compiler trusts its own notes about what it has written.
  if (!outputsPresent()) fs.rmSync(at('dist', '.tsbuildinfo'), { force: true });
  if (names.length > 0)
    await step('The build', process.execPath, [path.join(modules, 'typescript', 'bin', 'tsc'), '-p', '.']);
  // What is left of a source that is gone could still be imported.
  const known = new Set(names.map((name) => name.replace(/\.ts$/, '')));
  for (const file of filesIn(at('dist'))) {
    const from = file.replace(/(\.js|\.js\.map|\.d\.ts)$/, '');
    if (from !== file && from !== 'workflow-bundle' && !known.has(from)) fs.rmSync(at('dist', file));
  }
  fs.mkdirSync(at('dist'), { recursive: true });
  fs.writeFileSync(buildStamp, key);
}

const workflows = at('dist', 'workflows', 'index.js');
const bundle = at('dist', 'workflow-bundle.js');

/** The compiled files that the workflows consist of, by following what they require. */
function workflowFiles() {
  /** @type {Set<string>} */
  const found = new Set();
  /** @param {string} file */
  const follow = (file) => {
    if (found.has(file) || !fs.existsSync(file)) return;
    found.add(file);
    for (const [, target = ''] of fs.readFileSync(file, 'utf8').matchAll(/\brequire\("(\.[^"]*)"\)/g)) {
      const base = path.resolve(path.dirname(file), target);
      follow([base, `${base}.js`, path.join(base, 'index.js')].find((name) => filesystemHasFile(name)) || base);
    }
  };
  follow(workflows);
  return [...found].sort();
}

/** @param {string} name */
function filesystemHasFile(name) {
  const stat = fs.statSync(name, { throwIfNoEntry: false });
  return stat !== undefined && stat.isFile();
}

const bundleKey = () =>
  digest(
    wantedPackages(),
    read(at('scripts', 'bundle-workflows.mjs')),
    ...workflowFiles().map((file) => fs.readFileSync(file, 'utf8')),
  );

/** True as well where there are no workflows to bundle. */
const bundled = () => !fs.existsSync(workflows) || (fs.existsSync(bundle) && read(bundleStamp) === bundleKey());

async function bundleWorkflows() {
  const key = bundleKey();
  await step('Bundling the workflows', process.execPath, [at('scripts', 'bundle-workflows.mjs'), workflows, bundle]);
  fs.writeFileSync(bundleStamp, key);
}

// --- All together ---------------------------------------------------------------------------------------------------

/** @param {boolean} installOnly */
async function makeReady(installOnly) {
  const ready = () => installed() && (installOnly || (built() && bundled()));
  if (ready()) return;
  await lock.withLock(
    at('.cache', 'run.lock'),
    async () => {
      if (!installed()) await install();
      if (installOnly) return;
      if (!built()) await compile();
      if (!bundled()) await bundleWorkflows();
    },
    () => say('waiting for another process that is installing or building here'),
  );
}

async function main() {
  checkNode();
  const given = process.argv.slice(2);
  const installOnly = given[0] === '--install';
  if (installOnly) given.shift();
  if (given[0] === '--') given.shift();
  const [command, ...args] = given;
  if (command && command.startsWith('-')) {
    throw new Problem(`unknown option ${command}; usage: node scripts/run.mjs [--install] [-- <command> args...]`);
  }
  await makeReady(installOnly);
  if (installOnly || !command) return;

  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') || 'PATH';
  const env = { ...process.env };
  env[name] = [path.join(modules, '.bin'), env[name]].filter(Boolean).join(path.delimiter);
  const program = command === 'node' ? process.execPath : command;
  try {
    endLike(await runChild(program, args, { cwd: root, stdio: 'inherit', env }));
  } catch (error) {
    say(`${command} cannot be run: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(127);
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  say(error.message);
  process.exit(1);
}
