import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';

const run = promisify(execFile);

/** Judged by its shape: inside a Jest test, Node's own errors are not instances of the test's Error. */
const FailedCommand = v.object({ stdout: v.string(), stderr: v.string() });

/** Nova, placement and Keystone, what Nova's own functional-test fixtures import, and a Prometheus. */
const packages = [
  'python3-nova',
  'python3-placement',
  'python3-keystone',
  'python3-fixtures',
  'python3-testtools',
  'python3-oslotest',
  'python3-wsgi-intercept',
  'python3-testscenarios',
  'python3-testresources',
  // For the checks of that kind.
  'prometheus',
];

export const cacheDirectory = path.resolve(__dirname, '../../.cache/nova');
const pasteFile = path.join(cacheDirectory, 'api-paste.ini');

export interface InstalledNova {
  /** Nova's own paste file: how its API is put together from middleware. */
  pasteFile: string;
}

/** Installs what is missing, once, with progress on stderr; throws one clear sentence where that cannot be done. */
export async function installNova(): Promise<InstalledNova> {
  const missing = await missingPackages();
  if (missing.length === 0 && existsSync(pasteFile)) return { pasteFile };

  await requireDebian12();
  requireRoot(missing);
  await mkdir(cacheDirectory, { recursive: true });
  await apt(['update']);
  if (missing.length > 0) await apt(['install', '--yes', '--no-install-recommends', ...missing]);
  if (!existsSync(pasteFile)) await fetchPasteFile();
  return { pasteFile };
}

async function missingPackages(): Promise<string[]> {
  // dpkg-query fails when it does not know one of the names, and lists the others all the same.
  const listed = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...packages]).then(
    ({ stdout }) => stdout,
    (error: unknown) => (v.is(FailedCommand, error) ? error.stdout : ''),
  );
  const lines = new Set(listed.split('\n'));
  return packages.filter((name) => !lines.has(`${name} installed`));
}

/** The harness rests on Nova's test fixtures, which differ from release to release: Debian 12 has Nova 26.2. */
async function requireDebian12(): Promise<void> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (/^ID="?debian"?$/m.test(release) && /^VERSION_ID="?12"?$/m.test(release)) return;
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? process.platform;
  throw new Error(
    `The suite on a real Nova needs Debian 12 and this is ${name}: run it on a Debian 12 machine or in a container.`,
  );
}

function requireRoot(missing: string[]): void {
  if (process.getuid?.() === 0) return;
  const what = missing.length > 0 ? missing.join(', ') : 'api-paste.ini of nova-common';
  throw new Error(`The suite on a real Nova lacks Debian packages (${what}): run it once as root to install them.`);
}

/**
 * The package nova-common has the paste file, but installing it would set up users, configuration and services of
 * a whole cloud. So it is unpacked, not installed.
 */
async function fetchPasteFile(): Promise<void> {
  const work = await mkdtemp(path.join(cacheDirectory, 'unpack-'));
  try {
    await apt(['download', 'nova-common'], work);
    const archive = (await readdir(work)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get download nova-common left no package behind: run it again.');
    await run('dpkg-deb', ['-x', archive, '.'], { cwd: work });
    await rename(path.join(work, 'usr/share/nova-common/api-paste.ini'), pasteFile);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function apt(args: string[], cwd = cacheDirectory): Promise<void> {
  process.stderr.write(`nova: apt-get ${args.join(' ')}\n`);
  // Another run may be installing the same packages: wait for it.
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'APT::Sandbox::User=root'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const started = Date.now();
  try {
    await run('apt-get', [...options, ...args], { cwd, env, maxBuffer: 64 << 20 });
  } catch (error) {
    const output = v.is(FailedCommand, error) ? error.stderr : '';
    const reason = output.split('\n').find((line) => line.startsWith('E: ')) ?? String(error);
    throw new Error(
      `The suite on a real Nova needs packages from Debian's archive, and "apt-get ${args[0] ?? ''}" failed ` +
        `(${reason}): see that the machine reaches the archive, and run it again.`,
      { cause: error },
    );
  }
  process.stderr.write(`nova: done after ${Math.round((Date.now() - started) / 1000)} s\n`);
}
