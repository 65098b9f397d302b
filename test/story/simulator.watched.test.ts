import { startLab } from '../simulator/lab';
import { watched } from './watched';

describe('watched by one list, on the simulator', () => watched(() => startLab()));
