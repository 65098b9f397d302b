import { NASTIEST } from '../proxy/expectations';
import { faultMatrix } from '../proxy/matrix';
import { novaLab } from './harness';

describe('faults on the way, on a real Nova', () =>
  faultMatrix(() => Promise.resolve(novaLab()), NASTIEST, { side: 20 }));
