import { describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { browserTestsSkipped } from '../support/browser.js';
import { Product } from '../support/product.js';
import { TileReader } from '../support/wallboard.js';

describe.skipIf(browserTestsSkipped)('a newcomer, who has configured nothing', { timeout: 240_000 }, () => {
  const product = Product.forTests();

  it('opens the printed links and sees eight queues of two tenants that move', async () => {
    const names = [...product.server.links.keys()];
    expect(names.length).toBe(2);
    let queues = 0;
    for (const name of names) {
      const visitor = await product.visit(product.server.link(name));
      const { page } = visitor;
      await page.getByRole('heading', { level: 1, name }).waitFor();
      const figures = page.locator('.tile-figures');
      await figures.first().waitFor();
      const before = await figures.allInnerTexts();
      await expect.poll(() => figures.allInnerTexts()).not.toEqual(before);
      // Open queues have a tile each, closed ones a line.
      await expect.poll(() => page.locator('article.tile[data-stale]').count()).toBe(0);
      queues += (await page.locator('article.tile').count()) + (await page.locator('.closed li').count());
      expect(visitor.complaints()).toEqual([]);
    }
    expect(queues).toBe(8);
  });

  it('sees waits on the printed public page', async () => {
    const visitor = await product.visit(product.server.publicPage('Lumina Telecom'));
    const waits = visitor.page.locator('queue-wait');
    await expect.poll(() => waits.count()).toBeGreaterThan(3);
    const figures = visitor.page.locator('queue-wait [part="wait"]');
    await expect.poll(async () => (await figures.allInnerTexts()).join(' ')).toMatch(/\d+ minutes?/);
    expect(visitor.complaints()).toEqual([]);
  });

  it('puts a contact of his own on the wallboard with the printed key', async () => {
    const key = await product.server.printedApiKey();
    const { page } = await product.signIn(key);
    const acd = new Acd({ tenant: 'lumina-telecom', source: 'curl' });
    const sent = await product.server.send(key, acd.joins('hello', 'my-first-queue'));
    expect(sent).toMatchObject({ status: 202, accepted: 2 });
    const tile = new TileReader(page, 'my-first-queue');
    await expect.poll(() => tile.figure('Waiting')).toBe('1');
  });

  it('finds the demonstration going on after a restart, and counting from where it was', async () => {
    const { page } = await product.signIn(await product.server.printedApiKey());
    const answered = async (): Promise<number> => {
      const figures = await page.locator('article.tile dt:text-is("Answered") + dd').allInnerTexts();
      return figures.reduce((sum, figure) => sum + (Number(figure) || 0), 0);
    };
    await expect.poll(answered).toBeGreaterThan(0);
    const before = await answered();
    expect(await product.server.terminate()).toBe(0);
    await page.locator('.banner').waitFor();
    product.server = await product.home.start();
    await page.locator('.banner').waitFor({ state: 'hidden' });
    await expect.poll(answered).toBeGreaterThanOrEqual(before);
    await expect.poll(answered, { timeout: 90_000 }).toBeGreaterThan(before);
  });
});
