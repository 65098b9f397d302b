/** What a server showed, as the answers of activities have it. */
import { present } from '../resize/present';
import { field, textIn } from './history';

/** What a server showed. */
export interface Shown {
  status: string;
  vmState?: string;
  taskState?: string;
  flavor?: string;
  /** By the worker's clock; ISO 8601. */
  at?: string;
}

/** What a server showed, in the answer of an activity. */
export function shownBy(activity: string, result: unknown): Shown | undefined {
  switch (activity) {
    case 'prepareResize':
    case 'observeServer':
    case 'watchServer':
      return shownIn(result);
    default:
      return shownIn(field(result, 'observation')) ?? shownIn(field(result, 'shown'));
  }
}

/** @param observation `{ server, at }` */
export function shownIn(observation: unknown): Shown | undefined {
  const server = field(observation, 'server');
  if (server === 'missing') return { status: 'missing', ...present({ at: textIn(observation, 'at') }) };
  const status = textIn(server, 'status');
  if (status === undefined) return undefined;
  return {
    status,
    ...present({
      vmState: textIn(server, 'vmState'),
      taskState: textIn(server, 'taskState'),
      flavor: textIn(server, 'flavor', 'name'),
      at: textIn(observation, 'at'),
    }),
  };
}
