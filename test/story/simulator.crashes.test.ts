import { startLab } from '../simulator/lab';
import { crashes } from './crashes';

describe('crashes, on the simulator', () => crashes(() => startLab()));
