import { Policies } from '../policy';
import { readNamed } from './setting-file';

/** The policies of the folder that the settings name. @throws SettingsError */
export const policiesIn = (folder: string | undefined): Policies =>
  folder === undefined ? Policies.none() : readNamed('policies', () => Policies.in(folder));
