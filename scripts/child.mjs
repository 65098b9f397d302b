// @ts-check

// Runs a program in the foreground as a shell's `exec` would: it gets our signals, and we end as it ends.
// Node's own modules only: it is used before anything is installed.

import { spawn } from 'child_process';
import fs from 'fs';
import os from 'os';

/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} End */

/** Between two checks whether our parent is still there; milliseconds. */
const CHECK_EVERY = 250;

/**
 * In the foreground of a terminal, Ctrl-C reaches every process of the group by itself. Passing it on would interrupt
 * the command twice, and twice means "at once" to many a program.
 */
function terminalInterruptsAll() {
  let stat;
  try {
    stat = fs.readFileSync('/proc/self/stat', 'utf8');
  } catch {
    return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY || false; // not Linux
  }
  const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return terminal !== '0' && group === foreground;
}

/**
 * npm passes a signal to the shell that runs its script, and the shell ends without telling us (measured with npm 11
 * and dash). So under npm the end of our parent is a request to end.
 * @param {() => void} onGone
 */
function watchParent(onGone) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, CHECK_EVERY);
  return () => clearInterval(timer);
}

/**
 * Runs a program to its end, passing signals on to it.
 * @param {string} command
 * @param {string[]} args
 * @param {import('child_process').SpawnOptions} options
 * @returns {Promise<End & { asked: NodeJS.Signals | null }>} `asked`: the last signal that we were sent meanwhile
 */
export function runChild(command, args, options) {
  return new Promise((resolve, reject) => {
    /** @type {NodeJS.Signals | null} */
    let asked = null;
    const child = spawn(command, args, options);
    /** @type {Map<NodeJS.Signals, () => void>} */
    const handlers = new Map();
    for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])) {
      handlers.set(signal, () => {
        asked = signal;
        if ((signal === 'SIGINT' || signal === 'SIGQUIT') && terminalInterruptsAll()) return;
        child.kill(signal);
      });
    }
    for (const [signal, handler] of handlers) process.on(signal, handler);
    const stopWatching = process.env['npm_lifecycle_event']
      ? watchParent(() => {
          if (asked) return;
          asked = 'SIGTERM';
          child.kill('SIGTERM');
        })
      : () => {};
    const done = () => {
      stopWatching();
      for (const [signal, handler] of handlers) process.off(signal, handler);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      done();
      resolve({ code, signal, asked });
    });
  });
}

/**
 * Ends this process as the child ended.
 * @param {End} end
 */
export function endLike({ code, signal }) {
  if (!signal) return process.exit(code === null ? 1 : code);
  process.kill(process.pid, signal);
  // The signal is on its way to us; should it not end us (as with one that this platform ignores), this does.
  setTimeout(() => process.exit(128 + (os.constants.signals[signal] || 0)), 1000);
}
