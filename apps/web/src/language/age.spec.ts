import { expect, it } from 'vitest';
import { shortAge } from './age.js';

it.each([
  [-1, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [7_200_000, '2h'],
])('an age of %d ms is %s', (milliseconds, expected) => {
  expect(shortAge(milliseconds, 'en')).toBe(expected);
});
