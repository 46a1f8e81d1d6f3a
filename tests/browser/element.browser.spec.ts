import type { Locator, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { accessibilityFaults, browserTestsSkipped, TestBrowser, type Visitor } from '../support/browser.js';
import { ServerHome, type RunningServer } from '../support/server.js';
import { Stranger } from '../support/stranger.js';
import { ACME_KEY, twoTenants } from '../support/two-tenants.js';

const MINUTE = 60_000;
const VARIANTS = ['line', 'card', 'big'] as const;
const LANGUAGES = ['en', 'fr', 'nl', 'de'] as const;

/** Keeps what a screen reader is told by the card. */
const LISTEN = `
  window.heard = [];
  for (const { shadowRoot } of document.querySelectorAll('queue-wait')) {
    const status = shadowRoot.querySelector('[data-variant="card"] [role="status"]');
    const listen = () => status.textContent && window.heard.push(status.textContent);
    if (status) new MutationObserver(listen).observe(status, { childList: true });
  }`;

const cardOf = (page: Page, variant: string): Locator => page.locator(`queue-wait [data-variant="${variant}"]`);
const textOf = async (node: Locator): Promise<string> => (await node.innerText()).replace(/\s+/g, ' ');

describe.skipIf(browserTestsSkipped)('the element on a website of somebody else', { timeout: 180_000 }, () => {
  const acd = new Acd({ tenant: 'acme' });
  let home: ServerHome;
  let server: RunningServer;
  let website: Stranger;
  let browser: TestBrowser;
  let visitor: Visitor;
  let page: Page;

  const start = async (maxPublicSockets?: number): Promise<void> => {
    const settings = twoTenants(maxPublicSockets === undefined ? {} : { live: { maxPublicSockets } });
    for (const queue of settings.tenants?.[0]?.queues ?? []) queue.callbacks = { offer: 'always' };
    home = await ServerHome.create(settings);
    server = await home.start();
    website = await Stranger.start(server.origin);
  };
  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    visitor = await browser.visitor({ viewport: { width: 1100, height: 900 } });
    page = visitor.page;
  });
  afterEach(() => visitor?.leave());

  describe('that is connected', () => {
    beforeAll(() => start());
    afterAll(async () => {
      await website?.stop();
      await home?.remove();
    });

    it('shows the live wait in three variants, under a strict policy, without a cookie or a third party', async () => {
      await page.goto(website.origin);
      await expect.poll(() => textOf(cardOf(page, 'card'))).toContain('Technical support');
      for (const batch of acd.callsThatWaited(10, 'support', 'anna')) await server.send(ACME_KEY, batch);
      for (const variant of VARIANTS)
        await expect.poll(() => textOf(cardOf(page, variant))).toMatch(/About \d+ to \d+ minutes/);
      const script = page.locator('script');
      expect(await script.count()).toBe(1);
      expect(await script.getAttribute('integrity')).toMatch(/^sha384-/);
      expect(visitor.complaints()).toEqual([]);
      expect(visitor.contacted).toEqual([server.origin, website.origin].map((origin) => new URL(origin).host).sort());
      expect(await page.context().cookies()).toEqual([]);
      expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0);
    });

    it('leads to the form for a call back, unless the page has one of its own', async () => {
      await page.goto(website.origin);
      const link = cardOf(page, 'card').getByRole('link', { name: 'Ask for a call back' });
      await link.waitFor();
      expect(await link.getAttribute('href')).toBe(`${server.origin}/t/acme?queue=support&lang=en#callback`);
      await page.evaluate(`document.addEventListener('queue-wait-callback', (event) => {
        event.preventDefault();
        document.title = JSON.stringify(event.detail);
      })`);
      await link.click();
      expect(await page.title()).toBe('{"tenant":"acme","queue":"support"}');
      expect(page.url()).toBe(`${website.origin}/`);
    });

    it('stands still when it is paused, by keyboard alone, and follows again', async () => {
      await page.goto(website.origin);
      const card = cardOf(page, 'card');
      await card.getByRole('link').waitFor();
      await page.locator('aside').evaluate((aside) => ((aside as unknown as { tabIndex: number }).tabIndex = -1));
      await page.locator('aside').focus();
      const reached: (string | null)[] = [];
      for (let stop = 0; stop < 3; stop += 1) {
        await page.keyboard.press('Tab');
        reached.push(
          await page.evaluate<string | null>('document.activeElement.shadowRoot?.activeElement.getAttribute("part")'),
        );
      }
      expect(reached).toEqual(['callback', 'hours-title', 'pause']);
      await page.keyboard.press('Enter');
      await card.getByText(/Paused since/).waitFor();
      await server.send(ACME_KEY, [acd.event('acd.queue.closed', null, { queue: 'support' })]);
      await expect.poll(() => cardOf(page, 'big').getAttribute('data-open')).toBe('closed');
      expect(await card.getAttribute('data-open')).toBe('open');
      await page.keyboard.press('Enter');
      await expect.poll(() => card.getAttribute('data-open')).toBe('closed');
      await server.send(ACME_KEY, [acd.event('acd.queue.opened', null, { queue: 'support' })]);
      await expect.poll(() => card.getAttribute('data-open')).toBe('open');
    });

    it('tells a screen reader of a changed wait, and of nothing else', async () => {
      const card = cardOf(page, 'card');
      const say = async (type: 'acd.queue.closed' | 'acd.queue.opened', shown: string): Promise<void> => {
        await server.send(ACME_KEY, [acd.event(type, null, { queue: 'support' })]);
        await expect.poll(() => card.getAttribute('data-open')).toBe(shown);
      };
      // Closed to begin with, and at the end: a wait that is told may change by itself.
      await server.send(ACME_KEY, [acd.event('acd.queue.closed', null, { queue: 'support' })]);
      await page.goto(website.origin);
      await expect.poll(() => card.getAttribute('data-open')).toBe('closed');
      expect(await card.locator('[aria-live], [role="status"], [role="alert"]').count()).toBe(1);
      const status = card.getByRole('status');
      expect(await status.textContent()).toBe('');
      await page.evaluate(LISTEN);
      await say('acd.queue.opened', 'open');
      await say('acd.queue.closed', 'closed');
      // Nothing is said again within a minute, and nothing is left that is no longer so.
      expect(await page.evaluate('window.heard')).toEqual([
        expect.stringMatching(/^Technical support: (?!Closed at the moment)\S/),
      ]);
      expect(await status.textContent()).toBe('');
      await say('acd.queue.opened', 'open');
    });

    it.each(LANGUAGES)('has no fault that axe knows, in any variant and theme: %s', async (lang) => {
      const notice = {
        queue: 'support',
        notice: `n-${lang}`,
        text: { en: 'Storm damage', fr: 'Tempête', nl: 'Storm' },
      };
      await server.send(ACME_KEY, [acd.event('acd.queue.notice_posted', null, notice)]);
      await page.goto(website.origin);
      for (const theme of ['light', 'dark']) {
        await page.evaluate(`for (const each of document.querySelectorAll('queue-wait')) {
          each.setAttribute('lang', '${lang}');
          each.setAttribute('theme', '${theme}');
        }`);
        for (const variant of VARIANTS) {
          await expect.poll(() => cardOf(page, variant).getAttribute('lang')).toBe(lang);
          await cardOf(page, variant).locator('[part~="notice"]').first().waitFor();
        }
        expect([theme, await accessibilityFaults(page)]).toEqual([theme, []]);
      }
      await server.send(ACME_KEY, [acd.event('acd.queue.notice_cleared', null, notice)]);
      expect(visitor.complaints()).toEqual([]);
    });

    it('mirrors its layout on a page from right to left, its texts in their own direction', async () => {
      await page.goto(website.origin);
      const card = cardOf(page, 'card');
      await card.getByRole('link').waitFor();
      const leftOf = async (part: string): Promise<number> =>
        (await card.locator(`[part~="${part}"]`).boundingBox())?.x ?? Number.NaN;
      expect(await leftOf('name')).toBeLessThan(await leftOf('pause'));
      await page.evaluate('document.documentElement.dir = "rtl"');
      expect(await leftOf('name')).toBeGreaterThan(await leftOf('pause'));
      expect(await card.locator('[part~="wait"]').getAttribute('dir')).toBe('ltr');
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    });

    it('fits in 320 pixels', async () => {
      await page.setViewportSize({ width: 320, height: 640 });
      await page.goto(website.origin);
      await cardOf(page, 'big').getByRole('link').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    });

    it('keeps the last figure when the server goes away, greys it after a minute, says since when, and recovers', async () => {
      await page.clock.install();
      await page.goto(website.origin);
      const card = cardOf(page, 'card');
      await expect.poll(() => textOf(card)).toMatch(/As of/);
      const figure = await textOf(card.locator('[part~="wait"]'));
      await server.kill();
      await expect.poll(() => textOf(card)).toMatch(/No connection since \d\d:\d\d:\d\d\./);
      const [since] = /since \S+/.exec(await textOf(card)) ?? [];
      expect(await card.getAttribute('data-stale')).toBeNull();
      await page.clock.fastForward(MINUTE + 1_000);
      await expect.poll(() => card.getAttribute('data-stale')).toBe('');
      expect(await textOf(card)).toContain(`No connection ${since} This may be out of date.`);
      expect(await textOf(card.locator('[part~="wait"]'))).toBe(figure);
      server = await home.start();
      await server.send(ACME_KEY, [acd.heartbeat()]);
      // What is left of the wait before the next try, in steps that leave a try its time.
      await expect
        .poll(async () => {
          await page.clock.runFor(1_000);
          return textOf(card);
        })
        .not.toContain('No connection');
    });
  });

  describe('where the gateway has as many sockets as it takes', () => {
    beforeAll(() => start(0));
    afterAll(async () => {
      await website?.stop();
      await home?.remove();
    });

    it('polls, with the tag of what it holds, and not while nobody looks', async () => {
      const asked: Request[] = [];
      page.on('request', (request) => {
        if (request.url().includes('/public/v1/')) asked.push(request);
      });
      const look = (hidden: boolean): Promise<void> =>
        page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));`);
      await page.clock.install();
      await page.goto(website.origin);
      await expect.poll(() => textOf(cardOf(page, 'card'))).toMatch(/As of/);
      const first = asked.length;
      await page.clock.runFor(11_000);
      await expect.poll(() => asked.length).toBeGreaterThan(first);
      expect(await asked.at(-1)?.headerValue('if-none-match')).toMatch(/^"/);
      await server.send(ACME_KEY, [acd.event('acd.queue.closed', null, { queue: 'support' })]);
      await expect
        .poll(async () => {
          await page.clock.runFor(5_000);
          return cardOf(page, 'card').getAttribute('data-open');
        })
        .toBe('closed');
      await look(true);
      const seen = asked.length;
      await page.clock.runFor(2 * MINUTE);
      expect(asked.length).toBe(seen);
      await look(false);
      await expect.poll(() => asked.length).toBeGreaterThan(seen);
      expect(await textOf(cardOf(page, 'card'))).not.toContain('No connection');
      expect(visitor.complaints()).toEqual([]);
    });
  });
});
