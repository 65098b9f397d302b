import { emptyLedger, record, type Ledger, type Standing } from '../../src/resize/decision';
import {
  decidersKnown,
  judgeProven,
  pendingDecision,
  refusalOfRequester,
  whyNobody,
  type PendingVote,
  type Principal,
  type SenderAnswer,
} from '../../src/resize/proven';
import { detailsOf } from '../../src/resize/details';
import { statusOf } from '../../src/resize/status';
import { shows } from './looks';
import { HOUR, MINUTE, NOON, Played } from './played';

const standing: Standing = {
  gate: { requestedBy: 'ana', approvals: { required: 1, approvers: ['bob', 'joe'] } },
  cloudAsked: true,
  runs: ['run-1'],
  proofIn: true,
  now: '2030-01-01T00:00:00.000Z',
  pastDeadline: false,
};
const of = (name: string): SenderAnswer => ({ type: 'jwt', name, eventId: '12', runId: 'run-1' });

/** The n-th message of a run; a vote claims to be from bob. */
const sent = (
  message: 'approve' | 'reject' | 'cancel',
  change: Partial<PendingVote['vote']> = {},
  nth = 1,
): PendingVote => ({
  choice: message === 'cancel' ? 'reject' : message,
  via: message === 'cancel' ? 'cancel' : 'signal',
  vote: { by: message === 'cancel' ? 'Temporal cancel request' : 'bob', ...change },
  at: NOON,
  place: { runId: 'run-1', message, nth },
});

const judged = (
  vote: PendingVote,
  answer: SenderAnswer,
  change: Partial<Standing> = {},
  ledger: Ledger = emptyLedger(),
) => judgeProven(ledger, vote, answer, { ...standing, ...change });

describe('a vote counts for who sent it', () => {
  test.each<[string, PendingVote, SenderAnswer, object]>([
    ['bob as bob', sent('approve'), of('bob'), { is: 'counted', terminal: true, decision: { by: 'bob' } }],
    ['joe as bob', sent('approve'), of('joe'), { is: 'counted', decision: { by: 'joe', claimed: 'bob' } }],
    ['eve as bob', sent('approve'), of('eve'), { is: 'refused', type: 'NotAnApprover', decision: { by: 'eve' } }],
    ['the requester as bob', sent('approve'), of('ana'), { is: 'refused', type: 'RequesterMayNotApprove' }],
    ['a reject of the requester', sent('reject'), of('ana'), { is: 'counted', terminal: true }],
    ['a name in other case than the approver', sent('approve'), of('Bob'), { is: 'refused', type: 'NotAnApprover' }],
    ['a name in other case than the requester', sent('reject'), of('ANA'), { is: 'refused', type: 'NotAnApprover' }],
    ['a cancel of an approver', sent('cancel'), of('bob'), { is: 'counted', decision: { by: 'bob', via: 'cancel' } }],
    ['a cancel of the requester', sent('cancel'), of('ana'), { is: 'counted', terminal: true }],
    ['a cancel of eve', sent('cancel'), of('eve'), { is: 'refused', type: 'NotAnApprover' }],
    [
      'nobody',
      sent('approve'),
      { none: 'Temporal recorded no log-in with it' },
      { is: 'refused', type: 'NotAnApprover' },
    ],
    ['a vote for another run', sent('approve', { run: 'run-9' }), of('bob'), { is: 'refused', type: 'WrongRun' }],
    ['a name that is too long', sent('approve'), of('b'.repeat(201)), { is: 'refused', type: 'InvalidDecision' }],
  ])('%s', (_, vote, answer, expected) => {
    expect(judged(vote, answer)).toMatchObject(expected);
  });

  it('a cancel before the cloud was asked stops it, whoever sent it', () => {
    expect(judged(sent('cancel'), of('eve'), { cloudAsked: false })).toMatchObject({ is: 'counted', terminal: true });
  });

  it('is recorded as of when it came, with the event that proves it and the name that was claimed', () => {
    const judgement = judged(sent('approve', { reason: 'well', voteId: 'v1' }), of('joe'));
    expect(judgement).toMatchObject({
      decision: {
        decision: 'approve',
        by: 'joe',
        claimed: 'bob',
        reason: 'well',
        voteId: 'v1',
        at: new Date(NOON).toISOString(),
        proven: { type: 'jwt', name: 'joe', eventId: '12', runId: 'run-1' },
      },
    });
  });

  it('what is refused says as what, for nobody was there to be answered', () => {
    expect(judged(sent('approve'), of('eve'))).toMatchObject({
      decision: { refusal: 'NotAnApprover', counted: false },
    });
    const unproven = judged(sent('approve'), { none: 'x' });
    expect(unproven).toMatchObject({
      decision: { by: 'bob', why: 'who sent it is not proven: x', refusal: 'NotAnApprover' },
    });
    expect(unproven).not.toHaveProperty('decision.proven');
  });

  it('two names that one person claims are one vote, and two people who claim one name are two', () => {
    const two = { gate: { requestedBy: 'ana', approvals: { required: 2, approvers: ['bob', 'joe'] } } };
    const first = record(emptyLedger(), judged(sent('approve', { voteId: 'v1' }), of('bob'), two));
    const again = judged(sent('approve', { by: 'joe', voteId: 'v2' }, 2), of('bob'), two, first);
    expect(again).toMatchObject({
      decision: { by: 'bob', counted: false, why: expect.stringContaining('once more') as unknown },
    });
    expect(again).not.toHaveProperty('decision.refusal');
    expect(judged(sent('approve', {}, 2), of('joe'), two, first)).toMatchObject({ is: 'counted', terminal: true });
  });

  it('the same vote on two ways is recorded once', () => {
    const first = record(emptyLedger(), judged(sent('approve', { voteId: 'v1' }), of('bob')));
    expect(judged(sent('approve', { voteId: 'v1' }, 2), of('bob'), {}, first)).toEqual({ is: 'repeated' });
  });
});

describe('a principal', () => {
  test.each<[Partial<Principal> | undefined, RegExp | undefined]>([
    [{ type: 'jwt', name: 'bob' }, undefined],
    [undefined, /no log-in/],
    [{ type: 'jwt', name: '' }, /no log-in/],
    [{ type: '', name: 'bob' }, /no log-in/],
    [{ type: 'temporal', name: 'internal' }, /Temporal itself/],
  ])('%j', (principal, why) => {
    if (why === undefined) expect(whyNobody(principal)).toBeUndefined();
    else expect(whyNobody(principal)).toMatch(why);
  });

  it('of the requester is needed, and its place among the approvers counts', () => {
    expect(refusalOfRequester(undefined, {})).toBeUndefined();
    expect(refusalOfRequester({ type: 'jwt', name: 'ana' }, {})).toBeUndefined();
    expect(refusalOfRequester({ none: 'nobody' }, {})?.advice?.you).toContain('frontend.enablePrincipalPropagation');
    const alone = { approvals: { required: 1, approvers: ['ana'] } };
    expect(refusalOfRequester({ type: 'jwt', name: 'ana' }, alone)?.message).toContain(
      '0 of the named approvers may approve',
    );
  });
});

describe('a vote that waits for its sender', () => {
  const proven = { deciders: 'proven', requester: { type: 'jwt', name: 'ana' } } as const;
  const waiting = (vote = sent('approve')) =>
    new Played()
      .prepared(proven)
      .accepted('resize')
      .observed(shows('VERIFY_RESIZE resized - f2', 'resize ours success'))
      .event({ is: 'vote-came', vote });

  it('is shown, and does not count yet', () => {
    const status = statusOf(waiting().state, { workflowId: 'w', runId: 'run-1' });
    expect(status).toMatchObject({ votesMissing: 1, decisions: [{ by: 'bob', counted: false, pending: true }] });
    expect(detailsOf(status)).toContain('requested by ana (proven)');
  });

  it('is gone when it is judged', () => {
    const run = waiting();
    const judgement = judgeProven(run.state.ledger, sent('approve'), of('bob'), {
      ...standing,
      gate: { requestedBy: 'ana' },
    });
    run.event({ is: 'voted', judgement, settles: sent('approve').place });
    expect(run.state).toMatchObject({ pendingVotes: [], stage: { is: 'confirming' } });
  });

  it('of a resize that is over says that it came to nothing', () => {
    expect(pendingDecision(sent('approve'), true)).toMatchObject({
      why: expect.stringContaining('ended before') as unknown,
    });
    expect(pendingDecision(sent('approve'), true).pending).toBeUndefined();
  });

  it('makes a deadline that waited for it too long a late one: nothing is done by itself', () => {
    const run = waiting()
      .after(30 * MINUTE + HOUR)
      .event({ is: 'deadline-passed' });
    expect(run.state.stage).toMatchObject({
      is: 'window',
      lateHold: expect.stringContaining('who sent a vote') as unknown,
    });
    expect(run.state.ledger.terminal).toBeUndefined();
  });

  it('from before the run was prepared is judged as claimed, until it is known that it has to be proven', () => {
    const early = () => new Played().event({ is: 'vote-came', vote: sent('approve') }).vote('approve', { by: 'bob' });
    expect(early().prepared().state).toMatchObject({ pendingVotes: [], ledger: { decisions: [{ counted: true }] } });
    expect(early().prepared(proven).state).toMatchObject({
      pendingVotes: [{ place: { nth: 1 } }],
      ledger: { decisions: [] },
    });
  });

  it('from before, as an update, does not count where it has to be proven', () => {
    const run = new Played().vote('approve', { by: 'bob' }, 'update').prepared(proven);
    expect(run.state.ledger.decisions).toMatchObject([
      { counted: false, why: expect.stringContaining('send the signal') as unknown },
    ]);
  });

  it('what could not be read stays refused', () => {
    const { ledger } = new Played().vote('approve', 'yes').state;
    expect(decidersKnown({ ledger, pendingVotes: [] }, 'proven').ledger).toEqual(ledger);
  });
});
