/** How a run hears that its server has changed, by what it has under way: on a stand-in for Temporal's answers. */
import { type Client, encodePendingActivityState } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Activities } from '../../src/activities';
import { OpenRuns } from '../../src/activities/open-runs';

type State = Parameters<typeof encodePendingActivityState>[0];
type Pending = [type: keyof Activities | 'checkHealth', state: State];
type Run = Pending[] | 'closed' | 'unknown' | 'no answer';

/** A Temporal whose run is like this, and what it was asked to do. */
function temporalWith(shown: { run: Run }) {
  const asked: string[] = [];
  const describe = () => {
    const { run } = shown;
    if (run === 'no answer') throw new Error('no answer');
    if (run === 'unknown') throw new WorkflowNotFoundError('none', 'resize-1', undefined);
    const pendingActivities = (run === 'closed' ? [] : run).map(([name, state]) => ({
      activityType: { name },
      state: encodePendingActivityState(state),
    }));
    const status = { name: run === 'closed' ? 'COMPLETED' : 'RUNNING' };
    return Promise.resolve({ status, raw: { pendingActivities } });
  };
  const signal = ({ name }: { name: string }) => Promise.resolve(void asked.push(name));
  const resetActivity = ({ type }: { type: string }) => Promise.resolve(void asked.push(`${type} now`));
  const client = {
    workflow: { getHandle: () => ({ describe, signal }) },
    workflowService: { resetActivity },
    options: { namespace: 'default', identity: 'test' },
    withAbortSignal: <T>(_: AbortSignal, work: () => Promise<T>) => work(),
  };
  const environment = new MockActivityEnvironment({}, { client: client as unknown as Client });
  return { asked, run: <T>(work: () => Promise<T>) => environment.run(work) };
}

const changed = () => {
  const runs = new OpenRuns('durable-resize', undefined);
  runs.toReport('resize-1');
  return runs;
};

describe('a change is reported', () => {
  it.each<[string, Run, string[]]>([
    ['a watch that waits begins its next attempt', [['watchServer', 'SCHEDULED']], ['watchServer now']],
    ['a run that waits for a timer is signalled', [], ['observeNow']],
    ['so is one that only checks the health', [['checkHealth', 'STARTED']], ['observeNow']],
    [
      'a watch beside a check',
      [
        ['checkHealth', 'STARTED'],
        ['watchServer', 'SCHEDULED'],
      ],
      ['watchServer now'],
    ],
    ['an observation that waits for a worker will read', [['observeServer', 'SCHEDULED']], []],
    ['a request that waits for a worker will read', [['confirmResize', 'SCHEDULED']], []],
    ['a watch that somebody paused stays paused', [['watchServer', 'PAUSED']], []],
    ['a watch that is cancelled does not count', [['watchServer', 'CANCEL_REQUESTED']], ['observeNow']],
    ['a run that has ended needs nothing', 'closed', []],
    ['most servers have no run', 'unknown', []],
  ])('once: %s', async (_, run, expected) => {
    const { asked, run: within } = temporalWith({ run });
    const runs = changed();
    await within(() => runs.report());
    expect(asked).toEqual(expected);
    // Nothing is left for the next list.
    await within(() => runs.report());
    expect(asked).toEqual(expected);
  });

  it.each<[string, Run]>([
    ['an observation that has begun', [['observeServer', 'STARTED']]],
    ['the preparation', [['prepareResize', 'STARTED']]],
    ['a request on its way', [['confirmResize', 'STARTED']]],
    [
      'a request on its way, beside a watch that is left',
      [
        ['revertResize', 'STARTED'],
        ['watchServer', 'SCHEDULED'],
      ],
    ],
    [
      'a watch that has begun, beside one that is left',
      [
        ['watchServer', 'SCHEDULED'],
        ['watchServer', 'STARTED'],
      ],
    ],
    ['a Temporal that does not answer', 'no answer'],
  ])('again after the next list: %s may have missed it', async (_, run) => {
    const shown = { run };
    const { asked, run: within } = temporalWith(shown);
    const runs = changed();
    await within(() => runs.report());
    expect(asked).toEqual([]);
    shown.run = [['watchServer', 'SCHEDULED']];
    await within(() => runs.report());
    expect(asked).toEqual(['watchServer now']);
  });
});
