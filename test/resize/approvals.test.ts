/** Who may vote, under which name, and how many approvals are missing: one set of rules, whatever way a vote comes. */
import fc from 'fast-check';
import {
  approvalsMissing,
  approvedBy,
  approvalsStatus,
  comparable,
  deciders,
  isSamePerson,
  waitsForPerson,
  whyImpossible,
  whyNotAllowed,
  type Gate,
} from '../../src/resize/approvals';
import { emptyLedger, judge, record, type Choice, type Ledger, type Standing } from '../../src/resize/decision';
import { checkFailed, confirmedByPolicy, proofArrived, proofInconclusive } from '../../src/resize/end-of-voting';
import { winner } from '../../src/resize/decision';
import { checkRequest, InvalidRequest } from '../../src/resize/request';
import { detailsOf } from '../../src/resize/details';
import { statusOf } from '../../src/resize/status';
import { least, Played } from './played';
import { often } from './often';

const NOON = '2026-01-01T12:00:00.000Z';
const gateOf = (approvals?: Gate['approvals']): Gate => ({ requestedBy: 'ana', ...(approvals && { approvals }) });
const standingFor = (gate: Gate, change: Partial<Standing> = {}): Standing => ({
  gate,
  cloudAsked: true,
  runs: ['run-1'],
  proofIn: true,
  now: NOON,
  pastDeadline: false,
  ...change,
});
const judged = (ledger: Ledger, gate: Gate, choice: Choice, by: string, change: Partial<Standing> = {}) =>
  judge(ledger, choice, { by }, 'update', standingFor(gate, change));
const voted = (ledger: Ledger, gate: Gate, choice: Choice, by: string, change: Partial<Standing> = {}) =>
  record(ledger, judged(ledger, gate, choice, by, change));

const two = gateOf({ required: 2 });
const twoOfThree = gateOf({ required: 2, approvers: ['bob', 'eve', 'joe'] });

describe('two forms of a name', () => {
  it.each([
    ['blanks around it', ' bob\t', 'bob'],
    ['letter case', 'Bob', 'bOB'],
    ['composed and decomposed letters', 'Jos\u00e9', 'Jose\u0301'],
    ['the sharp s', 'Strauß', 'STRAUSS'],
    ['the capital sharp s', 'STRAUẞ', 'strauss'],
    ['sigma at the end of a word', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['a compatibility sign of a letter', '\u212bsa', 'åsa'],
  ])('are one person: %s', (_, one, other) => expect(isSamePerson(one, other)).toBe(true));

  it.each([
    ['another name', 'bob', 'rob'],
    ['an accent', 'jose', 'josé'],
    ['the dotless i of Turkish', 'ılker', 'ilker'],
    ['a blank inside', 'bob smith', 'bobsmith'],
    ['a letter of another alphabet', 'bob', 'b\u043eb'],
  ])('are two people: %s', (_, one, other) => expect(isSamePerson(one, other)).toBe(false));

  it('have one form, which is a form of itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const form = comparable(name);
        expect(comparable(form)).toBe(form);
        expect(comparable(name.normalize('NFD'))).toBe(form);
        expect(comparable(` ${name}\n`)).toBe(form);
      }),
      often(1000),
    );
  });
});

describe('who may vote', () => {
  const named = gateOf({ required: 1, approvers: ['Bob', 'eve'] });
  const withAna = { required: 1, approvers: ['ana', 'bob'] };
  it.each<[string, Gate, Choice, string, string | undefined]>([
    ['without rules the requester', gateOf(), 'approve', 'ana', undefined],
    ['without rules anybody', gateOf(), 'reject', 'zoe', undefined],
    ['with rules not the requester', gateOf({ required: 1 }), 'approve', ' ANA ', 'RequesterMayNotApprove'],
    ['unless it is allowed', gateOf({ required: 1, allowRequester: true }), 'approve', 'ana', undefined],
    ['but anybody else', gateOf({ required: 1 }), 'approve', 'zoe', undefined],
    ['the requester may reject', gateOf({ required: 1 }), 'reject', 'ana', undefined],
    ['also among named ones', named, 'reject', 'Ana', undefined],
    ['the requester may not approve among named ones', named, 'approve', 'ana', 'RequesterMayNotApprove'],
    ['a named one', named, 'approve', 'bob', undefined],
    ['a named one may reject', named, 'reject', 'EVE', undefined],
    ['nobody else may approve', named, 'approve', 'mallory', 'NotAnApprover'],
    ['nor reject', named, 'reject', 'mallory', 'NotAnApprover'],
    ['a requester who is named may not approve', gateOf(withAna), 'approve', 'ana', 'RequesterMayNotApprove'],
    ['unless that is allowed', gateOf({ ...withAna, allowRequester: true }), 'approve', 'ana', undefined],
    [
      'a requester who is not named is no approver, allowed or not',
      gateOf({ required: 1, approvers: ['bob'], allowRequester: true }),
      'approve',
      'ana',
      'NotAnApprover',
    ],
  ])('%s', (_, gate, choice, by, refusal) => {
    expect(whyNotAllowed(gate, choice, by)?.type).toBe(refusal);
    const judgement = judged(emptyLedger(), gate, choice, by);
    expect(judgement.is === 'refused' ? judgement.type : undefined).toBe(refusal);
  });

  it('is told to who may not, with the name of the vote, and kept', () => {
    const ledger = voted(emptyLedger(), twoOfThree, 'reject', 'Mallory');
    expect(ledger.terminal).toBeUndefined();
    expect(ledger.decisions).toMatchObject([{ by: 'Mallory', counted: false }]);
    expect(ledger.decisions[0]?.why).toBe(
      'the vote was given under the name Mallory, who is not one of the approvers: bob, eve, joe',
    );
  });
});

describe('N distinct people', () => {
  it('approve, and the last of them ends the voting', () => {
    const one = voted(emptyLedger(), twoOfThree, 'approve', 'bob');
    expect([one.terminal, approvalsMissing(twoOfThree, one.decisions)]).toEqual([undefined, 1]);
    const both = voted(one, twoOfThree, 'approve', 'joe');
    expect(both.terminal).toEqual({ decision: 'approve', by: 'joe', at: NOON, via: 'update', approvals: 2 });
    expect(winner(both.terminal ?? fail())).toBe(`2 people approved, the last of them joe at ${NOON}`);
  });

  it.each(['bob', ' BOB', 'Bob\n'])('have one vote each, whatever form the name has: %j', (again) => {
    const one = voted(emptyLedger(), two, 'approve', 'bob');
    expect(judged(one, two, 'approve', again)).toEqual({ is: 'repeated' });
  });

  it('may each change their mind before the end: a reject ends it', () => {
    const one = voted(emptyLedger(), two, 'approve', 'bob');
    expect(voted(one, two, 'reject', 'bob').terminal).toMatchObject({ decision: 'reject', by: 'bob' });
  });

  it('whose votes are complete before the proof end the voting when it arrives', () => {
    const early = { proofIn: false };
    const one = voted(emptyLedger(), two, 'approve', 'bob', early);
    expect(proofArrived(one, two).terminal).toBeUndefined();
    const three = ['eve', 'joe'].reduce((ledger, by) => voted(ledger, two, 'approve', by, early), one);
    expect(three.terminal).toBeUndefined();
    expect(proofArrived(three, two).terminal).toMatchObject({ decision: 'approve', by: 'eve', approvals: 2 });
  });

  it('are all kept in a flood of messages, as many as can be asked for', () => {
    const fifty = gateOf({ required: 50 });
    let ledger = emptyLedger();
    for (let n = 0; n < 60; n++) {
      ledger = voted(ledger, fifty, 'approve', `person-${n}`, { proofIn: false });
      for (let bot = 0; bot < 5; bot++)
        ledger = record(ledger, judge(ledger, 'approve', {}, 'signal', standingFor(fifty)));
    }
    expect(ledger.decisions).toHaveLength(50);
    expect(proofArrived(ledger, fifty).terminal).toMatchObject({ decision: 'approve', approvals: 50 });
  });

  it('who voted are repeated after the end as before it, and the others are too late', () => {
    const end = ['bob', 'joe'].reduce((ledger, by) => voted(ledger, twoOfThree, 'approve', by), emptyLedger());
    expect(judged(end, twoOfThree, 'approve', 'bob')).toEqual({ is: 'repeated' });
    expect(judged(end, twoOfThree, 'approve', 'eve')).toMatchObject({ is: 'refused', type: 'TooLate' });
    expect(judged(end, twoOfThree, 'reject', 'bob')).toMatchObject({ is: 'refused', type: 'TooLate' });
  });
});

describe('whatever comes, in whatever order', () => {
  const people = ['ana', 'Ana ', 'bob', 'BOB', 'eve', 'joe', 'Jos\u00e9', 'Jose\u0301', 'mallory'];
  const vote = fc.record({
    choice: fc.constantFrom<Choice>('approve', 'approve', 'approve', 'reject'),
    by: fc.constantFrom(...people),
  });
  const gate = fc
    .record(
      {
        required: fc.integer({ min: 1, max: 3 }),
        approvers: fc.subarray(['ana', 'bob', 'eve', 'joe', 'jos\u00e9'], { minLength: 1 }),
        allowRequester: fc.boolean(),
      },
      { requiredKeys: ['required'], noNullPrototype: true },
    )
    .map((approvals) => gateOf(approvals))
    .filter((each) => whyImpossible(each) === undefined);
  const votes = fc.array(vote, { maxLength: 15 });
  const play = (each: Gate, list: { choice: Choice; by: string }[], proofIn = true) =>
    list.reduce((ledger, { choice, by }) => voted(ledger, each, choice, by, { proofIn }), emptyLedger());

  it('it is never approved by fewer than N distinct people who may', () => {
    fc.assert(
      fc.property(gate, votes, fc.boolean(), (each, list, proofIn) => {
        const { terminal, decisions } = proofArrived(play(each, list, proofIn), each);
        if (terminal?.decision !== 'approve') return;
        const counted = decisions.filter((one) => one.counted).map(({ by }) => comparable(by));
        expect(new Set(counted).size).toBeGreaterThanOrEqual(each.approvals?.required ?? 1);
        for (const by of counted) expect(whyNotAllowed(each, 'approve', by)).toBeUndefined();
      }),
      often(500),
    );
  });

  it('nobody counts twice', () => {
    fc.assert(
      fc.property(gate, votes, fc.boolean(), (each, list, proofIn) => {
        const approved = play(each, list, proofIn).decisions.filter((one) => one.counted && one.decision === 'approve');
        const names = approved.map(({ by }) => comparable(by));
        expect(names).toHaveLength(new Set(names).size);
      }),
      often(500),
    );
  });

  it('the order of approvals does not change how many are missing, nor whose', () => {
    const shuffled = votes.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(gate, shuffled, (each, [list, other]) => {
        const approvals = (of: typeof list) => of.map(({ by }) => ({ choice: 'approve' as const, by }));
        const [one, two] = [list, other].map((of) => play(each, approvals(of), false).decisions);
        const names = (decisions: typeof one = []) => approvedBy(decisions).map(comparable).sort();
        expect(approvalsMissing(each, two ?? [])).toBe(approvalsMissing(each, one ?? []));
        expect(names(two)).toEqual(names(one));
      }),
      often(500),
    );
  });

  it('a gate that was not refused can be opened by those who may vote', () => {
    fc.assert(
      fc.property(gate, (each) => {
        const all = ['bob', 'eve', 'joe', 'josé', 'ana'].map((by) => ({ choice: 'approve' as const, by }));
        expect(play(each, all).terminal).toMatchObject({ decision: 'approve' });
      }),
      often(200),
    );
  });
});

describe('a request', () => {
  const refusal = (approvals: unknown): string | undefined => {
    try {
      checkRequest({ ...least, approvals });
      return undefined;
    } catch (error) {
      if (error instanceof InvalidRequest) return error.message;
      throw error;
    }
  };

  it('that says nothing of it needs one approval by default', () => {
    expect(checkRequest({ ...least, approvals: {} }).approvals).toEqual({ required: 1 });
    expect(checkRequest({ ...least, approvals: { required: null, approvers: null } }).approvals).toEqual({
      required: 1,
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['half a person', { required: 1.5 }, /^approvals\.required: 1\.5/],
    ['nobody', { required: 0 }, /^approvals\.required: 0/],
    ['a text for a number', { required: '2' }, /^approvals\.required: "2"/],
    ['more people than are kept', { required: 51 }, /^approvals\.required: is more than 50/],
    ['an unknown field', { require: 2 }, /^approvals\.require: no such field/],
    ['a list', ['bob'], /^approvals/],
    ['a name for a list', { approvers: 'bob' }, /^approvals\.approvers: "bob"/],
    ['no approvers', { approvers: [] }, /^approvals\.approvers: names nobody/],
    ['an approver without a name', { approvers: ['bob', ' '] }, /^approvals\.approvers\[1\]: is empty/],
    ['an approver in two forms', { approvers: ['José', 'JOSE\u0301'] }, /^approvals\.approvers: names .* twice/],
    ['too many approvers', { approvers: Array.from({ length: 51 }, (_, n) => `p${n}`) }, /names more than 50 people/],
    [
      'more than are named',
      { required: 3, approvers: ['bob', 'eve'] },
      /^approvals\.required: is 3, but only 2 of the/,
    ],
    [
      'more than are named, without the requester',
      { required: 2, approvers: ['bob', 'ANA'] },
      /\(ana, the requester, may/,
    ],
  ])('that asks for %s is refused, in one sentence that names the field', (_, approvals, sentence) => {
    expect(refusal(approvals)).toMatch(sentence);
  });

  it.each([
    [{ required: 50 }],
    [{ required: 2, approvers: ['bob', 'eve', 'ana'] }],
    [{ required: 2, approvers: ['bob', 'ana'], allowRequester: true }],
  ])('that can be met is taken: %j', (approvals) => expect(refusal(approvals)).toBeUndefined());
});

describe('a cancel', () => {
  const cancelled = (gate: Gate, cloudAsked: boolean, ledger = emptyLedger()) =>
    judge(ledger, 'reject', { by: 'Temporal cancel request' }, 'cancel', standingFor(gate, { cloudAsked }));

  it('stops a resize that was not asked for yet, whoever decides', () => {
    for (const gate of [gateOf(), two, twoOfThree]) expect(cancelled(gate, false)).toMatchObject({ terminal: true });
  });

  it('is a reject afterwards, unless the request names its approvers', () => {
    expect(cancelled(gateOf(), true)).toMatchObject({ is: 'counted', terminal: true });
    expect(cancelled(two, true)).toMatchObject({ is: 'counted', terminal: true });
    expect(cancelled(twoOfThree, true)).toMatchObject({
      is: 'refused',
      message: expect.stringMatching(/use reject$/) as string,
    });
  });

  it('is too late after the decision', () => {
    const end = voted(emptyLedger(), twoOfThree, 'reject', 'bob');
    expect(cancelled(twoOfThree, true, end)).toMatchObject({ is: 'refused', type: 'TooLate' });
  });

  it('is not the vote of a person who takes its name', () => {
    const ledger = record(emptyLedger(), cancelled(gateOf(), true));
    expect(judged(ledger, gateOf(), 'reject', 'Temporal cancel request')).toMatchObject({ type: 'TooLate' });
  });

  it.each<[string, (run: Played) => Played, string | undefined]>([
    ['before anything is known', (run) => run, 'cancelled'],
    ['before the request is on its way', (run) => run.prepared(), 'cancelled'],
    ['when the request is on its way', (run) => run.prepared().requesting(), undefined],
    ['while the cloud resizes', (run) => run.prepared().accepted('resize'), undefined],
    ['while people decide', (run) => run.inWindow(), undefined],
  ])('of a run with named approvers, %s', (_, to, outcome) => {
    const run = to(new Played({ approvals: twoOfThree.approvals ?? {} })).cancel();
    expect(run.ending?.outcome).toBe(outcome);
    expect(run.state.ledger.decisions).toMatchObject([{ via: 'cancel', counted: outcome !== undefined }]);
  });
});

describe('what ends the voting without a vote', () => {
  const WEB = { what: 'check web', why: '503' };
  const approvedEarly = voted(emptyLedger(), gateOf(), 'approve', 'bob', { proofIn: false });

  it('a proof that failed reverts, and voids what was approved early', () => {
    const ledger = checkFailed(approvedEarly, 'proof', WEB, NOON);
    expect(ledger.terminal).toEqual({ decision: 'reject', by: 'check web', at: NOON, via: 'check', why: '503' });
    expect(ledger.decisions).toMatchObject([{ by: 'bob', counted: false, why: 'proof failed' }]);
    expect(winner(ledger.terminal ?? fail())).toBe(`check web failed at ${NOON}: 503`);
    expect(judged(ledger, gateOf(), 'approve', 'bob')).toMatchObject({ type: 'TooLate' });
    expect(judged(ledger, gateOf(), 'reject', 'web')).toMatchObject({ type: 'TooLate' });
  });

  it('a watch that failed reverts while votes are missing, and voids them', () => {
    const one = voted(emptyLedger(), two, 'approve', 'bob');
    expect(checkFailed(one, 'watch', WEB, NOON)).toMatchObject({
      terminal: { via: 'check' },
      decisions: [{ counted: false, why: 'the watch failed' }],
    });
    const done = voted(one, two, 'approve', 'eve');
    expect(checkFailed(done, 'watch', WEB, NOON)).toBe(done);
  });

  it('a proof that is inconclusive voids what was approved early: people decide again', () => {
    const ledger = proofInconclusive(approvedEarly);
    expect(ledger.terminal).toBeUndefined();
    expect(ledger.decisions).toMatchObject([{ counted: false, why: 'the proof was inconclusive; decide again' }]);
    expect(approvalsMissing(gateOf(), ledger.decisions)).toBe(1);
    expect(voted(ledger, gateOf(), 'approve', 'bob').terminal).toMatchObject({ decision: 'approve', by: 'bob' });
  });

  it('the second way of a vote that was voided is not a new vote', () => {
    const send = (ledger: Ledger, proofIn: boolean, voteId: string) =>
      judge(ledger, 'approve', { by: 'bob', voteId }, 'update', standingFor(gateOf(), { proofIn }));
    const ledger = proofInconclusive(record(emptyLedger(), send(emptyLedger(), false, 'v1')));
    expect(send(ledger, true, 'v1')).toEqual({ is: 'repeated' });
    expect(send(ledger, true, 'v2')).toMatchObject({ is: 'counted', terminal: true });
  });

  it('a rule of the request confirms without a person', () => {
    const ledger = confirmedByPolicy(emptyLedger(), NOON);
    expect(ledger.terminal).toEqual({ decision: 'approve', by: 'auto-confirm', at: NOON, via: 'policy' });
    expect(winner(ledger.terminal ?? fail())).toBe(`its checks had passed for long enough at ${NOON}`);
  });

  it('people come first: none of them changes a decision', () => {
    const end = voted(emptyLedger(), gateOf(), 'reject', 'bob');
    expect(checkFailed(end, 'proof', WEB, NOON)).toBe(end);
    expect(proofInconclusive(end)).toBe(end);
    expect(confirmedByPolicy(end, NOON)).toBe(end);
  });
});

describe('what is said of it', () => {
  it.each<[Gate, string]>([
    [gateOf(), 'any one person, the requester (ana) included'],
    [gateOf({ required: 1 }), 'any 1 person; ana, the requester, may reject, and not approve'],
    [gateOf({ required: 2, allowRequester: true }), 'any 2 different people; ana, the requester, may approve too'],
    [twoOfThree, '2 of bob, eve, joe; ana, the requester, may reject, and not approve'],
    [
      gateOf({ required: 1, approvers: ['bob'], allowRequester: true }),
      '1 of bob; ana, the requester, may reject, and not approve',
    ],
    [
      gateOf({ required: 1, approvers: Array.from({ length: 9 }, (_, n) => `p${n}`) }),
      '1 of p0, p1, p2, p3, p4 and 4 more; ana, the requester, may reject, and not approve',
    ],
  ])('%#: who decides', (gate, text) => expect(deciders(gate)).toBe(text));

  it('the details in the Temporal UI say who decides and what is missing, as long as there is something to decide', () => {
    const run = new Played({ approvals: { required: 3, approvers: ['b*b', 'eve', 'joe'] } })
      .inWindow()
      .vote('approve', { by: 'eve' });
    const shown = () => detailsOf(statusOf(run.state, { workflowId: 'resize-1', runId: 'run-1' }));
    expect(shown()).toContain(
      '- who decides: 3 of b\\*b, eve, joe; ana, the requester, may reject, and not approve; 2 more approvals are missing\n',
    );
    run.vote('reject', { by: 'joe' });
    expect(shown()).not.toContain('who decides');
  });

  it('a resize waits for who may approve and has not', () => {
    const decisions = voted(emptyLedger(), twoOfThree, 'approve', 'Bob').decisions;
    const approvals = approvalsStatus(twoOfThree, decisions);
    expect(approvals).toEqual({ required: 2, approvers: ['bob', 'eve', 'joe'], approvedBy: ['Bob'] });
    const waiting = { requestedBy: 'ana', ...(approvals && { approvals }), votesMissing: 1 };
    const waits = (name: string, change: object = {}) => waitsForPerson({ ...waiting, ...change }, name);
    expect(['bob', 'eve', ' JOE ', 'ana', 'mallory'].map((name) => waits(name))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(waits('eve', { votesMissing: 0 })).toBe(false);
    expect(waitsForPerson({ requestedBy: 'ana', votesMissing: 1 }, 'ana')).toBe(true);
    expect(waitsForPerson({ requestedBy: 'ana' }, 'bob')).toBe(false);
  });
});

function fail(): never {
  throw new Error('there is no terminal decision');
}
