import { failures } from '../story/failures';
import { novaLab } from './harness';

describe('failures, on a real Nova', () => failures(() => Promise.resolve(novaLab())));
