import { existsSync } from 'node:fs';
import path from 'node:path';
import { tryLock, withLock } from '../../scripts/lock.js';
import { root, start, temporaryFolder, until } from './processes';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const lockModule = JSON.stringify(path.join(root, 'scripts/lock.js'));

test('one holder at a time, and the next when it is released', async () => {
  const lock = path.join(folder, 'simple');
  const release = tryLock(lock);
  expect(release).toBeDefined();
  expect(tryLock(lock)).toBeUndefined();

  let told = 0;
  let done = false;
  const second = withLock(
    lock,
    () => {
      done = true;
    },
    () => (told += 1),
  );
  await until(() => told === 1);
  expect(done).toBe(false);
  release?.();
  await second;
  expect(done).toBe(true);
  expect(told).toBe(1);
});

test('a holder that was killed does not block the next one', async () => {
  const lock = path.join(folder, 'killed');
  const holder = start(process.execPath, [
    '-e',
    `require(${lockModule}).tryLock(${JSON.stringify(lock)}); console.log('held'); setInterval(() => {}, 1000);`,
  ]);
  await holder.says(/held/);
  expect(tryLock(lock)).toBeUndefined();
  holder.child.kill('SIGKILL');
  await holder.ended;
  const release = tryLock(lock);
  expect(release).toBeDefined();
  release?.();
});

test('many processes never hold it at once, though some die holding it', async () => {
  const lock = path.join(folder, 'many');
  const inside = JSON.stringify(path.join(folder, 'inside'));
  const contend = (dies: boolean) =>
    start(process.execPath, [
      '-e',
      `const fs = require('fs');
       const { withLock } = require(${lockModule});
       (async () => {
         for (let round = 0; round < 5; round += 1) {
           await withLock(${JSON.stringify(lock)}, async () => {
             fs.closeSync(fs.openSync(${inside}, 'wx')); // fails when another is inside
             await new Promise((resolve) => setTimeout(resolve, 5));
             fs.rmSync(${inside});
             if (${dies} && round === 2) process.kill(process.pid, 'SIGKILL');
           });
         }
       })();`,
    ]).ended;
  const ends = await Promise.all([false, true, false, true].map(contend));
  expect(ends.map(({ code, signal, stderr }) => signal ?? `${code ?? ''}${stderr}`)).toEqual([
    '0',
    'SIGKILL',
    '0',
    'SIGKILL',
  ]);
  expect(existsSync(path.join(folder, 'inside'))).toBe(false);
});
