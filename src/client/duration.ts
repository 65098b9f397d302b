/** Durations as callers of the library and people at the command line give them. */
import { InvalidRequest, readDuration, type DurationInput } from '../resize/request';
import { ResizeError } from './resize-error';

/**
 * @param what the field or option, for the message
 * @returns ms
 * @throws ResizeError InvalidRequest
 */
export function durationOf(input: DurationInput, what: string): number {
  try {
    // Callers in JavaScript may pass anything.
    return readDuration(typeof input === 'number' || typeof input === 'string' ? input : Number.NaN, what);
  } catch (error) {
    if (error instanceof InvalidRequest) throw new ResizeError('InvalidRequest', error.message);
    throw error;
  }
}
