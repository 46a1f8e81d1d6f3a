import { createHmac } from 'node:crypto';
import { isSame } from './same.js';

/** Digits of a code. */
export const CODE_DIGITS = 6;

export type CodeVerdict = 'right' | 'wrong' | 'expired' | 'spent';

/** What a visitor gets when a code was sent to his number, and gives back with it. */
export interface CodeChallenge {
  readonly challenge: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Codes that are sent to a number, and prove that whoever knows one can read what is sent there. They need no memory to be
 * given out: a challenge is signed together with its code and what it is for, and holds neither. Only wrong guesses are
 * remembered, until the challenge ends, so that there are few; bounded, the oldest is forgotten.
 */
export class NumberCodes {
  private readonly guesses = new Map<string, { count: number; readonly until: number }>();

  /**
   * @param key 32 bytes that are used for nothing else
   * @param attempts wrong guesses after which a challenge is spent
   */
  constructor(
    private readonly key: Uint8Array,
    private readonly attempts: number,
    private readonly ttlMs: number,
    private readonly maxChallenges = 100_000,
  ) {}

  /**
   * @param purpose whose number it is for: a code is right for the same purpose only
   * @param code {@link CODE_DIGITS} random digits
   * @param nonce random bytes
   */
  challenge(purpose: string, code: string, now: number, nonce: Uint8Array): CodeChallenge {
    const expiresAt = now + this.ttlMs;
    const body = `${expiresAt.toString(36)}.${Buffer.from(nonce).toString('base64url')}`;
    return { challenge: `${body}.${this.signature(purpose, body, code)}`, expiresAt };
  }

  /** Judges a guess; the right one may be given again until the challenge ends. */
  judge(purpose: string, challenge: string, code: string, now: number): CodeVerdict {
    const [expiry = '', nonce = '', given = ''] = challenge.split('.');
    const expiresAt = parseInt(expiry, 36);
    if (!(expiresAt > now)) return 'expired';
    const known = this.guesses.get(challenge);
    if (known && known.count >= this.attempts) return 'spent';
    const expected = this.signature(purpose, `${expiry}.${nonce}`, code);
    if (isSame(given, expected)) return 'right';
    this.note(challenge, (known?.count ?? 0) + 1, Math.min(expiresAt, now + this.ttlMs), now);
    return 'wrong';
  }

  private note(challenge: string, count: number, until: number, now: number): void {
    this.guesses.delete(challenge);
    for (const [old, { until: end }] of this.guesses) {
      if (end > now && this.guesses.size < this.maxChallenges) break;
      this.guesses.delete(old);
    }
    this.guesses.set(challenge, { count, until });
  }

  private signature(purpose: string, body: string, code: string): string {
    return createHmac('sha256', this.key)
      .update(JSON.stringify([purpose, body, code]))
      .digest('base64url');
  }
}
