import fc from 'fast-check';
import {
  checkRequest,
  InvalidRequest,
  isServerId,
  readableParts,
  readDuration,
  workflowIdOf,
} from '../../src/resize/request';
import { often } from './often';

const SERVER = '4f1e2d3c-aaaa-4bbb-8ccc-0123456789ab';
const least = { cloud: 'prod', server: SERVER, flavor: 'm1.xlarge', requestedBy: 'ana' };
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The sentence that an input is refused with. */
function sentenceFor(input: unknown): string {
  try {
    checkRequest(input);
  } catch (error) {
    if (error instanceof InvalidRequest) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('a request', () => {
  it('needs cloud, server, flavor and requester; the rest has defaults', () => {
    expect(checkRequest(least)).toStrictEqual({
      version: 1,
      ...least,
      resizeWithin: 2 * HOUR,
      decideWithin: 30 * MINUTE,
      onTimeout: 'revert',
      settleWithin: 10 * MINUTE,
      lateGrace: 5 * MINUTE,
    });
  });

  it('keeps all that it says, with durations in milliseconds', () => {
    const all = {
      ...least,
      version: 1,
      reason: 'CHG-1234',
      expect: { project: 'p1', region: 'r1' },
      resizeWithin: '1h',
      decideWithin: '90s',
      onTimeout: 'hold',
      settleWithin: 5000,
      lateGrace: '1 minute',
      key: 'nightly-7',
      polling: { initial: '2s', maximum: 30_000, backoff: 1.5 },
    };
    expect(checkRequest(all)).toStrictEqual({
      ...all,
      resizeWithin: HOUR,
      decideWithin: 90 * SECOND,
      settleWithin: 5 * SECOND,
      lateGrace: MINUTE,
      polling: { initial: 2 * SECOND, maximum: 30 * SECOND, backoff: 1.5 },
    });
  });

  it('that was checked passes the check again, unchanged: client and workflow apply the same', () => {
    const once = checkRequest({ ...least, expect: {}, polling: {}, decideWithin: '45m', reason: ' x ' });
    expect(checkRequest(JSON.parse(JSON.stringify(once)))).toStrictEqual(once);
  });

  it('is trimmed', () => {
    expect(checkRequest({ ...least, flavor: ' m1.xlarge ', requestedBy: 'ana\n' })).toMatchObject({
      flavor: 'm1.xlarge',
      requestedBy: 'ana',
    });
  });

  it('names a server in one letter case, so that it has one workflow id', () => {
    expect(checkRequest({ ...least, server: SERVER.toUpperCase() }).server).toBe(SERVER);
    expect(workflowIdOf(SERVER.toUpperCase())).toBe(`resize-${SERVER}`);
  });
});

describe('a request is refused, in one sentence that names the field', () => {
  it.each(['at', 'decideUntil'])('%s is not supported yet', (field) => {
    for (const value of [true, {}, [], 'x', 1]) {
      expect(sentenceFor({ ...least, [field]: value })).toBe(`${field}: not supported by this version; leave it out`);
    }
  });

  it.each<[string, object, RegExp]>([
    ['an unknown field', { flavour: 'm1' }, /^flavour: no such field/],
    ['a secret', { password: 'x' }, /^password: no such field/],
    ['an unknown field of expect', { expect: { zone: 'x' } }, /^expect\.zone: no such field/],
    ['an unknown field of polling', { polling: { max: 1 } }, /^polling\.max: no such field/],
    ['no cloud', { cloud: undefined }, /^cloud: is missing/],
    ['no flavor', { flavor: undefined }, /^flavor: is missing/],
    ['no requester', { requestedBy: undefined }, /^requestedBy: is missing/],
    ['an empty requester', { requestedBy: '  ' }, /^requestedBy: is empty/],
    ['a long reason', { reason: 'r'.repeat(2001) }, /^reason: is longer than 2000 characters/],
    ['an empty reason', { reason: '' }, /^reason: is empty/],
    ['a number for a text', { flavor: 7 }, /^flavor: 7 is not valid here \(expected string\)/],
    ['null for a text', { cloud: null }, /^cloud: is missing/],
    ['a text for expect', { expect: 'p1' }, /^expect: "p1" is not valid here/],
    ['a list for polling', { polling: [1] }, /^polling/],
    [
      'an unknown time-out',
      { onTimeout: 'approve' },
      /^onTimeout: "approve" is not valid here .*revert.*confirm.*hold/,
    ],
    ['a backoff below 1', { polling: { backoff: 0.5 } }, /^polling\.backoff: 0\.5 is not valid here \(expected >=1\)/],
    ['a backoff above 10', { polling: { backoff: 11 } }, /^polling\.backoff: 11 is not valid here/],
    ['a bad duration', { decideWithin: 'soon' }, /^decideWithin: "soon" is not a duration; write for example/],
    ['an empty duration', { decideWithin: '' }, /^decideWithin: "" is not a duration/],
    ['a duration without a unit', { resizeWithin: '30' }, /^resizeWithin: "30" is not a duration/],
    ['a duration of nothing', { lateGrace: 0 }, /^lateGrace: 0 is not a duration/],
    ['a duration of another type', { settleWithin: true }, /^settleWithin: true is not valid here/],
    ['a bad duration in polling', { polling: { initial: 'x' } }, /^polling\.initial: "x" is not a duration/],
    ['a bad maximum in polling', { polling: { maximum: -1 } }, /^polling\.maximum: -1 is not a duration/],
    [
      'a version of later',
      { version: 2 },
      /^version: 2 is newer than this program understands \(1\); update the workers/,
    ],
    ['a version of never', { version: 0 }, /^version: 0 is not valid here/],
    ['a broken version', { version: 1.5 }, /^version: 1\.5/],
    ['a version in words', { version: 'one' }, /^version: "one" is not valid here/],
    ['a server by name', { server: 'web-07' }, /^server: "web-07" is not a server id/],
    ['a long flavor', { flavor: 'f'.repeat(1001) }, /^flavor: is longer than 1000 characters/],
  ])('%s', (_, change, sentence) => {
    const message = sentenceFor({ ...least, ...change });
    expect(message).toMatch(sentence);
    expect(message).not.toMatch(/undefined|\[object/);
  });

  it.each([undefined, null, 'resize web-07', 7, true, [], [least]])('%j is no request', (input) => {
    expect(sentenceFor(input)).toMatch(/^\w+: /);
  });

  it('a version of later is said before what it brings with it', () => {
    expect(sentenceFor({ ...least, version: 2, policy: 'p', colour: 'x' })).toMatch(/^version: 2/);
  });

  it('whatever it is: no other error, and no endless sentence', () => {
    const input = fc.oneof(
      fc.anything(),
      fc
        .tuple(
          fc.constantFrom(
            'cloud',
            'server',
            'flavor',
            'decideWithin',
            'polling',
            'expect',
            'version',
            'onTimeout',
            'x',
          ),
          fc.oneof(fc.anything(), fc.string({ minLength: 100, maxLength: 400 }), fc.double()),
        )
        .map(([field, value]) => ({ ...least, [field]: value })),
    );
    fc.assert(
      fc.property(input, (each) => {
        try {
          const request = checkRequest(each);
          expect(JSON.parse(JSON.stringify(request))).toStrictEqual(request);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequest);
          expect((error as InvalidRequest).message.length).toBeLessThan(700);
        }
      }),
      often(1500),
    );
  });
});

describe('a duration', () => {
  it.each<[string | number, number]>([
    [1, 1],
    [1500, 1500],
    [0.6, 1],
    ['90s', 90 * SECOND],
    ['30 minutes', 30 * MINUTE],
    ['30m', 30 * MINUTE],
    [' 2h ', 2 * HOUR],
    ['1.5h', 90 * MINUTE],
    ['2 Hours', 2 * HOUR],
    ['500ms', 500],
    ['1 day', 24 * HOUR],
    ['1w', 7 * 24 * HOUR],
    ['365d', 365 * 24 * HOUR],
  ])('%j is %d ms', (input, milliseconds) => expect(readDuration(input, 'x')).toBe(milliseconds));

  it.each<string | number>([
    '',
    ' ',
    '30',
    '.5',
    '1 2',
    'soon',
    '-5m',
    '5 lightyears',
    '1h30m',
    '366d',
    '0s',
    '0.3ms',
    '1e3',
    'm'.repeat(500),
    0,
    0.3,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    366 * 24 * HOUR,
  ])('%j is none', (input) => {
    expect(() => readDuration(input, 'decideWithin')).toThrow(InvalidRequest);
    expect(() => readDuration(input, 'decideWithin')).toThrow(/^decideWithin: .* is not a duration; .*at most a year/);
  });

  it('is whole and above zero, or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double(),
          fc.string(),
          fc.tuple(fc.double(), fc.constantFrom('s', 'm', 'ms')).map((p) => p.join('')),
        ),
        (input) => {
          try {
            const milliseconds = readDuration(input, 'x');
            expect(Number.isSafeInteger(milliseconds)).toBe(true);
            expect(milliseconds).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidRequest);
          }
        },
      ),
    );
  });
});

describe('a server id', () => {
  it.each([SERVER, SERVER.toUpperCase(), SERVER.replaceAll('-', '')])('%s is one', (id) =>
    expect(isServerId(id)).toBe(true),
  );
  it.each(['', 'web-07', `${SERVER}0`, ` ${SERVER}`, `resize-${SERVER}`, SERVER.slice(1), `${SERVER}\n`])(
    '%j is none',
    (id) => expect(isServerId(id)).toBe(false),
  );
});

describe('an input that is refused by the workflow', () => {
  it('is shown as far as it can be read, with the defaults of a request', () => {
    const shown = readableParts({ cloud: 'lab', server: 's'.repeat(300), flavor: 7, requestedBy: null });
    expect(shown).toMatchObject({
      cloud: 'lab',
      server: 's'.repeat(200),
      flavor: '(not given)',
      requestedBy: '(not given)',
      onTimeout: 'revert',
    });
    expect(
      readableParts({ cloud: 'c'.repeat(101), flavor: 'f'.repeat(256), requestedBy: 'r'.repeat(201) }),
    ).toMatchObject({
      cloud: 'c'.repeat(100),
      flavor: 'f'.repeat(255),
      requestedBy: 'r'.repeat(200),
    });
  });

  it.each([undefined, null, 'text', 7])('of which nothing can be read (%j) is shown so', (input) => {
    expect(readableParts(input)).toMatchObject({ cloud: '(not given)', server: '(not given)' });
  });
});

it('a cloud may be asked every 100 ms, and no faster', () => {
  const polling = (initial: number) => () => checkRequest({ ...least, polling: { initial } });
  expect(polling(100)).not.toThrow();
  expect(polling(99)).toThrow('polling.initial: is faster than a cloud should be asked');
});
