/** A cloud that confirms by itself ends the window, whoever is still to decide. */
import { paceOf } from './polling';
import type { Refusal } from './precondition';
import type { OnTimeout } from './request';

/** Between the last decision and the cloud's own confirm there has to be time to carry it out; ms. */
const LEAST_MARGIN = 30_000;

/** How long people are to have. */
export interface DecisionTime {
  /** Milliseconds. */
  decideWithin?: number;
  onTimeout?: OnTimeout;
  /** Before the decision time begins the proof has to be in. */
  checks?: { proofWithin: number };
  /** How often the server is observed: the decision time begins when VERIFY_RESIZE is seen, not when it comes about. */
  polling?: { initial?: number; maximum?: number; backoff?: number };
}

/**
 * How long a decision may take from the moment that VERIFY_RESIZE is seen, ms: what follows from it has to come before
 * the cloud's own confirm.
 */
export const longestDecision = (window: number, polling: DecisionTime['polling']): number =>
  window - Math.max(LEAST_MARGIN, paceOf('resizing', polling).maximum);

/**
 * Refuses a decision time that would outlast the cloud's own confirm (Nova: `resize_confirm_window`, which counts from the end of
 * the resize and cannot be read through the API).
 * @param window milliseconds, as the profile says; undefined where it says nothing
 * @param waited how much of it has gone by: of a resize that is taken over
 */
export function refusalOfDecisionTime(
  asked: DecisionTime,
  window: number | undefined,
  waited = 0,
): Refusal | undefined {
  if (window === undefined || asked.decideWithin === undefined) return undefined;
  const proof = asked.checks?.proofWithin ?? 0;
  const longest = longestDecision(window, asked.polling) - proof - waited;
  if (asked.decideWithin < longest && asked.onTimeout !== 'hold') return undefined;
  const confirms = `this cloud confirms a resize by itself after ${seconds(window)} (auto_confirm_window of its profile)`;
  const gone = `${waited > 0 ? `, of which ${seconds(waited)} have gone by` : ''}${proof > 0 ? `; the proof may take ${seconds(proof)}` : ''}`;
  if (longest <= 1000) {
    return refuse(
      `${confirms}${gone}; that leaves no time to decide`,
      'Have the cloud’s resize_confirm_window raised or switched off, or resize without a decision to wait for.',
    );
  }
  const shorter = `decideWithin below ${seconds(longest)} (--decide-within ${Math.floor(longest / 1000) - 1}s)`;
  return asked.onTimeout === 'hold'
    ? refuse(
        `${confirms}${gone}; onTimeout hold would wait longer than that`,
        `Let the time-out revert or confirm, and ask for ${shorter}.`,
      )
    : refuse(
        `${confirms}${gone}; decideWithin of ${seconds(asked.decideWithin)} would wait longer than that`,
        `Ask for ${shorter}.`,
      );
}

const seconds = (span: number) => `${Math.round(span / 1000)} s`;

const refuse = (message: string, you: string): Refusal => ({ message, advice: { you } });
