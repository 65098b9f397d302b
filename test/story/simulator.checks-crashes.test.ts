import { startLab } from '../simulator/lab';
import { checksCrashes } from './checks-crashes';

describe('crashes while checks run, on the simulator', () => checksCrashes(() => startLab()));
