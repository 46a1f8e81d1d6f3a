interface Kept<Value> {
  readonly at: number;
  readonly value: Promise<Value>;
}

/**
 * Readings that are shared: whoever asks for the same within a moment gets the same, so that many who look cost the store
 * as much as one. What fails is not kept. Bounded: the oldest is forgotten.
 */
export class Briefly<Value> {
  private readonly kept = new Map<string, Kept<Value>>();

  constructor(
    private readonly now: () => number,
    private readonly maxKeys = 10_000,
  ) {}

  /** What was read is not so any more. */
  forget(key: string): void {
    this.kept.delete(key);
  }

  /**
   * @param keepMs how old a reading may be, in milliseconds
   * @param isKept whether a reading is good for others, too: all are if absent
   */
  read(
    key: string,
    keepMs: number,
    make: () => Promise<Value>,
    isKept: (value: Value) => boolean = () => true,
  ): Promise<Value> {
    const now = this.now();
    const known = this.kept.get(key);
    if (known && now >= known.at && now - known.at < keepMs) return known.value;
    const value = make();
    const kept = { at: now, value };
    this.kept.delete(key);
    this.kept.set(key, kept);
    const forget = (): void => {
      if (this.kept.get(key) === kept) this.kept.delete(key);
    };
    value.then((read) => {
      if (!isKept(read)) forget();
    }, forget);
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.maxKeys && oldest !== undefined) this.kept.delete(oldest);
    return value;
  }
}
