import { createHash, createHmac } from 'node:crypto';
import { isSame } from './same.js';

/** A puzzle for a visitor's browser: find a text such that SHA-256 of `challenge:solution` begins with `bits` zero bits. */
export interface Challenge {
  readonly challenge: string;
  readonly bits: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export type ProofVerdict = 'solved' | 'missing' | 'invalid' | 'expired' | 'unsolved' | 'used';

/** Bits of zero at the beginning of a SHA-256. */
export const leadingZeroBits = (digest: Uint8Array): number => {
  let bits = 0;
  for (const byte of digest) {
    if (byte !== 0) return bits + Math.clz32(byte) - 24;
    bits += 8;
  }
  return bits;
};

/** SHA-256 that the puzzle is about. */
export const proofDigest = (challenge: string, solution: string): Uint8Array =>
  createHash('sha256').update(`${challenge}:${solution}`).digest();

/**
 * Puzzles that need no memory to be given out (after hashcash, Back 2002): each carries its end and what it is for, signed.
 * Only solved ones are remembered, until their end and by this instance, so that each is used once here.
 */
export class ProofOfWork {
  private readonly used = new Map<string, number>();

  /**
   * @param key 32 bytes that are used for nothing else
   * @param bits zero bits asked for: each further one doubles the work
   */
  constructor(
    private readonly key: Uint8Array,
    readonly bits: number,
    private readonly ttlMs = 600_000,
  ) {}

  /** @param nonce random bytes */
  challenge(purpose: string, now: number, nonce: Uint8Array): Challenge {
    const expiresAt = now + this.ttlMs;
    const body = `${expiresAt.toString(36)}.${this.bits}.${Buffer.from(nonce).toString('base64url')}`;
    return { challenge: `${body}.${this.signature(purpose, body)}`, bits: this.bits, expiresAt };
  }

  /** Judges a solution, and remembers the puzzle as used if it is solved. */
  spend(purpose: string, challenge: string | undefined, solution: string | undefined, now: number): ProofVerdict {
    if (challenge === undefined || solution === undefined) return 'missing';
    const [expiry = '', bits = '', nonce = '', signature = ''] = challenge.split('.');
    const expected = this.signature(purpose, `${expiry}.${bits}.${nonce}`);
    if (!isSame(signature, expected)) return 'invalid';
    const expiresAt = parseInt(expiry, 36);
    if (expiresAt <= now) return 'expired';
    if (leadingZeroBits(proofDigest(challenge, solution)) < Number(bits)) return 'unsolved';
    if (this.used.has(challenge)) return 'used';
    for (const [old, end] of this.used) {
      if (end > now) break;
      this.used.delete(old);
    }
    this.used.set(challenge, expiresAt);
    return 'solved';
  }

  private signature(purpose: string, body: string): string {
    return createHmac('sha256', this.key).update(`${purpose}\n${body}`).digest().subarray(0, 16).toString('base64url');
  }
}
