import { lostAnswers } from '../story/lost-answers';
import { novaLab } from './harness';

describe('lost answers, on a real Nova', () => lostAnswers(() => Promise.resolve(novaLab())));
