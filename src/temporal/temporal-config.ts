/** The settings for Temporal: TEMPORAL_* and its config file, for everything of ours that connects. */
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';

/** Settings for Temporal that cannot be read; one sentence. */
export class TemporalConfigError extends Error {
  override readonly name = 'TemporalConfigError';
}

/**
 * Reads TEMPORAL_* and the Temporal config file.
 * @throws TemporalConfigError, one sentence that names the file if one was given
 */
export function readTemporalConfig(env: Readonly<Record<string, string | undefined>>): ClientConnectConfig {
  const given = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(given) });
  } catch (error) {
    throw new TemporalConfigError(sentenceFor(error, env), { cause: error });
  }
}

function sentenceFor(error: unknown, env: Readonly<Record<string, string | undefined>>): string {
  const { TEMPORAL_CONFIG_FILE: named, TEMPORAL_PROFILE: profile = 'default' } = env;
  const file = named ? `the Temporal config file ${named}` : 'the Temporal config file';
  // The SDK expects the table, and throws a TypeError for a file without one, such as an empty file.
  if (error instanceof TypeError) {
    return `${file} has no table [profile.${profile}]: put address and namespace there, or ${named ? 'unset TEMPORAL_CONFIG_FILE' : 'remove the file'}`;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return `the settings for Temporal cannot be read: ${reason.split('\n')[0] ?? ''}; check TEMPORAL_* and ${file}`;
}
