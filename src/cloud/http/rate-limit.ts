import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** Spreads requests evenly: at most so many a second, first come, first served. */
export class RateLimit {
  readonly perSecond: number;
  readonly #gap: number;
  /** When the next request may be sent; ms of the monotonic clock. */
  #next = 0;

  constructor(perSecond: number) {
    this.perSecond = perSecond;
    this.#gap = 1000 / perSecond;
  }

  /** How long so many requests would have to wait, ms. */
  waitFor(requests: number): number {
    return Math.max(0, this.#next - performance.now()) + (requests - 1) * this.#gap;
  }

  /** Waits until all of them may be sent together. */
  async take(requests: number): Promise<void> {
    const wait = this.waitFor(requests);
    this.#note(requests);
    if (wait > 0) await sleep(wait);
  }

  /** Counts a request that is sent without waiting: those after it wait longer. */
  takeAtOnce(): void {
    this.#note(1);
  }

  /** Gives back places that were taken and not used. */
  giveBack(requests: number): void {
    this.#next -= requests * this.#gap;
  }

  #note(requests: number): void {
    this.#next = Math.max(this.#next, performance.now()) + requests * this.#gap;
  }
}
