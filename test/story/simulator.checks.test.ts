import { startLab } from '../simulator/lab';
import { checks } from './checks';

describe('resizes with checks, on the simulator', () => checks(() => startLab()));
