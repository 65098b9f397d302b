/** What a run begins with: a new one may be refused, one that continues another never is. */
import type { WorkflowInfo } from '@temporalio/workflow';
import type { RunState } from '../../src/resize/run-state';
import { begin } from '../../src/workflows/run';
import { least, Played } from '../resize/played';

// Temporal makes retries and continued runs from time-outs and long histories only, so what it says of a run is set here.
let info: Partial<WorkflowInfo> = {};
jest.mock('@temporalio/workflow', () => ({
  ...jest.requireActual<object>('@temporalio/workflow'),
  workflowInfo: () => info,
}));

const first = { workflowId: `resize-${least.server}`, runId: 'run-1', attempt: 1 };
const continued = { ...first, runId: 'run-2', continuedFromExecutionRunId: 'run-1' };
const carried = (run: Played): unknown => JSON.parse(JSON.stringify(run.state));
const endingOf = ({ stage }: RunState) => (stage.is === 'closed' ? stage.ending : undefined);

describe('a new run', () => {
  beforeEach(() => (info = first));

  it('begins by preparing', () => expect(begin(least, undefined).stage).toEqual({ is: 'preparing' }));

  it.each([
    ['null', null, /^refused, nothing was changed: input: null is not valid here/],
    ['nothing', undefined, /^refused, nothing was changed: input: is missing/],
    ['a newer version', { ...least, version: 2 }, /^refused, nothing was changed: version: 2 is newer/],
    ['the server of another workflow id', { ...least, server: '4f1e2d3c-aaaa-4bbb-8ccc-0123456789ab' }, /workflow id/],
  ])('with %s as its input is refused', (_, input, sentence) => {
    expect(endingOf(begin(input, undefined))).toMatchObject({ outcome: 'refused', message: sentence });
  });

  it('that is the retry of another one is refused, and does not say that nothing was changed', () => {
    info = { ...first, attempt: 2 };
    const ending = endingOf(begin(least, undefined));
    expect(ending).toMatchObject({ outcome: 'refused', message: /an earlier one may have resized the server/ });
    expect(ending?.message).not.toMatch(/nothing was changed/);
  });
});

describe('a run that continues another one', () => {
  beforeEach(() => (info = continued));

  it('goes on where that one was', () => {
    const before = new Played().inWindow();
    expect(begin(before.state.request, carried(before))).toEqual({
      ...JSON.parse(JSON.stringify(before.state)),
      runs: ['run-1', 'run-2'],
    });
  });

  it.each([
    ['of a version that this worker does not know', { ...least, version: 2 }],
    ['with a field that this worker does not know', { ...least, colour: 'red' }],
    ['that this worker cannot read', null],
  ])('is not refused for a request %s: its server may wait in VERIFY_RESIZE', (_, request) => {
    expect(begin(request, carried(new Played().inWindow())).stage.is).toBe('window');
  });

  it('as a retry asks for nothing again before the lost request can no longer arrive', () => {
    info = { ...continued, attempt: 2 };
    const state = begin(least, carried(new Played().inWindow().vote('approve')));
    expect(state.stage).toMatchObject({ is: 'confirming', ready: false });
    expect(state.sent.confirm).toMatchObject({ posts: 1, lost: 1 });
    expect(state.settledAt).toBeGreaterThan(Date.now());
  });

  it.each([
    ['a newer state', { version: 2 }],
    ['no state', 'x'],
    ['null', null],
  ])('fails its workflow task for %s, so that a worker of the right version takes it up', (_, state) =>
    expect(() => begin(least, state)).toThrow(/run workers of that version/),
  );
});
