/** A process that runs the workflows that do nothing: one worker for them, one for their activities, as for resizes. */
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { installRuntime, workerLog } from '../worker/runtime';
import { NULL_ACTIVITIES_QUEUE, NULL_QUEUE } from './null-workflows';

async function main(): Promise<void> {
  installRuntime(undefined, workerLog());
  const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233' });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: require.resolve('./null-workflows') });
  const workers = await Promise.all([
    Worker.create({ connection, taskQueue: NULL_QUEUE, workflowBundle }),
    Worker.create({
      connection,
      taskQueue: NULL_ACTIVITIES_QUEUE,
      activities: { nothing: () => Promise.resolve() },
      maxConcurrentActivityTaskExecutions: 50,
    }),
  ]);
  const ended = Promise.all(workers.map((worker) => worker.run()));
  process.stderr.write('worker ready\n');
  await ended;
}

void main();
