import fc from 'fast-check';
import type { Gate } from '../../src/resize/approvals';
import {
  emptyLedger,
  judge,
  readOperatorWord,
  record,
  recordWord,
  winner,
  type Choice,
  type Decision,
  type Judgement,
  type Ledger,
  type OperatorRecord,
  type Standing,
} from '../../src/resize/decision';
import { proofArrived as proofOf, timedOut } from '../../src/resize/end-of-voting';
import { often } from './often';

const NOON = '2026-01-01T12:00:00.000Z';
const anyone: Gate = { requestedBy: 'ana' };
const early: Standing = {
  gate: anyone,
  cloudAsked: false,
  runs: ['run-1', 'run-2'],
  proofIn: false,
  now: NOON,
  pastDeadline: false,
};
const proofArrived = (ledger: Ledger) => proofOf(ledger, anyone);
const proven: Standing = { ...early, proofIn: true };

/** What a vote does to a ledger. */
function vote(
  ledger: Ledger,
  choice: Choice,
  payload: unknown,
  standing: Standing = early,
  via: Decision['via'] = 'signal',
): { ledger: Ledger; judgement: Judgement } {
  const judgement = judge(ledger, choice, payload, via, standing);
  return { ledger: record(ledger, judgement), judgement };
}
const after = (choice: Choice, payload: unknown, standing = early, ledger = emptyLedger()) =>
  vote(ledger, choice, payload, standing).ledger;

describe('which decision closes the gate', () => {
  it('a reject, at any time', () => {
    expect(after('reject', { by: 'ann' }).terminal).toEqual({ decision: 'reject', by: 'ann', at: NOON, via: 'signal' });
    expect(after('reject', { by: 'ann' }, proven).terminal?.decision).toBe('reject');
  });

  it('an approve once the proof is in', () => {
    expect(after('approve', { by: 'ann' }, proven).terminal).toMatchObject({ decision: 'approve', by: 'ann' });
  });

  it('an early approve is kept, and closes it when the proof arrives', () => {
    const kept = after('approve', { by: 'ann', reason: 'CHG-1' });
    expect(kept.terminal).toBeUndefined();
    expect(kept.decisions).toMatchObject([{ decision: 'approve', by: 'ann', reason: 'CHG-1', counted: true }]);
    expect(proofArrived(kept).terminal).toMatchObject({ decision: 'approve', by: 'ann', at: NOON });
  });

  it('of an early approve and an early reject the reject, in either order', () => {
    const approveFirst = after('reject', { by: 'bob' }, early, after('approve', { by: 'ann' }));
    expect(proofArrived(approveFirst).terminal).toMatchObject({ decision: 'reject', by: 'bob' });
    const rejectFirst = vote(after('reject', { by: 'bob' }), 'approve', { by: 'ann' });
    expect(rejectFirst.judgement).toMatchObject({ is: 'refused', type: 'TooLate' });
    expect(proofArrived(rejectFirst.ledger).terminal).toMatchObject({ decision: 'reject', by: 'bob' });
  });

  it('somebody who approved early may still reject', () => {
    const changed = after('reject', { by: 'ann' }, early, after('approve', { by: 'ann' }));
    expect(changed.terminal).toMatchObject({ decision: 'reject', by: 'ann' });
  });

  it('of two early approves the first is named', () => {
    const two = after('approve', { by: 'bob' }, early, after('approve', { by: 'ann' }));
    expect(proofArrived(two).terminal?.by).toBe('ann');
  });

  it('a proof without an approve closes nothing', () => {
    expect(proofArrived(emptyLedger())).toEqual(emptyLedger());
  });

  it('the time-out, with what the request said', () => {
    const ledger = timedOut(emptyLedger(), 'reject', NOON);
    expect(ledger.terminal).toEqual({
      decision: 'reject',
      by: 'decision-timeout',
      at: NOON,
      via: 'decision-timeout',
    });
    expect(ledger.decisions).toEqual([]);
  });

  it('the first one, whatever comes later', () => {
    const closed = after('reject', { by: 'ann' });
    expect(timedOut(closed, 'approve', NOON)).toBe(closed);
    expect(proofArrived(closed)).toBe(closed);
    // Judged before the gate closed, recorded after it.
    const stale = judge(emptyLedger(), 'approve', { by: 'bob' }, 'update', proven);
    expect(record(closed, stale).terminal).toEqual(closed.terminal);
  });

  it('a decision after the deadline, if the deadline was not handled before it; and that is said', () => {
    const { judgement } = vote(emptyLedger(), 'approve', { by: 'ann' }, { ...proven, pastDeadline: true });
    expect(judgement).toMatchObject({ is: 'counted', terminal: true, decision: { counted: true } });
    expect(judgement).toMatchObject({ decision: { why: expect.stringMatching(/after the deadline/) as string } });
  });

  it('a cancel, like a reject', () => {
    const { ledger } = vote(emptyLedger(), 'reject', { by: 'Temporal cancel request' }, early, 'cancel');
    expect(ledger.terminal).toMatchObject({ decision: 'reject', via: 'cancel' });
  });
});

describe('the same vote again', () => {
  const once = after('approve', { by: 'ann', voteId: 'v1' });

  it.each<[string, unknown]>([
    ['on another way, with its id', { by: 'ann', voteId: 'v1' }],
    ['without an id', { by: 'ann' }],
    ['with another id', { by: 'ann', voteId: 'v2' }],
    ['with blanks around the name', { by: ' ann ' }],
  ])('%s is no error and is counted once', (_, payload) => {
    const { judgement, ledger } = vote(once, 'approve', payload);
    expect(judgement).toEqual({ is: 'repeated' });
    expect(ledger).toBe(once);
  });

  it('by another person is a vote of its own', () => {
    expect(after('approve', { by: 'bob', voteId: 'v2' }, early, once).decisions).toHaveLength(2);
  });

  it('of the winner, after the end, is no error', () => {
    const closed = after('approve', { by: 'ann' }, proven);
    expect(vote(closed, 'approve', { by: 'ann', voteId: 'late' }, proven).judgement).toEqual({ is: 'repeated' });
  });

  it('that counted before somebody else won is no error', () => {
    const closed = after('reject', { by: 'bob' }, early, once);
    expect(vote(closed, 'approve', { by: 'ann', voteId: 'v1' }).judgement).toEqual({ is: 'repeated' });
  });

  it('an id that was used for something else makes no repetition: a reject is never lost', () => {
    expect(vote(once, 'reject', { by: 'bob', voteId: 'v1' }).ledger.terminal).toMatchObject({ by: 'bob' });
    expect(vote(once, 'reject', { by: 'ann', voteId: 'v1' }).ledger.terminal).toMatchObject({ decision: 'reject' });
  });
});

describe('an id of a vote', () => {
  it('that another one used counts for the one, not for the other', () => {
    const ledger = after('approve', { by: 'ann', voteId: 'v1' });
    expect(vote(ledger, 'approve', { by: 'bob', voteId: 'v1' }).judgement.is).toBe('counted');
  });

  it('of a vote that did not count makes no repetition of the next one', () => {
    const refused = after('reject', { by: 'ann', run: 'run-9', voteId: 'v1' });
    expect(vote(refused, 'reject', { by: 'ann', voteId: 'v1' }).judgement.is).toBe('counted');
  });
});

describe('a vote that does not count', () => {
  it('since its sender has decided otherwise is told so', () => {
    const closed = after('approve', { by: 'ann' }, proven);
    expect(vote(closed, 'reject', { by: 'ann' }, proven).judgement).toMatchObject({ is: 'refused', type: 'TooLate' });
  });

  it('for another run is refused, and named', () => {
    const { judgement, ledger } = vote(emptyLedger(), 'approve', { by: 'ann', run: 'run-9' }, proven);
    expect(judgement).toMatchObject({ is: 'refused', type: 'WrongRun' });
    expect(ledger.terminal).toBeUndefined();
    expect(ledger.decisions).toMatchObject([
      { by: 'ann', counted: false, why: expect.stringContaining('run-9') as string },
    ]);
  });

  it.each(['run-1', 'run-2'])('is not one for %s of the chain', (run) => {
    expect(vote(emptyLedger(), 'approve', { by: 'ann', run }).judgement.is).toBe('counted');
  });

  it('for another run is no reject either', () => {
    expect(after('reject', { by: 'ann', run: 'run-9' }).terminal).toBeUndefined();
  });

  it.each<[string, Ledger, RegExp]>([
    ['an approve', after('approve', { by: 'ann' }, proven), /too late: ann approved at 2026-01-01T12:00/],
    ['a reject', after('reject', { by: 'ann' }), /too late: ann rejected at 2026-01-01T12:00/],
    ['the time-out', timedOut(emptyLedger(), 'reject', NOON), /too late: the decision time ran out at 2026-/],
    [
      'a cancel',
      vote(emptyLedger(), 'reject', { by: 'x' }, early, 'cancel').ledger,
      /too late: it was cancelled at 2026-/,
    ],
  ])('after %s says who won and when', (_, closed, sentence) => {
    for (const choice of ['approve', 'reject'] as const) {
      const { judgement, ledger } = vote(closed, choice, { by: 'zoe', voteId: 'z' }, proven);
      expect(judgement).toMatchObject({
        is: 'refused',
        type: 'TooLate',
        message: expect.stringMatching(sentence) as string,
        decision: { by: 'zoe', counted: false, voteId: 'z' },
      });
      expect(ledger.terminal).toEqual(closed.terminal);
      expect(ledger.decisions.at(-1)).toMatchObject({ by: 'zoe', counted: false });
    }
  });

  it('too late, is told what became of the server', () => {
    const { judgement } = vote(
      after('reject', { by: 'ann' }),
      'approve',
      { by: 'bob' },
      {
        ...proven,
        afterwards: 'the server is being reverted',
      },
    );
    expect(judgement).toMatchObject({ message: `too late: ann rejected at ${NOON}; the server is being reverted` });
  });

  it('is told that a winner is the clock, not a person', () => {
    expect(winner({ decision: 'approve', by: 'decision-timeout', at: NOON, via: 'decision-timeout' })).toBe(
      `the decision time ran out at ${NOON}`,
    );
  });
});

describe('a payload that is no decision', () => {
  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /payload|by/],
    ['null', null, /payload/],
    ['a text', 'yes', /payload/],
    ['a number', 7, /payload/],
    ['a list', [{ by: 'ann' }], /not a decision/],
    ['an empty object', {}, /by/],
    ['no name', { reason: 'because' }, /by/],
    ['an empty name', { by: '' }, /by/],
    ['a name of blanks', { by: '   ' }, /by/],
    ['a name that is no text', { by: { name: 'ann' } }, /by/],
    ['a name of 201 characters', { by: 'a'.repeat(201) }, /by/],
    ['an unknown field', { by: 'ann', reson: 'typo' }, /reson/],
    ['a reason of 3000 characters', { by: 'ann', reason: 'r'.repeat(3000) }, /reason/],
    ['an empty run', { by: 'ann', run: '' }, /run/],
    ['a vote id that is a number', { by: 'ann', voteId: 7 }, /voteId/],
    ['a vote id of 101 characters', { by: 'ann', voteId: 'v'.repeat(101) }, /voteId/],
  ])('%s is refused, kept and shown, and decides nothing', (_, payload, names) => {
    for (const choice of ['approve', 'reject'] as const) {
      const { judgement, ledger } = vote(emptyLedger(), choice, payload, proven);
      expect(judgement).toMatchObject({ is: 'refused', type: 'InvalidDecision' });
      expect(judgement).toMatchObject({ message: expect.stringMatching(names) as string });
      expect(ledger.terminal).toBeUndefined();
      expect(ledger.decisions).toMatchObject([{ decision: choice, counted: false, at: NOON }]);
    }
  });

  it.each([undefined, null, 'yes', 'Approve', 7, ['approve']])('%j is no choice', (choice) => {
    const judgement = judge(emptyLedger(), choice, { by: 'ann' }, 'update', proven);
    expect(judgement).toMatchObject({ is: 'refused', type: 'InvalidDecision', decision: { counted: false } });
  });

  it('an approve that says reject inside is neither', () => {
    const { judgement } = vote(emptyLedger(), 'approve', { by: 'ann', decision: 'reject' }, proven);
    expect(judgement).toMatchObject({ is: 'refused', type: 'InvalidDecision' });
    expect(vote(emptyLedger(), 'approve', { by: 'ann', decision: 'approve' }).judgement.is).toBe('counted');
  });

  it('shows the claimed name where there is one', () => {
    expect(after('approve', { by: ' ann ', x: 1 }).decisions[0]?.by).toBe('ann');
    expect(after('approve', { by: 7 }).decisions[0]?.by).toBe('unknown');
    expect(after('approve', { by: '  ' }).decisions[0]?.by).toBe('unknown');
    expect(after('approve', { by: ` ${'n'.repeat(201)}` }).decisions[0]?.by).toBe('n'.repeat(200));
    expect(after('approve', null).decisions[0]?.by).toBe('unknown');
  });

  it('however large, leaves little behind', () => {
    const huge = 'x'.repeat(1_000_000);
    for (const payload of [huge, { by: huge }, { [huge]: 1, by: 'ann' }, { by: 'ann', run: huge }, [huge]]) {
      expect(JSON.stringify(after('approve', payload)).length).toBeLessThan(2000);
    }
    expect(JSON.stringify(record(emptyLedger(), judge(emptyLedger(), huge, {}, 'update', early))).length).toBeLessThan(
      2000,
    );
  });

  it('a reason of 2000 characters and a name of 200 are fine', () => {
    const payload = { by: 'a'.repeat(200), reason: 'r'.repeat(2000), run: 'run-1', voteId: 'v'.repeat(100) };
    expect(vote(emptyLedger(), 'approve', payload).judgement.is).toBe('counted');
  });
});

describe('what operators say', () => {
  it('is read like a vote: a name, and perhaps a reason', () => {
    expect(readOperatorWord('retry', { by: ' eve ', reason: null })).toEqual({ by: 'eve' });
    expect(readOperatorWord('abandon', { by: 'eve', reason: 'by hand' })).toEqual({ by: 'eve', reason: 'by hand' });
    expect(JSON.stringify(readOperatorWord('retry', { by: 'eve', ['x'.repeat(5000)]: 1 })).length).toBeLessThan(500);
  });

  it('is kept, the newest 50 of it', () => {
    let words: OperatorRecord[] = [];
    for (let n = 0; n < 52; n++) words = recordWord(words, { word: 'retry', by: `eve-${n}`, at: NOON });
    expect(words).toHaveLength(50);
    expect(words[0]?.by).toBe('eve-2');
  });
});

describe('a flood of messages', () => {
  it('drops the oldest of them, counts what it drops, and keeps what counted', () => {
    let ledger = after('approve', { by: 'ann' });
    for (let n = 0; n < 120; n++) ledger = after('approve', { by: `bot-${n}`, x: 1 }, early, ledger);
    expect(ledger.decisions).toHaveLength(50);
    expect(ledger.decisions[0]).toMatchObject({ by: 'ann', counted: true });
    expect(ledger.decisions.at(-1)?.by).toBe('bot-119');
    expect(ledger.omitted).toBe(71);
    expect(proofArrived(ledger).terminal?.by).toBe('ann');
  });

  it('of a flood of early approves the first is kept, for it decides, and the terminal reject after them', () => {
    let ledger = emptyLedger();
    for (let n = 0; n < 120; n++) ledger = after('approve', { by: `person-${n}` }, early, ledger);
    expect(ledger.decisions).toHaveLength(50);
    expect(ledger.omitted).toBe(70);
    expect(proofArrived(ledger).terminal?.by).toBe('person-0');

    ledger = after('reject', { by: 'ann' }, early, ledger);
    for (let n = 0; n < 120; n++) ledger = after('approve', { by: `late-${n}` }, early, ledger);
    expect(ledger.decisions).toHaveLength(50);
    expect(ledger.decisions).toContainEqual(expect.objectContaining({ by: 'person-0', counted: true }));
    expect(ledger.decisions).toContainEqual(expect.objectContaining({ by: 'ann', decision: 'reject', counted: true }));
  });
});

describe('whatever comes, in whatever order', () => {
  type Step = { is: 'vote'; choice: Choice; payload: unknown } | { is: 'proof' } | { is: 'timeout'; choice: Choice };
  const choice = fc.constantFrom<Choice>('approve', 'reject');
  const payload = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record(
        {
          by: fc.constantFrom('ann', 'bob', 'eve'),
          reason: fc.string(),
          run: fc.constantFrom('run-1', 'run-2', 'run-9'),
          voteId: fc.constantFrom('v1', 'v2', 'v3'),
        },
        { requiredKeys: ['by'], noNullPrototype: true },
      ),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: fc.anything() },
  );
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ is: fc.constant('vote' as const), choice, payload }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('proof' as const) }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('timeout' as const), choice }) },
  );

  /** All ledgers on the way, and how each vote was judged. */
  function run(steps: Step[]): { ledger: Ledger; step: Step; judgement?: Judgement; proofIn: boolean }[] {
    let ledger = emptyLedger();
    let proofIn = false;
    return steps.map((each) => {
      if (each.is === 'timeout') ledger = timedOut(ledger, each.choice, NOON);
      if (each.is === 'proof') {
        proofIn = true;
        ledger = proofArrived(ledger);
      }
      if (each.is !== 'vote') return { ledger, step: each, proofIn };
      const result = vote(ledger, each.choice, each.payload, { ...early, proofIn });
      ledger = result.ledger;
      return { ...result, step: each, proofIn };
    });
  }
  const always = (holds: (history: ReturnType<typeof run>) => void) =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => holds(run(steps))),
      often(300),
    );

  it('there is one terminal decision at most, and it never changes', () => {
    always((history) => {
      const terminals = history.map(({ ledger }) => ledger.terminal).filter((terminal) => terminal !== undefined);
      expect(new Set(terminals.map((terminal) => JSON.stringify(terminal))).size).toBeLessThanOrEqual(1);
      const first = history.findIndex(({ ledger }) => ledger.terminal !== undefined);
      if (first >= 0) expect(terminals).toHaveLength(history.length - first);
    });
  });

  it('a reject that counted is the terminal decision, whatever was approved before', () => {
    always((history) => {
      for (const { judgement, ledger } of history) {
        if (judgement?.is !== 'counted' || judgement.decision.decision !== 'reject') continue;
        expect(ledger.terminal).toMatchObject({ decision: 'reject', by: judgement.decision.by });
      }
    });
  });

  it('before the proof nothing is approved by a person', () => {
    always((history) => {
      for (const { ledger, proofIn } of history) {
        if (!proofIn && ledger.terminal?.decision === 'approve') expect(ledger.terminal.via).toBe('decision-timeout');
      }
    });
  });

  it('what a terminal decision rests on is in the ledger', () => {
    always((history) => {
      const ledger = history.at(-1)?.ledger ?? emptyLedger();
      if (ledger.terminal === undefined || ledger.terminal.via === 'decision-timeout') return;
      expect(ledger.decisions).toContainEqual(expect.objectContaining({ ...ledger.terminal, counted: true }));
    });
  });

  it('every vote is counted, repeated, or kept with the reason why not; and no counted one is dropped', () => {
    always((history) => {
      const judged = history.flatMap(({ judgement }) => judgement ?? []);
      const counted = judged.filter(({ is }) => is === 'counted').length;
      const refused = judged.filter(({ is }) => is === 'refused').length;
      const ledger = history.at(-1)?.ledger ?? emptyLedger();
      expect(ledger.decisions.filter((each) => each.counted)).toHaveLength(counted);
      expect(ledger.decisions.length + ledger.omitted).toBe(counted + refused);
      for (const each of ledger.decisions) if (!each.counted) expect(each.why).toBeTruthy();
    });
  });

  it('the ledger is plain JSON: continue-as-new carries it unchanged', () => {
    always((history) => {
      const ledger = history.at(-1)?.ledger ?? emptyLedger();
      expect(JSON.parse(JSON.stringify(ledger))).toStrictEqual(ledger);
    });
  });
});
