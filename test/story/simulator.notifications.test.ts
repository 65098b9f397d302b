/** People are told of a resize: by a webhook that is signed, in a channel, and where nobody listens. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import type { ResizeRun, ResizeStatus } from '../../src';
import { freePorts } from '../free-ports';
import { until } from '../nova/wait';
import { startLab } from '../simulator/lab';
import { Mailbox, type Delivered } from './mailbox';
import { ended, startRig, truth, untilPhase, type Rig } from './rig';

const SECRET = `whsec_${Buffer.from('a-secret-of-32-bytes-for-tests-!').toString('base64')}`;
/** In an address, as Slack has it. */
const CHANNEL = 'T024-distinctive-B07';

let rig: Rig;
let mailbox: Mailbox;
let folder: string;
beforeAll(async () => {
  mailbox = await Mailbox.start();
  folder = mkdtempSync(path.join(tmpdir(), 'notify-'));
  rig = await startRig(await startLab());
  const file = path.join(folder, 'notify.yaml');
  writeFileSync(path.join(folder, 'secret'), `${SECRET}\n`, { mode: 0o600 });
  const everything = '[question, reminder, last-call, overdue, decided, needs-operator]';
  const nobody = `http://127.0.0.1:${(await freePorts())[0]}`;
  writeFileSync(
    file,
    `targets:
  - { name: ops, kind: webhook, url: '${mailbox.url}/ops', secretFile: secret, events: ${everything}, clouds: [lab] }
  - { name: chat, kind: slack, url: '${mailbox.url}/${CHANNEL}', events: ${everything}, clouds: [lab] }
  - { name: gone, kind: webhook, url: '${mailbox.url}/gone', events: [question], clouds: [lab-app] }
  - { name: dead, kind: webhook, url: '${nobody}/${CHANNEL}', events: [question, decided], clouds: [lab-app] }
remindAfter: 50%
lastCall: 1s
`,
    { mode: 0o600 },
  );
  await rig.startWorker({ DURABLE_RESIZE_NOTIFY: file });
});
beforeEach(() => void (mailbox.answer = () => ({ status: 204 })));
afterAll(async () => {
  await rig.stop();
  await mailbox.stop();
  rmSync(folder, { recursive: true });
});

interface CloudEvent {
  specversion: string;
  id: string;
  type: string;
  subject: string;
  time: string;
  data: { title: string; question: string; commands: string[]; status: ResizeStatus };
}

/** What a receiver does: it throws for a signature that is not right. */
function verified({ body, headers }: Delivered): CloudEvent {
  return new Webhook(SECRET).verify(body, headers as Record<string, string>) as CloudEvent;
}

const taken = (messages: readonly Delivered[]) => messages.filter(({ status }) => status === 204);
const webhooks = (run: ResizeRun) => taken(mailbox.about(run.server, '/ops')).map(verified);
const posts = (run: ResizeRun) =>
  taken(mailbox.about(run.server, `/${CHANNEL}`)).map(
    ({ body }) => JSON.parse(body) as { text: string; blocks: { type: string; text: { text: string } }[] },
  );

const untilTold = (run: ResizeRun, ...events: string[]) =>
  until(
    `${events.join(', ')} to be told`,
    () => {
      const types = webhooks(run).map(({ type }) => type.replace('durable-resize.', ''));
      const isIn = events.length === types.length && posts(run).length === events.length;
      if (isIn) expect(types).toEqual(events);
      return Promise.resolve(isIn ? true : undefined);
    },
    { seen: () => JSON.stringify(mailbox.all.map((each) => [each.path, each.status, each.body.slice(0, 120)])) },
  );

it('a question and its end are told, signed, and in Slack’s format', async () => {
  const run = await rig.start({ reason: 'CHG-1 <!channel>' });
  const { runId } = await untilPhase(run, 'awaiting-decision');
  await untilTold(run, 'question');
  const [question] = webhooks(run);
  expect(question).toMatchObject({
    specversion: '1.0',
    id: `${runId}-question-1`,
    subject: run.server,
    source: '/durable-resize/lab',
    datacontenttype: 'application/json',
    data: { status: { phase: 'awaiting-decision', server: { id: run.server } } },
  });
  expect(question?.data.title).toMatch(/^Decide: story-\d+, f1 -> f2$/);
  expect(question?.data.question).toContain('a revert loses: ');
  expect(question?.data.commands).toContain(`durable-resize approve ${run.server} --run ${runId} --by YOU`);
  expect(mailbox.about(run.server, '/ops')[0]?.headers).toMatchObject({
    'webhook-id': `${runId}-question-1`,
    'content-type': 'application/cloudevents+json',
  });
  const [post] = posts(run);
  expect(post?.text).toMatch(/^Decide: story-\d+, f1 -&gt; f2: .* waits for a decision/);
  expect(post?.blocks.map(({ type }) => type)).toEqual(expect.arrayContaining(['header', 'section']));
  const shown = post?.blocks.map(({ text }) => text.text).join('\n') ?? '';
  expect(shown).toContain('CHG-1 &lt;!channel&gt;');
  expect(shown).toContain(`durable-resize reject ${run.server}`);

  await run.approve({ by: 'bob' });
  expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
  await untilTold(run, 'question', 'decided');
  const [, end] = webhooks(run);
  expect(end?.data).toMatchObject({ commands: [], status: { outcome: 'confirmed', cause: 'approved', live: false } });
  expect((await run.status()).notices).toMatchObject([{ event: 'question', sentAt: expect.anything() as string }]);
});

it('a receiver that fails gets the same id again, and whoever had it does not', async () => {
  mailbox.answer = ({ path: to, headers }) => {
    const before = mailbox.all.filter((each) => each.headers['webhook-id'] === headers['webhook-id']);
    if (to !== '/ops' || before.filter((each) => each.path === '/ops').length > 1) return { status: 204 };
    return before.some((each) => each.path === '/ops')
      ? { status: 429, headers: { 'Retry-After': '1' } }
      : { status: 500 };
  };
  const run = await rig.start();
  await untilPhase(run, 'awaiting-decision');
  await untilTold(run, 'question');
  const tries = mailbox.about(run.server, '/ops');
  expect(tries.map(({ status }) => status)).toEqual([500, 429, 204]);
  expect(new Set(tries.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  // Each try is signed with its own time: a receiver refuses one of old.
  expect(new Set(tries.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
  tries.forEach(verified);
  expect(mailbox.about(run.server, `/${CHANNEL}`)).toHaveLength(1);
  await run.reject({ by: 'bob' });
  await ended(run);
});

it('reminder, last call and overdue come when half of the time is gone, before the deadline, and after it', async () => {
  const run = await rig.start({ decideWithin: '6s', onTimeout: 'hold' });
  await untilTold(run, 'question', 'reminder', 'last-call', 'overdue');
  const { decisionDeadline, overdueSince } = await run.status();
  const deadline = Date.parse(overdueSince ?? '');
  const times = webhooks(run).map(({ time }) => Math.round((Date.parse(time) - deadline) / 1000));
  // Never early, and in order; a busy machine is late.
  expect(times).toEqual([...times].sort((one, other) => one - other));
  [-6, -3, -1, 0].forEach((due, index) => expect(times[index]).toBeGreaterThanOrEqual(due));
  expect(Date.parse(decisionDeadline ?? '')).toBeGreaterThan(deadline);
  await run.approve({ by: 'bob' });
  expect(await ended(run)).toMatchObject({ outcome: 'confirmed' });
});

it('that an operator is needed is told, with what to do', async () => {
  const server = await rig.lab.boot('told-of-error');
  const run = await rig.start({ server });
  await rig.lab.control({ fail: { migrate_disk_and_power_off: [server] } });
  await untilPhase(run, 'needs-operator');
  await untilTold(run, 'needs-operator');
  expect(webhooks(run)[0]?.data).toMatchObject({
    commands: [`durable-resize retry ${server} --by YOU`, `durable-resize abandon ${server} --by YOU`],
    question: expect.stringContaining('What to do: ') as string,
  });
  await run.abandon({ by: 'ana', reason: 'by hand' });
  await ended(run);
  await untilTold(run, 'needs-operator', 'decided');
});

it('where nobody listens, the decision counts at once and the end is not put off; what failed is seen', async () => {
  mailbox.answer = ({ path: to }) => ({ status: to === '/gone' ? 410 : 204 });
  const run = await rig.start({ cloud: 'lab-app' });
  await untilPhase(run, 'awaiting-decision');
  await until('the target that is gone to have answered', () =>
    Promise.resolve(mailbox.about(run.server, '/gone').length > 0 ? true : undefined),
  );
  const before = Date.now();
  await run.approve({ by: 'bob' });
  expect(await ended(run)).toMatchObject({ outcome: 'confirmed', cause: 'approved' });
  expect(Date.now() - before).toBeLessThan(5000);
  expect(await truth(rig.lab, run.server)).toMatchObject({ flavor: 'f2', confirm: 1, revert: 0 });
  // It is gone for good, whatever becomes of the other one.
  expect(mailbox.about(run.server, '/gone')).toHaveLength(1);
  expect((await run.status()).notices).toMatchObject([
    { event: 'question', failed: 'it could not be sent before it was overtaken' },
  ]);
  const { runId } = await run.recorded();
  const telling = rig.client.workflow.getHandle(`notify-${runId}-decided-1`);
  const { status, raw } = await telling.describe();
  expect(status.name).toBe('RUNNING');
  expect(raw.pendingActivities?.[0]?.lastFailure?.message ?? 'not tried yet').toMatch(
    /^(dead: the connection was refused|not tried yet)$/,
  );
  await telling.terminate();
});

it('the end reaches a target that was away when the resize ended', async () => {
  let away = true;
  mailbox.answer = ({ path: to }) => ({ status: away && to === '/ops' ? 503 : 204 });
  const run = await rig.start();
  await untilPhase(run, 'awaiting-decision');
  await run.reject({ by: 'bob' });
  expect(await ended(run)).toMatchObject({ outcome: 'reverted' });
  await until('the first try', () =>
    Promise.resolve(mailbox.about(run.server, '/ops').some(({ body }) => body.includes('decided')) ? true : undefined),
  );
  away = false;
  await until('the end to be told', () =>
    Promise.resolve(webhooks(run).some(({ type }) => type === 'durable-resize.decided') ? true : undefined),
  );
});

it('no address and no secret of a target is in a history, a memo, a status or a log', async () => {
  const texts: string[] = [rig.output()];
  for await (const { workflowId, runId } of rig.client.workflow.list()) {
    const handle = rig.client.workflow.getHandle(workflowId, runId);
    const { raw, memo } = await handle.describe();
    texts.push(JSON.stringify([withTexts(await handle.fetchHistory()), withTexts(raw), memo]));
  }
  const all = texts.join('\n');
  // The search reaches what it should.
  for (const each of ['tellPeople', 'NotTold', 'question', 'worker ready']) expect(all).toContain(each);
  for (const secret of [SECRET, SECRET.slice(6), CHANNEL, mailbox.url]) expect(all).not.toContain(secret);
});

/** Payloads are bytes; a bigint is no JSON. */
function withTexts(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(withTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item)]));
}
