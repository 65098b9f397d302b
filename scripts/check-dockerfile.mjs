// @ts-check

// Carries out the Dockerfile's steps in a temporary folder, without a container engine: what .dockerignore lets
// through is copied, RUN lines are run (but for apt-get, which would change this machine), and then the result must
// hold all that its entries require, without the development packages.
//
// Usage: node scripts/check-dockerfile.mjs [--keep]

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import yaml from 'yaml';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * The lines of a Dockerfile as instructions; comments and line continuations are resolved.
 * @param {string} text
 */
function instructions(text) {
  return text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) || [];
      return { name: name.toUpperCase(), rest };
    });
}

/**
 * Whether a path belongs to the build context. Docker's rules as far as our file uses them: the last line that matches
 * the path or a folder above it decides.
 * @param {string} file
 * @param {string[]} lines
 */
function inContext(file, lines) {
  const parts = file.split('/');
  const names = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  let included = true;
  for (const line of lines) {
    const pattern = line.replace(/^!/, '').replace(/^\/|\/$/g, '');
    const expression = new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replace(/\*\*\/?|\*/g, (star) => (star === '*' ? '[^/]*' : '(.*/)?'))
        .replace(/\?/g, '[^/]')}$`,
    );
    if (names.some((name) => expression.test(name))) included = line.startsWith('!');
  }
  return included;
}

/**
 * @param {string} target
 */
function copyContext(target) {
  const ignored = fs
    .readFileSync(path.join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  /** @param {string} below */
  const walk = (below) => {
    for (const entry of fs.readdirSync(path.join(root, below), { withFileTypes: true })) {
      const name = path.posix.join(below, entry.name);
      // Nothing below these is ever let through, and to look costs time.
      if (['.git', 'node_modules', '.cache', 'dist'].includes(name)) continue;
      if (entry.isDirectory()) walk(name);
      else if (inContext(name, ignored)) {
        fs.mkdirSync(path.join(target, path.dirname(name)), { recursive: true });
        fs.copyFileSync(path.join(root, name), path.join(target, name));
      }
    }
  };
  walk('');
}

/** @typedef {{ folder: string, workdir: string, env: Record<string, string>, command: string[] }} Stage */

/**
 * @param {string} rest of a COPY line
 * @param {Stage} stage
 * @param {Map<string, Stage>} stages
 * @param {string} context
 */
function copy(rest, stage, stages, context) {
  const words = rest.split(/\s+/);
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const source = from === undefined ? context : stages.get(from)?.folder;
  if (source === undefined) throw new Error(`COPY --from=${from}: no such stage`);
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.pop() || '.';
  const into = path.join(stage.folder, path.posix.resolve(stage.workdir, target));
  for (const name of paths) {
    const file = path.join(source, name);
    if (!fs.existsSync(file)) throw new Error(`COPY ${name}: not in the build context (see .dockerignore)`);
    const isFolder = fs.statSync(file).isDirectory();
    const asFolder = !isFolder && (target.endsWith('/') || target === '.' || paths.length > 1);
    fs.cpSync(file, asFolder ? path.join(into, path.basename(name)) : into, {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
}

/**
 * @param {string} command
 * @param {Stage} stage
 */
function run(command, stage) {
  if (/^apt-get\b/.test(command)) {
    console.log('  not run: it would change this machine');
    return;
  }
  const cwd = path.join(stage.folder, stage.workdir);
  fs.mkdirSync(cwd, { recursive: true });
  const env = { ...process.env, ...stage.env };
  delete env['npm_execpath']; // the image has its own npm
  const { status, signal } = spawnSync('/bin/sh', ['-c', command], {
    cwd,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`RUN ${command}: ${signal || `exit ${status}`}`);
}

/**
 * Everything that the file needs, by following what it requires; throws at what is not there.
 * @param {string} file
 * @param {Set<string>} seen
 */
function follow(file, seen) {
  if (seen.has(file)) return;
  seen.add(file);
  const require = createRequire(file);
  const code = fs.readFileSync(file, 'utf8');
  for (const [, name = ''] of code.matchAll(/\b(?:require|import)\((?:\/\*.*?\*\/\s*)?["']([^"']+)["']\)/g)) {
    if (isBuiltin(name)) continue;
    let found;
    try {
      found = require.resolve(name);
    } catch {
      throw new Error(`${file} requires ${name}, and the image does not have it`);
    }
    // Packages are npm's business.
    if (!found.split(path.sep).includes('node_modules')) follow(found, seen);
  }
}

/**
 * The commands that docker-compose.yml starts, with the stage that each is started in; '' is the last one.
 * @returns {{ target: string, command: string[] }[]}
 */
function composeCommands() {
  const compose = yaml.parse(fs.readFileSync(path.join(root, 'docker-compose.yml'), 'utf8'));
  return Object.values(compose.services)
    .filter(({ build, command }) => build && command)
    .map(({ build, command }) => ({ target: build.target || '', command }));
}

/**
 * @param {string} folder
 * @returns {Map<string, Stage>} by their names; the last one is ''
 */
function build(folder) {
  const context = path.join(folder, 'context');
  copyContext(context);
  /** @type {Map<string, Stage>} */
  const stages = new Map();
  /** @type {Stage | undefined} */
  let stage;
  for (const { name, rest } of instructions(fs.readFileSync(path.join(root, 'Dockerfile'), 'utf8'))) {
    console.log(`${name} ${rest}`);
    if (name === 'FROM') {
      const [image = '', , as = ''] = rest.split(/\s+/);
      const base = stages.get(image);
      stage = { folder: path.join(folder, `stage-${as}`), workdir: '/', env: {}, command: [], ...inherited(base) };
      if (base) fs.cpSync(base.folder, stage.folder, { recursive: true, verbatimSymlinks: true });
      else fs.mkdirSync(stage.folder);
      stages.set(as, stage);
      continue;
    }
    if (!stage) throw new Error(`${name} before FROM`);
    if (name === 'WORKDIR') stage.workdir = path.posix.resolve(stage.workdir, rest);
    else if (name === 'ENV') {
      const [key = '', value = ''] = rest.split('=');
      stage.env[key] = value;
    } else if (name === 'COPY') copy(rest, stage, stages, context);
    else if (name === 'RUN') run(rest, stage);
    else if (name === 'CMD') stage.command = JSON.parse(rest);
    else if (name !== 'USER') throw new Error(`${name}: this check does not know it`);
  }
  return stages;
}

/** @param {Stage | undefined} base */
const inherited = (base) => (base ? { workdir: base.workdir, env: { ...base.env }, command: base.command } : {});

/**
 * @param {Map<string, Stage>} stages
 * @param {string} target
 */
function imageOf(stages, target) {
  const stage = stages.get(target);
  if (!stage) throw new Error(`docker-compose.yml builds the stage ${target}, which is not in the Dockerfile`);
  return { ...stage, image: path.join(stage.folder, stage.workdir) };
}

/**
 * That a program and all that it requires is in the image, and that it starts.
 * @param {ReturnType<typeof imageOf>} stage
 * @param {string} entry
 */
function checkEntry({ image, env }, entry) {
  const file = path.join(image, entry);
  if (!fs.existsSync(file)) throw new Error(`${entry} is not in the image`);
  /** @type {Set<string>} */
  const seen = new Set();
  follow(file, seen);
  const help = spawnSync(process.execPath, [entry, '--help'], {
    cwd: image,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 30_000,
  });
  if (help.status !== 0) throw new Error(`${entry} --help: exit ${help.status}\n${help.stderr}`);
  console.log(`${entry}: all that its ${seen.size} files require is there, and --help works`);
}

/** @param {string} image */
function checkLeftOut(image) {
  const locked = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const left = Object.keys(locked).filter((name) => locked[name].dev && fs.existsSync(path.join(image, name)));
  if (left.length > 0) throw new Error(`the image holds development packages: ${left.join(', ')}`);
  if (!fs.existsSync(path.join(image, 'dist', 'workflow-bundle.js'))) throw new Error('the image lacks the workflows');
}

const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dockerfile-')));
try {
  const stages = build(folder);
  const last = imageOf(stages, '');
  const { bin } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  for (const entry of new Set([last.command[1], ...Object.values(bin)])) checkEntry(last, String(entry));
  for (const { target, command } of composeCommands()) checkEntry(imageOf(stages, target), String(command[1]));
  checkLeftOut(last.image);
  console.log('The Dockerfile works.');
} catch (error) {
  console.error(`The Dockerfile does not work: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  if (process.argv.includes('--keep')) console.log(folder);
  else fs.rmSync(folder, { recursive: true, force: true });
}
