import { ended, startRig, truth, untilPhase, type Lab, type Rig } from './rig';

const stories = [
  ['resize', 'approve', 'confirmed', { flavor: 'f2', confirm: 1, revert: 0 }],
  ['confirmResize', 'approve', 'confirmed', { flavor: 'f2', confirm: 1, revert: 0 }],
  ['revertResize', 'reject', 'reverted', { flavor: 'f1', confirm: 0, revert: 1 }],
] as const;
const faults = [
  ['was carried out', 'drop-after'],
  ['was carried out, and the answer came too late', 'hang-after'],
  ['was not carried out', 'drop-before'],
  ['arrived late', 'hang-before'],
  ['was answered 500', 'status:500'],
  ['was answered 503', 'status:503'],
] as const;
const matrix = stories.flatMap(([match, ...story]) => faults.map(([what, fault]) => ({ match, what, fault, story })));
type Case = (typeof matrix)[number];

/** The answer to a request gets lost: whatever became of it, there is one effect, and the status tells the truth. */
export function lostAnswers(startLab: () => Promise<Lab>): void {
  let rig: Rig;
  /** Most of each story is waiting for time-outs, so all of them run side by side. */
  const told = new Map<Case, ReturnType<typeof tell>>();
  let lostTwice: ReturnType<typeof tellOfTwo>;
  beforeAll(async () => {
    rig = await startRig(await startLab());
    await rig.startWorker();
    lostTwice = tellOfTwo(rig, await rig.lab.boot('lost-twice'));
    lostTwice.catch(() => undefined); // the test that awaits it fails
    for (const each of matrix) {
      // One boot at a time: a small cloud that boots twenty at once is slow for all of them.
      const server = await rig.lab.boot(`lost-${each.match}-${each.fault.replace(':', '-')}`);
      const story = tell(rig, server, each);
      story.catch(() => undefined); // the test that awaits it fails
      told.set(each, story);
    }
    // A real Nova on a busy machine boots for ten seconds.
  }, 600_000);
  afterAll(() => rig.stop());

  it.each(matrix)('a $match that $what ($fault) has one effect', async (each) => {
    const [, outcome, effect] = each.story;
    const { end, seen } = await (told.get(each) ?? Promise.reject(new Error('the story was not told')));
    expect(end).toMatchObject({ outcome });
    expect(seen).toEqual({ status: 'ACTIVE', taskState: null, resize: 1, ...effect });
  });

  it('of two resizes in a row, neither carried out: an operator is asked, and a retry asks once more', async () => {
    const { waiting, sent, end, seen } = await lostTwice;
    expect(waiting.message).toMatch(/both answers were lost/);
    expect(sent).toBe(2);
    expect(end).toMatchObject({ outcome: 'confirmed' });
    expect(seen).toMatchObject({ resize: 1, confirm: 1 });
  });
}

async function tellOfTwo(rig: Rig, server: string) {
  await rig.lab.control({ http: [{ server, match: 'resize', fault: 'drop-before', times: 2 }] });
  const run = await rig.start({ server });
  const waiting = await untilPhase(run, 'needs-operator');
  const sent = (await rig.lab.counters(server))['POST resize'];
  await run.retry({ by: 'ana' });
  await untilPhase(run, 'awaiting-decision');
  await run.approve({ by: 'bob' });
  return { waiting, sent, end: await ended(run), seen: await truth(rig.lab, server) };
}

async function tell(rig: Rig, server: string, { match, fault, story }: Case) {
  const [decision] = story;
  await rig.lab.control({ http: [{ server, match, fault, seconds: 2 }] });
  const run = await rig.start({ server });
  await untilPhase(run, 'awaiting-decision');
  await run[decision]({ by: 'bob' });
  return { end: await ended(run), seen: await truth(rig.lab, server) };
}
