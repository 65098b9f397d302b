/** Votes, an operator's words and a cancel: answered, kept for later, or refused with the reason. */
import type { ResizeClient } from '../../src/client/resize-client';
import type { ExtensionInput, OperatorWord, VoteInput, WaitOptions } from '../../src/index';
import { request, startWorld, until, type World } from './stand-in';

let world: World;
let resizes: ResizeClient;
const QUEUE = 'decide';

beforeAll(async () => {
  world = await startWorld();
  resizes = await world.connect(QUEUE);
  await world.workers(QUEUE);
});
afterAll(() => world.stop());

describe('a vote', () => {
  it('is answered by the worker', async () => {
    const run = await resizes.start(request('decide'));
    const result = await run.approve({ by: 'bob', reason: 'CHG-1' });
    expect(result).toMatchObject({
      judged: true,
      status: { live: true, decisions: [{ decision: 'approve', by: 'bob', reason: 'CHG-1', via: 'update' }] },
    });
    expect(await run.wait()).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
  });

  it('is kept by Temporal when no worker answers, and counted once when one is back', async () => {
    const queue = 'away';
    const workers = await world.workers(queue);
    const client = await world.connect(queue);
    const run = await client.start(request('decide'));
    await until(async () => (await run.recorded()).phase === 'awaiting-decision');
    await workers.stop();

    const result = await run.reject({ by: 'bob' });
    expect(result).toMatchObject({ judged: false, status: { live: false, phase: 'awaiting-decision' } });
    expect(result.message).toMatch(/recorded by Temporal, not yet judged/);

    await world.workers(queue);
    const status = await run.wait();
    expect(status).toMatchObject({ outcome: 'reverted', cause: 'rejected' });
    expect(status.decisions).toHaveLength(1);
    expect(status.decisions[0]).toMatchObject({ by: 'bob', voteId: result.voteId, counted: true });
  });

  it('is for the run that was looked at, not for a later resize of the server', async () => {
    const input = request('decide');
    const old = await resizes.start(input);
    await old.reject({ by: 'bob' });
    await old.wait();
    const next = await resizes.start(input);
    await expect(old.approve({ by: 'bob' })).rejects.toMatchObject({ code: 'TooLate', exitCode: 7 });
    expect((await next.status()).decisions).toEqual([]);
    await expect(next.approve({ by: 'bob', run: old.runId })).rejects.toMatchObject({ code: 'WrongRun', exitCode: 3 });
  });

  it('that is refused says why, by the name of the refusal', async () => {
    const run = await resizes.start(request('decide'));
    await expect(run.approve({ by: 'ana' })).rejects.toMatchObject({
      code: 'RequesterMayNotApprove',
      exitCode: 4,
      message: 'ana asked for it',
    });
    await expect(run.approve({ by: '  ' })).rejects.toMatchObject({ code: 'InvalidDecision', exitCode: 2 });
    expect((await run.status()).decisions).toEqual([]);
  });

  it.each([
    ['no name', { by: null }, 'by: is missing; nothing was sent'],
    ['a name that is no text', { by: { name: 'bob' } }, /^by: .* is not valid here/],
    ['a reason of any length', { by: 'bob', reason: 'x'.repeat(1_500_000) }, /^reason: is longer than 2000 characters/],
    ['an unknown field', { by: 'bob', raeson: 'x' }, /^raeson: no such field/],
  ])('with %s is refused before it is sent', async (_, input, message) => {
    const run = await resizes.start(request('decide'));
    const failure: unknown = await run.approve(input as unknown as VoteInput).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'InvalidDecision' });
    expect((failure as Error).message).toMatch(message);
    await expect(run.retry(input as unknown as OperatorWord)).rejects.toMatchObject({ code: 'InvalidDecision' });
  });

  it('may say null for what is not given', async () => {
    const run = await resizes.start(request('decide'));
    const nulls = { by: 'bob', reason: null, run: null, voteId: null } as unknown as VoteInput;
    expect(await run.approve(nulls)).toMatchObject({ judged: true });
    expect(await run.wait({ timeout: null, onChange: null } as unknown as WaitOptions)).toMatchObject({
      outcome: 'confirmed',
      decisions: [{ by: 'bob' }],
    });
  });

  it('that comes after the end is told who won, when, and what became of the server', async () => {
    const run = await resizes.start(request('decide'));
    await run.approve({ by: 'bob' });
    await run.wait();
    await expect(run.reject({ by: 'eve' })).rejects.toMatchObject({
      code: 'TooLate',
      message: expect.stringMatching(/ended as confirmed \(approved\), approve by bob \(claimed\) at 2.*Z/) as string,
      details: { status: { outcome: 'confirmed' } },
    });
  });

  it('sent twice with the same id at once is counted once, and both are answered or told that it is over', async () => {
    const run = await resizes.start(request('decide'));
    const votes = await Promise.allSettled([1, 2, 3].map(() => run.approve({ by: 'bob', voteId: 'vote-1' })));
    expect(votes.some((one) => one.status === 'fulfilled')).toBe(true);
    for (const one of votes) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'TooLate' });
    expect((await run.wait()).decisions).toHaveLength(1);
  });

  it('reaches the next run of a resize that has continued as new', async () => {
    const run = await resizes.start(request('continue'));
    const { runId } = run;
    await world.client.workflow.getHandle(run.workflowId).signal('observeNow');
    await until(async () => (await run.recorded()).runId !== runId);
    const result = await run.approve({ by: 'bob', run: runId });
    expect(result.judged).toBe(true);
    expect(run.runId).not.toBe(runId);
    expect(await run.wait()).toMatchObject({ outcome: 'confirmed' });
  });
});

describe('more time to decide', () => {
  it('is granted by the run, which answers with the new deadline', async () => {
    const run = await resizes.start(request('decide'));
    const asked = Date.now();
    const { decisionDeadline = '', live } = await run.extend({ by: 'bob', for: '1 hour', reason: 'CHG-1' });
    expect(Date.parse(decisionDeadline) - asked).toBeGreaterThanOrEqual(3_600_000 - 60_000);
    expect(live).toBe(true);
    await expect(run.extend({ by: 'joe', for: '1h' })).rejects.toMatchObject({ code: 'NotAnApprover', exitCode: 4 });
  });

  it.each([
    ['no time', { by: 'bob' }, 'for: is missing; nothing was sent'],
    ['what is no time', { by: 'bob', for: 'long' }, /^for: "long" is not a duration/],
    ['an unknown field', { by: 'bob', for: '1h', until: 'noon' }, /^until: no such field/],
  ])('with %s is refused before it is sent', async (_, input, message) => {
    const run = await resizes.start(request('decide'));
    const failure: unknown = await run.extend(input as unknown as ExtensionInput).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'InvalidDecision' });
    expect((failure as Error).message).toMatch(message);
  });

  it('comes too late for a resize that is over, which says who won', async () => {
    const run = await resizes.start(request('decide'));
    await run.approve({ by: 'bob' });
    await run.wait();
    await expect(run.extend({ by: 'eve', for: '1h' })).rejects.toMatchObject({
      code: 'TooLate',
      exitCode: 7,
      message: expect.stringMatching(/ended as confirmed \(approved\), approve by bob \(claimed\) at 2.*Z/) as string,
    });
  });

  it('is not kept for later: without a worker it says so', async () => {
    const workers = await world.workers('asleep');
    const client = await world.connect('asleep');
    const run = await client.start(request('decide'));
    await until(async () => (await run.recorded()).phase === 'awaiting-decision');
    await workers.stop();
    await expect(run.extend({ by: 'bob', for: '1h' })).rejects.toMatchObject({ code: 'NotAnswered', exitCode: 1 });
  });
});

describe('an operator', () => {
  it('takes the resize on with retry, and has the status from after it', async () => {
    const run = await resizes.start(request('operator'));
    expect(await run.wait()).toMatchObject({ phase: 'needs-operator', execution: 'running' });
    expect(await run.retry({ by: 'op' })).toMatchObject({ live: true, phase: 'awaiting-decision' });
    await expect(run.retry({ by: 'op' })).rejects.toMatchObject({ code: 'InvalidDecision', exitCode: 2 });
  });

  it('ends it with abandon, and has the status of the end', async () => {
    const run = await resizes.start(request('operator'));
    await run.wait();
    const status = await run.abandon({ by: 'op', reason: 'rebuilt by hand' });
    expect(status).toMatchObject({ phase: 'closed', outcome: 'needs-operator', execution: 'failed' });
    await expect(run.abandon({ by: 'op' })).rejects.toMatchObject({ code: 'TooLate' });
  });

  it('is told when no worker is there to hear it', async () => {
    const workers = await world.workers('deaf');
    const client = await world.connect('deaf');
    const run = await client.start(request('operator'));
    await run.wait();
    await workers.stop();
    await expect(run.retry({ by: 'op' })).rejects.toMatchObject({ code: 'NotAnswered', exitCode: 1 });
  });
});

describe('a cancel', () => {
  it('reaches the resize', async () => {
    const run = await resizes.start(request('decide'));
    await run.cancel();
    expect(await run.wait()).toMatchObject({ outcome: 'cancelled', cause: 'cancelled', execution: 'canceled' });
  });

  it('of a resize that is over is too late', async () => {
    const run = await resizes.start(request('decide'));
    await run.approve({ by: 'bob' });
    await run.wait();
    await expect(run.cancel()).rejects.toMatchObject({ code: 'TooLate' });
  });

  it('does not reach a later resize of the same server', async () => {
    const input = request('decide');
    const old = await resizes.start(input);
    await old.approve({ by: 'bob' });
    await old.wait();
    const next = await resizes.start(input);
    await expect(old.cancel()).rejects.toMatchObject({ code: 'TooLate' });
    expect(await next.status()).toMatchObject({ execution: 'running', phase: 'awaiting-decision' });
  });
});
