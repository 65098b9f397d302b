import { policies } from '../story/policy';
import { novaLab } from './harness';

describe('resizes under policies, on a real Nova', () =>
  policies(() => Promise.resolve(novaLab()), { keepsLab: true, toTheEnd: true }));
