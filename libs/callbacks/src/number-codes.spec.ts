import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberCodes } from './number-codes.js';

const key = randomBytes(32);
const MINUTE = 60_000;
const codes = (attempts = 3, most?: number) => new NumberCodes(key, attempts, 10 * MINUTE, most);

describe('a code sent to a number', () => {
  it('is right until it ends, for what it was sent for, with any gateway of the same key', () => {
    const { challenge, expiresAt } = codes().challenge('acme/a', '012345', 0, randomBytes(12));
    expect(expiresAt).toBe(10 * MINUTE);
    const other = codes();
    expect(other.judge('acme/a', challenge, '012345', expiresAt - 1)).toBe('right');
    expect(other.judge('acme/a', challenge, '012345', expiresAt - 1)).toBe('right');
    expect(other.judge('acme/a', challenge, '012345', expiresAt)).toBe('expired');
    expect(other.judge('acme/b', challenge, '012345', 0)).toBe('wrong');
    expect(new NumberCodes(randomBytes(32), 3, MINUTE).judge('acme/a', challenge, '012345', 0)).toBe('wrong');
  });

  it('may be guessed a few times only, and the right one comes too late then', () => {
    const { challenge } = codes().challenge('acme/a', '012345', 0, randomBytes(12));
    const gateway = codes(3);
    for (const guess of ['000000', '000001', '000002'])
      expect(gateway.judge('acme/a', challenge, guess, MINUTE)).toBe('wrong');
    expect(gateway.judge('acme/a', challenge, '012345', MINUTE)).toBe('spent');
    const next = codes().challenge('acme/a', '777777', 0, randomBytes(12));
    expect(gateway.judge('acme/a', next.challenge, '777777', MINUTE)).toBe('right');
  });

  it('is not told by its challenge, and is wrong for any other text', () => {
    const { challenge } = codes().challenge('acme/a', '012345', 0, randomBytes(12));
    expect(challenge).not.toContain('012345');
    expect(codes().judge('acme/a', `z.a.${'é'.repeat(43)}`, '012345', 0)).toBe('wrong');
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, guess) => {
        expect(codes().judge('acme/a', text, guess, 0)).not.toBe('right');
        if (guess !== '012345') expect(codes().judge('acme/a', challenge, guess, 0)).toBe('wrong');
        // An end put off by hand is not the end that was signed.
        expect(codes().judge('acme/a', `z${challenge}`, '012345', 0)).toBe('wrong');
      }),
    );
  });

  it('costs bounded memory, however many are guessed at', () => {
    const gateway = codes(1, 10);
    const challenges = Array.from(
      { length: 50 },
      (_, n) => gateway.challenge('acme/a', '012345', n, randomBytes(12)).challenge,
    );
    for (const challenge of challenges) expect(gateway.judge('acme/a', challenge, '999999', 100)).toBe('wrong');
    const spent = challenges.filter((challenge) => gateway.judge('acme/a', challenge, '012345', 100) === 'spent');
    expect(spent).toEqual(challenges.slice(-10));
  });
});
