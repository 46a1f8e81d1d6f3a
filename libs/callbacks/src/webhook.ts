import { createHmac } from 'node:crypto';
import { isSame } from './same.js';

/** Headers of a message, as Standard Webhooks 1.0 has them. */
export interface WebhookHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

const PREFIX = 'whsec_';

/**
 * The secret of a webhook: `whsec_` and base64 as Standard Webhooks has it, or any other text of at least 24 characters,
 * taken as it is.
 *
 * @throws RangeError if it is too short
 */
export const webhookSecret = (text: string): Uint8Array => {
  const secret = text.startsWith(PREFIX) ? Buffer.from(text.slice(PREFIX.length), 'base64') : Buffer.from(text, 'utf8');
  if (secret.length < 24)
    throw new RangeError(
      `the secret has ${secret.length} bytes: give at least 24 (echo "whsec_$(openssl rand -base64 32)")`,
    );
  return secret;
};

const signature = (secret: Uint8Array, id: string, timestamp: string, body: string): string =>
  createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');

/**
 * Signs a message (HMAC-SHA-256 over `id.timestamp.body`, Standard Webhooks 1.0).
 *
 * @param id the same at every attempt: the receiver's idempotency key
 * @param at milliseconds since the epoch
 */
export const signWebhook = (secret: Uint8Array, id: string, at: number, body: string): WebhookHeaders => {
  const timestamp = String(Math.floor(at / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature(secret, id, timestamp, body)}`,
  };
};

/** Whether headers and body belong together and are not older than `toleranceMs`: what a receiver checks. */
export const verifyWebhook = (
  secret: Uint8Array,
  headers: WebhookHeaders,
  body: string,
  now: number,
  toleranceMs = 300_000,
): boolean => {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': given } = headers;
  if (!(Math.abs(now - Number(timestamp) * 1000) <= toleranceMs)) return false;
  const expected = signature(secret, id, timestamp, body);
  return given.split(' ').some((part) => {
    const [version, text = ''] = part.split(',');
    return version === 'v1' && isSame(text, expected);
  });
};

/**
 * How long to wait after the nth failed attempt: doubling from `firstMs` to `lastMs`, of which a random half is taken off
 * so that many that failed together do not come back together.
 *
 * @param attempt 1 for the first
 * @param chance 0 to 1
 */
export const retryDelay = (attempt: number, chance: number, firstMs = 1_000, lastMs = 900_000): number => {
  const full = Math.min(lastMs, firstMs * 2 ** Math.min(attempt - 1, 40));
  return Math.round(full * (0.5 + chance / 2));
};
