import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TILE_EM, tvGrid } from './tv-grid.js';

describe('tiles on a television', () => {
  it('lays eight queues on a 1080p screen in two rows of four', () => {
    expect(tvGrid(8, 1860, 880, 16, 12)).toMatchObject({ columns: 4, rows: 2, shown: 8 });
  });

  it('uses the height when there are few', () => {
    expect(tvGrid(4, 1860, 880, 16, 12)).toMatchObject({ columns: 4, rows: 1, tall: true });
    expect(tvGrid(8, 1860, 880, 16, 12).tall).toBe(false);
  });

  it('stands them on a portrait screen', () => {
    const { columns, rows } = tvGrid(8, 1030, 1700, 16, 12);
    expect(rows).toBeGreaterThan(columns);
  });

  it('shows fewer rather than too small', () => {
    const grid = tvGrid(200, 1860, 880, 16, 12);
    expect(grid.shown).toBeLessThan(200);
    expect(grid.emPx).toBeGreaterThanOrEqual(12);
  });

  it('always fits what it shows, and shows at least one', () => {
    const sizes = fc.record({ count: fc.integer({ min: 0, max: 120 }), width: fc.integer({ min: 300, max: 4000 }) });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 300, max: 2200 }), ({ count, width }, height) => {
        const { columns, rows, emPx, shown } = tvGrid(count, width, height, 16, 12);
        expect(shown).toBeGreaterThanOrEqual(1);
        expect(columns * rows).toBeGreaterThanOrEqual(shown);
        expect(columns * TILE_EM.width * emPx + (columns - 1) * 16).toBeLessThanOrEqual(width + 1e-6);
        expect(rows * TILE_EM.height * emPx + (rows - 1) * 16).toBeLessThanOrEqual(height + 1e-6);
      }),
    );
  });
});
