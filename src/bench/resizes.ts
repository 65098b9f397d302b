/** Resizes in numbers: started, waited for, decided. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isResizeErrorCode, type ResizeRun, type RunStatus } from '..';
import { CLOUD, type Stack } from './stack';

/** Does this for all of them, so many at a time, in order. */
export async function forEachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  act: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (;;) {
      const index = next++;
      if (index >= items.length) return;
      await act(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

export const REQUEST = { cloud: CLOUD, flavor: 'm1.large', requestedBy: 'bench', decideWithin: '30 days' } as const;

export interface Started {
  runs: ResizeRun[];
  /** Seconds. */
  took: number;
  /** How often a start was refused, by code. */
  refusals: Record<string, number>;
  /** Servers that were not tried as time was up. */
  left: number;
}

/**
 * Starts a resize of each server through the client, as a user would.
 * @param within seconds after which no more are started
 * @param before done before each start
 */
export async function startAll(
  stack: Stack,
  servers: readonly string[],
  { atOnce = 8, within = Infinity, before }: StartOptions = {},
): Promise<Started> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const runs: ResizeRun[] = [];
  const refusals: Record<string, number> = {};
  let left = 0;
  await forEachAtOnce(servers, atOnce, async (server, index) => {
    if (seconds() > within) {
      left++;
      return;
    }
    await before?.(server, index);
    try {
      runs.push(await stack.resizes.start({ ...REQUEST, server }));
    } catch (error) {
      const code = codeOf(error);
      refusals[code] = (refusals[code] ?? 0) + 1;
    }
  });
  return { runs, took: seconds(), refusals, left };
}

export interface StartOptions {
  atOnce?: number;
  within?: number;
  before?: (server: string, index: number) => Promise<void>;
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && isResizeErrorCode(code) ? code : String(error).slice(0, 60);
}

/**
 * Waits until this has happened to a server.
 * @param what a request, such as `POST resize`, or a vm_state
 * @param within seconds
 * @returns when, ms since the epoch; undefined when time is up
 */
export async function untilHappened(
  { lab }: Stack,
  server: string,
  what: string,
  { every = 200, within = 60 } = {},
): Promise<number | undefined> {
  const end = Date.now() + within * 1000;
  for (;;) {
    const at = (await lab.moments(server))[server]?.[what];
    if (at !== undefined || Date.now() > end) return at;
    await sleep(every);
  }
}

/**
 * Waits until this holds of the recorded status of each run.
 * @param every seconds between two reads of one that does not
 * @param within seconds
 * @returns the statuses of those of which it holds
 */
export async function untilRecorded(
  runs: readonly ResizeRun[],
  holds: (status: RunStatus) => boolean,
  { every = 1, within }: { every?: number; within: number },
): Promise<Map<ResizeRun, RunStatus>> {
  const end = Date.now() + within * 1000;
  const known = new Map<ResizeRun, RunStatus>();
  for (;;) {
    const missing = runs.filter((run) => !known.has(run));
    await forEachAtOnce(missing, 8, async (run) => {
      const status = await run.recorded();
      if (holds(status)) known.set(run, status);
    });
    if (known.size === runs.length || Date.now() > end) return known;
    await sleep(every * 1000);
  }
}

export interface Lags {
  /** Milliseconds from the moment in which the cloud showed VERIFY_RESIZE to `verifiedAt`, ascending by that moment. */
  values: number[];
  /** How many runs did not know it in time. */
  unknown: number;
}

/**
 * How late each run knew. Which did not know in time counts with the time that it had.
 * @param within seconds
 */
export async function lagsOf(stack: Stack, runs: readonly ResizeRun[], within: number): Promise<Lags> {
  const known = await untilRecorded(runs, ({ verifiedAt }) => verifiedAt !== undefined, { within });
  const moments = await stack.lab.moments();
  const now = Date.now();
  const changes = runs
    .flatMap((run) => {
      const shown = moments[run.server]?.['resized'];
      return shown === undefined ? [] : [{ run, shown }];
    })
    .sort((a, b) => a.shown - b.shown);
  const values = changes.map(({ run, shown }) => {
    const at = known.get(run)?.verifiedAt;
    return (at === undefined ? now : Date.parse(at)) - shown;
  });
  return { values, unknown: runs.length - known.size };
}

/** Waits until each of them has ended, whatever its outcome. */
export async function untilEnded(stack: Stack, runs: readonly ResizeRun[]): Promise<void> {
  await Promise.all(
    runs.map(({ workflowId }) =>
      stack.client.workflow
        .getHandle(workflowId)
        .result()
        .catch(() => undefined),
    ),
  );
}

/** The events of a run's history. */
export async function eventsOf(stack: Stack, run: ResizeRun): Promise<{ events: number; activities: number }> {
  const { events } = await stack.client.workflow.getHandle(run.workflowId).fetchHistory();
  const activities = events?.filter(({ activityTaskScheduledEventAttributes: scheduled }) => Boolean(scheduled)) ?? [];
  return { events: events?.length ?? 0, activities: activities.length };
}
