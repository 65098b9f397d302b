import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** Spreads requests evenly: so many a second and no more, in the order in which they were asked for. */
export class RateLimit {
  readonly perSecond: number;
  readonly #gap: number;
  /** When the next request may go, on a clock that nobody sets; ms. */
  #next = 0;

  constructor(perSecond: number) {
    this.perSecond = perSecond;
    this.#gap = 1000 / perSecond;
  }

  /** How long so many requests would wait for their room, ms. */
  waitFor(requests: number): number {
    return Math.max(0, this.#next - performance.now()) + (requests - 1) * this.#gap;
  }

  /** Waits until there is room for all of them; then they may go at once. */
  async take(requests: number): Promise<void> {
    const wait = this.waitFor(requests);
    this.#note(requests);
    if (wait > 0) await sleep(wait);
  }

  /** A request that goes without waiting: those that come after it wait the longer. */
  takeAtOnce(): void {
    this.#note(1);
  }

  /** Room that was taken and not used. */
  giveBack(requests: number): void {
    this.#next -= requests * this.#gap;
  }

  #note(requests: number): void {
    this.#next = Math.max(this.#next, performance.now()) + requests * this.#gap;
  }
}
