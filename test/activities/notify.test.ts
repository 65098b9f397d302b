/** One notice as an activity: what a target answers, and what is tried again. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { notify } from '../../src/activities/notify';
import { Targets } from '../../src/notify';
import type { NoticeEvent } from '../../src/resize/notices';
import { statusOf } from '../../src/resize/status';
import { Played } from '../resize/played';
import { Mailbox } from '../story/mailbox';

let mailbox: Mailbox;
const folder = mkdtempSync(path.join(tmpdir(), 'notify-'));
beforeEach(async () => void (mailbox = await Mailbox.start()));
afterEach(() => mailbox.stop());
afterAll(() => rmSync(folder, { recursive: true }));

const SECRET = `whsec_${Buffer.from('a-secret-of-32-bytes-for-tests-!').toString('base64')}`;
const status = statusOf(new Played().inWindow().state, { workflowId: 'resize-1', runId: 'run-1' });
const input = (event: NoticeEvent = 'question') => ({ notice: { id: `run-1-${event}-1`, event, at: iso() }, status });
const iso = () => new Date().toISOString();

function targetsOf(...names: string[]): Targets {
  writeFileSync(path.join(folder, 'secret'), SECRET, { mode: 0o600 });
  const each = names.map(
    (name) =>
      `  - { name: ${name}, kind: webhook, url: '${mailbox.url}/${name}', secretFile: secret, events: [question] }`,
  );
  const file = path.join(folder, 'notify.yaml');
  writeFileSync(file, `targets:\n${each.join('\n')}\n`, { mode: 0o600 });
  return Targets.in(file, () => undefined);
}

/** One attempt: what it leaves to the next one, and how it failed. */
async function attempt(targets: Targets | undefined, left?: unknown, event?: NoticeEvent) {
  const environment = new MockActivityEnvironment({ heartbeatDetails: left }, { logger: new DefaultLogger('ERROR') });
  let known = left;
  environment.on('heartbeat', (details: unknown) => (known = structuredClone(details)));
  const failure = await environment
    .run(() => notify(targets, input(event)))
    .then(
      () => undefined,
      (error: unknown) => error as ApplicationFailure,
    );
  return { failure, known };
}

it.each<[number, Record<string, string>, object | undefined]>([
  [200, {}, undefined],
  [202, {}, undefined],
  [301, { Location: '/elsewhere' }, { message: 'ops: status 301: redirects are not followed', nonRetryable: true }],
  [400, {}, { message: 'ops: status 400', nonRetryable: true }],
  [404, {}, { message: 'ops: status 404', nonRetryable: true }],
  [410, {}, { message: 'ops: status 410', nonRetryable: true }],
  [408, {}, { message: 'ops: status 408', nonRetryable: false }],
  [429, { 'Retry-After': '7' }, { message: 'ops: status 429', nonRetryable: false, nextRetryDelay: 7000 }],
  [500, {}, { message: 'ops: status 500', nonRetryable: false }],
  [503, { 'Retry-After': '2' }, { message: 'ops: status 503', nonRetryable: false, nextRetryDelay: 2000 }],
])('a target that answers %d %j', async (code, headers, expected) => {
  mailbox.answer = () => ({ status: code, headers });
  const { failure } = await attempt(targetsOf('ops'));
  if (expected === undefined) expect(failure).toBeUndefined();
  else expect(failure).toMatchObject({ type: 'NotTold', ...expected });
  expect(mailbox.all).toHaveLength(1);
});

it('a target that is not there is tried again, and its address is not told', async () => {
  const targets = targetsOf('ops');
  await mailbox.stop();
  const { failure } = await attempt(targets);
  expect(failure).toMatchObject({ message: 'ops: the connection was refused', nonRetryable: false });
  expect(JSON.stringify(failure) + String(failure?.stack)).not.toContain('127.0.0.1');
  mailbox = await Mailbox.start();
});

it('an attempt after a failure goes to those only that have not had it', async () => {
  mailbox.answer = ({ path: to }) => ({ status: { '/ops': 204, '/gone': 410 }[to] ?? 500 });
  const targets = targetsOf('ops', 'gone', 'busy');
  const first = await attempt(targets);
  expect(first.failure).toMatchObject({ message: 'gone: status 410; busy: status 500', nonRetryable: false });
  mailbox.answer = () => ({ status: 204 });
  const second = await attempt(targets, first.known);
  expect(mailbox.all.map((each) => each.path).sort()).toEqual(['/busy', '/busy', '/gone', '/ops']);
  // Nothing is left to try, and one has not had it.
  expect(second.failure).toMatchObject({ message: 'gone: status 410', nonRetryable: true });
});

it('a worker that knows no target for it does not say that somebody was told', async () => {
  for (const targets of [undefined, targetsOf('ops')]) {
    const { failure } = await attempt(targets, undefined, 'overdue');
    expect(failure).toMatchObject({ message: 'this worker knows no target for it', nonRetryable: false });
  }
  expect(mailbox.all).toEqual([]);
});
