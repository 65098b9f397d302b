/** Keeps what was read, as many entries as it holds; the oldest one goes first. */
export class Cache<Value> {
  readonly #entries: number;
  readonly #life: number;
  readonly #kept = new Map<string, { value: Value; until: number }>();

  /** @param options.life milliseconds; without it an entry stays true for ever */
  constructor(options: { entries: number; life?: number }) {
    this.#entries = options.entries;
    this.#life = options.life ?? Infinity;
  }

  get(key: string): Value | undefined {
    const entry = this.#kept.get(key);
    if (entry !== undefined && Date.now() < entry.until) return entry.value;
    this.#kept.delete(key);
    return undefined;
  }

  keep(key: string, value: Value): void {
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size >= this.#entries) this.#kept.delete(oldest);
    this.#kept.set(key, { value, until: Date.now() + this.#life });
  }
}
