/** What the status shows besides its sentences, and when; what is absent is not known. */
import type { ResizeStatus } from '../../src/resize/outcome';
import { statusOf } from '../../src/resize/status';
import { server, shows } from './looks';
import { found, least, Played, trouble } from './played';

const ids = { workflowId: 'resize-1', runId: 'run-1' };
const statusAt = (run: Played) => statusOf(run.state, ids);
const OURS = 'resize ours success';
const WINDOW = shows('VERIFY_RESIZE resized - f2', OURS);
const ERROR = shows('ERROR error - f1', 'resize ours error');

it('of a run that knows nothing yet is what the request says', () => {
  expect(statusAt(new Played({ reason: 'CHG-1' }))).toStrictEqual({
    ...ids,
    phase: 'preparing',
    cloud: 'lab',
    server: { id: least.server },
    to: { name: 'f2' },
    requestedBy: 'ana',
    reason: 'CHG-1',
    requestedAt: '2026-01-01T12:00:00.000Z',
    live: true,
    onTimeout: 'revert',
    votesMissing: 1,
    decisions: [],
    checks: [],
    message: `observing ${least.server} before anything is asked of the cloud`,
  });
});

it('of a run that waits for a decision has all that is known', () => {
  const run = new Played().prepared({ region: 'eu' }).accepted('resize').observed(WINDOW);
  expect(statusAt(run)).toStrictEqual({
    ...ids,
    phase: 'awaiting-decision',
    cloud: 'lab',
    deciders: 'claimed',
    project: 'project',
    region: 'eu',
    server: { id: least.server, name: 'web-07', powerState: 'running' },
    from: { name: 'f1', id: '1' },
    to: { name: 'f2', id: '2' },
    requestedBy: 'ana',
    requestedAt: '2026-01-01T12:00:00.000Z',
    verifiedAt: '2026-01-01T12:00:00.000Z',
    requestId: 'req-ours-resize',
    ownership: 'proven',
    live: true,
    decisionDeadline: '2026-01-01T12:30:00.000Z',
    onTimeout: 'revert',
    revertLoses: 'local-disks',
    observed: { status: 'VERIFY_RESIZE', vmState: 'resized', flavor: 'f2', at: '2026-01-01T00:00:00.000Z' },
    votesMissing: 1,
    decisions: [],
    checks: [],
    message: statusAt(run).message,
  });
});

describe('a field', () => {
  it.each<[string, Played, Partial<ResizeStatus>]>([
    [
      'names the task',
      new Played().prepared({ server: server('ACTIVE active rebooting f1') }),
      {
        observed: {
          status: 'ACTIVE',
          vmState: 'active',
          taskState: 'rebooting',
          flavor: 'f1',
          at: '2026-01-01T12:00:00.000Z',
        },
      },
    ],
    [
      'says that the resize cannot be proven to be ours',
      new Played().prepared({ logReadable: false }),
      { ownership: 'unproven' },
    ],
    ['says that observe-only mode holds it', new Played().prepared({ observeOnly: true }), { brake: true }],
    [
      'says since when it is overdue',
      new Played({ onTimeout: 'hold' }).inWindow().deadline(),
      { overdue: true, overdueSince: '2026-01-01T12:30:00.000Z' },
    ],
    [
      'says since when the cloud could not be asked',
      new Played().inWindow().notObserved(trouble('no-answer')),
      { unreachableSince: '2026-01-01T12:00:00.000Z' },
    ],
    [
      'says what operators said',
      new Played().prepared().accepted('resize').observed(ERROR).observed(ERROR).operator('retry'),
      { phase: 'needs-operator', operatorWords: [{ word: 'retry', by: 'eve', at: '2026-01-01T12:00:00.000Z' }] },
    ],
    [
      'names the request that a lost resize was found by',
      new Played()
        .prepared()
        .requesting()
        .answered({ answer: 'unknown' })
        .observed(shows('RESIZE active resize_prep f1', 'resize we running')),
      { requestId: 'req-we-resize' },
    ],
  ])('%s', (_, run, shown) => expect(statusAt(run)).toMatchObject(shown));

  it('is absent while it is not true', () => {
    const shown = statusAt(new Played().prepared());
    for (const field of ['brake', 'overdue', 'overdueSince', 'unreachableSince', 'operatorWords', 'decisionsOmitted']) {
      expect(shown).not.toHaveProperty(field);
    }
    expect(shown.observed).not.toHaveProperty('taskState');
  });
});

it('says which votes there were, and how many are no longer kept', () => {
  const run = new Played().inWindow();
  for (let n = 0; n < 51; n++) run.vote('approve', { by: `bot-${n}`, x: 1 });
  expect(statusAt(run).decisions).toHaveLength(50);
  expect(statusAt(run).decisionsOmitted).toBe(1);
});

it('misses a vote until somebody has decided, or nothing is left to decide', () => {
  const missing = (run: Played) => statusAt(run).votesMissing;
  expect(missing(new Played().inWindow())).toBe(1);
  expect(missing(new Played().inWindow().vote('approve'))).toBeUndefined();
  expect(missing(new Played().prepared({ refusal: { message: 'no' } }))).toBeUndefined();
  const stopped = new Played({ stopFirst: true })
    .prepared()
    .requesting()
    .answered({ answer: 'rejected', trouble: trouble('wrong-state') })
    .accepted('os-stop')
    .observed(shows('SHUTOFF stopped - f1'))
    .requesting()
    .answered({ answer: 'rejected', trouble: trouble('quota') });
  expect(stopped.state.stage.is).toBe('starting');
  expect(missing(stopped)).toBeUndefined();
});

it('of what was taken over does not know the flavor before', () => {
  const run = new Played({ adopt: true }).prepared({ adopted: 'req-ours-resize' });
  expect(statusAt(run)).not.toHaveProperty('from');
  expect(statusAt(run).requestId).toBe('req-ours-resize');
});

describe('the outage, from start to finish of the resize in the log,', () => {
  const outage = (startTime?: string, finishTime?: string) => {
    const run = new Played().prepared().accepted('resize');
    const action = {
      action: 'resize',
      requestId: 'req-ours-resize',
      projectId: 'project',
      userId: 'us',
      result: 'success' as const,
    };
    const times = { ...(startTime !== undefined && { startTime }), ...(finishTime !== undefined && { finishTime }) };
    return statusAt(run.observed({ ...WINDOW, actions: [{ ...action, ...times }] })).outageSeconds;
  };
  it.each([
    ['is in seconds, to a tenth', '2026-01-01T12:00:00.000Z', '2026-01-01T12:01:30.260Z', 90.3],
    ['may be none', '2026-01-01T12:00:00.000Z', '2026-01-01T12:00:00.000Z', 0],
    ['is not known before the end', '2026-01-01T12:00:00.000Z', undefined, undefined],
    ['is not known without a beginning', undefined, '2026-01-01T12:00:00.000Z', undefined],
    ['is not known where the times make no sense', '2026-01-01T12:00:01.000Z', '2026-01-01T12:00:00.000Z', undefined],
    ['is not known where a time is none', 'soon', '2026-01-01T12:00:00.000Z', undefined],
  ])('%s', (_, start, finish, seconds) => expect(outage(start, finish)).toBe(seconds));
});

it('knows the server by the name that it had before the resize', () => {
  const renamed = {
    ...WINDOW,
    server: { ...server('VERIFY_RESIZE resized - f2'), name: 'new', powerState: 'shutdown' as const },
  };
  const run = new Played().prepared().accepted('resize').observed(renamed);
  expect(statusAt(run).server).toEqual({ id: least.server, name: found.server.name, powerState: 'shutdown' });
});
