import { startLab } from '../simulator/lab';
import { race } from './race';

describe('races, on the simulator', () => race(() => startLab(), { rounds: 2, runs: 30, killEvery: 2, seed: 1 }));
