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

  /** @param keepMs how old a reading may be, in milliseconds */
  read(key: string, keepMs: number, make: () => Promise<Value>): Promise<Value> {
    const now = this.now();
    const known = this.kept.get(key);
    if (known && now >= known.at && now - known.at < keepMs) return known.value;
    const value = make();
    const kept = { at: now, value };
    this.kept.delete(key);
    this.kept.set(key, kept);
    value.catch(() => {
      if (this.kept.get(key) === kept) this.kept.delete(key);
    });
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.maxKeys && oldest !== undefined) this.kept.delete(oldest);
    return value;
  }
}
