import { startLab } from '../simulator/lab';
import { adoption } from './adoption';

describe('adoption, on the simulator', () => adoption(() => startLab()));
