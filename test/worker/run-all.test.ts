/** Half a worker is none: what one worker of a process does, all do. */
import { runAll } from '../../src/worker/run-all';

type Runnable = Parameters<typeof runAll>[0][number];

/** A worker as the SDK's behave; `obeys`: it ends when it is told to. */
function fakeWorker(name: string, obeys = true) {
  let state: ReturnType<Runnable['getState']> = 'RUNNING';
  let end: () => void = () => undefined;
  const running = new Promise<void>((resolve) => (end = resolve));
  const worker: Runnable = {
    options: { taskQueue: name } as Runnable['options'],
    getState: () => state,
    run: () => running,
    shutdown: () => {
      state = obeys ? 'STOPPED' : 'DRAINING';
      if (obeys) end();
    },
  };
  return { worker, fail: () => (state = 'FAILED') };
}

test('a stop ends all', async () => {
  const [one, other] = [fakeWorker('one'), fakeWorker('other')];
  const stop = new AbortController();
  const ended = runAll([one.worker, other.worker], stop.signal, 1000);
  stop.abort();
  await ended;
  expect([one, other].map(({ worker }) => worker.getState())).toEqual(['STOPPED', 'STOPPED']);
});

test('a stop that came before ends all', async () => {
  await runAll([fakeWorker('one').worker], AbortSignal.abort(), 1000);
});

test('one that fails ends the others, though its own run never ends', async () => {
  const [one, other] = [fakeWorker('one'), fakeWorker('other')];
  const ended = runAll([one.worker, other.worker], new AbortController().signal, 60_000);
  one.fail();
  await expect(ended).rejects.toThrow('the worker for task queue one has failed');
  expect(other.worker.getState()).toBe('STOPPED');
});

test('others that do not end are not waited for without end', async () => {
  const [one, deaf] = [fakeWorker('one'), fakeWorker('deaf', false)];
  const ended = runAll([one.worker, deaf.worker], new AbortController().signal, 100);
  one.fail();
  await expect(ended).rejects.toThrow('the worker for task queue one has failed');
});
