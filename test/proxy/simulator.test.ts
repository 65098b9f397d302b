import { startLab } from '../simulator/lab';
import { NASTIEST } from './expectations';
import { faultMatrix } from './matrix';

describe('faults on the way, on the simulator', () => faultMatrix(() => startLab(), NASTIEST, { side: 20 }));
