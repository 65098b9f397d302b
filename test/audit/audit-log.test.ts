/** The file of a worker: its lock, its lines, and what becomes of it after a crash. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AuditError, AuditLog } from '../../src/audit/audit-log';
import { verify } from '../../src/audit/chain';
import { lockFile } from '../../src/audit/file-lock';
import { record } from './records';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'audit-'))));

const files = () => readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        return JSON.parse(line) as Record<string, unknown>;
      } catch {
        return { torn: line };
      }
    });

/** Writes, and closes. */
async function session(write: (log: AuditLog) => Promise<unknown>): Promise<string> {
  const log = await AuditLog.open(folder);
  await write(log);
  await log.close();
  return log.file;
}

it('the next worker goes on with the file of the one before', async () => {
  await session((log) => log.write([record()]));
  const file = await session((log) => log.write([record({ sequence: 2 })]));
  expect(files()).toHaveLength(1);
  expect(linesOf(file)).toMatchObject([
    { line: 1, sequence: 1 },
    { line: 2, sequence: 2 },
  ]);
  expect(verify(readFileSync(file))).toMatchObject({ whole: true, lines: 2 });
});

it('a retry writes no second line, not even on the next worker', async () => {
  const twice = async (log: AuditLog) => [await log.write([record()]), await log.write([record()])];
  await session(twice);
  const file = await session(async (log) => {
    await twice(log);
    await log.write([record(), record({ sequence: 2 }), record({ run: 'run-2' })]);
  });
  expect(linesOf(file).map(({ run, sequence }) => [run, sequence])).toEqual([
    ['run-1', 1],
    ['run-1', 2],
    ['run-2', 1],
  ]);
});

it('many writes at once stand one after the other', async () => {
  const file = await session((log) =>
    Promise.all(Array.from({ length: 50 }, (_, n) => log.write([record({ run: `run-${n}` })]))),
  );
  expect(verify(readFileSync(file))).toMatchObject({ whole: true, lines: 50 });
});

it('says where it wrote, with the hash that the last line then has', async () => {
  const file = await session(async (log) => {
    const written = await log.write([record(), record({ sequence: 2 })]);
    expect(written).toEqual({ file: path.basename(log.file), line: 2, hash: verify(readFileSync(log.file)).head });
  });
  expect(file).toMatch(/audit-.*\.jsonl$/);
});

it.each<[string, (file: string) => void, number]>([
  ['in the middle of a line', (file) => truncateSync(file, readFileSync(file).length - 30), 3],
  ['before the end of a line', (file) => truncateSync(file, readFileSync(file).length - 1), 4],
  ['in the middle of its repair', (file) => appendFileSync(file, 'half a line\nhalf a repair'), 5],
])('a crash %s is closed by a repair record, and the chain goes on', async (_, crash, lines) => {
  const file = await session((log) => log.write([record(), record({ sequence: 2 })]));
  crash(file);
  expect(verify(readFileSync(file))).toMatchObject({ whole: false });
  await session((log) => log.write([record({ sequence: 2 }), record({ sequence: 3 })]));
  const read = linesOf(file);
  expect(read.some(({ kind }) => kind === 'repair')).toBe(true);
  expect(verify(readFileSync(file))).toMatchObject({ whole: true, lines: read.length });
  expect(read.filter(({ sequence }) => sequence === 2)).toHaveLength(1);
  expect(read.findIndex(({ sequence }) => sequence === 3)).toBe(lines === 5 ? 5 : read.length - 1);
});

it('a torn line that is taken out, or changed, is told', async () => {
  const file = await session((log) => log.write([record(), record({ sequence: 2 })]));
  appendFileSync(file, 'half a line');
  await session((log) => log.write([record({ sequence: 3 })]));
  const text = readFileSync(file, 'utf8');
  expect(verify(Buffer.from(text.replace('half a line\n', '')))).toMatchObject({ whole: false, bad: 3 });
  expect(verify(Buffer.from(text.replace('half a line', 'half a lie')))).toMatchObject({ whole: false, bad: 3 });
});

it('a second worker of the machine has a file of its own', async () => {
  const [one, other] = [await AuditLog.open(folder), await AuditLog.open(folder)];
  expect(one.file).not.toBe(other.file);
  await one.close();
  const third = await AuditLog.open(folder);
  expect(third.file).toBe(one.file);
  await Promise.all([other.close(), third.close()]);
});

it.each([
  ['that does not exist', () => path.join(folder, 'none'), /cannot be used \(ENOENT\)/],
  ['that is a file', () => __filename, /is no folder/],
])('a folder %s is refused with one sentence', async (_, place, sentence) => {
  await expect(AuditLog.open(place())).rejects.toThrow(AuditError);
  await expect(AuditLog.open(place())).rejects.toThrow(sentence);
});

describe('the lock', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** A process that takes the lock, and says whether it has it. */
  async function another(file: string): Promise<{ has: boolean; kill: () => Promise<void> }> {
    const child = fork(path.join(__dirname, 'take-lock.js'), [file]);
    children.push(child);
    const [has] = (await once(child, 'message')) as [boolean];
    return {
      has,
      kill: async () => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  }

  it('is held by a process as long as it lives, and by nobody after kill -9', async () => {
    const file = path.join(folder, 'a');
    const holder = await another(file);
    expect(holder.has).toBe(true);
    expect(lockFile(file)).toBeUndefined();
    await holder.kill();
    expect(lockFile(file)).toBeInstanceOf(Function);
    expect((await another(file)).has).toBe(false);
  });

  it('of many processes that take it over at once, one has it', async () => {
    const file = path.join(folder, 'a');
    await (await another(file)).kill();
    const takers = await Promise.all(Array.from({ length: 4 }, () => another(file)));
    expect(takers.filter(({ has }) => has)).toHaveLength(1);
  });

  it('is not held by another process that has the number of a dead one', () => {
    const file = path.join(folder, 'a');
    const give = lockFile(file);
    const lock = path.join(folder, readdirSync(folder)[0] ?? '');
    const owner = JSON.parse(readFileSync(lock, 'utf8')) as { began?: string };
    give?.();
    appendFileSync(`${file}.lock.2`, JSON.stringify({ ...owner, began: 'an earlier boot 1' }));
    expect(lockFile(file)).toBeInstanceOf(Function);
  });

  it('whose owner cannot be read, or is on another machine, is held', () => {
    for (const [n, owner] of ['', '{', JSON.stringify({ host: 'elsewhere', pid: 1 })].entries()) {
      appendFileSync(path.join(folder, `f${n}.lock.1`), owner);
      expect(lockFile(path.join(folder, `f${n}`))).toBeUndefined();
    }
  });
});
