import { describe, expect, it } from 'vitest';
import { pageRows } from './report-range.js';

describe('a page of figures', () => {
  it.each([
    [1_000, 51, 1_000],
    [10_000, 51, 10_000],
    [50_000, 10, 50_000],
    [50_000, 20, 25_000],
    [50_000, 51, 10_000],
  ])('of %d rows asked for, of %d figures each, has %d', (asked, figures, rows) => {
    expect(pageRows(asked, figures)).toBe(rows);
  });
});
