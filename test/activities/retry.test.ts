import { observe } from '../../src/activities/observe-server';
import type { Cloud } from '../../src/cloud';
import { server } from '../resize/looks';

const watched = () => {
  const calls: string[] = [];
  const cloud = {
    forgetRefusedLogin: () => void calls.push('forget the refused log-in'),
    serverById: () => {
      calls.push('read the server');
      return Promise.resolve(server('ACTIVE active - f1'));
    },
    actions: () => Promise.resolve([]),
  } satisfies Partial<Cloud>;
  return { calls, cloud: cloud as unknown as Cloud };
};
const input = { cloud: 'lab', server: '1', logReadable: true };

it('an observation after a retry tries a log-in again that was refused, and no other observation does', async () => {
  const { calls, cloud } = watched();
  await observe(cloud, input);
  expect(calls).toEqual(['read the server']);
  await observe(cloud, { ...input, retry: true });
  expect(calls).toEqual(['read the server', 'forget the refused log-in', 'read the server']);
});
