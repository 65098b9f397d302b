/** A real Temporal server, and a worker for workflows alone: without one for the cloud, a run waits, and keeps what comes meanwhile. */
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { TASK_QUEUE } from '../../src/workflows/messages';
import { IN_PROCESS, ownNamespace } from '../shared';

/** The workflows as they are built. */
export const workflowBundle = { codePath: path.join(__dirname, '..', '..', 'dist', 'workflow-bundle.js') };

export async function startWorkflowWorker(): Promise<{ client: Client; stop: () => Promise<void> }> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { address, namespace } = await ownNamespace();
  const client = new Client({ connection: await Connection.connect({ address }), namespace });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({ connection, namespace, taskQueue: TASK_QUEUE, workflowBundle, ...IN_PROCESS });
  const running = worker.run();
  const stop = async () => {
    worker.shutdown();
    await running;
    await connection.close();
    await client.connection.close();
  };
  return { client, stop };
}
