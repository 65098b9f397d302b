/**
 * Anything may come over the wire. Whatever it is, a run goes on or ends with one sentence; it never gets stuck in a
 * workflow task that fails again and again, and nothing enters the record unchecked. On a real Temporal server.
 */
import { randomUUID } from 'node:crypto';
import { type Client, WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import fc from 'fast-check';
import type { ResizeStatus } from '../../src/resize/outcome';
import { TASK_QUEUE } from '../../src/workflows/messages';
import { startWorkflowWorker } from './workflow-worker';

let client: Client;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ client, stop } = await startWorkflowWorker());
});
afterAll(() => stop());

const valid = (server: string) => ({ cloud: 'lab', server, flavor: 'm1.large', requestedBy: 'ana' });

const start = (type: string, workflowId: string, ...args: unknown[]) =>
  client.workflow.start(type, { taskQueue: TASK_QUEUE, workflowId, args });
type Handle = Awaited<ReturnType<typeof start>>;

/** A Temporal task that fails is tried again for ever: the run would be stuck. One that takes long on a busy machine is not. */
async function failedTasks(handle: Handle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  const failures = (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) =>
    failed?.failure?.message === undefined ? [] : [String(failed.failure.message)],
  );
  return failures.filter((message) => !/deadlock|timed out/i.test(message));
}

async function failureOf(handle: Handle): Promise<ApplicationFailure> {
  const error: unknown = await handle.result().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof WorkflowFailedError)) throw new Error(`it did not fail: ${String(error)}`);
  return error.cause as ApplicationFailure;
}

/** JSON of any shape, often with the names that mean something here. */
const names = [
  'by',
  'reason',
  'run',
  'voteId',
  'for',
  'decision',
  'cloud',
  'server',
  'flavor',
  'version',
  'polling',
  'expect',
  'approvals',
  'required',
  'approvers',
];
const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 })),
  fc.constantFrom(null, '', 0, [], {}, [null], { by: null }, { by: { by: 'bob' } }, { by: 'bob', reason: { a: 1 } }),
  fc.constant({ by: 'bob', reason: 'x'.repeat(20_000) }),
);

describe('a workflow that is started with anything', () => {
  it.each(['resizeServer', 'inspectServer', 'findOrphans'])(
    '%s ends with one sentence, or waits for the cloud; it never gets stuck',
    async (type) => {
      const inputs = fc.sample(anyJson, { numRuns: 25, seed: 7 });
      const argumentsOf = [
        [],
        ...inputs.map((input) => [input]),
        ...inputs.slice(0, 5).map((carried) => [null, carried]),
      ];
      const handles = await Promise.all(argumentsOf.map((args) => start(type, `resize-${randomUUID()}`, ...args)));
      for (const handle of handles) {
        const failure = await failureOf(handle);
        expect(failure.type).toBe(type === 'resizeServer' ? 'Refused' : 'InvalidRequest');
        expect(failure.message).not.toMatch(/\n|undefined|\[object|TypeError/);
        expect(failure.message.length).toBeLessThan(500);
        expect(await failedTasks(handle)).toEqual([]);
      }
    },
  );

  it('a state of a stranger is not taken for one that was carried on', async () => {
    const server = randomUUID();
    const handle = await start('resizeServer', `resize-${server}`, valid(server), {
      version: 1,
      stage: { is: 'closed' },
    });
    expect(await failureOf(handle)).toMatchObject({ type: 'Refused', message: /takes one argument/ });
  });
});

describe('a resize that gets anything', () => {
  let handle: Handle;
  beforeAll(async () => {
    const server = randomUUID();
    handle = await start('resizeServer', `resize-${server}`, valid(server));
  });
  afterAll(() => handle.terminate());

  const query = (...args: [unknown?]) => handle.query<ResizeStatus, [unknown?]>('status', ...args);

  it('as a signal: it goes on, and what is no vote is kept as such', async () => {
    const inputs = fc.sample(anyJson, { numRuns: 40, seed: 11 });
    for (const name of ['approve', 'reject', 'observeNow', 'retry', 'no-such-signal']) {
      await Promise.all(inputs.map((input) => handle.signal(name, input)));
      await handle.signal(name);
    }
    const { decisions, decisionsOmitted = 0 } = await query();
    expect(decisions.length + decisionsOmitted).toBe(2 * 41);
    expect(decisions.filter(({ counted }) => counted)).toEqual([]);
    for (const decision of decisions) {
      expect(decision.by.length).toBeLessThanOrEqual(200);
      expect((decision.why ?? '').length).toBeLessThan(400);
      expect(typeof decision.reason).toMatch(/^(string|undefined)$/);
    }
    expect(await failedTasks(handle)).toEqual([]);
  });

  it.each(['decide', 'extend', 'retry', 'abandon'])('as the update %s: it is refused with a sentence', async (name) => {
    for (const input of fc.sample(anyJson, { numRuns: 15, seed: 13 })) {
      const error: unknown = await handle.executeUpdate(name, { args: [input] }).catch((reason: unknown) => reason);
      if (!(error instanceof WorkflowUpdateFailedError)) throw new Error(`it was not refused: ${String(error)}`);
      expect(error.cause).toMatchObject({ type: 'InvalidDecision' });
      expect((error.cause?.message ?? '').length).toBeLessThan(500);
    }
    expect(await failedTasks(handle)).toEqual([]);
  });

  it('as an argument of the query: it is answered', async () => {
    for (const input of fc.sample(anyJson, { numRuns: 5, seed: 17 })) {
      expect((await query(input)).phase).toBe('preparing');
    }
  });

  it('and an approval whose unset fields are null, as clients in Python, Java and .NET write it, counts', async () => {
    await handle.signal('approve', { by: 'bob', reason: null, run: null, voteId: null });
    const counted = (await query()).decisions.filter((each) => each.counted);
    expect(counted).toMatchObject([{ decision: 'approve', by: 'bob' }]);
    expect(counted[0]).not.toHaveProperty('reason');
  });
});

it('a start whose unset fields are null begins, with the defaults', async () => {
  const server = randomUUID();
  const nulls = { version: null, reason: null, expect: null, decideWithin: null, onTimeout: null, polling: null };
  const handle = await start('resizeServer', `resize-${server}`, { ...valid(server), ...nulls });
  expect(await handle.query('status')).toMatchObject({ phase: 'preparing', onTimeout: 'revert' });
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow(/cancelled/i);
});
