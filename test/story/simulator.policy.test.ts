import { startLab } from '../simulator/lab';
import { policies } from './policy';

describe('resizes under policies, on the simulator', () => policies(() => startLab()));
