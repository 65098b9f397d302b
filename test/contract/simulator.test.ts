import { startLab } from '../simulator/lab';
import { contract } from './contract';

contract('the simulator', async (which) => {
  const lab = await startLab(which === 'own' ? { tokenTtl: 1 } : {});
  return { lab, stop: () => lab.stop() };
});
