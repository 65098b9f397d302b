/** The settings for Temporal: TEMPORAL_* and its config file, for everything of ours that connects. */
import {
  loadClientConfigProfile,
  toClientOptions,
  type ClientConfigProfile,
  type ClientConnectConfig,
} from '@temporalio/envconfig';
import { temporalSettingsProblem } from './check-temporal-settings';

/** Settings for Temporal that cannot be read, or cannot work; one sentence. */
export class TemporalConfigError extends Error {
  override readonly name = 'TemporalConfigError';
}

/**
 * Reads TEMPORAL_* and the Temporal config file, and judges what can be judged without a connection. An empty variable
 * counts as not set.
 * @throws TemporalConfigError, one sentence that names the setting, or the file if one was given
 */
export function readTemporalConfig(env: Readonly<Record<string, string | undefined>>): ClientConnectConfig {
  // An empty TEMPORAL_GRPC_META_* means something: it takes away a header of the config file.
  const given = Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (entry[1] !== '' || entry[0].startsWith('TEMPORAL_GRPC_META_')),
    ),
  );
  const profile = loadProfile(given);
  const problem = temporalSettingsProblem(profile, given);
  if (problem !== undefined) throw new TemporalConfigError(problem);
  return toClientOptions(profile);
}

function loadProfile(given: Record<string, string>): ClientConfigProfile {
  try {
    return loadClientConfigProfile({ overrideEnvVars: given });
  } catch (error) {
    throw new TemporalConfigError(sentenceFor(error, given), { cause: error });
  }
}

function sentenceFor(error: unknown, env: Readonly<Record<string, string | undefined>>): string {
  const { TEMPORAL_CONFIG_FILE: named, TEMPORAL_PROFILE: profile = 'default' } = env;
  // A text with line breaks is no path: it may be the file itself, with its key.
  const isPath = named !== undefined && /^[^\p{Cc}]{1,300}$/u.test(named);
  const file = isPath ? `the Temporal config file ${named}` : 'the Temporal config file';
  // The SDK expects the table, and stumbles over a file without one, such as an empty file.
  if (error instanceof TypeError) {
    return `${file} has no table [profile.${profile}]: put address and namespace there, or ${named ? 'unset TEMPORAL_CONFIG_FILE' : 'remove the file'}`;
  }
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code ?? message.split('\n')[0] ?? '';
  return `the settings for Temporal cannot be read: ${reason}; check TEMPORAL_* and ${file}`;
}
