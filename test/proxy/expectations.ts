/** What each fault must lead to: written down from the design, not from what the program does. */
import type { Fault, RequestKind } from './fault-proxy';

/** GET is told twice: before the resize is started, and while it is watched. */
export type Row = 'GET before' | RequestKind;
export const ROWS: readonly Row[] = ['GET before', 'GET', 'resize', 'confirmResize', 'revertResize'];

export interface Expected {
  /** `not started`: what was found by looking was refused, and there is no run. */
  outcome: 'confirmed' | 'reverted' | 'refused' | 'not started';
  /** What a lasting fault leads to before it is over; `asked again` is a request that is refused for now. */
  meanwhile?: 'needs-operator' | 'unreachable' | 'asked again';
  /** It goes on when the fault is over, and, where another request could be one too many, only when told to. */
  goesOn?: 'by itself' | 'on retry';
  /** Asked for with this settle time, so that the refusals outlast it. */
  settleWithin?: string;
  /** How often the request was sent; absent where that is a matter of time. */
  sent?: number;
}

export interface Cell {
  row: Row;
  fault: Fault;
  /** One request runs into the fault, or all until it is over. */
  lasts: 'once' | 'lasting';
  expected: Expected;
}

type Table = Readonly<Record<Fault, Expected>>;

const all = (expected: Expected): Table => ({
  'drop-before': expected,
  'drop-after': expected,
  hang: expected,
  late: expected,
  '401': expected,
  '403': expected,
  '429': expected,
  '500': expected,
  '502': expected,
  '503': expected,
  junk: expected,
  cut: expected,
});

/** A lost answer is found in the log when the request was carried out; else it is sent once more, after the settle time. */
const onceSent = (outcome: Expected['outcome'], forbidden: Expected): Table => ({
  ...all({ outcome, sent: 2 }),
  'drop-after': { outcome, sent: 1 },
  late: { outcome, sent: 1 },
  cut: { outcome, sent: 1 },
  '403': forbidden,
});

/** Two lost answers and nothing seen: an operator is asked, and a third request takes his word. */
const keptUp = (outcome: Expected['outcome'], refused: Expected, limited: Expected): Table => ({
  ...onceSent(outcome, refused),
  '401': refused,
  '429': limited,
  ...fromEach(['drop-before', 'hang', '500', '502', '503', 'junk'], {
    outcome,
    meanwhile: 'needs-operator',
    goesOn: 'on retry',
    sent: 3,
  }),
});

/** After the resize was accepted no answer is final. */
const operatorThen = (outcome: Expected['outcome']): Expected => ({
  outcome,
  meanwhile: 'needs-operator',
  goesOn: 'by itself',
});

const TABLES: Readonly<Record<Cell['lasts'], Readonly<Record<Row, Table>>>> = {
  once: {
    // A look that fails is tried again; "forbidden" is an answer.
    'GET before': { ...all({ outcome: 'confirmed' }), '403': { outcome: 'not started', sent: 0 } },
    GET: all({ outcome: 'confirmed' }),
    // What is refused before it was accepted is final, and nothing was changed.
    resize: onceSent('confirmed', { outcome: 'refused', sent: 1 }),
    confirmResize: onceSent('confirmed', { outcome: 'confirmed', sent: 2 }),
    revertResize: onceSent('reverted', { outcome: 'reverted', sent: 2 }),
  },
  lasting: {
    'GET before': all({ outcome: 'not started', sent: 0 }),
    // The story goes on deciding and keeping time; only what no waiting mends is for an operator.
    GET: {
      ...all({ outcome: 'confirmed', meanwhile: 'unreachable', goesOn: 'by itself' }),
      '401': operatorThen('confirmed'),
      '403': operatorThen('confirmed'),
    },
    resize: {
      ...keptUp(
        'confirmed',
        { outcome: 'refused', sent: 1 },
        { outcome: 'confirmed', meanwhile: 'asked again', goesOn: 'by itself' },
      ),
      // Sent again with a new token, once.
      '401': { outcome: 'refused', sent: 2 },
    },
    // A limit of requests that outlasts the settle time is an operator's case like any other.
    confirmResize: keptUp('confirmed', operatorThen('confirmed'), {
      ...operatorThen('confirmed'),
      settleWithin: '4s',
    }),
    revertResize: keptUp('reverted', operatorThen('reverted'), { ...operatorThen('reverted'), settleWithin: '4s' }),
  },
};

function fromEach(faults: readonly Fault[], expected: Expected): Partial<Table> {
  return Object.fromEntries(faults.map((fault) => [fault, expected]));
}

export const FAULTS = Object.keys(all({ outcome: 'confirmed' })).sort() as Fault[];

/** Every request, every fault, once and lasting. */
export const MATRIX: readonly Cell[] = (['once', 'lasting'] as const).flatMap((lasts) =>
  ROWS.flatMap((row) => FAULTS.map((fault): Cell => ({ row, fault, lasts, expected: TABLES[lasts][row][fault] }))),
);

/** The nastiest of them: each request, and each way to be told something that is not so. */
const SAMPLE: readonly `${Cell['lasts']} ${Row}: ${Fault}`[] = [
  'once GET before: junk',
  'once GET: cut',
  'lasting GET: 403',
  'once resize: late',
  'once resize: junk',
  'lasting resize: 403',
  'lasting confirmResize: 401',
  'once confirmResize: cut',
  'once confirmResize: 502',
  'once revertResize: drop-before',
  'once revertResize: 429',
  'lasting revertResize: 429',
];
const wanted = new Set<string>(SAMPLE);

export const nameOf = ({ lasts, row, fault }: Cell): string => `${lasts} ${row}: ${fault}`;

export const NASTIEST: readonly Cell[] = MATRIX.filter((cell) => wanted.has(nameOf(cell)));
