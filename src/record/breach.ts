/** What is promised, and how a history is said not to keep it. */
import type { Step } from './course';

/** What is promised. */
export const PROMISES = {
  whole: 'the history is whole: no event is missing or out of place',
  'one-effect': 'at most two requests of a kind may have been carried out, with the settle time between them',
  'never-both': 'a resize is never both confirmed and reverted',
  decided:
    'nothing is confirmed or reverted without a decision of people, the deadline, a check or the rule of the request',
  'as-answered': 'nothing is told that no activity answered and no message said',
  proven: 'where the deciders are proven, a vote counts for who sent it',
} as const;
export type Promised = keyof typeof PROMISES;

/** A promise that a history does not keep. */
export interface Breach {
  promise: Promised;
  /** One sentence. */
  sentence: string;
  runId: string;
  /** The event that shows it. */
  eventId: string;
}

/** A breach at one step. */
export const breach = (promise: Promised, { run, event }: Step, sentence: string): Breach => ({
  promise,
  sentence: `event ${event.id}: ${sentence}`,
  runId: run.runId,
  eventId: String(event.id),
});
