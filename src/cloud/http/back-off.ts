/** Where the cloud names no time: the first wait, doubled while it answers nothing else, up to the longest; ms. */
const FIRST = 2_000;
const LONGEST = 60_000;

/** A cloud that asks for more than this is asked again all the same: a server in its window is not left unwatched. */
const LONGEST_ASKED = 10 * 60_000;

/**
 * Remembers that a cloud asked to slow down: RFC 9110, 10.2.3 (Retry-After), and RFC 6585, 4 (429). One for all that
 * ask this cloud in this process: what one of them is told holds for the others too.
 */
export class SlowDown {
  #until = 0;
  #backOff = 0;
  /** When the back-off last grew or shrank. */
  #changed = 0;
  /** Has it answered as usual since? Then the pause was long enough: perhaps it refuses one server's requests alone. */
  #answers = false;

  /** When the cloud may be asked again; epoch ms, worker's clock. */
  get until(): number {
    return this.#until;
  }

  /**
   * The cloud asked to slow down.
   * @param retryAfter how long, if it said so
   * @param sentAt when the request went out that was answered so
   * @returns whether that is news: requests that were on their way together are answered together
   */
  asked(retryAfter: number | undefined, sentAt: number, now: number): boolean {
    const news = sentAt >= this.#changed;
    const named = retryAfter !== undefined && retryAfter > 0;
    if (news && !named) {
      const longer = this.#answers ? this.#backOff : this.#backOff * 2;
      this.#backOff = Math.min(Math.max(longer, FIRST), LONGEST);
    }
    if (news) {
      this.#changed = now;
      this.#answers = false;
    }
    const wait = named ? Math.min(retryAfter, LONGEST_ASKED) : news ? this.#backOff : 0;
    this.#until = Math.max(this.#until, now + wait);
    return news;
  }

  /** The cloud answered as usual: step by step the old pace is trusted again, each step as long as the wait was. */
  answered(sentAt: number, now: number): void {
    const since = Math.max(this.#changed, this.#until);
    if (this.#backOff === 0 || sentAt < since) return;
    this.#answers = true;
    if (now - since < this.#backOff) return;
    this.#backOff = this.#backOff > FIRST ? this.#backOff / 2 : 0;
    this.#changed = now;
  }
}
