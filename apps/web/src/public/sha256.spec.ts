import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { leadingZeroBits, sha256 } from './sha256.js';

const hex = (words: Int32Array): string =>
  Buffer.from(words.map((word) => word).buffer)
    .swap32()
    .toString('hex');

it('is the digest of everybody else, for texts of any length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 300 }), (text) => {
      expect(hex(sha256(text))).toBe(createHash('sha256').update(text, 'latin1').digest('hex'));
    }),
  );
});

it('counts zero bits across words', () => {
  expect(leadingZeroBits(Int32Array.of(0, 0x00ffffff))).toBe(40);
  expect(leadingZeroBits(Int32Array.of(-1))).toBe(0);
});
