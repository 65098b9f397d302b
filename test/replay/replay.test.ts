import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { startLab } from '../simulator/lab';
import { saveHistories, startRig } from '../story/rig';
import { STORIES } from './stories';

const folder = path.join(__dirname, '..', 'histories');
const bundle = { codePath: path.join(__dirname, '..', '..', 'dist', 'workflow-bundle.js') };

beforeAll(() => void Runtime.install({ logger: new DefaultLogger('ERROR') }));

/** DURABLE_RESIZE_RECORD=1 npm test -- replay: tells all stories anew and keeps their histories. */
if (process.env['DURABLE_RESIZE_RECORD']) {
  it.each(Object.entries(STORIES))('records %s', async (name, story) => {
    const rig = await startRig(await startLab());
    try {
      const run = await story(rig, { current: await rig.startWorker() });
      await saveHistories(rig, run, path.join(folder, name));
    } finally {
      await rig.stop();
    }
  });
}

const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

interface RecordedEvent {
  workflowExecutionStartedEventAttributes?: { workflowId: string };
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  timerStartedEventAttributes?: unknown;
}
const read = (file: string) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { events: RecordedEvent[] };

// The workflow id is an input too: a resize whose id is not that of its server is refused.
const replay = (history: { events: RecordedEvent[] }) => {
  const id = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  return Worker.runReplayHistory({ workflowBundle: bundle }, historyFromJSON(history), id);
};

it('every story has a recorded history', () => {
  const missing = Object.keys(STORIES).filter((name) => !files.some((file) => file.startsWith(name)));
  expect(missing).toEqual([]);
});

it.each(files)('the recorded run %s replays', async (file) => {
  await expect(replay(read(file))).resolves.toBeUndefined();
});

it.each<[string, (event: RecordedEvent) => boolean]>([
  ['an activity that was renamed', rename],
  ['a timer that is missing', ({ timerStartedEventAttributes }) => timerStartedEventAttributes === undefined],
])('a history with %s is seen to fail', async (_, keep) => {
  const history = read('approved.json');
  const mutated = { ...history, events: history.events.filter(keep) };
  await expect(replay(mutated)).rejects.toThrow();
});

it('the failure of a changed history is a determinism violation', async () => {
  const history = read('approved.json');
  history.events.forEach(rename);
  await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
});

function rename({ activityTaskScheduledEventAttributes: scheduled }: RecordedEvent): boolean {
  if (scheduled?.activityType.name === 'observeServer') scheduled.activityType.name = 'lookAtServer';
  return true;
}
