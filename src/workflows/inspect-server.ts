/** Look, touch nothing: name to id, flavors, what would be refused, what a revert would lose. */
import { prepare } from './cloud';
import type { InspectInput, Inspection } from './messages';

/** @throws ApplicationFailure of type {@link InspectFailure} when nothing can be learnt */
export async function inspectServer(input: InspectInput): Promise<Inspection> {
  const found = await prepare(input, { attempts: 2, within: '25s' });
  return {
    cloud: input.cloud,
    project: found.project,
    ...(found.region !== undefined && { region: found.region }),
    server: {
      id: found.server.id,
      name: found.server.name,
      powerState: found.server.powerState,
      status: found.server.status,
    },
    ...(input.adopt !== true && { from: found.server.flavor }),
    ...(found.to && { to: found.to }),
    revertLoses: found.revertLoses,
    ownership: found.logReadable ? 'proven' : 'unproven',
    ...(found.refusal && { refusal: found.refusal }),
  };
}
