import { FileFault } from '../yaml/yaml-file';
import { SETTINGS, SettingsError } from './settings';

/**
 * Reads what a setting names.
 * @throws SettingsError that names the setting, where the file cannot be used
 */
export function readNamed<T>(setting: keyof typeof SETTINGS, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    throw new SettingsError(`${SETTINGS[setting].variable}: ${error.message}`);
  }
}
