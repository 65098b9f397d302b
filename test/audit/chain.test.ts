/** What `audit verify` finds in a file. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AuditLog } from '../../src/audit/audit-log';
import { hashOf, NO_LINE, verify } from '../../src/audit/chain';
import { record } from './records';

/** A file of five lines. */
async function written(): Promise<Buffer[]> {
  const log = await AuditLog.open(mkdtempSync(path.join(tmpdir(), 'audit-')));
  await log.write([1, 2, 3, 4, 5].map((sequence) => record({ sequence })));
  await log.close();
  const lines = readFileSync(log.file, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => Buffer.from(line));
}

const fileOf = (lines: readonly Uint8Array[]) => Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
const changed = (line: Buffer | undefined) => Buffer.from(String(line).replace('"by":"bob"', '"by":"eve"'));

it('a file as it was written is whole, and its head is the hash of the last line', async () => {
  const lines = await written();
  const head = hashOf(lines[4] ?? Buffer.alloc(0));
  expect(verify(fileOf(lines))).toEqual({ whole: true, lines: 5, head });
  expect(verify(fileOf(lines), head.toUpperCase())).toMatchObject({ whole: true });
  expect(verify(Buffer.alloc(0))).toEqual({ whole: true, lines: 0, head: NO_LINE });
});

it.each<[string, (lines: Buffer[]) => Uint8Array[], number, RegExp]>([
  ['the first line is changed', ([a, ...rest]) => [changed(a), ...rest], 1, /was changed/],
  [
    'a line in the middle is changed',
    ([a, b, c, d, e]) => [a, b, changed(c), d, e].map((x) => x ?? Buffer.alloc(0)),
    3,
    /was changed/,
  ],
  ['the first line is missing', ([, ...rest]) => rest, 1, /^is missing: line 2 stands in its place$/],
  [
    'a line is missing',
    ([a, b, , d, e]) => [a, b, d, e].map((x) => x ?? Buffer.alloc(0)),
    3,
    /^is missing: line 4 stands in its place$/,
  ],
  [
    'two lines change places',
    ([a, b, c, d, e]) => [a, c, b, d, e].map((x) => x ?? Buffer.alloc(0)),
    2,
    /^is not in its place: line 3 stands there, and line 2 stands as line 3$/,
  ],
  [
    'a line is there twice',
    ([a, b, ...rest]) => [a, b, b, ...rest].map((x) => x ?? Buffer.alloc(0)),
    3,
    /not in its place/,
  ],
  [
    'a line is added',
    (lines) => [...lines.slice(0, 2), Buffer.from('{"line":3}'), ...lines.slice(2)],
    3,
    /no line of an audit log/,
  ],
  [
    'a line is replaced by one with a link that fits',
    (lines) =>
      lines.map((line, n) => (n === 3 ? Buffer.from(String(line).replace('"sequence":4', '"sequence":9')) : line)),
    4,
    /was changed/,
  ],
  [
    'the link of a line is changed',
    (lines) =>
      lines.map((line, n) => (n === 3 ? Buffer.from(String(line).replace(/"previous":"./, '"previous":"x')) : line)),
    4,
    /was changed/,
  ],
])('%s: it names the first bad line', async (_, change, bad, why) => {
  expect(verify(fileOf(change(await written())))).toMatchObject({
    whole: false,
    bad,
    why: expect.stringMatching(why) as unknown,
  });
});

it('a last line that is changed or cut off is seen with the head, and only then', async () => {
  const lines = await written();
  const { head } = verify(fileOf(lines));
  const last = [...lines.slice(0, 4), changed(lines[4])];
  expect(verify(fileOf(last))).toMatchObject({ whole: true });
  expect(verify(fileOf(last), head)).toMatchObject({
    whole: false,
    bad: 5,
    why: expect.stringMatching(/was changed, or/) as unknown,
  });
  expect(verify(fileOf(lines.slice(0, 4)))).toMatchObject({ whole: true });
  expect(verify(fileOf(lines.slice(0, 4)), head)).toMatchObject({ whole: false, bad: 4 });
  const older = hashOf(lines[2] ?? Buffer.alloc(0));
  expect(verify(fileOf(lines), older)).toMatchObject({
    whole: false,
    why: expect.stringMatching(/more lines than that/) as unknown,
  });
});

it('a line that is not whole is told', async () => {
  const bytes = fileOf(await written());
  expect(verify(bytes.subarray(0, -20))).toMatchObject({
    whole: false,
    bad: 5,
    why: expect.stringMatching(/not whole/) as unknown,
  });
});
