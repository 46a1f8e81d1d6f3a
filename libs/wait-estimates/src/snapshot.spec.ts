import { describe, expect, it } from 'vitest';
import { restoredFrom, snapshotOf } from './snapshot.js';

const CLASSES = {};
const state = { weights: Float64Array.from([1.5, -2, 1e9]), counts: Uint32Array.from([70_000]), most: Infinity };

describe('a snapshot', () => {
  it('is restored from whatever view of its bytes is given', () => {
    const bytes = snapshotOf(state, CLASSES, 1);
    const pool = Buffer.concat([Buffer.from([7]), bytes, Buffer.from([7])]);
    for (const view of [bytes, Buffer.from(bytes), pool.subarray(1, 1 + bytes.length)])
      expect(restoredFrom(view, CLASSES, 1)).toEqual(state);
  });

  it('shares no memory with the bytes that it is restored from', () => {
    const bytes = Buffer.from(snapshotOf(state, CLASSES, 1));
    const restored = restoredFrom(bytes, CLASSES, 1);
    bytes.fill(255);
    expect(restored).toEqual(state);
  });

  it.each([
    ['a weight', { ...state, weights: Float64Array.from([1, NaN]) }],
    ['an infinite weight', { ...state, weights: Float64Array.from([1, -Infinity]) }],
    ['a figure', { ...state, most: NaN }],
  ])('is none if a number in it is none: %s', (_what, spoilt) => {
    expect(restoredFrom(snapshotOf(spoilt, CLASSES, 1), CLASSES, 1)).toBeNull();
  });
});
