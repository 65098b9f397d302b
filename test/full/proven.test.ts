/** Who decided, proven: on a real Temporal server to which people log in. */
import { Client, Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { ResizeClient, type ResizeRun } from '../../src';
import { startTemporalWithLogin, type TemporalWithLogin } from '../identity/temporal-with-login';
import { until } from '../nova/wait';
import { startLab } from '../simulator/lab';
import { ended, startRig, truth, untilPhase, type Rig, type WorkerProcess } from '../story/rig';

const { EventType } = temporal.api.enums.v1;

/** One person, logged in. */
interface Person {
  client: Client;
  resizes: ResizeClient;
  /** Sends a vote as the `temporal` command line would. */
  signals(run: ResizeRun, vote: 'approve' | 'reject', payload: object): Promise<void>;
  close(): Promise<void>;
}

async function logIn(server: TemporalWithLogin, name: string): Promise<Person> {
  const { address, namespace } = server;
  const connection = await Connection.connect({ address, metadata: server.as(name) });
  const client = new Client({ connection, namespace });
  const resizes = await ResizeClient.connect({ client });
  return {
    client,
    resizes,
    signals: (run, vote, payload) => client.workflow.getHandle(run.workflowId).signal(vote, payload),
    close: async () => {
      await resizes.close();
      await connection.close();
    },
  };
}

const PROVEN = { DURABLE_RESIZE_DECIDERS: 'proven' };
const TWO = { required: 2, approvers: ['bob', 'joe', 'zoe'] };

describe('votes on a Temporal server with log-in', () => {
  let server: TemporalWithLogin;
  let rig: Rig;
  let bob: Person;
  let eve: Person;
  let worker: WorkerProcess;

  beforeAll(async () => {
    server = await startTemporalWithLogin();
    rig = await startRig(await startLab(), { login: server });
    [bob, eve] = await Promise.all([logIn(server, 'bob'), logIn(server, 'eve')]);
    worker = await rig.startWorker(PROVEN);
  }, 900_000);

  afterAll(async () => {
    await bob.close();
    await eve.close();
    await rig.stop();
    await server.stop();
  });

  /** The decisions as they are once nothing is asked any more. */
  const decided = (run: ResizeRun, count: number) =>
    until(`${count} decisions of ${run.workflowId}`, async () => {
      const { decisions } = await run.status();
      return decisions.length >= count && decisions.every(({ pending }) => pending !== true) ? decisions : undefined;
    });

  it('a vote of a person who is logged in counts for that name, with the event that proves it', async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    const result = await (await bob.resizes.get(run.server)).approve({ by: 'bob' });
    expect(result).toMatchObject({
      judged: true,
      message: expect.stringContaining('approve by bob (proven)') as unknown,
    });
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'confirmed', deciders: 'proven', requester: { type: 'jwt', name: 'ana' } });
    const [vote] = end.decisions;
    expect(vote).toMatchObject({ by: 'bob', via: 'signal', counted: true, proven: { type: 'jwt', name: 'bob' } });
    expect(vote?.claimed).toBeUndefined();
    const { events = [] } = await rig.client.workflow.getHandle(run.workflowId, vote?.proven?.runId).fetchHistory();
    const event = events?.find(({ eventId }) => String(eventId) === vote?.proven?.eventId);
    expect(event).toMatchObject({ principal: { type: 'jwt', name: 'bob' } });
    expect(event?.workflowExecutionSignaledEventAttributes?.signalName).toBe('approve');
  });

  it('eve, who signs as bob, is eve: not one of the approvers', async () => {
    const run = await rig.start({ approvals: { approvers: ['bob'] } });
    await untilPhase(run, 'awaiting-decision');
    await eve.signals(run, 'approve', { by: 'bob', voteId: 'forged' });
    const [vote] = await decided(run, 1);
    expect(vote).toMatchObject({ by: 'eve', claimed: 'bob', counted: false, refusal: 'NotAnApprover' });
    await expect((await eve.resizes.get(run.server)).approve({ by: 'bob' })).rejects.toMatchObject({
      code: 'NotAnApprover',
      message: expect.stringContaining('under the name eve') as unknown,
    });
    expect(await truth(rig.lab, run.server)).toMatchObject({ status: 'VERIFY_RESIZE' });
    await (await bob.resizes.get(run.server)).reject({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'rejected' });
  });

  it('eve, who repeats the id of the vote of bob, is not taken for bob', async () => {
    const run = await rig.start({ approvals: TWO });
    await untilPhase(run, 'awaiting-decision');
    await bob.signals(run, 'approve', { by: 'bob', voteId: 'of-bob' });
    await eve.signals(run, 'approve', { by: 'joe', voteId: 'of-bob' });
    const decisions = await decided(run, 2);
    expect(decisions.map(({ by, counted }) => [by, counted])).toEqual([
      ['bob', true],
      ['eve', false],
    ]);
    expect(await run.status()).toMatchObject({ votesMissing: 1 });
    await run.cancel();
    await decided(run, 3);
    // Who started it may always take it back; a cancel is proven, too.
    expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'cancelled' });
  });

  it('a log-in that differs from an approver in case alone is not the approver', async () => {
    const other = await logIn(server, 'BOB');
    const run = await rig.start({ approvals: { approvers: ['bob'] } });
    await untilPhase(run, 'awaiting-decision');
    await other.signals(run, 'approve', { by: 'bob' });
    const [vote] = await decided(run, 1);
    expect(vote).toMatchObject({ by: 'BOB', counted: false, refusal: 'NotAnApprover' });
    await other.close();
    await run.cancel();
    await ended(run);
  });

  it('who started it cannot approve it under another name', async () => {
    const run = await rig.start({ requestedBy: 'zoe', approvals: { required: 1 } });
    await untilPhase(run, 'awaiting-decision');
    await expect(run.approve({ by: 'bob' })).rejects.toMatchObject({
      code: 'RequesterMayNotApprove',
      message: expect.stringContaining('ana requested this resize') as unknown,
    });
    const { decisions } = await run.status();
    expect(decisions).toMatchObject([{ by: 'ana', claimed: 'bob', counted: false }]);
    await (await bob.resizes.get(run.server)).approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  });

  it('who started it under another name does not free a place among the approvers', async () => {
    const approvals = { required: 1, approvers: ['ana'] };
    await expect(rig.start({ requestedBy: 'zoe', approvals })).rejects.toMatchObject({ code: 'Refused', exitCode: 12 });
  });

  it('an update is refused, and says to send the signal', async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    const handle = bob.client.workflow.getHandle(run.workflowId);
    const update = handle.executeUpdate('decide', { args: [{ decision: 'approve', by: 'bob' }] });
    await expect(update).rejects.toMatchObject({
      cause: {
        type: 'InvalidDecision',
        message: expect.stringContaining('send the signal: Temporal proves who sends it') as unknown,
      },
    });
    await run.cancel();
    await ended(run);
  });

  it('a cancel is a vote of who sent it', async () => {
    const run = await rig.start({ approvals: { approvers: ['bob'] } });
    await untilPhase(run, 'awaiting-decision');
    await eve.client.workflow.getHandle(run.workflowId).cancel();
    const [vote] = await decided(run, 1);
    expect(vote).toMatchObject({ via: 'cancel', by: 'eve', counted: false, refusal: 'NotAnApprover' });
    expect(await truth(rig.lab, run.server)).toMatchObject({ status: 'VERIFY_RESIZE' });
    await (await bob.resizes.get(run.server)).approve({ by: 'bob' });
    expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  });

  it('a vote with the log-in of a worker, and one of a batch operation, prove no person', async () => {
    const run = await rig.start();
    await untilPhase(run, 'awaiting-decision');
    const machine = await logIn(server, 'worker');
    await machine.signals(run, 'approve', { by: 'bob' });
    await machine.close();
    await bob.client.workflowService.startBatchOperation({
      namespace: server.namespace,
      jobId: `batch-${run.runId}`,
      reason: 'a test',
      executions: [{ workflowId: run.workflowId, runId: run.runId }],
      signalOperation: {
        signal: 'approve',
        identity: 'bob',
        input: { payloads: [bob.client.options.loadedDataConverter.payloadConverter.toPayload({ by: 'bob' })] },
      },
    });
    const decisions = await decided(run, 2);
    expect(decisions).toMatchObject([
      { counted: false, why: expect.stringContaining('with the log-in of a worker') as unknown },
      { counted: false, why: expect.stringContaining('Temporal itself sent it') as unknown },
    ]);
    await run.cancel();
    expect(await ended(run)).toMatchObject({ outcome: 'reverted', cause: 'cancelled' });
  });

  describe('while no worker is there', () => {
    it('votes are kept, and count for their senders when one is back', async () => {
      const run = await rig.start({ approvals: { approvers: ['bob'] } });
      await untilPhase(run, 'awaiting-decision');
      await worker.kill();
      await eve.signals(run, 'approve', { by: 'bob' });
      await bob.signals(run, 'approve', { by: 'me', reason: 'it is well' });
      worker = await rig.startWorker(PROVEN);
      const end = await ended(run);
      expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
      expect(end.decisions.map(({ by, claimed, counted }) => [by, claimed, counted])).toEqual([
        ['eve', 'bob', false],
        ['bob', 'me', true],
      ]);
    });

    it('an approve from before the run was prepared counts for its sender', async () => {
      const server = await rig.lab.boot('early-proven');
      await rig.lab.control({ delay: { finish_migration: { [server]: 2 } } });
      const run = await rig.start({ server, approvals: { approvers: ['bob'] } });
      // Whether the run is prepared by then is a matter of milliseconds: neither vote may count for its claim.
      await eve.signals(run, 'approve', { by: 'bob' });
      await (await bob.resizes.get(run.server)).approve({ by: 'bob' });
      const end = await ended(run);
      expect(end).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
      expect(end.decisions.filter(({ counted }) => counted)).toMatchObject([{ by: 'bob', proven: { name: 'bob' } }]);
      expect(end.decisions).toContainEqual(expect.objectContaining({ by: 'eve', claimed: 'bob', counted: false }));
    });

    it('a vote that a reset applies once more is that of who reset', async () => {
      const run = await rig.start({ approvals: { approvers: ['bob'] } });
      await untilPhase(run, 'awaiting-decision');
      await worker.kill();
      const { events } = await rig.client.workflow.getHandle(run.workflowId).fetchHistory();
      const tasks = events?.filter(({ eventType }) => eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED) ?? [];
      await bob.signals(run, 'approve', { by: 'bob', voteId: 'of-bob' });
      const { runId } = await eve.client.workflowService.resetWorkflowExecution({
        namespace: server.namespace,
        workflowExecution: { workflowId: run.workflowId, runId: run.runId },
        reason: 'a test',
        workflowTaskFinishEventId: tasks.at(-1)?.eventId ?? null,
        requestId: `reset-${run.runId}`,
      });
      worker = await rig.startWorker(PROVEN);
      const [vote] = await decided(run, 1);
      expect(vote).toMatchObject({ by: 'eve', claimed: 'bob', counted: false, voteId: 'of-bob', proven: { runId } });
      await (await bob.resizes.get(run.server)).approve({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
    });
  });

  describe('while the worker of the cloud is away, and that of the workflows is not', () => {
    let workflows: WorkerProcess;

    beforeAll(async () => {
      workflows = await rig.startWorker({ ...PROVEN, DURABLE_RESIZE_CLOUDS: 'lab-app' });
    });

    afterAll(() => workflows.kill());

    it('the deadline does not pass over a vote that came before it', async () => {
      const run = await rig.start({ decideWithin: '4s' });
      await untilPhase(run, 'awaiting-decision');
      await worker.kill();
      await bob.signals(run, 'approve', { by: 'bob' });
      const waiting = await until('the deadline to be over', async () => {
        const status = await run.status();
        return Date.parse(status.decisionDeadline ?? '') + 1000 < Date.now() ? status : undefined;
      });
      expect(waiting).toMatchObject({ phase: 'awaiting-decision', decisions: [{ by: 'bob', pending: true }] });
      worker = await rig.startWorker(PROVEN);
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
    });

    it('of more votes than can wait for their senders none counts as claimed', async () => {
      const run = await rig.start({ approvals: { approvers: ['bob'] } });
      await untilPhase(run, 'awaiting-decision');
      await worker.kill();
      for (let n = 0; n < 100; n++) await eve.signals(run, 'reject', { by: 'eve' });
      await eve.signals(run, 'approve', { by: 'bob', voteId: 'beyond' });
      const beyond = await until('the last vote to be judged', async () => {
        const { decisions } = await run.status();
        return decisions.find(({ voteId }) => voteId === 'beyond');
      });
      expect(beyond).toMatchObject({ counted: false, why: expect.stringContaining('send it again') as unknown });
      worker = await rig.startWorker(PROVEN);
      await decided(run, 50);
      await (await bob.resizes.get(run.server)).approve({ by: 'bob' });
      expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
    });

    it('a vote waits through continue-as-new, and its sender is read in the run in which it came', async () => {
      const run = await rig.start();
      await untilPhase(run, 'awaiting-decision');
      const first = run.runId;
      await worker.kill();
      await eve.signals(run, 'approve', { by: 'bob' });
      const handle = rig.client.workflow.getHandle(run.workflowId);
      const second = await until('the resize to continue as new', async () => {
        await handle.signal('observeNow');
        const { runId } = await handle.describe();
        return runId === first ? undefined : runId;
      });
      expect(await run.status()).toMatchObject({ runId: second, decisions: [{ by: 'bob', pending: true }] });
      worker = await rig.startWorker(PROVEN);
      const end = await ended(run);
      expect(end).toMatchObject({ outcome: 'confirmed', runId: second });
      expect(end.decisions).toMatchObject([{ by: 'eve', claimed: 'bob', proven: { runId: first } }]);
    });
  });
});

describe('on a Temporal server with log-in that does not propagate who sends', () => {
  it('a resize is refused at its start, with the setting to make', async () => {
    const server = await startTemporalWithLogin(false);
    const rig = await startRig(await startLab(), { login: server });
    try {
      await rig.startWorker(PROVEN);
      await expect(rig.start()).rejects.toMatchObject({
        exitCode: 12,
        message: expect.stringContaining('frontend.enablePrincipalPropagation') as unknown,
      });
    } finally {
      await rig.stop();
      await server.stop();
    }
  });
});
