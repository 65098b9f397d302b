import { startLab } from '../simulator/lab';
import { decisions } from './decisions';

describe('decisions, on the simulator', () => decisions(() => startLab()));
