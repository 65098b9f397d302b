import { startRig, type Lab, type Rig } from '../story/rig';
import { nameOf, type Cell, type Expected } from './expectations';
import { startFaultProxy, type FaultProxy } from './fault-proxy';
import { tell, type Told } from './fault-story';

/** The server as the cloud itself shows it in the end, and how often each request had an effect. */
const TRUTH: Readonly<Record<Expected['outcome'], Record<string, unknown>>> = {
  confirmed: { flavor: 'f2', status: 'ACTIVE', taskState: null, resize: 1, confirm: 1, revert: 0 },
  reverted: { flavor: 'f1', status: 'ACTIVE', taskState: null, resize: 1, confirm: 0, revert: 1 },
  refused: { flavor: 'f1', status: 'ACTIVE', taskState: null, resize: 0, confirm: 0, revert: 0 },
  'not started': { flavor: 'f1', status: 'ACTIVE', taskState: null, resize: 0, confirm: 0, revert: 0 },
};
const CAUSE = { confirmed: 'approved', reverted: 'rejected', refused: undefined, 'not started': undefined };

/**
 * Faults between the worker and the cloud: whatever they do, each request has the effect that it should have, once,
 * and the status says what is.
 * @param side how many stories run side by side: most of each is waiting
 */
export function faultMatrix(
  startLab: () => Promise<Lab>,
  cells: readonly Cell[],
  { side, told: report }: { side: number; told?: (cell: Cell, told: Told) => void },
): void {
  let rig: Rig;
  let proxy: FaultProxy;
  const told = new Map<Cell, Promise<Told>>();
  beforeAll(async () => {
    const lab = await startLab();
    proxy = await startFaultProxy(lab.addresses.computeUrl);
    rig = await startRig(lab, { computeUrl: proxy.computeUrl });
    await rig.startWorker();
    const running = new Set<Promise<unknown>>();
    // A cloud that asks one server's run to slow down is spared by all: these have the cloud to themselves.
    const sparing = cells.filter(({ fault }) => fault === '429' || fault === '503');
    for (const cell of [...cells.filter((each) => !sparing.includes(each)), ...sparing]) {
      const alone = sparing.includes(cell);
      if (alone) await Promise.all(running);
      // One boot at a time: a small cloud that boots twenty at once is slow for all of them.
      const server = await rig.lab.boot(`fault-${nameOf(cell).replaceAll(/[^a-z0-9]+/gi, '-')}`);
      const story = tell(rig, proxy, server, cell);
      told.set(cell, story);
      const over: Promise<unknown> = story
        .then(
          (end) => report?.(cell, end),
          () => undefined, // the test that awaits it fails
        )
        .finally(() => running.delete(over));
      running.add(over);
      if (running.size >= side) await Promise.race(running);
    }
  });
  afterAll(async () => {
    await rig.stop();
    await proxy.close();
  });

  it.each(cells.map((cell) => ({ name: nameOf(cell), cell })))('$name', async ({ cell }) => {
    const { row, expected } = cell;
    const story = await (told.get(cell) ?? Promise.reject(new Error('the story was not told')));
    const { outcome, meanwhile, goesOn, sent } = expected;
    expect({ outcome: story.outcome, meanwhile: story.meanwhile, goesOn: story.goesOn }).toEqual({
      outcome,
      meanwhile,
      goesOn,
    });
    const truth = TRUTH[outcome];
    expect(story.truth).toEqual(truth);
    // No request reached the cloud that had no effect, except refused ones.
    const { resize, confirmResize, revertResize } = story.forwarded;
    expect({ resize, confirm: confirmResize, revert: revertResize }).toEqual({
      resize: truth['resize'],
      confirm: truth['confirm'],
      revert: truth['revert'],
    });
    if (sent !== undefined) expect(story.sent[row === 'GET before' ? 'resize' : row]).toBe(sent);
    // And the status says so.
    if (story.status === undefined) return;
    expect(story.status).toMatchObject({ phase: 'closed', outcome, observed: { flavor: truth['flavor'] } });
    expect(story.status.cause).toBe(CAUSE[outcome]);
    expect(story.status.requestId).toBe(story.requestId);
  });
}
