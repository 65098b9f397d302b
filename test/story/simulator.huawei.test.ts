import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { startSimulator } from '../../src/simulator';
import type { LabServer } from '../nova/nova-lab';
import { SimulatedLab } from '../simulator/lab';
import { ended, startRig, truth, untilPhase, type Rig } from './rig';

/** A cloud of Huawei's family: its dialect, its access keys, and that it resizes stopped servers only. */
class HuaweiLab extends SimulatedLab {
  /** Read as Nova's, for what the stories compare. */
  override async server(id: string): Promise<LabServer> {
    const server = await super.server(id);
    return { ...server, vmState: server.vmState.toLowerCase(), taskState: server.taskState || null };
  }

  override async writeCloudsYaml(directory: string): Promise<string> {
    const file = await super.writeCloudsYaml(directory);
    const { clouds } = parse(await readFile(file, 'utf8')) as { clouds: object };
    const { accessKeys, projectId, computeUrl } = this.simulator;
    const auth = { access_key: accessKeys.accessKey, secret_key: accessKeys.secretKey, project_id: projectId };
    const aksk = { auth, compute_endpoint_override: `${computeUrl}/${projectId}` };
    await writeFile(path.join(directory, 'clouds.yaml'), stringify({ clouds: { ...clouds, 'lab-aksk': aksk } }));
    return file;
  }
}

describe.each([
  ['a cloud that resizes running servers', false],
  ['a cloud that resizes stopped servers only', true],
])('in the dialect of Huawei, %s', (_, stoppedOnly) => {
  let rig: Rig;
  beforeAll(async () => {
    const simulator = await startSimulator({ timings: { step: 30 }, dialect: 'huawei', stoppedOnly });
    rig = await startRig(new HuaweiLab(simulator));
    await rig.startWorker();
  });
  afterAll(() => rig.stop());

  it.each([
    ['lab', 'approve', 'confirmed', { flavor: 'f2', confirm: 1, revert: 0 }],
    ['lab-aksk', 'approve', 'confirmed', { flavor: 'f2', confirm: 1, revert: 0 }],
    ['lab-aksk', 'reject', 'reverted', { flavor: 'f1', confirm: 0, revert: 1 }],
  ] as const)('by profile %s a server is resized, and %s leads to %s', async (cloud, decision, outcome, effect) => {
    const run = await rig.start({ cloud, stopFirst: true });
    await untilPhase(run, 'awaiting-decision');
    const { message } = await run.status();
    expect(/cannot be started or tested before the decision/.test(message)).toBe(stoppedOnly);
    await run[decision]({ by: 'bob' });
    const end = await ended(run);
    expect(end).toMatchObject({ outcome });
    expect(/started again/.test(end.message)).toBe(stoppedOnly);
    // Whether it was stopped for the resize or not: it runs again.
    expect(await truth(rig.lab, run.server)).toEqual({ status: 'ACTIVE', taskState: null, resize: 1, ...effect });
  });

  it('what it refuses by a code is said in its words', async () => {
    const server = await rig.lab.boot('refused');
    await expect(rig.start({ server, flavor: 'nope' })).rejects.toMatchObject({ code: 'Refused' });
    if (!stoppedOnly) return;
    const run = await rig.start({ server });
    const end = await ended(run);
    expect(end).toMatchObject({ outcome: 'refused' });
    expect(end.message).toMatch(/must be stopped .*Ecs\.0100/);
    expect(end.advice?.you).toContain('--stop-first');
    expect(await truth(rig.lab, server)).toMatchObject({ flavor: 'f1', status: 'ACTIVE', resize: 0 });
  });
});
