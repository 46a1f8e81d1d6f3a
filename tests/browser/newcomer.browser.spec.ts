import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { browserTestsSkipped, TestBrowser } from '../support/browser.js';
import { ServerHome, type RunningServer } from '../support/server.js';
import { TileReader } from '../support/wallboard.js';

describe.skipIf(browserTestsSkipped)('a newcomer, who has configured nothing', { timeout: 180_000 }, () => {
  let home: ServerHome;
  let server: RunningServer;
  let browser: TestBrowser;

  beforeAll(async () => {
    home = await ServerHome.create();
    [server, browser] = await Promise.all([home.start(), TestBrowser.launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    await home?.remove();
  });

  /** A link for the tenant of the printed key. */
  const freshLink = async (): Promise<string> => {
    const headers = { Authorization: `Bearer ${await server.printedApiKey()}` };
    const response = await server.fetch('/v1/sign-in-links', { method: 'POST', headers });
    return `${server.origin}${((await response.json()) as { path: string }).path}`;
  };

  it('opens the printed links and sees eight queues of two tenants that move', async () => {
    const names = [...server.links.keys()];
    expect(names.length).toBe(2);
    let queues = 0;
    for (const name of names) {
      const visitor = await browser.visitor();
      const { page } = visitor;
      await page.goto(server.link(name));
      await page.getByRole('heading', { level: 1, name }).waitFor();
      const figures = page.locator('.tile-figures');
      const before = await figures.allInnerTexts();
      await expect.poll(() => figures.allInnerTexts()).not.toEqual(before);
      // Open queues have a tile each, closed ones a line.
      await expect.poll(() => page.locator('article.tile[data-stale]').count()).toBe(0);
      queues += (await page.locator('article.tile').count()) + (await page.locator('.closed li').count());
      expect(visitor.complaints()).toEqual([]);
      await visitor.leave();
    }
    expect(queues).toBe(8);
  });

  it('sees waits on the printed public page', async () => {
    const visitor = await browser.visitor();
    await visitor.page.goto(server.publicPage('Lumina Telecom'));
    const waits = visitor.page.locator('queue-wait');
    await expect.poll(() => waits.count()).toBeGreaterThan(3);
    const figures = visitor.page.locator('queue-wait [part="wait"]');
    await expect.poll(async () => (await figures.allInnerTexts()).join(' ')).toMatch(/\d+ minutes?/);
    expect(visitor.complaints()).toEqual([]);
    await visitor.leave();
  });

  it('puts a contact of his own on the wallboard with the printed key', async () => {
    const visitor = await browser.visitor();
    await visitor.page.goto(await freshLink());
    const acd = new Acd({ tenant: 'lumina-telecom', source: 'curl' });
    const sent = await server.send(await server.printedApiKey(), acd.joins('hello', 'my-first-queue'));
    expect(sent).toMatchObject({ status: 202, accepted: 2 });
    const tile = new TileReader(visitor.page, 'my-first-queue');
    await expect.poll(() => tile.figure('Waiting')).toBe('1');
    await visitor.leave();
  });

  it(
    'finds the demonstration going on after a restart, and counting from where it was',
    { timeout: 180_000 },
    async () => {
      const visitor = await browser.visitor();
      const { page } = visitor;
      await page.goto(await freshLink());
      await page.locator('article.tile').first().waitFor();
      const answered = async (): Promise<number> => {
        const figures = await page.locator('article.tile dt:text-is("Answered") + dd').allInnerTexts();
        return figures.reduce((sum, figure) => sum + (Number(figure) || 0), 0);
      };
      await expect.poll(answered).toBeGreaterThan(0);
      const before = await answered();
      expect(await server.terminate()).toBe(0);
      await page.locator('.banner').waitFor();
      server = await home.start();
      await page.locator('.banner').waitFor({ state: 'hidden' });
      await expect.poll(answered).toBeGreaterThanOrEqual(before);
      await expect.poll(answered, { timeout: 90_000 }).toBeGreaterThan(before);
      await visitor.leave();
    },
  );
});
