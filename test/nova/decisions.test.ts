import { decisions } from '../story/decisions';
import { novaLab } from './harness';

describe('decisions, on a real Nova', () => decisions(() => Promise.resolve(novaLab())));
