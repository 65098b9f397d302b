import type { NovaLab } from '../nova/nova-lab';
import { until } from '../nova/wait';
import { at, resized, send, watch, type Answer } from './raw';

interface Row {
  id: string;
  status: string;
  updated: string;
  locked: boolean;
}

/** What a list with `changes-since` shows, and when: how a client learns of many servers by one request. */
export function changes(lab: () => NovaLab): void {
  const list = (query: string): Promise<Answer> => send(lab(), 'demo', 'GET', `/servers/detail?${query}`);
  const rowsOf = ({ body }: Answer): Row[] => at(body, 'servers') as Row[];
  const rowIn = (answer: Answer, id: string): Row | undefined => rowsOf(answer).find((row) => row.id === id);
  const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

  /** The stamp of a server, in ms. */
  const updated = async (id: string): Promise<number> => {
    const { body } = await send(lab(), 'demo', 'GET', `/servers/${id}`);
    return Date.parse(String(at(body, 'server', 'updated')));
  };
  /** The row, as soon as the list shows a later change than `before` and `is` holds. */
  const changed = (id: string, before: number, is: (row: Row) => boolean): Promise<Row> => {
    let last: Row | undefined;
    return until(
      `a change of ${id} in the list`,
      async () => {
        last = rowIn(await list(`changes-since=${iso(before + 1000)}`), id);
        return last !== undefined && is(last) ? last : undefined;
      },
      { seen: () => JSON.stringify(last) },
    );
  };
  /** Waits until a change gets another stamp than this one. */
  const nextSecondAfter = (stamp: number): Promise<boolean> =>
    until('the next second of the cloud', async () => {
      const { headers } = await list('limit=1');
      return Date.parse(String(headers['date'])) > stamp || undefined;
    });

  it('the stamps are whole seconds of the clock that the header Date shows, and changes-since includes its own', async () => {
    const id = await lab().boot('stamped');
    await until('a server that is at rest', async () => {
      const stamp = await updated(id);
      const own = await list(`changes-since=${iso(stamp)}`);
      const later = await list(`changes-since=${iso(stamp + 1000)}`);
      const row = rowIn(own, id);
      expect(row?.updated).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(Date.parse(String(own.headers['date']))).toBeGreaterThanOrEqual(Date.parse(row?.updated ?? ''));
      // Saved once more between the reads: again.
      return rowIn(later, id) === undefined || undefined;
    });
  });

  it('each state of a resize is a change; an accepted confirm is none until it is done', async () => {
    const id = await lab().boot('changing');
    await lab().control({ delay: { finish_migration: { [id]: 1 }, confirm_migration: { [id]: 1.5 } } });
    const booted = await updated(id);
    await nextSecondAfter(booted);
    await lab().act(id, { resize: { flavorRef: 'f2' } });
    const resizing = await changed(id, booted, ({ status }) => status === 'RESIZE');
    await lab().waitFor(id, 'VERIFY_RESIZE');
    await changed(id, Date.parse(resizing.updated) - 1000, ({ status }) => status === 'VERIFY_RESIZE');

    const waiting = await updated(id);
    const { requestId = '' } = await lab().act(id, { confirmResize: null });
    await until('the confirm to run', async () => {
      const { body } = await send(lab(), 'demo', 'GET', `/servers/${id}/os-instance-actions/${requestId}`);
      return (at(body, 'instanceAction', 'events') as unknown[]).length > 0 || undefined;
    });
    expect(await updated(id)).toBe(waiting);
    await changed(id, waiting, ({ status }) => status === 'ACTIVE');
  });

  it('a revert is a change when it begins and when it ends', async () => {
    const [id] = await resized(lab(), 'changing-back');
    await lab().control({ delay: { finish_revert_migration: { [id]: 1.5 } } });
    const waiting = await updated(id);
    await nextSecondAfter(waiting);
    await lab().act(id, { revertResize: null }, 'other');
    const reverting = await changed(id, waiting, ({ status }) => status === 'REVERT_RESIZE');
    await changed(id, Date.parse(reverting.updated), ({ status }) => status === 'ACTIVE');
  });

  it('a lock, an unlock and a new name are changes', async () => {
    const id = await lab().boot('locked-and-named');
    let before = await updated(id);
    await nextSecondAfter(before);
    await lab().lock(id);
    before = Date.parse((await changed(id, before, ({ locked }) => locked)).updated);
    await nextSecondAfter(before);
    await lab().unlock(id);
    before = Date.parse((await changed(id, before, ({ locked }) => !locked)).updated);
    await nextSecondAfter(before);
    await send(lab(), 'demo', 'PUT', `/servers/${id}`, { body: { server: { name: 'another-name' } } });
    await changed(id, before, () => true);
  });

  it('a deleted server is shown, and marks a page as others do', async () => {
    const older = await lab().boot('older');
    const since = `changes-since=${iso(await updated(older))}`;
    // Servers of one second stand in any order.
    await nextSecondAfter(await updated(older));
    const newer = await lab().boot('newer');
    await lab().delete(newer);
    expect(rowIn(await list(since), newer)).toMatchObject({ status: 'DELETED' });
    expect(rowIn(await list(''), newer)).toBeUndefined();
    const next = await list(`${since}&marker=${newer}`);
    expect(rowIn(next, older)).toMatchObject({ status: 'ACTIVE' });
    expect(rowIn(next, newer)).toBeUndefined();
  });

  it('the servers under way are listed by their status', async () => {
    const id = await lab().boot('under-way');
    await lab().control({ delay: { finish_migration: { [id]: 0.5 }, finish_revert_migration: { [id]: 0.5 } } });
    await lab().act(id, { resize: { flavorRef: 'f2' } });
    expect(rowIn(await list('status=RESIZE'), id)).toBeDefined();
    await watch(lab(), id, 'VERIFY_RESIZE resized - f2');
    expect(rowIn(await list('status=RESIZE'), id)).toBeUndefined();
    await lab().act(id, { revertResize: null });
    expect(rowIn(await list('status=REVERT_RESIZE'), id)).toBeDefined();
    await watch(lab(), id, 'ACTIVE active - f1');
    expect(rowIn(await list('status=REVERT_RESIZE'), id)).toBeUndefined();
  });
}
