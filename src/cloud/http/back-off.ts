/** Where the cloud names no time: the first wait, doubled while it answers nothing else, up to the longest; ms. */
const FIRST = 2_000;
const LONGEST = 60_000;

/** The longest wait that is granted; ms. A server in its window is not left unwatched for longer. */
const LONGEST_ASKED = 10 * 60_000;

/**
 * Until when a cloud that refused a request for being asked too often is left alone: RFC 9110, 10.2.3 (Retry-After), and
 * RFC 6585, 4 (429). One for all requests to this cloud in this process: the limit is the account's, not the request's.
 */
export class BackOff {
  #until = 0;
  #length = 0;
  /** When the wait last grew or shrank. */
  #changed = 0;
  /** Has it answered as usual since? Then the wait was long enough: perhaps it refuses one server's requests only. */
  #answers = false;

  /** When the cloud may be asked again; epoch ms, worker's clock. */
  get until(): number {
    return this.#until;
  }

  /** How long to wait after a refusal, ms; at least the first wait. */
  wait(now: number): number {
    return Math.max(this.#until - now, FIRST);
  }

  /**
   * The cloud refused a request for being asked too often.
   * @param retryAfter how long it asks to wait, if it names a time
   * @param sentAt when that request was sent
   * @returns false for the refusal of a request that was under way together with one refused before
   */
  refused(retryAfter: number | undefined, sentAt: number, now: number): boolean {
    const news = sentAt >= this.#changed;
    const named = retryAfter !== undefined && retryAfter > 0;
    if (news && !named) {
      const longer = this.#answers ? this.#length : this.#length * 2;
      this.#length = Math.min(Math.max(longer, FIRST), LONGEST);
    }
    if (news) {
      this.#changed = now;
      this.#answers = false;
    }
    const wait = named ? Math.min(retryAfter, LONGEST_ASKED) : news ? this.#length : 0;
    this.#until = Math.max(this.#until, now + wait);
    return news;
  }

  /** The cloud answered as usual. Step by step the wait is halved; each step takes as long as the wait was. */
  answered(sentAt: number, now: number): void {
    const since = Math.max(this.#changed, this.#until);
    if (this.#length === 0 || sentAt < since) return;
    this.#answers = true;
    if (now - since < this.#length) return;
    this.#length = this.#length > FIRST ? this.#length / 2 : 0;
    this.#changed = now;
  }
}
