import { cloudRows } from '../story/cloud-rows';
import { novaLab } from './harness';

describe('rows of cloud behaviour, on a real Nova', () => cloudRows(() => Promise.resolve(novaLab())));
