import type { CloudEvent } from '@queuecast/events';
import { z } from 'zod';
import { pause } from './pace.js';

const answerSchema = z.object({
  accepted: z.int().min(0),
  rejected: z.int().min(0),
  results: z
    .array(
      z.looseObject({
        index: z.int(),
        id: z.string().nullish(),
        status: z.enum(['accepted', 'rejected']),
        issues: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
      }),
    )
    .default([]),
});

/** An event that the collector refused, and why. */
export interface RejectedEvent {
  readonly id: string;
  readonly reason: string;
}

export interface SendResult {
  readonly accepted: number;
  readonly rejected: readonly RejectedEvent[];
}

/** Takes events and resolves when the receiver has them for good. */
export type Send = (events: readonly CloudEvent[]) => Promise<SendResult>;

export interface HttpSenderOptions {
  /** Origin of the server, for instance http://127.0.0.1:8080. */
  readonly url: string;
  /** API key with the scope `ingest`. */
  readonly key: string;
  /** Attempts for one batch before giving up. */
  readonly attempts?: number;
  /** First pause between two attempts, milliseconds; doubles up to half a minute. */
  readonly backoffMs?: number;
  readonly timeoutMs?: number;
  /** Aborting ends the attempts; a request that is under way is finished. */
  readonly signal?: AbortSignal;
  /** Told before every pause. */
  readonly onRetry?: (reason: string, waitMs: number) => void;
}

/** The server could not be reached, or refused the batch as a whole; the message says why and what to do. */
export class SendError extends Error {
  override readonly name = 'SendError';
}

const LONGEST_BACKOFF = 30_000;

/** Milliseconds that a Retry-After header asks for; null if there is none that can be read. */
const retryAfterMs = (header: string | null): number | null => {
  if (header === null) return null;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : null;
};

const isPassing = (status: number): boolean => status === 429 || status === 408 || status >= 500;

const remedyOf = (status: number): string => {
  if (status === 401 || status === 403) return ': check --key; it needs the scope "ingest" of this tenant';
  if (status === 404) return ': check --to; it must be the origin of a Queuecast server or collector';
  if (status === 413) return ': the batch is too large; raise ingest.maxBodyBytes';
  return '';
};

/**
 * Sends batches to `POST /v1/events` as NDJSON. Passing failures (no connection, 429, 5xx) are tried again, as late as
 * the server asks or with growing pauses; sending twice is harmless because events have ids.
 * The sender throws {@link SendError} when the attempts are used up, the batch as a whole is refused, or the answer
 * cannot be read; events refused one by one are in the result.
 */
export const createHttpSender = (options: HttpSenderOptions): Send => {
  const { key, attempts = 12, backoffMs = 250, timeoutMs = 30_000, signal, onRetry } = options;
  const target = new URL('/v1/events', options.url);

  const post = async (body: string): Promise<Response> =>
    fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${key}` },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });

  return async (events) => {
    if (events.length === 0) return { accepted: 0, rejected: [] };
    const body = events.map((event) => JSON.stringify(event)).join('\n') + '\n';
    for (let attempt = 1; ; attempt++) {
      let failure: string;
      let wanted: number | null = null;
      try {
        const response = await post(body);
        if (response.ok || response.status === 400 || response.status === 422) {
          const result = await readAnswer(response, events);
          if (result) return result;
        }
        const text = (await response.text().catch(() => '')).slice(0, 500);
        if (!isPassing(response.status))
          throw new SendError(`${target.href} answered ${response.status} ${text}${remedyOf(response.status)}`);
        wanted = retryAfterMs(response.headers.get('retry-after'));
        failure = `${target.href} answered ${response.status} ${text}`;
      } catch (error) {
        if (error instanceof SendError) throw error;
        const { message, cause } = error as Error;
        failure = `${target.href} cannot be reached: ${cause instanceof Error ? cause.message || String(cause) : message}`;
      }
      if (signal?.aborted) throw new SendError(`${failure}; interrupted before another attempt`);
      if (attempt >= attempts) throw new SendError(`${failure} (${attempts} attempts)`);
      const wait = wanted ?? Math.min(LONGEST_BACKOFF, backoffMs * 2 ** (attempt - 1));
      onRetry?.(failure, wait);
      await pause(wait, signal);
    }
  };
};

/** The per-event results; null when a refusal of the whole request is not in that form. */
const readAnswer = async (response: Response, events: readonly CloudEvent[]): Promise<SendResult | null> => {
  const text = await response.clone().text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const answer = answerSchema.safeParse(body);
  if (!answer.success) {
    if (!response.ok) return null;
    throw new SendError(`the answer of ${response.url} is not that of a Queuecast collector: ${text.slice(0, 200)}`);
  }
  const { accepted, rejected, results } = answer.data;
  if (accepted + rejected !== events.length)
    throw new SendError(
      `${response.url} accounts for ${accepted + rejected} of the ${events.length} events sent: is it a Queuecast collector?`,
    );
  const refused = results.filter(({ status }) => status === 'rejected');
  return {
    accepted,
    rejected: refused.map(({ index, id, issues }) => ({
      id: id ?? events[index]?.id ?? '',
      reason: (issues ?? []).map(({ field, message }) => (field ? `${field}: ${message}` : message)).join('; '),
    })),
  };
};
