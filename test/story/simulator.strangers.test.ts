import { startLab } from '../simulator/lab';
import { strangers } from './strangers';

describe('strangers, on the simulator', () => strangers(() => startLab()));
