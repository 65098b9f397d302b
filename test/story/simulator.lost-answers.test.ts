import { startLab } from '../simulator/lab';
import { lostAnswers } from './lost-answers';

describe('lost answers, on the simulator', () => lostAnswers(() => startLab()));
