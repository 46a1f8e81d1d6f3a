import { describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { accessibilityFaults, browserTestsSkipped } from '../support/browser.js';
import { Product } from '../support/product.js';
import { ACME_KEY, GLOBEX_KEY, twoTenants } from '../support/two-tenants.js';
import { secondsOf, TileReader } from '../support/wallboard.js';

const FOCUSED_TEXT = 'document.activeElement.textContent';
const acd = new Acd({ tenant: 'acme' });

describe.skipIf(browserTestsSkipped)('the wallboard', { timeout: 180_000 }, () => {
  const product = Product.forTests(twoTenants());

  it('opens with the link that the start printed, and that link works once', async () => {
    const link = product.server.link('Acme Telecom');
    const first = await product.visit(link);
    await first.page.getByRole('heading', { level: 1, name: 'Acme Telecom' }).waitFor();
    expect(new URL(first.page.url()).pathname).toBe('/wallboard');
    await expect.poll(() => first.page.locator('article.tile').count()).toBe(2);
    expect(first.complaints()).toEqual([]);

    const second = await product.visit(link);
    await second.page.getByRole('heading', { name: 'This link has been used' }).waitFor();
    expect(await second.page.locator('article.tile').count()).toBe(0);

    // Whoever is signed in loses nothing by opening his old link again.
    await first.page.goto(link);
    await first.page.locator('article.tile').first().waitFor();
  });

  it('asks whoever has no session to sign in, and shows nothing', async () => {
    const { page } = await product.visit('/wallboard');
    await page.getByRole('heading', { name: 'Sign in to see the wallboard' }).waitFor();
    expect(await page.locator('article.tile').count()).toBe(0);
    expect(await page.content()).not.toContain('Acme');
  });

  it('shows a contact while it waits, counts its wait up, and counts it answered', async () => {
    const visitor = await product.signIn(ACME_KEY);
    const { page } = visitor;
    const tile = new TileReader(page, 'support');
    await expect.poll(() => tile.figure('Waiting')).toBe('0');
    const answered = Number(await tile.figure('Answered'));

    const sent = await product.server.send(ACME_KEY, acd.joins('seen', 'support'));
    expect(sent).toMatchObject({ status: 202, accepted: 2 });
    await expect.poll(() => tile.figure('Waiting')).toBe('1');
    const early = secondsOf(await tile.figure('Longest wait'));
    await expect.poll(async () => secondsOf(await tile.figure('Longest wait'))).toBeGreaterThan(early + 1);
    expect(await page.title()).toContain('Waiting: 1');

    await product.server.send(ACME_KEY, [acd.answers('seen', 'anna')]);
    await expect.poll(() => tile.figure('Waiting')).toBe('0');
    await expect.poll(() => tile.figure('Longest wait')).toBe('–');
    await expect.poll(() => tile.figure('Answered')).toBe(String(answered + 1));
    await product.server.send(ACME_KEY, [acd.ends('seen')]);

    expect(visitor.complaints()).toEqual([]);
    expect(visitor.contacted).toEqual([new URL(product.server.origin).host]);
  });

  it('puts the queue that needs help first, and says why', async () => {
    const visitor = await product.signIn(ACME_KEY);
    const first = visitor.page.locator('article.tile').first();
    const late = Date.now() - 60_000;
    await product.server.send(ACME_KEY, acd.joins('late', 'support', late));
    await expect.poll(() => first.getAttribute('data-queue')).toBe('support');
    await expect.poll(() => first.innerText()).toMatch(/Act now.*a contact has waited past 0:20/s);
    await product.server.send(ACME_KEY, [acd.leaves('late', 'abandoned')]);
    const support = new TileReader(visitor.page, 'support');
    await expect.poll(() => support.figure('Abandoned')).toBe('1');
    await expect.poll(() => support.figure('Waiting')).toBe('0');
  });

  it('alarms for promised calls that are due soon or overdue, and accounts for those of today', async () => {
    const visitor = await product.signIn(ACME_KEY);
    const { page } = visitor;
    const now = Date.now();
    const promises = (callback: string, dueInMinutes: number) =>
      acd.event(
        'acd.callback.promised',
        callback,
        { callback, queue: 'sales', dueAt: new Date(now + dueInMinutes * 60_000).toISOString() },
        now - 120_000,
      );
    await product.server.send(ACME_KEY, [
      promises('late', -1),
      promises('soon', 20),
      promises('soon-too', 25),
      promises('tomorrow', 600),
      promises('kept', 300),
      acd.event('acd.callback.kept', 'kept', { callback: 'kept' }, now - 1_000),
    ]);
    const tile = page.locator('article[data-queue="sales"]');
    // A frame may go out when half of them are known.
    for (const alarm of ['1 promised call overdue', '2 promised calls due soon'])
      await expect.poll(() => tile.innerText()).toContain(alarm);
    await expect.poll(() => tile.getAttribute('data-level')).toBe('act');

    // What is read once, when the details open, is in the store by then.
    const span = `from=${new Date(now - 3_600_000).toISOString()}&to=${new Date(now + 3_600_000).toISOString()}`;
    const report = `/v1/reports/callbacks?queue=sales&${span}&grain=total&metrics=callbacks_promised,callbacks_kept`;
    const told = (): Promise<unknown> =>
      page.evaluate(`fetch('${report}').then((found) => found.json()).then(({ rows }) => rows[0]?.values)`);
    await expect.poll(told).toEqual({ callbacks_promised: 5, callbacks_kept: 1 });

    await tile.getByRole('button').click();
    const section = page.locator('section.promises');
    const figure = (label: string): Promise<string> =>
      section
        .locator('dt', { hasText: new RegExp(`^${label}$`) })
        .locator('xpath=following-sibling::dd[1]')
        .innerText();
    await expect.poll(() => figure('Kept in time')).toBe('1');
    const shown = ['Open', 'Due soon', 'Overdue', 'Promised today', 'Not yet due', 'Kept late', 'Broken', 'Cancelled'];
    await expect.poll(() => Promise.all(shown.map(figure))).toEqual(['4', '2', '1', '5', '3', '0', '1', '0']);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');

    const open = ['late', 'soon', 'soon-too', 'tomorrow'];
    await product.server.send(
      ACME_KEY,
      open.map((callback) => acd.event('acd.callback.kept', callback, { callback })),
    );
    await expect.poll(() => tile.innerText()).not.toContain('promised call');
    expect(visitor.complaints()).toEqual([]);
  });

  it('shows agents by state', async () => {
    const { page } = await product.signIn(ACME_KEY);
    const tile = page.locator('article[data-queue="sales"]');
    await product.server.send(ACME_KEY, [
      acd.agent('anna', 'available', ['sales']),
      acd.agent('bert', 'busy', ['sales']),
      acd.agent('cleo', 'busy', ['sales']),
    ]);
    for (const state of [/1\s*Free/, /2\s*Busy/]) await expect.poll(() => tile.innerText()).toMatch(state);
  });

  it("shows a queue's ledger and who waits, and the figures add up", async () => {
    const visitor = await product.signIn(ACME_KEY);
    const { page } = visitor;
    await product.server.send(ACME_KEY, acd.joins('in-the-ledger', 'sales', Date.now() - 5_000));
    const tile = new TileReader(page, 'sales');
    await expect.poll(() => tile.figure('Waiting')).toBe('1');
    // What is read once, when the details open, is in the store by then.
    const report = '/v1/reports/windows?queue=sales&window=today&metrics=offered';
    const offeredToday = (): Promise<unknown> =>
      page.evaluate(`fetch('${report}').then((found) => found.json()).then(({ rows }) => rows[0].values.offered)`);
    await expect.poll(offeredToday).toBe(1);
    await tile.name.click();
    const dialog = page.getByRole('dialog', { name: 'Details of Sales' });
    await dialog.getByRole('cell', { name: 'in-the-ledger' }).waitFor();
    const ledger = async (): Promise<number[]> => {
      const labels = await dialog.locator('.ledger dt').allInnerTexts();
      const figures = await dialog.locator('.ledger dd').allInnerTexts();
      return figures.slice(0, labels.indexOf('Still waiting') + 1).map(Number);
    };
    await expect.poll(async () => (await ledger())[0]).toBe(1);
    const [offered, ...parts] = await ledger();
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(offered);
    await dialog.locator('.uplot, canvas').first().waitFor();
    // The windows come from the same definitions: today's figures are the ledger's.
    const windows = dialog.getByRole('region', { name: 'Now and before' });
    const cells = (name: string): Promise<string[]> =>
      windows.getByRole('row', { name }).getByRole('cell').allInnerTexts();
    await windows.waitFor();
    expect(await windows.getByRole('row').count()).toBe(8);
    expect((await cells('Today'))[0]).toBe(String(offered));
    expect((await cells('Last 15 minutes'))[0]).toBe(String(offered));
    expect(await cells('Same time last week')).toEqual(['0', '0', '0', '–', '–', '–']);
    // From the button that closes, where the focus is, on to the table, which can be scrolled with the keys.
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>("document.activeElement.getAttribute('aria-label')")).toBe('Now and before');
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(visitor.complaints()).toEqual([]);
    await product.server.send(ACME_KEY, [acd.answers('in-the-ledger', 'anna'), acd.ends('in-the-ledger')]);
  });

  it('shows a tenant nothing of another', async () => {
    const globex = new Acd({ tenant: 'globex' });
    const visitor = await product.visitor();
    const frames: string[] = [];
    visitor.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    await visitor.page.goto(`${product.server.origin}${await product.signInLink(GLOBEX_KEY)}`);
    await visitor.page.getByRole('heading', { level: 1, name: 'Globex' }).waitFor();

    await product.server.send(ACME_KEY, [...acd.joins('secret-1', 'support'), ...acd.joins('secret-2', 'support')]);
    await product.server.send(GLOBEX_KEY, globex.joins('own', 'support'));
    const tile = new TileReader(visitor.page, 'support');
    await expect.poll(() => tile.figure('Waiting')).toBe('1');
    expect(await visitor.page.locator('article.tile').count()).toBe(1);
    expect(frames.some((frame) => frame.includes('globex'))).toBe(true);
    expect(frames.filter((frame) => /acme|secret/i.test(frame))).toEqual([]);

    const report = `/v1/reports/intervals?tenant=acme&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z`;
    expect(await visitor.page.evaluate(async (path) => (await fetch(path)).status, report)).toBe(403);
    // An API key is bound to its tenant as well: nothing of this is taken.
    const forged = await product.server.send(GLOBEX_KEY, acd.joins('forged', 'support'));
    expect(forged).toMatchObject({ status: 400, accepted: 0, rejected: 2 });
    expect(forged.results[0]?.issues?.[0]?.field).toBe('tenant');

    await product.server.send(ACME_KEY, [acd.ends('secret-1'), acd.ends('secret-2')]);
    await product.server.send(GLOBEX_KEY, [globex.ends('own')]);
  });

  it.each([
    ['en-GB', 'en', 'Waiting', 'Technical support'],
    ['fr-BE', 'fr', 'En attente', 'Assistance'],
    ['nl-BE', 'nl', 'Wachtend', 'Technische hulp'],
    ['de-AT', 'de', 'Wartend', 'Technik'],
  ])('speaks the language of the browser: %s', async (locale, language, waiting, name) => {
    const visitor = await product.signIn(ACME_KEY, { locale });
    const tile = new TileReader(visitor.page, 'support');
    await expect.poll(() => tile.figure(waiting)).toMatch(/^\d+$/);
    expect(await tile.name.innerText()).toBe(name);
    expect(await visitor.page.evaluate<string>('document.documentElement.lang')).toMatch(new RegExp(`^${language}\\b`));
    expect(visitor.complaints()).toEqual([]);
  });

  it('changes the language on demand, and stays signed in', async () => {
    const { page } = await product.signIn(ACME_KEY);
    await page.locator('select').selectOption('fr');
    await page.waitForURL(/lang=fr/);
    await expect.poll(() => new TileReader(page, 'support').figure('En attente')).toMatch(/^\d+$/);
  });

  it('is used without a mouse', async () => {
    const { page } = await product.signIn(ACME_KEY);
    const reached = async (what: string): Promise<void> => {
      for (let presses = 0; presses < 20; presses += 1) {
        await page.keyboard.press('Tab');
        const text = await page.evaluate<string>(FOCUSED_TEXT);
        if (text === what) return;
      }
      throw new Error(`Tab never reaches ${what}`);
    };
    await reached('TV mode');
    await reached('Sales');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Details of Sales' });
    await dialog.waitFor();
    await expect.poll(() => dialog.locator(':focus').count()).toBe(1);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => page.evaluate<string>(FOCUSED_TEXT)).toBe('Sales');
  });

  it.each(['light', 'dark'] as const)('has no fault that axe knows, in %s', async (colorScheme) => {
    const { page } = await product.signIn(ACME_KEY, { colorScheme });
    await product.server.send(ACME_KEY, acd.joins(`axe-${colorScheme}`, 'support', Date.now() - 90_000));
    await expect.poll(() => page.locator('article.tile').first().innerText()).toContain('Act now');
    expect(await accessibilityFaults(page)).toEqual([]);
    await new TileReader(page, 'support').name.click();
    await page.getByRole('dialog').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await product.server.send(ACME_KEY, [acd.ends(`axe-${colorScheme}`)]);
  });

  it('fills a television with the tiles', async () => {
    const { page } = await product.signIn(ACME_KEY);
    await page.getByRole('button', { name: 'TV mode' }).click();
    const tiles = page.locator('article.tile');
    const height = async (): Promise<number> =>
      ((await tiles.first().boundingBox())?.height ?? 0) / (page.viewportSize()?.height ?? 1);
    await expect.poll(height).toBeGreaterThan(0.4);
    await page.getByRole('button', { name: 'Leave TV mode' }).click();
  });
});
