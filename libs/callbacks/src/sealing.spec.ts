import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derivedKey, KeyedHash, NumberSeal, parseSealingKeys, SealError } from './sealing.js';

const NUMBER = '+32470123456';
const to = { tenant: 'acme', callback: 'cb-1' };
const key = (id: string) => ({ id, key: randomBytes(32) });
const [one, two] = [key('k1'), key('k2')];
const sealed = (seal: NumberSeal) => seal.seal(NUMBER, to, randomBytes(12));

describe('sealed numbers', () => {
  it('open again, for the same promise only', () => {
    const seal = new NumberSeal([one]);
    const text = sealed(seal);
    expect(seal.open(text, to)).toBe(NUMBER);
    expect(() => seal.open(text, { ...to, callback: 'cb-2' })).toThrow(SealError);
    expect(() => seal.open(text, { ...to, tenant: 'globex' })).toThrow(SealError);
  });

  it('show nothing of the number, and never the same twice', () => {
    const seal = new NumberSeal([one]);
    expect(sealed(seal)).not.toContain(NUMBER.slice(1));
    expect(new Set(Array.from({ length: 100 }, () => sealed(seal))).size).toBe(100);
  });

  it('open with every key that is still there, and are sealed with the first', () => {
    const old = sealed(new NumberSeal([one]));
    const rotated = new NumberSeal([two, one]);
    expect(rotated.open(old, to)).toBe(NUMBER);
    expect([old, sealed(rotated)].map((text) => text.split('.')[1])).toEqual(['k1', 'k2']);
    expect(() => new NumberSeal([two]).open(old, to)).toThrow(/key k1, which is not configured any more/);
  });

  it('do not open once a single bit of them is changed, and the error never tells the number', () => {
    const seal = new NumberSeal([one]);
    const text = sealed(seal);
    const [, , nonce = '', cipher = ''] = text.split('.');
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 7 }), fc.boolean(), (at, bit, inNonce) => {
        const bytes = Buffer.from(inNonce ? nonce : cipher, 'base64url');
        const index = at % bytes.length;
        bytes[index] = bytes[index]! ^ (1 << bit);
        const changed = bytes.toString('base64url');
        const forged = inNonce ? `v1.k1.${changed}.${cipher}` : `v1.k1.${nonce}.${changed}`;
        expect(() => seal.open(forged, to)).toThrow(SealError);
      }),
    );
    // The key's id is bound as well: the same key under another id does not open it.
    expect(() => new NumberSeal([{ id: 'k9', key: one.key }]).open(text.replace('.k1.', '.k9.'), to)).toThrow(
      SealError,
    );
    for (const junk of ['', 'v1', 'v1.k1..', 'v2.k1.aaaaaaaaaaaaaaaa.aaaa', NUMBER])
      expect(() => seal.open(junk, to)).toThrow(SealError);
  });

  it('take their keys from text, and refuse what is none without showing it', () => {
    const base64 = randomBytes(32).toString('base64');
    const hex = randomBytes(32).toString('hex');
    expect(parseSealingKeys(`new:${base64}, old:${hex}`).map(({ id, key: bytes }) => [id, bytes.length])).toEqual([
      ['new', 32],
      ['old', 32],
    ]);
    expect(() => parseSealingKeys('')).toThrow(/at least one key/);
    expect(() => parseSealingKeys('short:c2VjcmV0')).toThrow(/key short must have 32 bytes, not 6/);
    expect(() => parseSealingKeys(base64)).toThrow(/key 1 must read id:key/);
    expect(() => parseSealingKeys(`a:${hex},a:${base64}`)).toThrow(/its own id/);
  });
});

describe('keyed hashes', () => {
  it('link equal values under one key, and nothing under two', () => {
    const hash = new KeyedHash(derivedKey(one.key, 'caller'));
    expect(hash.of('acme', NUMBER)).toBe(hash.of('acme', NUMBER));
    expect(hash.of('acme', NUMBER)).not.toBe(hash.of('globex', NUMBER));
    expect(hash.of('a', 'bc')).not.toBe(hash.of('ab', 'c'));
    expect(hash.of('acme', NUMBER)).not.toBe(new KeyedHash(derivedKey(one.key, 'address')).of('acme', NUMBER));
  });
});
