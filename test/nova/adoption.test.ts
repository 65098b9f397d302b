import { adoption } from '../story/adoption';
import { novaLab } from './harness';

describe('adoption, on a real Nova', () => adoption(() => Promise.resolve(novaLab())));
