/** What a source tells whoever follows it. */
export interface Sink<Value> {
  readonly update: (value: Value) => void;
  /** Nothing more will come, and why: told to every follower. */
  readonly fail: (error: Error) => void;
}

/** Begins to feed a sink; returns the way to stop. */
export type Source<Value> = (sink: Sink<Value>) => () => void;

interface Follower<Value> {
  readonly update: (value: Value) => void;
  readonly end: (error: Error | null) => void;
}

/**
 * Something that changes and can be followed: by callback, or as an async iterable. The connection behind it is opened
 * for the first follower and closed with the last. Whoever joins later is first told the latest of everything.
 *
 * A consumer that is slower than the updates skips to the newest of each topic, so what waits for it is bounded by the
 * number of topics.
 */
export class Following<Value> implements AsyncIterable<Value> {
  readonly #followers = new Set<Follower<Value>>();
  readonly #latest = new Map<string, Value>();
  #stop: (() => void) | null = null;

  /** @param topicOf of two values of one topic only the newer one matters */
  constructor(
    private readonly source: Source<Value>,
    private readonly topicOf: (value: Value) => string,
  ) {}

  /**
   * Calls `listener` with the latest value of each topic, and with every newer one.
   *
   * @param failed called when nothing more will come; without it the error is thrown where nobody catches it
   * @returns the way to stop
   */
  subscribe(listener: (value: Value) => void, failed?: (error: Error) => void): () => void {
    return this.#follow({
      update: listener,
      end: (error) => {
        if (!error) return;
        if (!failed) throw error;
        failed(error);
      },
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Value, void, undefined> {
    const unread = new Map<string, Value>();
    let ended: { readonly error: Error | null } | null = null;
    let wake: () => void = () => undefined;
    const leave = this.#follow({
      update: (value) => {
        const topic = this.topicOf(value);
        // At the end of the line again: what changes most must not keep the others from being read.
        unread.delete(topic);
        unread.set(topic, value);
        wake();
      },
      end: (error) => {
        ended = { error };
        wake();
      },
    });
    const end = (): { readonly error: Error | null } | null => ended;
    try {
      for (;;) {
        const [next] = unread;
        if (next) {
          unread.delete(next[0]);
          yield next[1];
          continue;
        }
        const over = end();
        if (over?.error) throw over.error;
        if (over) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      leave();
    }
  }

  /** Ends every loop and subscription over this. */
  close(): void {
    this.#end(null);
  }

  #follow(follower: Follower<Value>): () => void {
    this.#followers.add(follower);
    for (const value of this.#latest.values()) follower.update(value);
    this.#stop ??= this.source({
      update: (value) => {
        this.#latest.set(this.topicOf(value), value);
        for (const each of this.#followers) each.update(value);
      },
      fail: (error) => this.#end(error),
    });
    return () => {
      this.#followers.delete(follower);
      if (this.#followers.size === 0) this.#halt();
    };
  }

  #end(error: Error | null): void {
    const followers = [...this.#followers];
    this.#followers.clear();
    this.#halt();
    for (const follower of followers) follower.end(error);
  }

  #halt(): void {
    this.#stop?.();
    this.#stop = null;
    this.#latest.clear();
  }
}
