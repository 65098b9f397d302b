import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { startSimulator, type SimulatorOptions } from '../../src/simulator';
import type { LabServer } from '../nova/nova-lab';
import { SimulatedLab } from './lab';

/** A cloud of Huawei's family: its dialect, and access keys beside passwords. */
export class HuaweiLab extends SimulatedLab {
  /** Read as Nova's, for what tests wait for and compare. */
  override async server(id: string): Promise<LabServer> {
    const server = await super.server(id);
    return { ...server, vmState: server.vmState.toLowerCase(), taskState: server.taskState || null };
  }

  /** With a profile `lab-aksk` of demo's access keys; their secret is what the simulator knows, or another one. */
  override async writeCloudsYaml(directory: string, secretKey?: string): Promise<string> {
    const file = await super.writeCloudsYaml(directory);
    const { clouds } = parse(await readFile(file, 'utf8')) as { clouds: object };
    const { accessKeys, projectId, computeUrl } = this.simulator;
    const auth = {
      access_key: accessKeys.accessKey,
      secret_key: secretKey ?? accessKeys.secretKey,
      project_id: projectId,
    };
    const aksk = { auth, compute_endpoint_override: `${computeUrl}/${projectId}` };
    await writeFile(file, stringify({ clouds: { ...clouds, 'lab-aksk': aksk } }), { mode: 0o600 });
    return file;
  }
}

/** About ten times as fast as the default. */
export async function startHuaweiLab(options: SimulatorOptions = {}): Promise<HuaweiLab> {
  const timings = { step: 30, ...options.timings };
  return new HuaweiLab(await startSimulator({ ...options, dialect: 'huawei', timings }));
}
