/** The time limit of one try, and what stops it earlier. */
export class Deadline {
  /** Aborted when the time is over, or when the worker shuts down. */
  readonly signal: AbortSignal;
  readonly #over = new AbortController();
  // A timer that is held: that of AbortSignal.timeout may be collected before it fires.
  readonly #timer: NodeJS.Timeout;

  /**
   * @param timeout ms
   * @param stop aborted when the worker shuts down
   */
  constructor(
    readonly timeout: number,
    stop: AbortSignal,
  ) {
    this.#timer = setTimeout(() => this.#over.abort(), timeout);
    this.signal = AbortSignal.any([this.#over.signal, stop]);
  }

  /** The time, if it is over. */
  get passed(): number | undefined {
    return this.#over.signal.aborted ? this.timeout : undefined;
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
