// @ts-check
'use strict';

/**
 * One process at a time, and a holder that was killed does not block the next one.
 *
 * Each holder owns one numbered file and the highest number counts. Nobody ever removes the highest file, so a
 * dead holder is succeeded by creating the next number, which the file system gives to exactly one process. (A single
 * lock file would have to be removed by whoever finds it stale, and two who find it could each remove the other's.)
 */

const fs = require('fs');
const path = require('path');

/** @param {number} pid when the process started, so that a reused pid is not taken for the holder; '' where unknown */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] || '';
  } catch {
    return '';
  }
}

/** @param {string} file */
function isHeld(file) {
  /** @type {{ pid: number, start: string } | undefined} */
  let holder;
  try {
    holder = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return false; // released (empty), or superseded and removed just now: the caller's attempt decides
  }
  if (!holder) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') return false;
  }
  return startOf(holder.pid) === holder.start;
}

/** @param {string} folder */
function numbers(folder) {
  return fs
    .readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Take the lock if nobody holds it.
 * @param {string} folder belongs to the lock alone
 * @returns {(() => void) | undefined} releases the lock; undefined when somebody else holds it
 */
function tryLock(folder) {
  fs.mkdirSync(folder, { recursive: true });
  const newest = numbers(folder).pop() || 0;
  if (newest > 0 && isHeld(path.join(folder, String(newest)))) return undefined;

  const mine = path.join(folder, String(newest + 1));
  const draft = path.join(folder, `draft-${process.pid}-${Math.random().toString(36).slice(2)}`);
  fs.writeFileSync(draft, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
  try {
    fs.linkSync(draft, mine); // with its content, or not at all
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return undefined;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
  const all = numbers(folder);
  if (all[all.length - 1] !== newest + 1) {
    // What we saw is past: our number was used, and cleared away by its successor.
    fs.rmSync(mine, { force: true });
    return undefined;
  }
  for (const old of all) if (old <= newest) fs.rmSync(path.join(folder, String(old)), { force: true });
  return () => {
    // Where the whole folder was cleared away meanwhile there is nothing left to release.
    if (fs.existsSync(mine)) fs.writeFileSync(mine, '');
  };
}

/**
 * Wait for the lock, do the work, release it.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T> | T} work
 * @param {() => void} [onWait] told once when somebody else holds it
 * @returns {Promise<T>}
 */
async function withLock(folder, work, onWait) {
  let release = tryLock(folder);
  if (!release && onWait) onWait();
  while (!release) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    release = tryLock(folder);
  }
  try {
    return await work();
  } finally {
    release();
  }
}

module.exports = { tryLock, withLock };
