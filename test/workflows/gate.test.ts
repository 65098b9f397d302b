/**
 * A rule that is enforced at one edge is bypassed by another edge: the same votes, sent as updates, as signals and by the
 * command line, get the same answers. On a real Temporal server.
 */
import { randomUUID } from 'node:crypto';
import { ApplicationFailure, CancelledFailure, type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { ResizeClient } from '../../src/client/resize-client';
import type { Approvals } from '../../src/resize/approvals';
import type { Choice } from '../../src/resize/decision';
import type { ResizeStatus } from '../../src/resize/outcome';
import { TASK_QUEUE } from '../../src/workflows/messages';
import { call } from '../cli/captured-terminal';
import { startWorkflowWorker } from './workflow-worker';

let client: Client;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ client, stop } = await startWorkflowWorker());
});
afterAll(() => stop());

const start = (approvals?: Partial<Approvals>) => {
  const server = randomUUID();
  const input = { cloud: 'lab', server, flavor: 'm1.large', requestedBy: 'ana', ...(approvals && { approvals }) };
  return client.workflow.start('resizeServer', {
    taskQueue: TASK_QUEUE,
    workflowId: `resize-${server}`,
    args: [input],
  });
};
type Handle = Awaited<ReturnType<typeof start>>;
const statusOf = (handle: Handle) => handle.query<ResizeStatus>('status');

type Answer = 'counted' | 'repeated' | 'NotAnApprover' | 'RequesterMayNotApprove';

/** What a vote that was not refused became. */
async function became(handle: Handle, before: ResizeStatus): Promise<string> {
  const { decisions } = await statusOf(handle);
  if (decisions.length === before.decisions.length) return 'repeated';
  const { counted, why = '' } = decisions.at(-1) ?? { counted: false };
  if (counted) return 'counted';
  if (why.includes('not one of the approvers')) return 'NotAnApprover';
  return why.includes("the requester's approval does not count") ? 'RequesterMayNotApprove' : why;
}

const ways: Readonly<Record<string, (handle: Handle, choice: Choice, by: string) => Promise<string>>> = {
  'an update': async (handle, decision, by) => {
    const before = await statusOf(handle);
    try {
      await handle.executeUpdate('decide', { args: [{ decision, by }] });
    } catch (error) {
      const cause = error instanceof WorkflowUpdateFailedError ? error.cause : error;
      return cause instanceof ApplicationFailure ? (cause.type ?? '') : String(cause);
    }
    return became(handle, before);
  },
  'a signal': async (handle, choice, by) => {
    const before = await statusOf(handle);
    await handle.signal(choice, { by });
    return became(handle, before);
  },
  'the command line': async (handle, choice, by) => {
    const before = await statusOf(handle);
    const connect = { client };
    const { code, json } = await call([choice, handle.workflowId, '--by', by, '-f', 'json'], { connect });
    const [answer] = json() as { error?: { code: string } }[];
    expect(code).toBe(answer?.error === undefined ? 0 : 4);
    return answer?.error?.code ?? became(handle, before);
  },
  'the library': async (handle, choice, by) => {
    const before = await statusOf(handle);
    const resizes = await ResizeClient.connect({ client });
    const run = await resizes.get(handle.workflowId);
    const refused = await run[choice]({ by }).then(
      () => undefined,
      (error: unknown) => (error as { code: string }).code,
    );
    return refused ?? became(handle, before);
  },
};

interface Row {
  rules: Partial<Approvals> | undefined;
  votes: [Choice, string, Answer][];
  missing: number;
}

const rows: Readonly<Record<string, Row>> = {
  'two people, with one vote each, and not the requester': {
    rules: { required: 2 },
    votes: [
      ['approve', 'bob', 'counted'],
      ['approve', 'bob', 'repeated'],
      ['approve', ' BOB ', 'repeated'],
      ['approve', 'ana', 'RequesterMayNotApprove'],
      ['approve', 'Ana', 'RequesterMayNotApprove'],
      ['approve', 'eve', 'counted'],
    ],
    missing: 0,
  },
  'named approvers, in whatever form of the name': {
    rules: { required: 2, approvers: ['Jos\u00e9', 'eve', 'Strauß'] },
    votes: [
      ['approve', 'mallory', 'NotAnApprover'],
      ['reject', 'mallory', 'NotAnApprover'],
      ['approve', 'ana', 'RequesterMayNotApprove'],
      ['approve', 'jose\u0301', 'counted'],
      ['approve', 'JOS\u00c9', 'repeated'],
    ],
    missing: 1,
  },
  'the requester, where that is allowed, once': {
    rules: { required: 2, allowRequester: true },
    votes: [
      ['approve', 'ana', 'counted'],
      ['approve', 'ANA', 'repeated'],
    ],
    missing: 1,
  },
  'the requester, where nothing is said of approvals': {
    rules: undefined,
    votes: [['approve', 'ana', 'counted']],
    missing: 0,
  },
};

describe.each(Object.keys(ways))('votes that come by %s', (way) => {
  it.each(Object.entries(rows))('count for %s', async (_, { rules, votes, missing }) => {
    const send = ways[way] ?? (() => Promise.reject(new Error(way)));
    const handle = await start(rules);
    for (const [choice, by, answer] of votes)
      expect([choice, by, await send(handle, choice, by)]).toEqual([choice, by, answer]);
    expect(await statusOf(handle)).toMatchObject({ phase: 'preparing', votesMissing: missing });
    await handle.terminate();
  });

  it('end a resize that was not begun when the requester rejects', async () => {
    const send = ways[way] ?? (() => Promise.reject(new Error(way)));
    const handle = await start({ required: 2, approvers: ['bob', 'eve', 'joe'] });
    await handle.signal('approve', { by: 'bob' });
    await send(handle, 'reject', 'ana');
    expect(await handle.result()).toMatchObject({ outcome: 'cancelled', cause: 'rejected' });
  });
});

it('a gate that can never open is refused by the workflow itself, however it is started', async () => {
  const handle = await start({ required: 2, approvers: ['bob', ' ANA'] });
  const failure: unknown = await handle.result().catch((error: unknown) => (error as Error).cause);
  expect(failure).toMatchObject({
    type: 'Refused',
    message:
      'refused, nothing was changed: approvals.required: is 2, but only 1 of the named approvers may approve (ana, the requester, may not): name more, ask for fewer, or set allowRequester',
  });
});

it('a cancel before the cloud is asked stops it, whoever its approvers are', async () => {
  const handle = await start({ approvers: ['bob'] });
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) as CancelledFailure });
});
