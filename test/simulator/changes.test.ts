import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadProfiles, openCloud, type Cloud } from '../../src/cloud';
import type { ServerRow } from '../../src/resize/changes';
import { failed } from '../cloud/failed';
import { resized } from '../contract/raw';
import { until } from '../nova/wait';
import { startHuaweiLab } from './huawei-lab';
import { startLab, type SimulatedLab } from './lab';

/** What the program learns from the lists of each kind of cloud, by each kind of log-in. */

describe.each([
  ['Nova, with a password', startLab, 'lab', 'RESIZE'],
  ['Huawei, with access keys', startHuaweiLab, 'lab-aksk', 'UNKNOWN'],
])('the servers that changed on %s', (_, start, profile, underWay) => {
  let lab: SimulatedLab;
  let cloud: Cloud;
  let directory: string;
  beforeEach(async () => {
    lab = await start({ timings: { step: 10 } });
    directory = await mkdtemp(path.join(tmpdir(), 'changes-'));
    const file = await lab.writeCloudsYaml(directory);
    const profiles = loadProfiles({ OS_CLIENT_CONFIG_FILE: file }, directory);
    cloud = openCloud(profiles.open(profile), { httpTimeout: 10_000 });
  });
  afterEach(async () => {
    await lab.stop();
    await rm(directory, { recursive: true });
  });
  const rowsSince = async (since: string | undefined): Promise<Map<string, ServerRow>> =>
    new Map((await cloud.serversChangedSince(since)).rows.map((row) => [row.id, row]));
  const now = async (): Promise<string> => (await cloud.serversChangedSince(undefined)).cloudTime ?? '';

  it('show a resize, a lock and a delete since a time of the cloud, from all pages', async () => {
    const began = await now();
    const ids = await Promise.all(Array.from({ length: 27 }, (__, n) => lab.simulator.boot(`many-${n}`, 'f1')));
    const [waits] = await resized(lab, 'waits');
    const locked = await lab.boot('locked');
    await lab.lock(locked);
    const gone = await lab.boot('gone');
    await lab.delete(gone);
    const rows = await rowsSince(began);
    expect(rows.size).toBe(ids.length + 3);
    expect(rows.get(waits)).toMatchObject({ status: 'VERIFY_RESIZE', vmState: 'resized', taskState: null });
    expect(rows.get(locked)).toMatchObject({ status: 'ACTIVE', taskState: null, locked: true });
    expect(rows.get(gone)?.status).toBe('DELETED');
    expect(await rowsSince('2999-01-01T00:00:00.000Z')).toEqual(new Map());
  });

  it('are those under way where it knows no changes', async () => {
    const id = await lab.boot('under-way');
    await lab.control({ delay: { finish_migration: { [id]: 60 } } });
    await lab.act(id, { resize: { flavorRef: 'f2' } });
    const rows = await until('the resize to finish', async () => {
      const found = await cloud.serversUnderWay();
      return found[0]?.taskState === 'resize_finish' ? found : undefined;
    });
    expect(rows).toMatchObject([{ id, status: underWay }]);
    await lab.boot('not-under-way');
    expect(await cloud.serversUnderWay()).toHaveLength(1);
    await resized(lab, 'waits');
    expect(await cloud.serversUnderWay()).toHaveLength(2);
  });

  it('are not known where it does not know the filter: it says so', async () => {
    const id = await lab.boot('old');
    await lab.control({ lists: { changesSince: 'ignored', skew: { [id]: -3600 } } });
    await lab.lock(id);
    expect(await cloud.serversChangedSince(new Date().toISOString())).toMatchObject({ rows: [], ignored: true });
  });

  it.each([400, 401, 403, 404] as const)('are refused with %i, which is told apart', async (changesSince) => {
    const id = await lab.boot('read');
    await lab.control({ lists: { changesSince } });
    const { trouble } = await failed(cloud.serversChangedSince(new Date().toISOString()));
    expect(trouble.status).toBe(changesSince);
    expect((await cloud.serverById(id)).status).toBe('ACTIVE');
  });
});
