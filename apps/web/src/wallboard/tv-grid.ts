/** A tile's natural size, in em. In a cell this much taller, the two great figures stand above each other. */
export const TILE_EM = { width: 22, height: 23, tall: 36 } as const;

export interface TvGrid {
  readonly columns: number;
  readonly rows: number;
  /** Font size that makes a tile fill its cell, in pixels. */
  readonly emPx: number;
  /** The cells are tall enough for the tall layout. */
  readonly tall: boolean;
  /** How many tiles there is room for at a readable size. */
  readonly shown: number;
}

const fit = (count: number, width: number, height: number, gap: number): TvGrid => {
  let best: TvGrid = { columns: 1, rows: count, emPx: 0, tall: false, shown: count };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const tileWidth = (width - gap * (columns - 1)) / columns;
    const tileHeight = (height - gap * (rows - 1)) / rows;
    const emPx = Math.min(tileWidth / TILE_EM.width, tileHeight / TILE_EM.height);
    if (emPx > best.emPx) best = { columns, rows, emPx, tall: tileHeight >= TILE_EM.tall * emPx, shown: count };
  }
  return best;
};

/**
 * Columns and type size that fill a screen with tiles. When they would become too small to read, fewer are shown.
 *
 * @param width and height of the room for tiles, in CSS pixels
 * @param gap between tiles, in CSS pixels
 * @param leastEmPx the smallest type that can be read, in CSS pixels
 */
export const tvGrid = (count: number, width: number, height: number, gap: number, leastEmPx: number): TvGrid => {
  let grid = fit(Math.max(1, count), width, height, gap);
  for (let fewer = count - 1; fewer >= 1 && grid.emPx < leastEmPx; fewer -= 1) grid = fit(fewer, width, height, gap);
  return grid;
};
