import axios from 'axios';
import { at, resized, send, type Answer } from '../contract/raw';
import { until } from '../nova/wait';
import { startLab, type SimulatedLab } from './lab';

let lab: SimulatedLab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());
afterEach(() => lab.clearControl());

interface Row {
  id: string;
  status: string;
  updated: string;
}

/** So long ago that every server of this file has changed since. */
const EARLY = '2020-01-01T00:00:00Z';
const list = (query: string): Promise<Answer> => send(lab, 'demo', 'GET', `/servers/detail?${query}`);
const rows = async (query: string): Promise<Row[]> => at((await list(query)).body, 'servers') as Row[];
const rowOf = async (id: string, query = `changes-since=${EARLY}`): Promise<Row | undefined> =>
  (await rows(query)).find((row) => row.id === id);
const seconds = (moment: number): string => `${new Date(moment).toISOString().slice(0, 19)}Z`;

describe('a cloud that does not serve changes-since', () => {
  it.each([
    [400, { badRequest: { code: 400 } }],
    [401, { unauthorized: { code: 401 } }],
    [403, { forbidden: { code: 403 } }],
    [404, { itemNotFound: { code: 404, message: 'The resource could not be found.' } }],
  ] as const)('refuses it with %i, and no other list, until it knows it again', async (changesSince, body) => {
    const id = await lab.boot('refused');
    await lab.control({ lists: { changesSince } });
    expect(await list(`changes-since=${EARLY}`)).toMatchObject({ status: changesSince, body });
    expect(await rowOf(id, 'status=ACTIVE')).toBeDefined();
    expect((await send(lab, 'demo', 'GET', `/servers/${id}`)).status).toBe(200);
    await lab.control({ lists: { changesSince: 'known' } });
    expect(await rowOf(id)).toBeDefined();
  });

  it('ignores it: every server is shown, and no deleted one', async () => {
    const [old, gone] = [await lab.boot('old'), await lab.boot('gone')];
    await lab.delete(gone);
    await lab.control({ lists: { changesSince: 'ignored' } });
    const ids = (await rows('changes-since=2999-01-01T00:00:00Z')).map(({ id }) => id);
    expect(ids).toContain(old);
    expect(ids).not.toContain(gone);
  });

  it('limits how often it is asked for changes only', async () => {
    await lab.control({
      http: [{ server: '*', match: 'changes-since', fault: 'status:429', headers: { 'Retry-After': '3' } }],
    });
    expect((await list('status=ACTIVE')).status).toBe(200);
    expect(await list(`changes-since=${EARLY}`)).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
    expect((await list(`changes-since=${EARLY}`)).status).toBe(200);
  });
});

describe('a list that is read from a replica', () => {
  it('does not show a change before it has arrived there; a read of the server does', async () => {
    const id = await lab.boot('slow-replica');
    await lab.control({ lists: { late: { [id]: 60 } } });
    await lab.lock(id);
    expect((await lab.server(id)).locked).toBe(true);
    expect(await rowOf(id)).toBeUndefined();
    expect(await rowOf(id, 'status=ACTIVE')).toBeDefined();
    await lab.control({ lists: { late: { [id]: 0 } } });
    expect(await rowOf(id)).toMatchObject({ locked: true });
  });

  it('shows the change late, with the stamp that it was saved with', async () => {
    const id = await lab.boot('late-row');
    await lab.control({ lists: { late: { 'late-row': 1.2 } } });
    const before = Date.now();
    await lab.lock(id);
    const { body } = await send(lab, 'demo', 'GET', `/servers/${id}`);
    const row = await until('the row to arrive', () => rowOf(id));
    expect(Date.now() - before).toBeGreaterThanOrEqual(1200);
    expect(row.updated).toBe(at(body, 'server', 'updated'));
  });

  it('shows one state of the server after the other', async () => {
    const id = await lab.boot('late-resize');
    await lab.control({ lists: { late: { '*': 0.3 } }, delay: { migrate_disk_and_power_off: { [id]: 0.5 } } });
    await lab.act(id, { resize: { flavorRef: 'f2' } });
    const seen = new Set<string>();
    await until('VERIFY_RESIZE in the list', async () => {
      const row = await rowOf(id);
      if (row !== undefined) seen.add(row.status);
      return row?.status === 'VERIFY_RESIZE' ? true : undefined;
    });
    expect([...seen]).toEqual(['RESIZE', 'VERIFY_RESIZE']);
  });
});

it.each([-3600, 3600])('a host whose clock is %i s off stamps its servers so', async (skew) => {
  const id = await lab.boot(`skewed${skew}`);
  await lab.control({ lists: { skew: { [id]: skew } } });
  const before = Date.now();
  await lab.lock(id);
  const row = await rowOf(id);
  const off = Date.parse(row?.updated ?? '') - before;
  expect(off).toBeGreaterThan(1000 * (skew - 2));
  expect(off).toBeLessThan(1000 * (skew + 60));
  expect((await rowOf(id, `changes-since=${seconds(before + 1000 * (skew - 2))}`))?.id).toBe(id);
  expect(await rowOf(id, `changes-since=${seconds(before + 1000 * (skew + 60))}`)).toBeUndefined();
});

it('a server whose cell is down is in no list, and is read by its id', async () => {
  const id = await lab.boot('missing-cell');
  await lab.control({ lists: { missing: [id] } });
  expect(await rowOf(id)).toBeUndefined();
  expect(await rowOf(id, 'name=missing-cell')).toBeUndefined();
  expect((await send(lab, 'demo', 'GET', `/servers/${id}`)).status).toBe(200);
  await lab.clearControl(id);
  expect(await rowOf(id)).toBeDefined();
});

describe('the stamp of a server', () => {
  const stamp = async (id: string): Promise<number> => {
    const found = lab.simulator.control({});
    expect(found.lists?.late).toEqual({});
    return Date.parse((await rowOf(id))?.updated ?? '');
  };
  const isLater = (id: string, than: number): Promise<boolean> => stamp(id).then((now) => now > than);

  it('stays while an accepted confirm runs, and at the end of an action', async () => {
    const [id] = await resized(lab, 'same-stamp');
    await lab.control({ delay: { confirm_migration: { [id]: 1.5 } } });
    const before = await stamp(id);
    await lab.act(id, { confirmResize: null });
    const confirming = async () => (await lab.actions(id))[0]?.events.some(({ result }) => result === null);
    await until('the confirm to run', async () => (await confirming()) || undefined);
    expect(await stamp(id)).toBe(before);
    await lab.waitFor(id, 'ACTIVE');
    expect(await isLater(id, before)).toBe(true);
  });

  it.each(['lock', 'unlock'])('changes with a %s', async (action) => {
    const id = await lab.boot(`stamped-${action}`);
    if (action === 'unlock') await lab.lock(id);
    const before = await stamp(id);
    await until('the next second of the cloud', () => Promise.resolve(Date.now() > before + 1000 || undefined));
    expect((await lab.act(id, { [action]: null }, 'admin')).status).toBe(202);
    expect(await isLater(id, before)).toBe(true);
  });
});

it('lists are counted by what they ask for, and log-ins are counted too', async () => {
  const { data } = await axios.get<unknown>(`${lab.simulator.url}/_lab`);
  expect(data).toMatchObject({ counters: {}, listed: {} });
  await list('status=ACTIVE');
  await list(`changes-since=${EARLY}&limit=1`);
  await list(`changes-since=${EARLY}&status=ACTIVE`);
  await list('limit=1');
  await send(lab, 'demo', 'GET', '/servers?name=x');
  await send(lab, 'demo', 'GET', '/', { microversion: null });
  await axios.post(`${lab.simulator.authUrl}/auth/tokens`, {}, { validateStatus: () => true });
  const { counters, listed } = lab.simulator.control({});
  expect(counters['-']).toEqual({ 'GET servers': 5, 'GET version': 1, 'POST tokens': 1 });
  expect(listed).toEqual({ status: 1, 'changes-since': 2, all: 1, name: 1 });
});

it.each([{ changesSince: 418 }, { changesSince: 'forbidden' }, { lat: {} }])(
  'what is misspelt is refused: %j',
  async (lists) => {
    const answer = await axios.put(`${lab.simulator.url}/_lab`, { lists }, { validateStatus: () => true });
    expect(answer.status).toBe(400);
  },
);
