import { crashes } from '../story/crashes';
import { novaLab } from './harness';

describe('crashes, on a real Nova', () => crashes(() => Promise.resolve(novaLab()), '45s'));
