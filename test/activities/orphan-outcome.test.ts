/** An orphan is reported with the outcome that its last run recorded, as far as it is one. */
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Checker } from '../../src/checks';
import { activitiesOf } from '../../src/activities';
import type { Orphan } from '../../src/workflows/messages';
import { cloudFor, FakeCloud } from '../cloud/fake-cloud';
import { FLAVOR_BODY, SERVER, SERVER_BODY, serverAnswer } from '../cloud/recorded';

let fake: FakeCloud;
beforeAll(async () => {
  fake = await FakeCloud.start();
  fake.on('GET', /^\/v2\.1\/servers(\/detail)?$/, { status: 200, body: { servers: [SERVER_BODY] } });
  fake.on('GET', `/v2.1/servers/${SERVER}`, serverAnswer());
  fake.on('GET', '/v2.1/flavors/f2', { status: 200, body: { flavor: FLAVOR_BODY } });
  fake.on('GET', /\/os-instance-actions$/, { status: 200, body: { instanceActions: [] } });
});
afterAll(() => fake.stop());

/** The orphan of a cloud where the last run of the server failed, with this memo. */
async function orphanWith(memo: unknown): Promise<Orphan | undefined> {
  const describe = () => Promise.resolve({ runId: 'run-1', status: { name: 'FAILED' }, memo });
  const withAbortSignal = <T>(_: AbortSignal, work: () => T) => work();
  const client = { workflow: { getHandle: () => ({ describe }) }, withAbortSignal } as unknown as Client;
  const logger = new DefaultLogger('ERROR');
  const timing = { read: 1, act: 1, settle: 1 };
  const all = activitiesOf({
    cloud: cloudFor(fake),
    observeOnly: false,
    timing,
    searchAttributes: () => [],
    checker: new Checker(),
  });
  const environment = new MockActivityEnvironment(undefined, { client, logger });
  const orphans: Orphan[] = await environment.run(() => all.findOrphans());
  return orphans[0];
}

it('with its outcome', async () => {
  expect(await orphanWith({ status: { outcome: 'needs-operator' } })).toMatchObject({
    id: SERVER,
    lastRun: { runId: 'run-1', closed: 'failed', outcome: 'needs-operator' },
  });
});

it.each([
  ['no memo', undefined],
  ['no status', {}],
  ['a status that is null', { status: null }],
  ['an outcome that there is none of', { status: { outcome: 'toString' } }],
  ['an outcome that is no text', { status: { outcome: { a: 1 } } }],
])('without one where the run has %s', async (_, memo) => {
  expect((await orphanWith(memo))?.lastRun).toEqual({ runId: 'run-1', closed: 'failed' });
});
