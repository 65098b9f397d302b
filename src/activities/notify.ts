import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { messageFor, send, type Delivery, type Targets } from '../notify';
import type { NotifyInput } from './activity-answers';
import { stoppable } from './stoppable';

/** What became of a notice, by the names of its targets; the next attempt leaves these alone. */
interface Done {
  sent: string[];
  refused: Record<string, string>;
}

/**
 * Tells each target that wants it. What is sent is sent once: an attempt after a failure goes to the others only.
 * @throws ApplicationFailure NotTold: to be tried again where a target may still take it; WorkerShutdown; CancelledFailure
 */
export async function notify(targets: Targets | undefined, { notice, status }: NotifyInput): Promise<void> {
  const context = Context.current();
  const before: unknown = context.info.heartbeatDetails;
  const done = (before as Done | undefined) ?? { sent: [], refused: {} };
  const isDone = (name: string) => done.sent.includes(name) || name in done.refused;
  const all = targets?.for(status.cloud, notice.event) ?? [];
  // Another worker of this cloud may know one.
  if (all.length === 0) throw notTold('this worker knows no target for it');
  const left = all.filter(({ name }) => !isDone(name));
  const failed = await stoppable(async (stop) => {
    const found = left.map(async (target): Promise<[string, Delivery]> => {
      const delivery = await send(target, notice.id, messageFor(target.kind, notice, status), stop);
      if (delivery.is === 'sent') done.sent.push(target.name);
      if (delivery.is === 'refused') done.refused[target.name] = delivery.why;
      context.heartbeat(done);
      return [target.name, delivery];
    });
    return Promise.all(found);
  });
  const again = failed.flatMap(([name, delivery]) => (delivery.is === 'failed' ? [{ name, ...delivery }] : []));
  const whys = [...Object.entries(done.refused), ...again.map(({ name, why }) => [name, why])];
  if (whys.length === 0) return;
  const after = Math.max(...again.map(({ after: wait = 0 }) => wait), 0);
  throw notTold(whys.map(([name = '', why = '']) => `${name}: ${why}`).join('; '), {
    nonRetryable: again.length === 0,
    ...(after > 0 && { nextRetryDelay: after }),
  });
}

function notTold(message: string, more: { nonRetryable?: boolean; nextRetryDelay?: number } = {}): ApplicationFailure {
  const failure = ApplicationFailure.create({ type: 'NotTold', message, ...more });
  // Where in this program it is thrown says nothing about the target.
  failure.stack = '';
  return failure;
}
