import { Targets } from '../notify';
import { readNamed } from './setting-file';
import type { WorkerSettings } from './settings';

/** Who is told of what, by the file that the settings name; undefined: nobody. @throws SettingsError */
export const targetsOf = ({ notify }: WorkerSettings, say: (message: string) => void): Targets | undefined =>
  notify === undefined ? undefined : readNamed('notify', () => Targets.in(notify, say));
