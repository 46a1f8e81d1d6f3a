import type { PublicQueue } from '@queuecast/live';

export type Fetched =
  | { readonly kind: 'queue'; readonly queue: PublicQueue; readonly serverTime: number | null }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly retryAfterMs: number | null };

/** Only what a page can rely on is checked: a newer gateway may send more. */
export const isPublicQueue = (value: unknown): value is PublicQueue => {
  if (typeof value !== 'object' || value === null) return false;
  const { queue, asOf, wait, opening, name } = value as Record<string, unknown>;
  return (
    typeof queue === 'string' &&
    typeof asOf === 'number' &&
    [wait, opening, name].every((part) => typeof part === 'object' && part !== null)
  );
};

/** When a response left the origin plus its time in caches: what the server's clock read at least. Null if not told. */
export const serverTimeOf = (headers: Headers): number | null => {
  const date = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(date)) return null;
  return date + Number(headers.get('age') ?? 0) * 1000;
};

/** Address of the cacheable document of one queue. */
export const documentAddress = (server: string, tenant: string, queue: string): string =>
  `${server.replace(/\/$/, '')}/public/v1/${encodeURIComponent(tenant)}/queues/${encodeURIComponent(queue)}.json`;

/**
 * Fetches one queue's document. `no-cache` lets the browser revalidate with the ETag it holds: a manual If-None-Match
 * would cost a preflight on every poll from another origin.
 */
export const fetchQueue = async (server: string, tenant: string, queue: string): Promise<Fetched> => {
  try {
    const response = await fetch(documentAddress(server, tenant, queue), { cache: 'no-cache', credentials: 'omit' });
    if (response.status === 404) return { kind: 'unknown' };
    if (!response.ok) {
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      return { kind: 'failed', retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : null };
    }
    const body: unknown = await response.json();
    return isPublicQueue(body)
      ? { kind: 'queue', queue: body, serverTime: serverTimeOf(response.headers) }
      : { kind: 'failed', retryAfterMs: null };
  } catch {
    // Offline, refused, aborted or not JSON: all mean that there is no figure to show.
    return { kind: 'failed', retryAfterMs: null };
  }
};
