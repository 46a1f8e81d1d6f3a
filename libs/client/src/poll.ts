/** Polls this often at best; the document may be cached for five seconds. */
const EVERY_MS = 5_000;
/** Added at random, so that clients that were turned away together do not come back together. */
const SPREAD_MS = 5_000;
const LONGEST_MS = 300_000;
/** For browsers, which then ask with the tag of what they keep; a header of ours would cost a preflight from another origin. */
const REVALIDATING = { cache: 'no-cache', credentials: 'omit' } as const;
const KEEPS_NOTHING = 'process' in globalThis;

export interface PollHandlers<Document> {
  readonly document: (document: Document) => void;
  /** The server knows no such thing: polling has ended. */
  readonly unknown: () => void;
  /** Asking failed; it goes on, ever less often. */
  readonly failed: () => void;
}

/**
 * Asks for a cacheable document again and again, so that an unchanged one costs a 304. Backs off
 * while the server cannot be reached or is overloaded, and heeds `Retry-After`.
 *
 * @param chance 0..1, spreads clients in time
 * @returns the way to stop
 */
export const poll = <Document>(
  url: string,
  handlers: PollHandlers<Document>,
  chance: () => number = Math.random,
): (() => void) => {
  const stopped = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let etag: string | null = null;
  let failures = 0;

  const again = (atLeastMs = 0): void => {
    if (stopped.signal.aborted) return;
    const pause = Math.min(EVERY_MS * 2 ** failures, LONGEST_MS) + chance() * SPREAD_MS;
    timer = setTimeout(() => void ask(), Math.max(pause, atLeastMs));
  };
  const ask = async (): Promise<void> => {
    let retryAfterMs = 0;
    try {
      const response = await fetch(url, {
        ...REVALIDATING,
        headers: KEEPS_NOTHING && etag !== null ? { 'If-None-Match': etag } : {},
        signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(15_000)]),
      });
      if (response.status === 404) return handlers.unknown();
      retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000 || 0;
      if (response.status !== 304) {
        if (!response.ok) throw new Error(`${url} answered ${response.status}`);
        const document = (await response.json()) as Document;
        const tag = response.headers.get('etag');
        if (tag === null || tag !== etag) handlers.document(document);
        etag = tag;
      }
      failures = 0;
    } catch {
      if (stopped.signal.aborted) return;
      failures += 1;
      handlers.failed();
    }
    again(retryAfterMs);
  };
  void ask();
  return () => {
    stopped.abort();
    clearTimeout(timer);
  };
};
