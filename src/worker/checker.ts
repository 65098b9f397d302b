import { readFileSync } from 'node:fs';
import { Checker, HostHeaders, hostHeadersIn, Networks } from '../checks';
import { SETTINGS, SettingsError, type WorkerSettings } from './settings';
import { codeOf } from '../resize/error-code';

/** What makes the checks, within the bounds of the settings. @throws SettingsError */
export function checkerOf({ checkNetworks, checkHeaders }: WorkerSettings): Checker {
  return new Checker({ networks: new Networks(checkNetworks), headers: headersIn(checkHeaders) });
}

function headersIn(file: string | undefined): HostHeaders {
  if (file === undefined) return new HostHeaders();
  const refused = (why: string) =>
    new SettingsError(`${SETTINGS.checkHeaders.variable}: the file that it names ${why}`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw refused(`cannot be read (${codeOf(error)})`);
  }
  try {
    return hostHeadersIn(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw refused(`is wrong: ${error.message}`);
  }
}
