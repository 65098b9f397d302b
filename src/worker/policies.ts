import { Policies } from '../policy';
import { FileFault } from '../yaml/yaml-file';
import { SETTINGS, SettingsError } from './settings';

/** The policies of the folder that the settings name. @throws SettingsError */
export function policiesIn(folder: string | undefined): Policies {
  if (folder === undefined) return Policies.none();
  try {
    return Policies.in(folder);
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    throw new SettingsError(`${SETTINGS.policies.variable}: ${error.message}`);
  }
}
