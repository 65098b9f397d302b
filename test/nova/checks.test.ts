import { checks } from '../story/checks';
import { novaLab } from './harness';

describe('resizes with checks, on a real Nova', () => checks(() => Promise.resolve(novaLab())));
