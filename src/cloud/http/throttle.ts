import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Trouble } from '../../resize/failure';
import { RateLimit } from './rate-limit';
import { troubleInAcceptance, troubleOf, type Reply } from './reply';
import { SlowDown } from './back-off';

/** Nobody waits longer than this for his turn inside an activity, ms: waiting is Temporal's, and costs it nothing. */
const HOLD = 5_000;
/** But what a request at this limit needs for itself has to be granted. */
const HOLD_REQUESTS = 8;
/**
 * And hardly anybody waits here for a cloud that asked to slow down: what waits in several workers would start again in
 * all of them at once (with 5 s instead, 97 requests were measured in the first second, where 50 were allowed). What
 * fails comes back through the task queue, which has one limit for all.
 */
const HOLD_SPARED = 1_000;
/** Those who wait for the same moment come back a little after it, one after the other. */
const SPREAD = 0.2;

/** A body that is longer is no refusal, and not worth being read twice. */
const LONGEST_REFUSAL = 4096;

/** When a request may go: at most so many a second, and not before the time until which the cloud asked to wait. */
export class Politeness {
  readonly #limit: RateLimit | undefined;
  readonly #slowDown = new SlowDown();
  readonly #taken = new AsyncLocalStorage<{ left: number }>();
  readonly #warn: (message: string) => void;

  constructor(perSecond: number | undefined, warn: (message: string) => void) {
    this.#limit = perSecond === undefined ? undefined : new RateLimit(perSecond);
    this.#warn = warn;
  }

  /**
   * Waits for the room of one request.
   * @param request.atOnce never waits: an action, which is sent on what was read a moment ago
   * @returns the trouble that keeps it from going, if it would have to wait too long
   */
  async before(request: { tried: string; atOnce?: boolean }): Promise<Trouble | undefined> {
    const taken = this.#taken.getStore();
    if (taken === undefined && request.atOnce !== true) return this.#room(1, request.tried);
    // Between a read and its write nothing waits: a read goes now or not at all, and the write goes.
    const asked = request.atOnce === true ? undefined : this.#askedToWait(request.tried);
    if (asked !== undefined) return asked;
    if (taken !== undefined && taken.left > 0) taken.left--;
    else this.#limit?.takeAtOnce();
    return undefined;
  }

  /** Learns from an answer. @param sentAt when its request went out, epoch ms */
  after(reply: Reply, sentAt: number): void {
    const now = Date.now();
    const trouble = refusalIn(reply);
    if (trouble === undefined) this.#slowDown.answered(sentAt, now);
    else if (this.#slowDown.asked(trouble.retryAfter, sentAt, now)) {
      this.#warn(`${this.#sentence()} (HTTP ${reply.status} to "${reply.tried}")`);
    }
  }

  /**
   * Takes the room of several requests first, so that they follow each other without a pause.
   * @returns what the work gave, or the trouble that kept it from beginning
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
      const left = this.#slowDown.until - Date.now();
      if (left > HOLD_SPARED) return this.#askedToWait(tried);
      if (left > 0) {
        await sleep(spread(left));
        continue;
      }
      if (this.#limit === undefined) return undefined;
      const wait = this.#limit.waitFor(requests);
      if (wait > Math.max(HOLD, (HOLD_REQUESTS * 1000) / this.#limit.perSecond)) {
        return tooMany(
          tried,
          `requests_per_second (${this.#limit.perSecond}) is used up until ${iso(Date.now() + wait)}`,
          wait,
          'Nothing is wrong: more is to be asked than this profile allows. If it takes too long, raise its limit.',
        );
      }
      await this.#limit.take(requests);
      // The cloud may have asked to wait in the meantime.
      if (this.#slowDown.until <= Date.now()) return undefined;
      this.#limit.giveBack(requests);
    }
  }

  #askedToWait(tried: string): Trouble | undefined {
    const left = this.#slowDown.until - Date.now();
    if (left <= 0) return undefined;
    return tooMany(tried, this.#sentence(), left, 'It is asked again then, by itself.');
  }

  #sentence(): string {
    return `the cloud asks to slow down until ${iso(this.#slowDown.until)}`;
  }
}

function tooMany(tried: string, message: string, wait: number, advice: string): Trouble {
  return { kind: 'rate-limited', tried, message, advice, retryAfter: spread(wait) };
}

/** The trouble of an answer that asks to slow down, whatever way a cloud says that. */
function refusalIn(reply: Reply): Trouble | undefined {
  if (reply.status < 400 && reply.text.length > LONGEST_REFUSAL) return undefined;
  const trouble = reply.status < 400 ? troubleInAcceptance(reply) : troubleOf(reply);
  return trouble?.kind === 'rate-limited' || reply.status === 503 ? trouble : undefined;
}

const iso = (time: number) => new Date(Math.ceil(time / 1000) * 1000).toISOString();

const spread = (wait: number) => Math.ceil(wait * (1 + SPREAD * Math.random()));
