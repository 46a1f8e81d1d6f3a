import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { accessibilityFaults, browserTestsSkipped } from '../support/browser.js';
import { Product } from '../support/product.js';
import { ACME_KEY, twoTenants } from '../support/two-tenants.js';
import { Website } from '../support/website.js';

const acd = new Acd({ tenant: 'acme' });

/** Playwright's selectors look into the element's shadow root. */
const waitOf = (page: Page, tenant = 'acme'): Locator =>
  page.locator(`queue-wait[tenant="${tenant}"][queue="support"] [part="card"]`);

describe.skipIf(browserTestsSkipped)('what customers see', { timeout: 180_000 }, () => {
  const product = Product.forTests(twoTenants());

  const text = async (card: Locator): Promise<string> => (await card.innerText()).replace(/\s+/g, ' ');

  it('is the public queues of a tenant, without a sign-in, and none that is not public', async () => {
    await product.server.send(ACME_KEY, [acd.heartbeat()]);
    const visitor = await product.visit('/');
    await visitor.page.getByRole('link', { name: 'Acme Telecom' }).click();
    await expect.poll(() => text(waitOf(visitor.page))).toContain('Technical support');
    expect(await visitor.page.locator('queue-wait').count()).toBe(1);
    expect(await visitor.page.content()).not.toMatch(/Sales|Globex/);
    await visitor.page.goto(`${product.server.origin}/t/globex`);
    await expect.poll(() => text(waitOf(visitor.page, 'globex'))).toContain('Globex support');
    expect(visitor.complaints()).toEqual([]);
    expect(visitor.contacted).toEqual([new URL(product.server.origin).host]);
    expect(await visitor.page.context().cookies()).toEqual([]);
  });

  it('follows the estimate: too little known, a band of minutes, nobody there', async () => {
    const visitor = await product.visit('/t/acme');
    const card = waitOf(visitor.page);
    await product.server.send(ACME_KEY, [acd.agent('anna', 'busy', ['support'])]);
    await expect.poll(() => text(card)).toContain('Too quiet to estimate the wait');

    for (const batch of acd.callsThatWaited(10, 'support', 'anna')) await product.server.send(ACME_KEY, batch);
    const isAboutTen = async (): Promise<boolean> => {
      const [, low, high] = /About (\d+) to (\d+) minutes/.exec(await text(card)) ?? [];
      return Number(low) <= 10 && Number(high) >= 10;
    };
    await expect.poll(isAboutTen).toBe(true);

    await product.server.send(ACME_KEY, [acd.agent('anna', 'away', ['support'])]);
    await expect.poll(() => text(card)).toContain('Nobody is answering at the moment');
    await product.server.send(ACME_KEY, [acd.ends('last')]);
    expect(visitor.complaints()).toEqual([]);
  });

  it('says that the queue has closed, and that it is open again', async () => {
    const visitor = await product.visit('/t/acme');
    const card = waitOf(visitor.page);
    await expect.poll(() => text(card)).toContain('Open');
    await product.server.send(ACME_KEY, [acd.event('acd.queue.closed', null, { queue: 'support', reason: 'storm' })]);
    await expect.poll(() => card.getAttribute('data-open')).toBe('closed');
    expect(await text(card)).toContain('Closed');
    await product.server.send(ACME_KEY, [acd.event('acd.queue.opened', null, { queue: 'support' })]);
    await expect.poll(() => card.getAttribute('data-open')).toBe('open');
    expect(visitor.complaints()).toEqual([]);
  });

  it("shows a notice in the reader's language, as text and never as markup, until it is cleared", async () => {
    const english = await product.visit('/t/acme');
    const dutch = await product.visit('/t/acme', { locale: 'nl-NL' });
    const notice = (body: object) => acd.event('acd.queue.notice_posted', null, { queue: 'support', ...body });
    await product.server.send(ACME_KEY, [
      notice({
        notice: 'storm',
        text: { en: 'Storm damage: <b>long waits</b>', nl: 'Stormschade: lange wachttijden' },
      }),
    ]);
    await expect.poll(() => text(waitOf(english.page))).toContain('Storm damage: <b>long waits</b>');
    await expect.poll(() => text(waitOf(dutch.page))).toContain('Stormschade: lange wachttijden');
    await product.server.send(ACME_KEY, [
      acd.event('acd.queue.notice_cleared', null, { queue: 'support', notice: 'storm' }),
    ]);
    await expect.poll(() => text(waitOf(english.page))).not.toContain('Storm');
    expect(english.complaints()).toEqual([]);
  });

  it.each([
    ['en-GB', 'en', 'Waiting times at Acme Telecom'],
    ['fr-FR', 'fr', 'Temps d’attente chez Acme Telecom'],
    ['nl-BE', 'nl', 'Wachttijden bij Acme Telecom'],
    ['de-DE', 'de', 'Wartezeiten bei Acme Telecom'],
  ])('speaks the language of the browser: %s', async (locale, language, title) => {
    const visitor = await product.visit('/t/acme', { locale });
    await visitor.page.getByRole('heading', { level: 1, name: title }).waitFor();
    expect(await visitor.page.evaluate<string>('document.documentElement.lang')).toMatch(new RegExp(`^${language}\\b`));
    await expect.poll(() => waitOf(visitor.page).getAttribute('lang')).toBe(language);
    expect(visitor.complaints()).toEqual([]);
  });

  it('works on a website of somebody else with one script and one tag', async () => {
    const shop = await Website.serve(`<!doctype html><html lang="fr"><title>Shop</title>
      <script src="${product.server.origin}/element/queue-wait.js" defer></script>
      <h1>Aide</h1><queue-wait tenant="acme" queue="support"></queue-wait>
      <queue-wait tenant="acme" queue="sales"></queue-wait></html>`);
    const visitor = await product.visit(shop.origin);
    await expect.poll(() => text(waitOf(visitor.page))).toContain('Assistance');
    await product.server.send(ACME_KEY, [acd.event('acd.queue.closed', null, { queue: 'support' })]);
    await expect.poll(() => text(waitOf(visitor.page))).toContain('Fermé');
    await product.server.send(ACME_KEY, [acd.event('acd.queue.opened', null, { queue: 'support' })]);
    await expect.poll(() => text(waitOf(visitor.page))).not.toContain('Fermé');
    // A queue that is not public cannot be told from one that does not exist.
    const hidden = visitor.page.locator('queue-wait[queue="sales"] [part="card"]');
    await expect.poll(() => text(hidden)).toBe('Cette file n’est pas affichée au public.');
    expect(visitor.contacted).toEqual(
      [product.server.origin, shop.origin].map((origin) => new URL(origin).host).sort(),
    );
    expect(visitor.complaints(/404 \(Not Found\).*sales\.json/)).toEqual([]);
    await shop.close();
  });

  it('has no fault that axe knows, with the opening hours unfolded', async () => {
    const visitor = await product.visit('/t/acme');
    await waitOf(visitor.page).locator('summary').click();
    await waitOf(visitor.page).locator('table').waitFor();
    expect(await accessibilityFaults(visitor.page)).toEqual([]);
  });

  it('offers its API description without a policy violation', async () => {
    const visitor = await product.visit('/docs');
    await visitor.page.getByText('/v1/events').first().waitFor();
    expect(visitor.complaints()).toEqual([]);
    expect(visitor.contacted).toEqual([new URL(product.server.origin).host]);
  });
});
