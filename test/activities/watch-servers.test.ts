/** What the watcher of a cloud says of itself in the metrics, on stand-ins for its cloud and for Temporal. */
import type { Client } from '@temporalio/client';
import type { MetricMeter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { watchServers } from '../../src/activities/watch-servers';
import { CloudFailure, type Cloud } from '../../src/cloud';
import type { TroubleKind } from '../../src/resize/failure';
import { until } from '../nova/wait';

/** A watcher of a cloud that lists nothing, or refuses to, and the values of its gauge. */
function watching(refusal?: TroubleKind) {
  const shown: number[] = [];
  const set = (value: number, { cloud }: { cloud: string }) => {
    if (cloud === 'lab') shown.push(value);
  };
  const metricMeter = { createGauge: () => ({ set }) } as unknown as MetricMeter;
  const list = () =>
    refusal === undefined
      ? Promise.resolve({ rows: [], cloudTime: '2026-01-01T00:00:00Z' })
      : Promise.reject(new CloudFailure({ kind: refusal, tried: 'list', message: 'no', status: 403 }, true));
  const cloud = {
    name: 'lab',
    identity: () => Promise.resolve({ project: 'p1' }),
    serversChangedSince: list,
  } satisfies Partial<Cloud>;
  const client = {
    workflow: { count: () => Promise.resolve({ count: 1 }), list: () => [] },
    withAbortSignal: <T>(_: AbortSignal, work: () => Promise<T>) => work(),
  } as unknown as Client;
  const environment = new MockActivityEnvironment({}, { client, metricMeter, logger: new DefaultLogger('ERROR') });
  const input = { cloud: 'lab', project: 'p1', taskQueue: 'durable-resize', attributes: false };
  const ended = environment.run(() => watchServers(cloud as unknown as Cloud, input));
  ended.catch(() => undefined);
  return { shown, ended, cancel: environment.cancel };
}

const first = (shown: number[]) => until('the first list', () => Promise.resolve(shown[0]));

describe('durable_resize_watched', () => {
  it.each(['CANCELLED', 'WORKER_SHUTDOWN', 'TIMED_OUT'] as const)(
    'is 1 while the lists succeed, and 0 when it ends with %s: another worker goes on',
    async (reason) => {
      const { shown, ended, cancel } = watching();
      expect(await first(shown)).toBe(1);
      cancel(reason);
      await expect(ended).rejects.toThrow();
      expect(shown.at(-1)).toBe(0);
    },
  );

  it('is 0 where the list is forbidden', async () => {
    const { shown, ended, cancel } = watching('forbidden');
    expect(await first(shown)).toBe(0);
    cancel();
    await expect(ended).rejects.toThrow();
    expect(new Set(shown)).toEqual(new Set([0]));
  });
});
