import { startLab } from '../simulator/lab';
import { chaos } from './chaos';

describe('chaos, on the simulator', () => chaos(() => startLab(), { stories: 6, rounds: 1, seed: 1 }));
