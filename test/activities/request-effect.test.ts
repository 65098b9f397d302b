/** What an acting activity reads of the cloud before its request and after it was accepted. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Checker } from '../../src/checks';
import { activitiesOf } from '../../src/activities';
import type { RequestInput } from '../../src/activities/activity-answers';
import { CloudFailure, type Cloud } from '../../src/cloud';
import { EFFECTS, type RequestResult } from '../../src/resize/effect';
import type { ServerSeen } from '../../src/resize/observation';
import { action, asked, server, window } from '../resize/looks';

const RESTS = server('ACTIVE active - f1');
const WAITS = server('VERIFY_RESIZE resized - f2');
const CONFIRMED = server('ACTIVE active - f2');

/** A cloud that shows one state after the other, the last one for ever, and how it was asked. */
function cloudWith(...states: (ServerSeen | 'unreachable')[]) {
  const calls: string[] = [];
  const log = () => [
    ...(calls.includes('confirmResize') ? [action('confirmResize ours success')] : []),
    ...(resized ? [action('resize ours success')] : []),
  ];
  const resized = states[0] !== RESTS;
  const cloud = {
    withoutPause: <T>(_: number, __: string, work: () => Promise<T>) => work(),
    serverById: () => {
      calls.push('server');
      const [state] = states.length > 1 ? states.splice(0, 1) : states;
      const failure = new CloudFailure({ kind: 'no-answer', tried: 'read', message: 'away' }, true);
      return state === 'unreachable' || state === undefined ? Promise.reject(failure) : Promise.resolve(state);
    },
    actions: () => {
      calls.push('log');
      return Promise.resolve(log());
    },
    post: (_: string, name: string) => {
      calls.push(name);
      return Promise.resolve({ requestId: `req-ours-${name}` });
    },
  } satisfies Partial<Cloud>;
  return { calls, cloud: cloud as unknown as Cloud };
}

function request(cloud: Cloud, effect: 'resize' | 'confirm'): Promise<RequestResult> {
  const timing = { read: 1, act: 1, settle: 1 };
  const all = activitiesOf({ cloud, observeOnly: false, timing, searchAttributes: () => [], checker: new Checker() });
  const input: RequestInput = {
    cloud: 'lab',
    server: WAITS.id,
    logReadable: true,
    sendIf: EFFECTS[effect].sendIf,
    expected: effect === 'resize' ? asked : window,
    ...(effect === 'resize' && { flavorId: '2' }),
  };
  const environment = new MockActivityEnvironment(
    { startToCloseTimeoutMs: 60_000 },
    { logger: new DefaultLogger('ERROR') },
  );
  return environment.run(
    (given: RequestInput) => (effect === 'resize' ? all.requestResize(given) : all.confirmResize(given)),
    input,
  );
}

describe('after a resize was accepted', () => {
  it('the server is read once, so that the run shows RESIZE at once', async () => {
    const moved = server('RESIZE active resize_prep f1');
    const { cloud, calls } = cloudWith(RESTS, moved);
    expect(await request(cloud, 'resize')).toMatchObject({ answer: 'accepted', shown: { server: moved } });
    expect(calls).toEqual(['server', 'log', 'resize', 'server']);
  });

  it.each<[string, ServerSeen | 'unreachable']>([
    ['rests already: that is judged with its log', WAITS],
    ['rests still', RESTS],
    ['is in ERROR', server('ERROR error - f1')],
    ['cannot be read', 'unreachable'],
  ])('nothing is said of a server that %s', async (_, state) => {
    const result = await request(cloudWith(RESTS, state).cloud, 'resize');
    expect(result).toEqual({ answer: 'accepted', requestId: 'req-ours-resize' });
  });
});

it('after a confirm was accepted the log is read when the server waits no more', async () => {
  const { cloud, calls } = cloudWith(WAITS, WAITS, CONFIRMED);
  expect(await request(cloud, 'confirm')).toMatchObject({ answer: 'accepted', observation: { server: CONFIRMED } });
  expect(calls).toEqual(['server', 'log', 'confirmResize', 'server', 'server', 'log']);
});
