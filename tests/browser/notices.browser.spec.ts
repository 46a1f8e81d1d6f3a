import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { accessibilityFaults, browserTestsSkipped } from '../support/browser.js';
import { Product } from '../support/product.js';
import { ACME_KEY, twoTenants } from '../support/two-tenants.js';
import { TileReader } from '../support/wallboard.js';

const WEEK = 7 * 86_400_000;
const KEY = { Authorization: `Bearer ${ACME_KEY}` };
const acd = new Acd({ tenant: 'acme' });

interface Told {
  readonly current: readonly { readonly id: string; readonly queues: readonly string[]; readonly by: string }[];
  readonly records: readonly { readonly what: string; readonly by: string; readonly queues: readonly string[] }[];
}

describe.skipIf(browserTestsSkipped)('a notice to those who wait', { timeout: 180_000 }, () => {
  const product = Product.forTests(twoTenants());

  const cardOf = (page: Page): Locator =>
    page.locator('queue-wait[tenant="acme"][queue="support"] [part="card"] .notices');
  const textOf = async (page: Page): Promise<string> => (await cardOf(page).innerText()).replace(/\s+/g, ' ');
  const told = async (): Promise<Told> =>
    (await (await product.server.fetch('/v1/notices', { headers: KEY })).json()) as Told;
  const documentNotices = async (): Promise<readonly { readonly text: object; readonly severity: string }[]> => {
    const response = await product.server.fetch('/public/v1/acme/queues/support.json');
    return ((await response.json()) as { notices: [] }).notices;
  };

  it('is posted from the wallboard, is on every open page at once, is changed, and ends', async () => {
    await product.server.send(ACME_KEY, [acd.heartbeat(), acd.agent('anna', 'busy', ['support'])]);
    const english = await product.visit('/t/acme');
    const dutch = await product.visit('/t/acme', { locale: 'nl-BE' });
    const watching = await product.signIn(ACME_KEY);
    const { page } = watching;

    await page.getByRole('button', { name: 'Notices' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Notices to customers' });
    await dialog.getByText('No notice is shown now.').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Post a notice' }).press('Enter');

    // What is missing is said, and the field to fill in has the focus.
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await dialog.getByRole('alert').getByText('Choose at least one queue.').waitFor();
    await page.keyboard.press('Space');
    expect(await dialog.getByLabel('All queues').isChecked()).toBe(true);
    await dialog.getByLabel('Sales').uncheck();
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await dialog.getByRole('alert').getByText('Write the notice in at least one language.').waitFor();
    await page.keyboard.type('A cable is broken.');
    await dialog.getByLabel('Nederlands').fill('Er is een kabelbreuk.');
    await dialog.getByLabel('Disruption').check();
    const preview = dialog.getByRole('region', { name: 'As customers see it' });
    await expect.poll(() => preview.innerText()).toContain('Er is een kabelbreuk.');
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Publish' }).click();

    await expect.poll(() => textOf(english.page)).toContain('Disruption A cable is broken.');
    await expect.poll(() => textOf(dutch.page)).toContain('Storing Er is een kabelbreuk.');
    await expect
      .poll(documentNotices)
      .toMatchObject([{ severity: 'critical', text: { en: 'A cable is broken.', nl: 'Er is een kabelbreuk.' } }]);
    const row = dialog.getByRole('listitem');
    await expect.poll(() => row.innerText()).toContain('A cable is broken.');
    expect(await row.innerText()).toContain('by a supervisor');
    await expect.poll(async () => (await told()).current).toMatchObject([{ queues: ['support'], by: 'wallboard' }]);

    await row.getByRole('button', { name: 'Change' }).click();
    await dialog.getByLabel('English').fill('The cable is being mended.');
    await dialog.getByRole('button', { name: 'Save the change' }).click();
    await expect.poll(() => textOf(english.page)).toContain('The cable is being mended.');

    await dialog.getByRole('button', { name: 'End now' }).click();
    await expect.poll(() => cardOf(english.page).locator('li').count()).toBe(0);
    await dialog.getByText('No notice is shown now.').waitFor();
    await expect.poll(documentNotices).toEqual([]);
    await expect
      .poll(async () => (await told()).records.map(({ what, by }) => [what, by]))
      .toEqual([
        ['cleared', 'wallboard'],
        ['posted', 'wallboard'],
        ['posted', 'wallboard'],
      ]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect([...watching.complaints(), ...english.complaints(), ...dutch.complaints()]).toEqual([]);
  });

  it('is suggested when far more contacts arrive than usual, and published by nobody but the supervisor', async () => {
    const now = Date.now();
    const past = [1, 2, 3, 4].flatMap((week) => acd.joins(`week-${week}`, 'support', now - week * WEEK));
    const gone = [1, 2, 3, 4].map((week) => acd.ends(`week-${week}`, now - week * WEEK + 60_000));
    await product.server.send(ACME_KEY, [...past, ...gone]);
    // What is usual is read when a processor begins, and once an hour: the past is in the store by then.
    const span = `from=${new Date(now - 5 * WEEK).toISOString()}&to=${new Date(now).toISOString()}`;
    const report = `/v1/reports/intervals?${span}&queue=support&grain=total&metrics=offered`;
    const offered = async (): Promise<unknown> => {
      const { rows } = (await (await product.server.fetch(report, { headers: KEY })).json()) as {
        readonly rows: readonly unknown[];
      };
      return rows;
    };
    await expect.poll(offered).toMatchObject([{ values: { offered: 4 } }]);
    await product.restart();
    const { page } = await product.signIn(ACME_KEY);
    const tile = new TileReader(page, 'support');
    await product.server.send(
      ACME_KEY,
      Array.from({ length: 40 }, (_, n) => acd.joins(`burst-${n}`, 'support')).flat(),
    );
    const suggestion = page.getByRole('status').filter({ hasText: 'times as many contacts as usual' });
    await expect.poll(() => suggestion.innerText()).toMatch(/Technical support: 40 times as many/);
    expect((await told()).current).toEqual([]);
    expect(await documentNotices()).toEqual([]);

    await suggestion.getByRole('button', { name: 'Draft a notice' }).click();
    const dialog = page.getByRole('dialog', { name: 'Notices to customers' });
    expect(await dialog.getByLabel('Technical support').isChecked()).toBe(true);
    for (const language of ['English', 'Français', 'Nederlands', 'Deutsch'])
      expect((await dialog.getByLabel(language).inputValue()).length).toBeGreaterThan(50);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await documentNotices()).toEqual([]);
    await dialog.getByRole('button', { name: 'Publish' }).click();
    await expect.poll(async () => (await documentNotices()).length).toBe(1);
    await page.keyboard.press('Escape');
    // Now they have been told.
    await expect.poll(() => suggestion.count()).toBe(0);
    await expect.poll(() => tile.tile.innerText()).toContain('1 notice');
  });

  it('closing with contacts still waiting is an alarm, and counted', async () => {
    const { page } = await product.signIn(ACME_KEY);
    const tile = new TileReader(page, 'support');
    await product.server.send(ACME_KEY, [acd.event('acd.queue.closed', null, { queue: 'support' })]);
    await expect.poll(() => tile.tile.innerText()).toMatch(/40 still waiting after closing/);
    await expect.poll(() => tile.tile.getAttribute('data-level')).toBe('act');
    const metrics = async (): Promise<string> => (await product.server.fetch('/metrics')).text();
    await expect.poll(metrics).toContain('queuecast_processor_after_closing_waiting{tenant="acme"} 40');
  });
});
