/** `audit verify` and `audit history` of files, and `history` where nothing is known: what they print, and exit with. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AuditLog } from '../../src/audit/audit-log';
import { record } from '../audit/records';
import { startWorld, type World } from '../client/stand-in';
import { call } from './captured-terminal';

const folder = mkdtempSync(path.join(tmpdir(), 'audit-'));
const RECORDED = path.join(__dirname, '..', 'histories', 'approved.json');

/** A file of the audit log with three lines. */
let file: string;
beforeAll(async () => {
  const log = await AuditLog.open(folder);
  await log.write([1, 2, 3].map((sequence) => record({ sequence })));
  await log.close();
  ({ file } = log);
});

/** A file of this text. */
const fileOf = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
};

describe('audit verify', () => {
  it('a whole file: 0, its head, and that a cut end is not seen without the head', async () => {
    const { code, out, err } = await call(`audit verify ${file}`);
    expect(code).toBe(0);
    expect(out).toMatch(/: whole, 3 lines\nhead: [0-9a-f]{64}\n$/);
    expect(err).toMatch(
      /without --head nobody can tell whether the last line was changed, or lines after it are missing/,
    );
    const head = /[0-9a-f]{64}/.exec(out)?.[0] ?? '';
    expect(await call(`audit verify ${file} --head ${head}`)).toMatchObject({ code: 0, err: '' });
    expect((await call(`audit verify ${file} -f json -q`)).json()).toEqual({ file, whole: true, lines: 3, head });
  });

  it('a changed file: 1, and the first bad line', async () => {
    const changed = fileOf('changed', readFileSync(file, 'utf8').replace('"sequence":2', '"sequence":7'));
    const { code, out } = await call(`audit verify ${changed}`);
    expect([code, out]).toEqual([1, `${changed}: line 2 was changed after it was written\n`]);
    expect((await call(`audit verify ${changed} -f json`)).json()).toMatchObject({ whole: false, bad: 2 });
  });

  it.each([
    ['a file that is not there', `audit verify ${folder}/none`, /none: cannot be read \(ENOENT\)/],
    ['a head that is none', `audit verify ${__filename} --head abc`, /--head: is no SHA-256/],
  ])('%s: 2', async (_, line, sentence) => {
    expect(await call(line)).toMatchObject({ code: 2, err: expect.stringMatching(sentence) as unknown });
  });
});

describe('audit history', () => {
  it('a history that keeps what is promised: 0', async () => {
    const { code, out } = await call(`audit history ${RECORDED}`);
    expect([code, out]).toEqual([0, expect.stringMatching(/^resize-\S+, run \S+: keeps what is promised\n$/)]);
  });

  it('one that does not: 1, with the promise, the event and the run', async () => {
    const { events } = JSON.parse(readFileSync(RECORDED, 'utf8')) as { events: unknown[] };
    const cut = fileOf('cut.json', JSON.stringify({ events: events.filter((_, n) => n !== 20) }));
    const { code, out } = await call(`audit history ${cut}`);
    expect(code).toBe(1);
    expect(out).toMatch(
      /does NOT keep what is promised\n {2}the history is whole: .*\n {4}run \S+, event 21 is missing/,
    );
    expect((await call(`audit history ${cut} -f json`)).json()).toMatchObject({
      resizes: [{ kept: false, breaches: [{ promise: 'whole', eventId: '21' }] }],
    });
  });

  it.each([
    ['no JSON', 'not json', /is no JSON; export it with "temporal workflow show -o json"/],
    ['no history', '{}', /is no history of a resize: it has no list "events"/],
    [
      'a history of another workflow',
      JSON.stringify({
        events: [
          {
            eventId: '1',
            eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
            workflowExecutionStartedEventAttributes: { workflowType: { name: 'other' } },
          },
        ],
      }),
      /it is of a workflow of type other, not of resizeServer/,
    ],
  ])('a file with %s: 2', async (_, text, sentence) => {
    const { code, err } = await call(`audit history ${fileOf('given.json', text)}`);
    expect([code, err]).toEqual([2, expect.stringMatching(sentence)]);
  });
});

describe('of a server that nothing is known of', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it.each(['history nobody', 'audit history nobody'])('%s: 6', async (line) => {
    const { code, err } = await call(line, { connect: world.options('audit') });
    expect([code, err]).toEqual([6, expect.stringMatching(/no resize of a server named 'nobody' is known/)]);
  });
});

it.each(['history', 'audit', 'audit verify', 'audit history'])('%s --help shows examples', async (command) => {
  const { code, out } = await call(`${command} --help`);
  expect(code).toBe(0);
  expect(out).toContain(`durable-resize ${command === 'audit' ? 'audit' : command}`);
});
