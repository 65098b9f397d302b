/** The file of `start --checks`. */
import { ResizeError } from '../client/resize-error';
import { CHECK_DURATIONS, checkChecks, type ChecksInput } from '../resize/checks';
import { FileFault, readYamlFile } from '../yaml/yaml-file';

/**
 * Reads and checks the file.
 * @throws ResizeError InvalidRequest: file, line, key, and what is wrong
 */
export function readChecksFile(file: string): ChecksInput {
  // As it is written: the request fills in the defaults.
  const check = (given: unknown) => {
    checkChecks(given);
    return given as ChecksInput;
  };
  try {
    return readYamlFile(file, { kind: 'a file of checks', durations: CHECK_DURATIONS, check }).value;
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    throw new ResizeError('InvalidRequest', error.message);
  }
}
