import { strangers } from '../story/strangers';
import { novaLab } from './harness';

describe('strangers, on a real Nova', () => strangers(() => Promise.resolve(novaLab())));
