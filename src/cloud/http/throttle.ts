import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Trouble } from '../../resize/failure';
import { RateLimit } from './rate-limit';
import { troubleInAcceptance, troubleOf, type Reply } from './reply';
import { BackOff } from './back-off';

/** Upper bound on queueing inside the worker, ms. Longer waits belong to the task queue, where they are free. */
const LONGEST_QUEUE = 5_000;
/** But a queue of so many requests is allowed at any limit: an activity asks for about as many. */
const QUEUED_REQUESTS = 8;
/**
 * The bound where the cloud asked to wait, ms. All workers would start again at the same moment (with 5 s instead, 97
 * requests were measured in the first second, where 50 were allowed); the task queue has one limit for all of them.
 */
const LONGEST_BACK_OFF = 1_000;
/** Waits for the same moment end up to this part later, so that they do not end together. */
const SPREAD = 0.2;

/** A longer body is no refusal; it is not parsed for one. */
const LONGEST_REFUSAL = 4096;

/** When a request may be sent: at most so many a second, and not before the back-off of the cloud ends. */
export class Throttle {
  readonly #limit: RateLimit | undefined;
  readonly #backOff = new BackOff();
  readonly #taken = new AsyncLocalStorage<{ left: number }>();
  readonly #warn: (message: string) => void;

  constructor(perSecond: number | undefined, warn: (message: string) => void) {
    this.#limit = perSecond === undefined ? undefined : new RateLimit(perSecond);
    this.#warn = warn;
  }

  /**
   * Waits until one request may be sent.
   * @param request.changes never waits: it is sent because of what was read a moment ago
   * @returns the trouble that keeps it from being sent, if it would have to wait too long
   */
  async before(request: { tried: string; changes?: boolean }): Promise<Trouble | undefined> {
    const taken = this.#taken.getStore();
    if (taken === undefined && request.changes !== true) return this.#room(1, request.tried);
    // Between a read and its write nothing waits: the read is sent now or not at all, and the write is sent.
    const trouble = request.changes === true ? undefined : this.#backingOff(request.tried);
    if (trouble !== undefined) return trouble;
    if (taken !== undefined && taken.left > 0) taken.left--;
    else this.#limit?.takeAtOnce();
    return undefined;
  }

  /** How long to wait after a refusal without a time, ms. */
  wait(): number {
    return spread(this.#backOff.wait(Date.now()));
  }

  /** Learns from an answer. @param sentAt when its request was sent, epoch ms */
  after(reply: Reply, sentAt: number): void {
    const now = Date.now();
    const trouble = refusalIn(reply);
    if (trouble === undefined) this.#backOff.answered(sentAt, now);
    else if (this.#backOff.refused(trouble.retryAfter, sentAt, now)) {
      this.#warn(`${this.#sentence()} (HTTP ${reply.status} to "${reply.tried}")`);
    }
  }

  /**
   * Waits until several requests may be sent, and takes their places, so that they follow each other without a pause.
   * @returns the result of the work, or the trouble that kept it from beginning
   */
  async withoutPause<T>(
    requests: number,
    tried: string,
    work: () => Promise<T>,
  ): Promise<{ done: T } | { trouble: Trouble }> {
    const trouble = await this.#room(requests, tried);
    if (trouble !== undefined) return { trouble };
    const taken = { left: requests };
    try {
      return { done: await this.#taken.run(taken, work) };
    } finally {
      this.#limit?.giveBack(taken.left);
    }
  }

  async #room(requests: number, tried: string): Promise<Trouble | undefined> {
    for (;;) {
      const left = this.#backOff.until - Date.now();
      if (left > LONGEST_BACK_OFF) return this.#backingOff(tried);
      if (left > 0) {
        await sleep(spread(left));
        continue;
      }
      if (this.#limit === undefined) return undefined;
      const wait = this.#limit.waitFor(requests);
      if (wait > Math.max(LONGEST_QUEUE, (QUEUED_REQUESTS * 1000) / this.#limit.perSecond)) {
        return tooMany(
          tried,
          `requests_per_second (${this.#limit.perSecond}) is used up until ${iso(Date.now() + wait)}`,
          wait,
          'Nothing is wrong: more is to be asked than this profile allows. If it takes too long, raise its limit.',
        );
      }
      await this.#limit.take(requests);
      // The cloud may have asked to wait in the meantime.
      if (this.#backOff.until <= Date.now()) return undefined;
      this.#limit.giveBack(requests);
    }
  }

  #backingOff(tried: string): Trouble | undefined {
    const left = this.#backOff.until - Date.now();
    if (left <= 0) return undefined;
    return tooMany(tried, this.#sentence(), left, 'It is asked again then, by itself.');
  }

  #sentence(): string {
    return `the cloud asks to slow down until ${iso(this.#backOff.until)}`;
  }
}

function tooMany(tried: string, message: string, wait: number, advice: string): Trouble {
  return { kind: 'rate-limited', tried, message, advice, retryAfter: spread(wait) };
}

/** The trouble of an answer that limits requests, in any of the forms that clouds use. */
function refusalIn(reply: Reply): Trouble | undefined {
  if (reply.status < 400 && reply.text.length > LONGEST_REFUSAL) return undefined;
  const trouble = reply.status < 400 ? troubleInAcceptance(reply) : troubleOf(reply);
  return trouble?.kind === 'rate-limited' || reply.status === 503 ? trouble : undefined;
}

const iso = (time: number) => new Date(Math.ceil(time / 1000) * 1000).toISOString();

const spread = (wait: number) => Math.ceil(wait * (1 + SPREAD * Math.random()));
