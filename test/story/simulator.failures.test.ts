import { startLab } from '../simulator/lab';
import { failures } from './failures';

describe('failures, on the simulator', () => failures(() => startLab()));
