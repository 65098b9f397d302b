/** A Temporal server with stand-in workers, for the tests of the client and the command line. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { ConnectOptions, Timing } from '../../src/client/temporal-link';
import { ResizeClient } from '../../src/client/resize-client';
import { isServerId } from '../../src/resize/request';
import { cloudTaskQueue, type InspectInput, type Inspection, type Orphan } from '../../src/workflows/messages';
import { isPolled } from '../pollers';
import { IN_PROCESS, ownNamespace, sharedFile } from '../shared';
import type { Script } from './stand-in-workflows';

/** Quick, so that "nobody answers" is soon known. */
export const TIMING: Partial<Timing> = { answer: 1000, query: 700, poll: 100, effect: 1000, pickUp: 1500 };

export const CLOUD = 'prod';

/** Workers of one task queue base that can go and come back. */
export interface Workers {
  stop: () => Promise<void>;
}

/** Which workers there are. */
export interface Parts {
  /** @default true */
  workflows?: boolean;
  /** @default true */
  activities?: boolean;
  /** A slow worker of the cloud: it looks at one server at a time, and so long, ms. */
  slow?: number;
}

/** What a test file works with. */
export interface World {
  /** Where Temporal is: the variables of a process that uses it too. */
  env: { TEMPORAL_ADDRESS: string; TEMPORAL_NAMESPACE: string };
  client: Client;
  /** Options of ResizeClient for this task queue. */
  options: (queue: string) => ConnectOptions;
  connect: (queue: string) => Promise<ResizeClient>;
  /** Starts the workers of a task queue; they are stopped at the end at the latest. */
  workers: (queue: string, parts?: Parts) => Promise<Workers>;
  stop: () => Promise<void>;
}

/** @param searchAttributes register the project's search attributes? */
export async function startWorld(searchAttributes = true): Promise<World> {
  const { address, namespace } = await ownNamespace(searchAttributes);
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const native = await NativeConnection.connect({ address });
  const workflowBundle = { codePath: await sharedFile('stand-in-workflows.js', bundle) };
  const running: Workers[] = [];
  const resizes: ResizeClient[] = [];
  const options = (taskQueue: string): ConnectOptions => ({ connection, namespace, taskQueue, timing: TIMING });

  const workers: World['workers'] = async (queue, parts = {}) => {
    const { workflows = true, activities = true, slow } = parts;
    const made = await Promise.all([
      ...(workflows
        ? [
            Worker.create({
              connection: native,
              namespace,
              taskQueue: queue,
              workflowBundle,
              stickyQueueScheduleToStartTimeout: '1s',
              ...IN_PROCESS,
            }),
          ]
        : []),
      ...(activities
        ? [
            Worker.create({
              connection: native,
              namespace,
              taskQueue: cloudTaskQueue(queue, CLOUD),
              activities: { look: slow === undefined ? look : slowly(slow), forgotten },
              ...(slow !== undefined && { maxConcurrentActivityTaskExecutions: 1 }),
            }),
          ]
        : []),
    ]);
    const runs = made.map((worker) => worker.run());
    let stopped: Promise<void> | undefined;
    const handle = {
      stop: () =>
        (stopped ??= (async () => {
          for (const worker of made) worker.shutdown();
          await Promise.all(runs);
        })()),
    };
    running.push(handle);
    // Only then does Temporal say that they are there.
    if (workflows) await until(() => isPolled(client, queue, 'workflows'));
    if (activities) await until(() => isPolled(client, cloudTaskQueue(queue, CLOUD), 'activities'));
    return handle;
  };

  return {
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
    client,
    options,
    connect: async (queue) => {
      const made = await ResizeClient.connect(options(queue));
      resizes.push(made);
      return made;
    },
    workers,
    stop: async () => {
      await Promise.all(resizes.map((each) => each.close()));
      await Promise.all(running.map((each) => each.stop()));
      await connection.close();
      await native.close();
    },
  };
}

async function bundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('./stand-in-workflows'),
    logger: new DefaultLogger('ERROR'),
  });
  return code;
}

/** A start of the stand-in: a server of its own, and what it is to do. */
export function request(script: Script, more: Partial<{ server: string; flavor: string; key: string }> = {}) {
  return { cloud: CLOUD, server: randomUUID(), flavor: 'm1.large', requestedBy: 'ana', reason: script, ...more };
}

/** Waits until it holds, looking often; the test's own time-out ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 25));
}

/** The servers that the stand-in's cloud has in VERIFY_RESIZE, as a test leaves them there. */
export const ORPHANS: Orphan[] = [];
const forgotten = () => Promise.resolve(ORPHANS);

/** What the stand-in's cloud knows: a server by any id or name, with some names that mean trouble. */
function look(input: InspectInput): Promise<Inspection> {
  const fail = (type: string, message: string, details?: unknown) =>
    Promise.reject(ApplicationFailure.create({ type, message, nonRetryable: true, details: [details] }));
  const id = isServerId(input.server) ? input.server : idOf(input.server);
  if (input.server === 'nobody') return fail('NotFound', "cloud 'prod' has no server 'nobody'");
  if (input.server === 'revoked') return fail('NotAuthenticated', 'the cloud does not accept the credentials');
  if (input.server === 'odd') return Promise.resolve({ server: null } as unknown as Inspection);
  if (input.server === 'twins') {
    return fail('AmbiguousName', "two servers are named 'twins': a, b", { servers: [{ id: 'a', name: 'twins' }] });
  }
  return Promise.resolve({
    cloud: input.cloud,
    project: 'p1',
    server: {
      id,
      name: isServerId(input.server) ? `web-${id.slice(0, 8)}` : input.server,
      powerState: 'running',
      status: 'ACTIVE',
    },
    from: { name: 'm1.small', vcpus: 1, ram: 2048, disk: 20 },
    to: { name: input.flavor, vcpus: 4, ram: 8192, disk: 80 },
    revertLoses: 'local-disks',
    ownership: 'proven',
    ...(input.flavor === 'm1.small'
      ? { refusal: { message: 'it has flavor m1.small already', advice: { you: 'Choose another flavor.' } } }
      : {}),
  });
}

const slowly = (takes: number) => async (input: InspectInput) => {
  await sleep(takes);
  return look(input);
};

/** The same id for the same name. */
function idOf(name: string): string {
  const hex = Buffer.from(name).toString('hex').padEnd(12, '0').slice(0, 12);
  return `00000000-0000-4000-8000-${hex}`;
}
