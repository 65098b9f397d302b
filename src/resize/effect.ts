/**
 * The five effects that a run asks the cloud for. They differ in the words below; the care is the same for all: one
 * request at a time, a second one only when the first can no longer arrive, and nothing counts but what is observed.
 */
import type { Trouble } from './failure';
import type { Observation, ServerSeen } from './observation';
import type { Watching } from './polling';
import { situation, type Situation } from './situation';
import { isUnderWay, restsIn, sameFlavor, waits, type Expectation } from './situation-facts';

export type Effect = 'stop' | 'resize' | 'confirm' | 'revert' | 'start';

/** What a server must show directly before a request is sent: a meaning for our resize, a state that it rests in, or both. */
export interface SendIf {
  situation?: Extract<Situation['is'], 'untouched' | 'window'>;
  rests?: 'active' | 'stopped';
}

interface EffectRule {
  /** For sentences: "the cloud refused the confirm". */
  name: string;
  sendIf: SendIf;
  watching: Watching;
}

export const EFFECTS: Readonly<Record<Effect, EffectRule>> = {
  stop: { name: 'stop', sendIf: { situation: 'untouched', rests: 'active' }, watching: 'settling' },
  resize: { name: 'resize', sendIf: { situation: 'untouched' }, watching: 'resizing' },
  confirm: { name: 'confirm', sendIf: { situation: 'window' }, watching: 'settling' },
  revert: { name: 'revert', sendIf: { situation: 'window' }, watching: 'settling' },
  start: { name: 'start', sendIf: { rests: 'stopped' }, watching: 'settling' },
};

/** May a request be sent on what is observed? The one judgement, for the workflow and for the activity that sends. */
export function maySend(observation: Observation, sendIf: SendIf, expected: Expectation): boolean {
  const { situation: meaning, rests } = sendIf;
  if (meaning !== undefined && situation(observation, expected).is !== meaning) return false;
  return rests === undefined || (observation.server !== 'missing' && restsIn(observation.server, rests));
}

/**
 * Is the effect of an accepted request seen, or anything else that is no longer under way?
 * @param requestId of the accepted request
 */
export function isSettled(
  effect: Exclude<Effect, 'resize'>,
  observation: Observation,
  expected: Expectation,
  requestId: string | undefined,
): boolean {
  if (effect === 'stop' || effect === 'start') {
    return observation.server !== 'missing' && restsIn(observation.server, effect === 'stop' ? 'stopped' : 'active');
  }
  const sent = { ...expected[effect], accepted: true, ...(requestId !== undefined && { requestId }) };
  return situation(observation, { ...expected, [effect]: sent }).is !== 'busy';
}

/** The server as a run last saw it together with its log, as far as that says whether anything has happened to it since. */
export type Seen = Pick<ServerSeen, 'status' | 'locked' | 'updated'> & Partial<Pick<ServerSeen, 'powerState'>>;

/**
 * Must the action log be read to tell whether a server has news for a watching run?
 *
 * Not while the server itself shows that something is under way: whatever the log says, nobody acts before it rests. And
 * not while people decide and the cloud has not saved the server since it was last judged: what others do to it is saved
 * with it. An accepted confirm of theirs is not, until it is done (measured), and then the status tells it. Directly before
 * a request is sent the log is always read.
 * @param effect what is under way; undefined while people decide
 */
export function isLogNeeded(
  effect: Effect | undefined,
  server: ServerSeen,
  expected: Expectation,
  seen: Seen | undefined,
): boolean {
  if (isUnderWay(server)) return hasNewStatus(effect, server, seen);
  if (effect !== undefined || !waits(server) || !sameFlavor(server.flavor, expected.to)) return true;
  const { status, locked, updated } = server;
  return updated === undefined || updated !== seen?.updated || status !== seen.status || locked !== seen.locked;
}

/** People want to see it in the status: a resize takes minutes, in which it must not say ACTIVE of a server that is being moved. */
function hasNewStatus(effect: Effect | undefined, server: ServerSeen, seen: Seen | undefined): boolean {
  return (effect === undefined || effect === 'resize') && server.status !== seen?.status;
}

/** A guest that stops while people decide is the first thing that they have to know. */
function hasNewPower(effect: Effect | undefined, server: ServerSeen, seen: Seen | undefined): boolean {
  return effect === undefined && seen?.powerState !== undefined && server.powerState !== seen.powerState;
}

/**
 * Does an observation show anything that a watching run can act on, or that people who wait want to see?
 * @param effect what is under way; undefined while people decide
 * @param seen the server as the run knows it
 */
export function isNews(
  effect: Effect | undefined,
  observation: Observation,
  expected: Expectation,
  seen: Seen | undefined,
): boolean {
  const meaning = situation(observation, expected).is;
  const { server } = observation;
  const changed = server !== 'missing' && (hasNewStatus(effect, server, seen) || hasNewPower(effect, server, seen));
  // What somebody else has under way is for the run when it has ended.
  if (effect === undefined) return (meaning !== 'window' && meaning !== 'busy') || changed;
  if (effect === 'resize') return meaning !== 'busy' || changed;
  if (effect === 'confirm' || effect === 'revert') return meaning !== 'busy';
  const goal = effect === 'stop' ? 'stopped' : 'active';
  const there = observation.server !== 'missing' && restsIn(observation.server, goal);
  return there || (meaning !== 'busy' && meaning !== 'untouched' && effect === 'stop') || isOperatorsCase(observation);
}

const isOperatorsCase = ({ server }: Observation) => server === 'missing' || server.status === 'ERROR';

/** Why nothing was sent. */
export type WithheldWhy =
  /** The worker is in observe-only mode. */
  | 'observe-only'
  /** The server does not show what it has to. */
  | 'changed'
  | 'unreadable'
  /** Too little of the activity's time was left to hear the answer. */
  | 'no-time'
  /** No worker took the request up, or it was withdrawn before one did. */
  | 'never-started';

/** What became of one request. */
export type RequestAnswer =
  | {
      answer: 'accepted';
      requestId?: string;
      /** The server right after it, where it shows that the effect is under way. */
      shown?: { server: ServerSeen; at: string };
    }
  /** The cloud said no; nothing was carried out. */
  | { answer: 'rejected'; trouble: Trouble }
  /** Nothing was sent. */
  | { answer: 'withheld'; why: WithheldWhy; trouble?: Trouble }
  /** Sent, or perhaps sent, and no answer that can be trusted. */
  | { answer: 'unknown'; trouble?: Trouble };

/** What an acting activity returns: the answer and, where the effect came quickly, the observation that shows it. */
export type RequestResult = RequestAnswer & { observation?: Observation };
