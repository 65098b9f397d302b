import { checks } from '../story/checks';
import { checksCrashes } from '../story/checks-crashes';
import { novaLab } from './harness';

describe('resizes with checks, on a real Nova', () => checks(() => Promise.resolve(novaLab())));
describe('crashes while checks run, on a real Nova', () => checksCrashes(() => Promise.resolve(novaLab())));
