import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { startLab } from '../simulator/lab';
import { saveHistories, startRig, withoutRoot } from '../story/rig';
import { CLOUDS, STORIES } from './stories';

const folder = path.join(__dirname, '..', 'histories');
const bundle = { codePath: path.join(__dirname, '..', '..', 'dist', 'workflow-bundle.js') };

beforeAll(() => void Runtime.install({ logger: new DefaultLogger('ERROR') }));

/** See test/histories/README.md. */
if (process.env['DURABLE_RESIZE_RECORD']) {
  it.each(Object.entries(STORIES))(
    'records %s',
    async (name, story) => {
      const rig = await startRig(await startLab(CLOUDS[name]), { temporal: 'own' });
      try {
        const run = await story(rig, { current: await rig.startWorker() });
        await saveHistories(rig, run, path.join(folder, name));
      } finally {
        await rig.stop();
      }
    },
    150_000,
  );
}

const recorded = () => readdirSync(folder).filter((name) => name.endsWith('.json'));
const files = recorded();

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
  const missing = Object.keys(STORIES).filter((name) => !recorded().some((file) => file.startsWith(name)));
  expect(missing).toEqual([]);
});

it('a recorded history does not say where it was recorded', () => {
  const here = new Error('of this file').stack ?? '';
  expect(here).toContain(`(${__filename}`);
  expect(JSON.parse(withoutRoot(JSON.stringify({ here })))).toEqual({
    here: expect.stringContaining(`(${path.join('test', 'replay', 'replay.test.ts')}`) as unknown,
  });
  const absolute = files.filter((file) =>
    /\bat [^"]*?[( ](?:file:\/\/)?\/(?!\/)/.test(readFileSync(path.join(folder, file), 'utf8')),
  );
  expect(absolute).toEqual([]);
});

it.each(files)('the recorded run %s replays', async (file) => {
  await expect(replay(read(file))).resolves.toBeUndefined();
});

it('a run that called an activity by another name is told from what the workflow does', async () => {
  const history = read('approved.json');
  const looks = history.events.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityType.name === 'watchServer' ? [scheduled.activityType] : [],
  );
  expect(looks).not.toEqual([]);
  for (const type of looks) type.name = 'lookAtServer';
  // Any other failure could come from a broken file as well, or from a missing bundle.
  await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
});

it('a run that did not wait is told from what the workflow does', async () => {
  const { events } = read('answer-lost.json');
  const first = events.findIndex((event) => event.timerStartedEventAttributes !== undefined);
  expect(events[first + 1]).toHaveProperty('timerFiredEventAttributes');
  events.splice(first, 2);
  await expect(replay({ events: renumbered(events, first + 2) })).rejects.toThrow(DeterminismViolationError);
});

/** Closes the gap that two events after number `last - 2` have left, in every reference to an event. */
function renumbered(events: RecordedEvent[], last: number): RecordedEvent[] {
  const close = (name: string, value: unknown): unknown =>
    /eventId$/i.test(name) && Number(value) > last ? String(Number(value) - 2) : value;
  return JSON.parse(JSON.stringify(events), close) as RecordedEvent[];
}
