import type { Locator, Page } from 'playwright-core';

/** Seconds that `4:32` or `1:04:32` stands for; NaN for anything else. */
export const secondsOf = (stopwatch: string | null): number =>
  /^\d+(:\d\d)+$/.test(stopwatch ?? '')
    ? stopwatch!.split(':').reduce((total, part) => total * 60 + Number(part), 0)
    : Number.NaN;

/** One queue's tile on the wallboard, as a reader finds his way on it: by the labels. */
export class TileReader {
  readonly tile: Locator;
  readonly name: Locator;
  readonly freshness: Locator;

  constructor(page: Page, queue: string) {
    this.tile = page.locator(`article[data-queue="${queue}"]`);
    this.name = this.tile.getByRole('button');
    this.freshness = this.tile.locator('.freshness');
  }

  /** The figure under a label; waits until the tile is there. */
  async figure(label: string): Promise<string> {
    const term = this.tile.locator('dt', { hasText: new RegExp(`^${label}$`) });
    return (await term.locator('xpath=following-sibling::dd[1]').innerText()).trim();
  }

  async isStale(): Promise<boolean> {
    return (await this.tile.getAttribute('data-stale')) !== null;
  }
}
