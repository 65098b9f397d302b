import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator';
import { NovaLab } from '../nova/nova-lab';

/** Where the simulated cloud is and who may use it, with all that the lab of the real Nova can do. */
export class SimulatedLab extends NovaLab {
  constructor(readonly simulator: Simulator) {
    const { authUrl, computeUrl, region, projectName, projectId, password, applicationCredential } = simulator;
    const { admin, demo, other } = simulator.userIds;
    const userIds = { admin, demo, other };
    super({ authUrl, computeUrl, region, projectName, projectId, password, userIds, applicationCredential });
  }

  async stop(): Promise<void> {
    await this.simulator.close();
  }
}

/** A simulated cloud of its own for a test file, about ten times as fast as the default. */
export async function startLab(options: SimulatorOptions = {}): Promise<SimulatedLab> {
  return new SimulatedLab(await startSimulator({ ...options, timings: { step: 30, ...options.timings } }));
}
