import { startHuaweiLab } from '../simulator/huawei-lab';
import { decisions } from '../story/decisions';

/** Another dialect decides nothing: all of it once, where time is. */
describe('decisions, in the dialect of Huawei', () => decisions(() => startHuaweiLab()));
