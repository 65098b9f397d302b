import { Targets } from '../notify';
import { FileFault } from '../yaml/yaml-file';
import { SETTINGS, SettingsError, type WorkerSettings } from './settings';

/** Who is told of what, by the file that the settings name; undefined: nobody. @throws SettingsError */
export function targetsOf({ notify }: WorkerSettings, say: (message: string) => void): Targets | undefined {
  if (notify === undefined) return undefined;
  try {
    return Targets.in(notify, say);
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    throw new SettingsError(`${SETTINGS.notify.variable}: ${error.message}`);
  }
}
