import { watched } from '../story/watched';
import { novaLab } from './harness';

describe('watched by one list, on a real Nova', () => watched(() => Promise.resolve(novaLab())));
