import type { NovaAnswer, NovaLab } from '../nova/nova-lab';
import { until } from '../nova/wait';
import { eventsOf, log, look, resized, watch } from './raw';

const statuses = (answers: NovaAnswer[]): number[] => answers.map(({ status }) => status).sort((a, b) => a - b);

export function races(lab: () => NovaLab): void {
  // A token that has to be fetched first would set the requests apart.
  beforeAll(() => lab().token('demo'));

  it('of four simultaneous resizes one is accepted; the others get 409, or 500 although one was carried out', async () => {
    const id = await lab().boot('four-resizes');
    const answers = await Promise.all([1, 2, 3, 4].map(() => lab().act(id, { resize: { flavorRef: 'f2' } })));
    const [first, ...others] = statuses(answers);
    expect(first).toBe(202);
    expect(others.every((status) => status === 409 || status === 500)).toBe(true);
    for (const { status, body } of answers) {
      if (status === 500)
        expect(body).toMatchObject({
          computeFault: { message: expect.stringMatching(/^Unexpected API Error/) as unknown },
        });
      if (status === 409) expect(body).toMatchObject({ conflictingRequest: { code: 409 } });
    }
    await lab().waitFor(id, 'VERIFY_RESIZE');
    expect((await log(lab(), id)).map(({ action }) => action)).toEqual(['resize', 'create']);
  });

  it('of two simultaneous confirms one takes effect', async () => {
    const [id] = await resized(lab(), 'two-confirms');
    const answers = await Promise.all([1, 2].map(() => lab().act(id, { confirmResize: null })));
    expect([
      [204, 204],
      [204, 400],
    ]).toContainEqual(statuses(answers));
    await watch(lab(), id, 'ACTIVE active - f2');
    const confirms = (await log(lab(), id)).filter(({ action }) => action === 'confirmResize');
    expect(confirms).toHaveLength(answers.filter(({ status }) => status === 204).length);
    expect(confirms.filter(({ message }) => message === null)).toHaveLength(1);
    // On a loaded Nova the one that came too late was seen to leave the server in ERROR, with the new flavor (measured).
    expect(['ACTIVE active - f2', 'ERROR error - f2']).toContain(await look(lab(), id));
  });

  it('of two simultaneous reverts one takes effect', async () => {
    const [id] = await resized(lab(), 'two-reverts');
    const answers = await Promise.all([1, 2].map(() => lab().act(id, { revertResize: null })));
    expect([
      [202, 409],
      [202, 500],
    ]).toContainEqual(statuses(answers));
    await watch(lab(), id, 'ACTIVE active - f1');
    expect((await log(lab(), id)).filter(({ action }) => action === 'revertResize')).toHaveLength(1);
  });

  it.each([
    ['confirmResize', 'revertResize'],
    ['revertResize', 'confirmResize'],
  ])('a %s and a %s at once: if both are accepted, nobody can tell what it is', async (...names) => {
    const [id] = await resized(lab(), 'confirm-and-revert');
    const answers = await Promise.all(names.map((name) => lab().act(id, { [name]: null })));
    const ends = ['ACTIVE active - f1', 'ACTIVE active - f2'];
    if (answers.some(({ status }) => status >= 300)) {
      expect([
        [202, 400],
        [204, 400],
        [202, 409],
        [204, 409],
      ]).toContainEqual(statuses(answers));
      await watch(lab(), id, ...ends);
      return;
    }
    const over = await until('both actions to be over', async () => {
      const newest = (await log(lab(), id)).slice(0, 2);
      const decided = newest.map(eventsOf).flat().join();
      return /compute_confirm_resize/.test(decided) && /compute_finish_revert_resize/.test(decided)
        ? newest
        : undefined;
    });
    expect(over.map(({ action }) => action).sort()).toEqual(['confirmResize', 'revertResize']);
    // Measured, 38 times: mostly ERROR, with either flavor; 4 times ACTIVE with the new flavor, and 3 of those with a
    // log that says that both went well. Whatever it is, the log of the one without the other proves nothing.
    await watch(lab(), id, 'ERROR error - f1', 'ERROR error - f2', 'ACTIVE active - f2');
  });
}
