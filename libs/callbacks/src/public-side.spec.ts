import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimits } from './limits.js';
import { Links, type Link } from './links.js';
import { checkNumber } from './phone.js';
import { leadingZeroBits, ProofOfWork, proofDigest } from './proof-of-work.js';
import { retryDelay, signWebhook, verifyWebhook, webhookSecret } from './webhook.js';

describe('links', () => {
  const links = new Links(randomBytes(32));
  const link: Link = { of: 'callback', tenant: 'acme', site: 'main', queue: 'support', callback: 'cb-1' };

  it('are read where they were made, and say nothing to anybody else', () => {
    const token = links.token(link, randomBytes(12));
    expect(links.read(token)).toEqual(link);
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('support');
    expect(new Links(randomBytes(32)).read(token)).toBeNull();
  });

  it('are nothing once a character is changed', () => {
    const token = links.token(link, randomBytes(12));
    fc.assert(
      fc.property(
        fc.nat({ max: Buffer.from(token, 'base64url').length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, by) => {
          const bytes = Buffer.from(token, 'base64url');
          bytes[at] = bytes[at]! ^ by;
          expect(links.read(bytes.toString('base64url'))).toBeNull();
        },
      ),
    );
    fc.assert(fc.property(fc.string(), (text) => links.read(text) === null));
  });
});

describe('numbers', () => {
  it.each([
    ['0470 12 34 56', '+32470123456'],
    ['+32 470 12 34 56', '+32470123456'],
    ['0032470123456', '+32470123456'],
    ['+31 6 12345678', '+31612345678'],
  ])('%s is %s', (text, e164) => {
    expect(checkNumber(text, 'BE', ['BE', 'NL'])).toMatchObject({ kind: 'number', e164 });
  });

  it.each([
    ['12', 'invalid'],
    ['call me', 'invalid'],
    ['0470 12 34 56 ext. 7', 'invalid'],
    ['+33 6 12 34 56 78', 'country'],
    ['+882 1612345678', 'country'],
    ['0903 12 345', 'kind'],
  ])('%s is refused: %s', (text, problem) => {
    expect(checkNumber(text, 'BE', ['BE', 'NL'])).toEqual({ kind: 'problem', problem });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => checkNumber(text, 'BE', ['BE']).kind !== undefined));
  });
});

describe('limits', () => {
  it('never let through more than burst plus rate, and say when there is one again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 60 }),
        (burst, perHour, gaps) => {
          const limits = new RateLimits({ burst, perHour });
          let [now, taken] = [0, 0];
          for (const gap of gaps) {
            now += gap;
            const wait = limits.take('key', now);
            if (wait === 0) taken += 1;
            else expect(new RateLimits({ burst, perHour }).take('other', now)).toBe(0);
            expect(taken).toBeLessThanOrEqual(burst + (now * perHour) / 3_600_000 + 1e-6);
          }
          const wait = limits.take('key', now);
          if (wait > 0) expect(limits.take('key', now + wait)).toBe(0);
        },
      ),
    );
  });

  it('hold a bounded number of keys', () => {
    const limits = new RateLimits({ burst: 1, perHour: 1 }, 10);
    for (let n = 0; n < 100; n += 1) limits.take(String(n), n);
    expect(limits.size).toBe(10);
    expect(limits.take('99', 100)).toBeGreaterThan(0);
  });
});

describe('proof of work', () => {
  const proof = new ProofOfWork(randomBytes(32), 8);
  const now = Date.UTC(2026, 2, 2);
  const solve = (challenge: string, bits: number): string => {
    for (let n = 0; ; n += 1) if (leadingZeroBits(proofDigest(challenge, String(n))) >= bits) return String(n);
  };

  it('is taken once, in time, for what it was given out for', () => {
    const { challenge, bits, expiresAt } = proof.challenge('acme/support', now, randomBytes(12));
    const solution = solve(challenge, bits);
    expect(proof.spend('acme/other', challenge, solution, now)).toBe('invalid');
    expect(proof.spend('acme/support', `z.8.a.${'é'.repeat(22)}`, solution, now)).toBe('invalid');
    expect(proof.spend('acme/support', challenge, solution, expiresAt)).toBe('expired');
    expect(proof.spend('acme/support', challenge, solution, now)).toBe('solved');
    expect(proof.spend('acme/support', challenge, solution, now)).toBe('used');
  });

  it('is not taken unsolved, missing, made up or made easier', () => {
    const { challenge } = proof.challenge('acme/support', now, randomBytes(12));
    const wrong = Array.from({ length: 50 }, (_, n) => String(n)).find(
      (text) => leadingZeroBits(proofDigest(challenge, text)) < 8,
    )!;
    expect(proof.spend('acme/support', challenge, wrong, now)).toBe('unsolved');
    expect(proof.spend('acme/support', undefined, '1', now)).toBe('missing');
    expect(proof.spend('acme/support', 'a.b.c.d', '1', now)).toBe('invalid');
    const [expiry, , nonce, signature] = challenge.split('.');
    expect(proof.spend('acme/support', `${expiry}.0.${nonce}.${signature}`, '1', now)).toBe('invalid');
  });

  it('counts zero bits', () => {
    expect(leadingZeroBits(Uint8Array.of(0, 0, 0b0001_0000))).toBe(19);
    expect(leadingZeroBits(Uint8Array.of(0x80))).toBe(0);
    expect(leadingZeroBits(Uint8Array.of(0, 0))).toBe(16);
  });
});

describe('webhooks', () => {
  it('are signed as Standard Webhooks has it: its own example', () => {
    const secret = webhookSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = signWebhook(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_000, '{"test": 2432232314}');
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('are verified: neither another body, id, time nor secret, and not when old', () => {
    const secret = webhookSecret('a secret of the dialer, long enough');
    const now = Date.UTC(2026, 2, 2);
    const headers = signWebhook(secret, 'm1', now, '{}');
    expect(verifyWebhook(secret, headers, '{}', now + 1000)).toBe(true);
    expect(verifyWebhook(secret, headers, '{ }', now)).toBe(false);
    expect(verifyWebhook(secret, { ...headers, 'webhook-id': 'm2' }, '{}', now)).toBe(false);
    expect(verifyWebhook(secret, headers, '{}', now + 400_000)).toBe(false);
    expect(verifyWebhook(webhookSecret('another secret that is long enough'), headers, '{}', now)).toBe(false);
    expect(() => webhookSecret('short')).toThrow(/has 5 bytes: give at least 24/);
  });

  it('are tried again later and later, never all at once', () => {
    for (const chance of [0, 0.5, 1]) {
      const delays = Array.from({ length: 15 }, (_, n) => retryDelay(n + 1, chance));
      expect(delays).toEqual(delays.toSorted((a, b) => a - b));
      expect(delays[0]).toBe(500 + chance * 500);
      expect(delays.at(-1)).toBe(450_000 + chance * 450_000);
    }
  });
});
